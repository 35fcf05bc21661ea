package a
const mesibo = "https://api.mesibo.com/api.php"
func a() { client.R().SetQueryParams(map[string]string{"op": "userdel", "token": t, "uid": u}).Get(mesibo) }
func b() { v := url.Values{"op": []string{"userdel"}, "token": []string{t}, "uid": []string{u}}; http.Get(mesibo + "?" + v.Encode()) }
func c() { w.WriteField("op", "userdel"); w.WriteField("token", t); w.WriteField("uid", u) }
func d() { params := url.Values{}; params.Add("op", "userdel"); if x { params.Add("uid", u) }; params.Add("token", t) }
