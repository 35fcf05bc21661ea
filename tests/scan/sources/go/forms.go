package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const endpoint = "https://api.mesibo.com/api.php"

func posted(uid string) {
	http.PostForm(endpoint, url.Values{"op": {"userdel"}, "token": {token}, "uid": {uid}})
}

func values(gid int) {
	form := url.Values{}
	form.Set("op", "groupdel")
	form.Set("token", token)
	form.Add("gid", fmt.Sprint(gid))
	http.Post(endpoint, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func query(gid string) {
	request, _ := http.NewRequest("GET", endpoint, nil)
	q := request.URL.Query()
	q.Add("op", "groupdel")
	q.Add("token", token)
	q.Add("gid", gid)
	request.URL.RawQuery = q.Encode()
}

func formatted(uid int) {
	http.Get(fmt.Sprintf("%s?op=userdel&token=%s&uid=%d", endpoint, token, uid))
}

func raw(uid string) {
	http.Get(endpoint + `?op=userdel&token=` + token + `&uid=` + uid)
}

func mapped(uid string) {
	call(map[string]string{"op": "userdel", "token": token, "uid": uid})
}

func body(uid string) {
	payload := strings.NewReader("op=userdel&token=" + token + "&uid=" + uid)
	http.NewRequest("POST", endpoint, payload)
}

func built(uid string) {
	var b strings.Builder
	b.WriteString(endpoint)
	b.WriteString("?op=userdel&token=")
	b.WriteString(token)
	b.WriteString("&uid=" + uid)
	http.Get(b.String())
}
