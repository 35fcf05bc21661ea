# Calls of mesibo with the libraries that send parameters for a program.
MESIBO = "https://api.mesibo.com/api.php"
def a(): return http.request("GET", MESIBO, fields={"op": "userdel", "token": t, "uid": u})
def b(): return httpx.get(MESIBO, params={"op": "userdel", "token": t, "uid": u})
def c():
    return requests.get(f"""{MESIBO}?op=userdel&token={t}&uid={u}""")
def d():
    url = MESIBO + "?op={}&token={}&uid={}".format("userdel", t, u)
    return requests.get(url)
def e():
    url = "%s?op=%s&token=%s&uid=%s" % (MESIBO, "userdel", t, u)
    return urlopen(url)
def f():
    params = base.copy()
    params["op"] = "userdel"
    params["uid"] = u
    return requests.get(MESIBO, params)
def g(): return requests.request("POST", MESIBO, data={"op": "userdel", "token": t, "uid": u})
def h():
    q = "&".join(["op=userdel", "token=" + t, "uid=" + str(u)])
    return requests.get(MESIBO + "?" + q)
def i():
    q = "&".join(f"{k}={v}" for k, v in {"op": "userdel", "token": t, "uid": u}.items())
def j():
    session.params = {"token": t}
    return session.get(MESIBO, params={"op": "userdel", "uid": u})
