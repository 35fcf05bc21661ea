# Calls of mesibo with names that mean something else where they are used.
import requests
API = "https://api.mesibo.com/api.php"
def a(op):
    return requests.get(f"{API}?op={op}&token={t}&uid={u}")
def b(x):
    op = "userdel"
    if x:
        op = "deltoken"
    return requests.get(f"{API}?op={op}&token={t}&uid={u}")
def c(x):
    if x:
        op = "userdel"
    else:
        op = "deltoken"
    return requests.get(f"{API}?op={op}&token={t}&uid={u}")
def d():
    for op in ("userdel", "deltoken"):
        requests.get(f"{API}?op={op}&token={t}&uid={u}")
def e(API):
    return requests.get(f"{API}?op=userdel&token={t}&uid={u}")
def f():
    API = "https://other.example/api.php"
    return requests.get(f"{API}?op=userdel&token={t}&uid={u}")
def g():
    return requests.get(f"{API}?op=userdel&token={t}&uid={u:05d}")
def h(**more):
    return requests.get(API, params=dict(op="userdel", token=t, uid=u, **more))
def i():
    return [requests.get(f"{API}?op={op}&token={t}&uid={u}") for op in OPS]
j = lambda op: requests.get(f"{API}?op={op}&token={t}&uid={u}")
op = "userdel"
