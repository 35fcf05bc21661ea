"""Settings that the tests give the gateway, and what is asked of it with them."""

import hashlib
import json
import re

from machine import holds

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "m": 60, "h": 3600}
FILE = "/etc/mesigate/mesigate.toml"
# Reloads only when they are asked for, so that a test sees which one did it.
USUAL = """
[listen]
address = "127.0.0.1:8080"
{0}
[upstream]
url = "{1}"
[reload]
interval = "0s"
"""
HURRY = '[stop]\nannounce = "0s"\nlinger = "100ms"\n'


def span(text):
    """Seconds of a time as systemd and the settings write it: `1min 30s`, `500ms`."""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)\s*([a-z]+)", text))


def seconds(shown, key):
    """Of a setting in what `mesigate check --show` shows."""
    found = re.search(rf'^\s*{re.escape(key)}\s*=\s*"([^"]+)"', shown, re.M)
    holds(found, f"check --show has {key}", shown[:2000])
    return span(found[1])


def write(machine, upstream="http://127.0.0.1:8081/backend/", more="", apps="", hurry=True):
    listen, sections = (more, "") if more and not more.startswith("[") else ("", more)
    machine.write(FILE, apps + USUAL.format(listen, upstream) + (HURRY if hurry else "") + sections)


def serve(machine, way="restart", **settings):
    write(machine, **settings)
    machine.run(f"systemctl {way} mesigate")
    holds(machine.is_ready(), f"it is ready after the {way}", machine.journal()[-2000:])


def app(machine, token, key):
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f'[[app]]\nname = "chat"\nkeys = [{{ sha256 = "{digest}" }}]\ntoken = {{ file = "{token}" }}\n'


def has_user(machine, key, token, name):
    """Whether a user that is made with the client's key is one of the app with the real token."""
    machine.get(f"http://127.0.0.1:8080/api.php?op=useradd&token={key}&addr={name}&appid=com.example.app")
    return name in json.dumps(json.loads(machine.get(f"http://127.0.0.1:8081/sandbox/state?app={token}") or "{}"))


def make_user(machine, key, token, name):
    holds(has_user(machine, key, token, name), "the request with a key reached upstream with the token")
