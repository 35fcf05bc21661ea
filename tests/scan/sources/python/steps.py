import os
import requests
import urllib.parse
import urllib.request

API = "https://api.mesibo.com/api.php"
TOKEN = os.environ["APP_TOKEN"]


def stepwise(uid):
    params = {}
    params["op"] = "userdel"
    params["token"] = TOKEN
    params["uid"] = uid
    return requests.get(API, params=params)


def encoded(gid):
    data = urllib.parse.urlencode({"op": "groupdel", "token": TOKEN, "gid": gid}).encode()
    return urllib.request.urlopen(API, data=data)


def keyword(gid):
    return requests.post(url=API, data=dict(op="groupdel", token=TOKEN, gid=gid), timeout=5)


def formatted(uid):
    return urllib.request.urlopen(f"{API}?op=userdel&token={TOKEN}&uid={uid}").read()


def pairs(uid):
    return requests.get(API, params=[("op", "userdel"), ("token", TOKEN), ("uid", uid)])


def long(uid):
    url = (
        "https://api.mesibo.com/api.php"
        "?op=userdel"
        "&token=" + TOKEN +
        "&uid=" + str(uid)
    )
    return requests.get(url)


def updated(uid):
    params = {"token": TOKEN}
    params.update({"op": "userdel", "uid": uid})
    return requests.get(API, params=params)


def merged(uid):
    return requests.get(API, params={"op": "userdel", "uid": uid, **COMMON})


async def aio(session, uid):
    async with session.get(API, params={"op": "userdel", "token": TOKEN, "uid": uid}) as answer:
        return await answer.json()


class Client:
    url = "https://api.mesibo.com/api.php"

    def call(self, op, **params):
        params.update(op=op, token=TOKEN)
        return requests.get(self.url, params=params).json()

    def remove(self, uid):
        return self.call("userdel", uid=uid)
