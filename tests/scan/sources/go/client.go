package client

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const endpoint = "https://api.mesibo.com/api.php"

func Forget(token, uid string) (*http.Response, error) {
	return http.Get(endpoint + "?op=userdel&token=" + token + "&uid=" + uid)
}

func Members(token string, gid int) (*http.Response, error) {
	return http.Get(fmt.Sprintf("%s?op=getmembers&token=%s&gid=%d", endpoint, token, gid))
}

func Add(token, address string) (*http.Response, error) {
	values := url.Values{}
	values.Set("op", "useradd")
	values.Set("token", token)
	values.Set("addr", address)
	values.Set("appid", "web")
	return http.Post(endpoint, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

func Drop(token, gid string) (*http.Response, error) {
	return http.PostForm(endpoint, url.Values{"op": {"groupdel"}, "token": {token}, "gid": []string{gid}})
}
