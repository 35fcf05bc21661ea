import os
import requests

TOKEN = os.environ['MESIBO_APP_TOKEN']
BASE = 'https://api.mesibo.com/api.php'


def members(gid):
    return requests.get(f'{BASE}?op=groupgetmembers&token={TOKEN}&gid={gid}').json()


def drop(gid):
    url = ('https://api.mesibo.com/api.php'
           '?op=groupdel&token=%s&gid=%s' % (TOKEN, gid))
    return requests.get(url, timeout=3).json()


def named(address):
    url = "https://api.mesibo.com/api.php?op=useradd&token={token}&addr={addr}&appid=web".format(token=TOKEN, addr=address)
    return fetch(url)


def encoded(uid):
    from urllib.parse import urlencode
    return BASE + '?' + urlencode(dict(op='deltoken', token=TOKEN, uid=uid))
