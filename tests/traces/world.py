"""A gateway, what stands behind it, and those who call it."""

import http.client
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from collector import HERE, Collector

PROGRAM = os.environ["MESIGATE_TESTED"]
END_SECONDS = 10

GATEWAY = """
limit = [{limit}]
listen.address = "127.0.0.1:0"
listen.workers = 1
admin.address = "127.0.0.1:0"
stop.announce = "0s"
stop.linger = "0s"
upstream.url = "{upstream}"
upstream.kind = "{kind}"
log.file = "log"
ledger.on = false
{more}
[trace]
endpoint = "{endpoint}"
{trace}
"""


def environment(more=None):
    """This environment without settings of the gateway or of OpenTelemetry, which would change what runs."""
    return {"PATH": os.environ.get("PATH", ""), **(more or {})}


def ended(process):
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


class Sandbox:
    """`mesigate sandbox` as a process."""

    def __init__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "sandbox", "--listen", f"{HERE}:0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment(), text=True)
        for line in self.process.stdout:
            if found := re.search(r"JSON API is at (http://[\d.]+:(\d+)/backend/)", line):
                self.url, self.port = found[1], int(found[2])
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def fault(self, kind, times=1, ms=None):
        """Lets the next answers suffer a fault."""
        target = f"/sandbox/fault?kind={kind}&times={times}" + (f"&ms={ms}" if ms is not None else "")
        status, _, text = send(self.port, target, method="POST")
        assert status == 200, text

    def close(self):
        ended(self.process)
        self.process.stdout.close()


class Upstream(http.server.ThreadingHTTPServer):
    """Passes each request on to a sandbox and keeps the headers that it got; the first `failures` answers are 502s."""

    daemon_threads = True

    def __init__(self, sandbox, failures=0):
        super().__init__((HERE, 0), Passing)
        self.sandbox, self.failures, self.heads = sandbox, failures, []
        self.port = self.server_address[1]
        self.url = f"http://{HERE}:{self.port}/backend/"
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heads.append(self.headers)
        status, text = 502, b"<html>down</html>"
        if self.server.failures > 0:
            self.server.failures -= 1
        else:
            status, _, text = send(
                self.server.sandbox.port, "/backend/", method="POST", body=body,
                headers=[("Content-Type", "application/json")])
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def send(port, target, method="GET", headers=(), body=None, connection=None):
    """Status, headers and body of an answer. A header may be there twice."""
    own = connection or http.client.HTTPConnection(HERE, port, timeout=30)
    try:
        own.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            own.putheader(name, value)
        if body is not None:
            own.putheader("Content-Length", str(len(body)))
        own.endheaders(body)
        answer = own.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        if own is not connection:
            own.close()


class Gateway:
    """A gateway that sends its spans to a collector."""

    def __init__(self, folder, endpoint, upstream, kind="on-premise", trace="", more="", limit="", variables=None):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        settings = self.folder / "gateway.toml"
        settings.write_text(
            GATEWAY.format(
                upstream=upstream, kind=kind, endpoint=endpoint, trace=trace, more=more, limit=limit), encoding="utf-8")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--config", str(settings)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env=environment(variables), text=True)
        said = self.process.stderr.readline()
        found = re.search(r"clients at https?://[\d.]+:(\d+)/.*metrics: http://[\d.]+:(\d+)/", said)
        if not found:
            said += self.process.stderr.read()
            raise AssertionError(f"the gateway does not start: {said}")
        self.port, self.admin = int(found[1]), int(found[2])
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def get(self, target, **more):
        return send(self.port, target, **more)

    def post(self, target, body, kind="application/json", headers=()):
        return send(self.port, target, method="POST", body=body, headers=[("Content-Type", kind), *headers])

    def metrics(self, accept="text/plain"):
        return send(self.admin, "/metrics", headers=[("Accept", accept)])[2].decode()

    def spans_by_state(self):
        found = re.findall(r'^mesigate_spans_total\{state="(\w+)"\} (\d+)', self.metrics(), re.MULTILINE)
        return {state: int(count) for state, count in found}

    def wait_for_state(self, is_so, patience_seconds):
        """Waits until the numbers of spans are as wanted, and returns them."""
        until = time.monotonic() + patience_seconds
        while not is_so(states := self.spans_by_state()):
            if time.monotonic() > until:
                raise AssertionError(f"after {patience_seconds} s spans are {states}")
            time.sleep(0.05)
        return states

    def log(self):
        """The lines of the log, which is whole once the gateway has ended."""
        lines = (self.folder / "log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def requests(self):
        return [line for line in self.log() if line.get("target") == "mesigate::access"]

    def end(self):
        """Ends it, and says how many seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            ended(self.process)
        self.process.stderr.close()
        return time.monotonic() - began


class World(unittest.TestCase):
    """Tests in front of one sandbox."""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.close)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name

    def collector(self, mode="good", certificate=None):
        collector = Collector(mode, certificate)
        self.addCleanup(collector.close)
        return collector

    def upstream(self, failures=0):
        upstream = Upstream(self.sandbox, failures)
        self.addCleanup(upstream.close)
        return upstream

    def gateway(self, collector, upstream=None, **more):
        """A gateway in front of the sandbox, or of another upstream; the collector may be an address."""
        endpoint = collector if isinstance(collector, str) else collector.url
        gateway = Gateway(self.folder, endpoint, (upstream or self.sandbox).url, **more)
        self.addCleanup(gateway.end)
        return gateway

    def traced(self, ask, **more):
        """The spans of a gateway that was asked something, by kind, after its end."""
        collector = self.collector()
        gateway = self.gateway(collector, **more)
        ask(gateway)
        gateway.end()
        spans = collector.spans()
        return [span for span in spans if span.kind == "SERVER"], [span for span in spans if span.kind == "CLIENT"], gateway


USERADD = "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app"
MEMBERS = "/api.php?op=groupgetmembers&token=sandbox&gid=7"
# Refused by the gateway: nothing is sent.
INCOMPLETE = "/api.php?op=useradd&token=sandbox"
