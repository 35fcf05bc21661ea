package client

// Talks to mesibo.
func Rename(token, gid, name string) {
	req, _ := http.NewRequest("GET", base, nil)
	q := req.URL.Query()
	q.Add("op", "groupset")
	q.Add("token", token)
	q.Add("gid", gid)
	q.Add("name", name)
	req.URL.RawQuery = q.Encode()
	client.R().SetQueryParams(map[string]string{"op": "groupdel", "token": token, "gid": gid}).Get(base)
}
