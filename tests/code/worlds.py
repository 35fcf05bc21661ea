"""Sandboxes, each a world of its own in which ids begin anew, and the gateway before one of them."""

import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path

START_SECONDS = 30
SECONDS = 120
# Lives are told from a sandbox's start, and worlds are not made in the same second.
SLACK_SECONDS = 400
TIMES = {"now", "due", "expires"}

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failed(Exception):
    """A sentence for the person who ran this."""


def environment(**more):
    """Ours without what would change the meaning of a run: proxies, and settings of the gateway."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("MESIGATE_", "MESIBO_"))
    }
    return {**kept, **more}


class Served:
    """A process that says where it listens, ended with the block."""

    def __init__(self, command, pattern):
        self.folder = tempfile.TemporaryDirectory()
        output = Path(self.folder.name) / "output"
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=self.folder.name, env=environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        deadline = time.monotonic() + START_SECONDS
        while not (found := re.search(pattern, output.read_text(encoding="utf-8", errors="replace"))):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = output.read_text(encoding="utf-8", errors="replace")
                self.__exit__()
                raise Failed(f"{command[1]} does not say where it listens; it said:\n{said}")
            time.sleep(0.02)
        self.url = found.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


def sandbox(binary):
    return Served([binary, "sandbox", "--listen", "127.0.0.1:0"], r"(http://[^\s/]+)/backend/")


def gateway(binary, upstream, settings):
    command = [binary, "serve", "--config", settings, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    return Served([*command, "--upstream", f"{upstream}/backend/"], r"(http://[^\s/]+)/api\.php")


class Listener(http.server.ThreadingHTTPServer):
    """Takes calls, keeps their bodies, and answers that all is well."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Taker)
        self.bodies = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_json = self.headers["Content-Type"].split(";")[0] == "application/json"
        self.server.bodies.append(body.decode() if is_json else f"no JSON: {self.headers}")
        answer = b'{"result":true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def exactly(text):
    """JSON with every digit of its numbers, and its members in the order of their names."""

    def number(digits):
        return "number", Decimal(digits).normalize()

    return json.loads(
        text, parse_float=number, parse_int=number, object_pairs_hook=lambda pairs: sorted(pairs, key=str)
    )


def fetch(url, data=None, headers=None):
    """A body as text, whatever the status."""
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with OPENER.open(request, timeout=SECONDS) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def state(world, app):
    return json.loads(fetch(f"{world.url}/sandbox/state?app={app}"))


def differences(one, other, at=""):
    """The paths at which two states differ."""
    name = at.rsplit(".", 1)[-1]
    if name in TIMES and isinstance(one, int) and isinstance(other, int):
        return [] if abs(one - other) <= SLACK_SECONDS else [f"{at}: {one} and {other}"]
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [line for key in names for line in differences(one.get(key), other.get(key), f"{at}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other))
        return [line for number, (a, b) in pairs for line in differences(a, b, f"{at}.{number}")]
    is_same = type(one) is type(other) and one == other
    return [] if is_same else [f"{at}: {str(one)[:300]!a} and {str(other)[:300]!a}"]


def contradictions(old, new, at=""):
    """What an old answer says that the new one says otherwise. The old door's names that JSON does not have, and rights
    as digits, are its own."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in old if name in new and at + name not in ("op", "code", "cause")]
        return [line for name in names for line in contradictions(old[name], new[name], f"{at}{name}.")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [line for a, b in zip(old, new) for line in contradictions(a, b, at)]
    return [] if str(old) == str(new) else [f"{at}: {str(old)!a} and {str(new)!a}"]
