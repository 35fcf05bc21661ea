package main

import "strings"

const api = "https://api.mesibo.com/api.php"

func f(op string, uid string) { http.Get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + uid) }
func g(uid string) { op := "userdel"; if x { op = "deltoken" }; http.Get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + uid) }
func h(uid string) { for _, op := range ops { http.Get("https://api.mesibo.com/api.php?op=" + op + "&token=" + t + "&uid=" + uid) } }
func i(api string) { http.Get(api + "?op=userdel&token=" + t + "&uid=" + uid) }
func j(name string) { http.Get(api + "?op=groupadd&token=" + t + "&name=`" + name) }
func k(uid string) { http.Get(api + "?op=userdel&token=" + t + "&uid=0" + uid) }
func l(uid string) { http.Get(api + "?op=useradd&token=" + t + "&addr=" + uid + "&appid=a") }
var op = "userdel"
