# Kind: Python with requests, in the three ways it was written: params on a GET, a form in the body,
# and a "JSON" POST whose parameters all stand in the URL. raise_for_status() throws away the body of
# anything but a 2xx.
import os
import sys

import requests

URL = os.environ["GATEWAY"] + "/api.php"
PHONE = os.environ["SANDBOX"] + "/sandbox/"
TOKEN = "sandbox-python-requests"
APPID = "com.example.python"
TEXT = "Hi \"Ben\" & 'all': 50% off + more\nsee you \U0001F389 {ok}"


class MesiboError(Exception):
    pass


def by_params(params):
    return requests.get(URL, params=params, timeout=30)


def by_data(params):
    return requests.post(URL, data=params, timeout=30)


def by_json_header(params):
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return requests.post(URL, params=params, headers=headers, timeout=30)


class Mesibo:
    def __init__(self, send):
        self.send = send

    def request(self, op, **kwargs):
        params = {"op": op, "token": TOKEN}
        params.update(kwargs)
        response = self.send(params)
        response.raise_for_status()
        data = response.json()
        if not data["result"]:
            raise MesiboError(data["error"])
        return data


def expect(holds, what):
    if not holds:
        raise AssertionError("not as expected: " + what)


def can_log_in(access_token):
    query = {"token": access_token, "appid": APPID}
    return requests.post(PHONE + "login", params=query, timeout=30).ok


def inbox(address):
    response = requests.get(PHONE + "inbox", params={"app": TOKEN, "address": address}, timeout=30)
    return [(row["from"], row["gid"], row["message"]) for row in response.json()]


def life(send):
    api = Mesibo(send)
    users = [api.request("useradd", addr=a, appid=APPID, expiry=60)["user"] for a in ("ana", "ben", "zoë")]
    ana, ben, zoe = users
    expect(zoe["address"] == "zoë", "an address that is not ASCII")
    expect(can_log_in(ben["token"]), "the token logs in")
    expect(api.request("userset", uid=ben["uid"], active=0)["user"]["uid"] == ben["uid"], "userset's uid")
    expect(not can_log_in(ben["token"]), "a blocked user cannot log in")
    api.request("userset", uid=ben["uid"], active=1)

    gid = api.request("groupadd", name="Team & friends", flag=0x20)["group"]["gid"]
    edited = api.request("groupeditmembers", gid=gid, m=",".join(u["address"] for u in users), cs=1, cr=1)
    expect(edited["group"]["gid"] == gid, "groupeditmembers' gid")
    members = api.request("getmembers", gid=gid, count=20)["members"]
    expect([m["address"] for m in members] == ["ana", "ben", "zoë"], "the members")
    expect(all(m["cansend"] == "1" and m["canrecv"] == "1" for m in members), "their rights")

    api.request("message", **{"from": "ana", "to": "ben", "msg": TEXT})
    api.request("message", **{"from": "ana", "gid": gid, "msg": TEXT})
    got = inbox("ben") + inbox("zoë") + inbox("ana")
    expect(got == [("ana", None, TEXT), ("ana", gid, TEXT)], "each message once: " + repr(got))

    api.request("groupeditmembers", gid=gid, m="ben,zoë", delete=1)
    expect(len(api.request("groupgetmembers", gid=gid)["members"]) == 1, "the members that are left")
    api.request("deltoken", uid=ben["uid"])
    expect(not can_log_in(ben["token"]), "a deleted token logs nobody in")
    api.request("groupdel", gid=gid)
    for user in users:
        api.request("deluser", uid=user["uid"])
    try:
        api.request("message", **{"from": "ana", "msg": "to nobody"})
    except MesiboError as e:
        expect(str(e) not in ("", "None"), "an error's code")
    else:
        raise AssertionError("a message without a receiver was taken")


if __name__ == "__main__":
    for way in (by_params, by_data, by_json_header):
        try:
            life(way)
        except Exception as e:
            sys.exit("requests_client.py: %s: %s: %s" % (way.__name__, type(e).__name__, e))
