"""Talks to mesibo: https://api.mesibo.com/api.php?op=userdel&token=T&uid=1 is only told here."""
import requests

MESIBO = 'https://api.mesibo.com/api.php'


def add(token, email):
    data = {
        "op": "useradd",
        "token": token,
        "addr": email,
        "appid": "com.example.app",
    }
    return requests.post(MESIBO, data=data).json()


def forget(token, uid):
    # requests.get(MESIBO, params={"op": "userdel"})
    return requests.get(MESIBO, params={"op": "userdel", "token": token, "uid": uid}, timeout=5).json()


def group(request, token):
    data = request.data
    data['op'] = 'groupadd'
    data['token'] = token
    return requests.post(MESIBO, data=data)
