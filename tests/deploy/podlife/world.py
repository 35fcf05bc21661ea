"""What all cases share: a node with the images, and a sandbox upstream in a pod of its own."""

import http.client
import json
from pathlib import Path

from kube import Node

from . import images, manifests

SANDBOX_PORT = 8090
DISTANCE_MS = 100


class World:
    def __init__(self, program):
        self.node = Node()
        try:
            image = images.program_image(self.node, program)
            # `mesigate inject` is that of the very program that is tested.
            self.program = image.rootfs / "usr/bin/mesigate"
            images.app_image(self.node)
            text = (Path(__file__).parent / "client.py").read_text()
            self.node.objects.put(manifests.config_map("client", {"client.py": text}))
            self.upstream = self.node.run(_upstream())
            self.upstream.wait_ready()
            # As far away as a real one, so that requests are under way at every moment.
            self.ask(self.upstream, SANDBOX_PORT, f"/sandbox/fault?kind=latency&times=1000000&ms={DISTANCE_MS}", "POST")
            self.node.objects.put(manifests.settings(manifests.SETTINGS, self.upstream_url))
        except BaseException:
            self.node.close()
            raise

    @property
    def upstream_url(self):
        return f"http://{self.upstream.address}:{SANDBOX_PORT}/backend/"

    def executed(self, *tokens):
        """The texts of all messages that the upstream has made for these app tokens."""
        return [message["message"] for token in tokens for message in self.state(token)["messages"]]

    def state(self, token):
        return json.loads(self.ask(self.upstream, SANDBOX_PORT, f"/sandbox/state?app={token}"))

    def add_users(self, token):
        """The two between whom the clients' messages go."""
        for address in ("ana", "bob"):
            user = {"address": address, "token": {"appid": "com.example.app"}}
            body = json.dumps({"op": "useradd", "token": token, "user": user})
            self.ask(self.upstream, SANDBOX_PORT, "/backend/", "POST", body)

    def ask(self, pod, port, path, method="GET", body=None):
        """What a pod answers to a request from the node."""
        connection = http.client.HTTPConnection(pod.address, port)
        connection.sock = self.node.network.node.connect(pod.address, port)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def close(self):
        self.node.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _upstream():
    container = {
        "name": "sandbox", "image": images.PROGRAM, "args": ["sandbox", "--listen", f"0.0.0.0:{SANDBOX_PORT}"],
        "readinessProbe": {"tcpSocket": {"port": SANDBOX_PORT}, "periodSeconds": 1},
    }
    return {"kind": "Pod", "metadata": {"name": "upstream"}, "spec": {"containers": [container]}}
