"""What the outcomes ask: requests as clients send them, and the cluster's own state."""

import http.client
import json
import ssl
import subprocess
import threading
import time
import urllib.parse

from kube.api.kinds import BY_KIND, KINDS
from kube.api.subresources import ready

from . import registry, release

PATIENCE_SECONDS = 60


class World:
    def __init__(self, cluster, folder, tokens):
        self.cluster, self.folder, self.tokens = cluster, folder, tokens
        self.registry, self.version, self.next = registry.NAME, release.version(), release.NEXT
        self._kept, self._load = {}, None

    # What is remembered from one outcome to a later one.

    def remember(self, name, value):
        self._kept[name] = value

    def recall(self, name):
        return self._kept[name]

    def mark(self, name):
        self._kept[name] = self.cluster.store.version

    def file(self, name):
        return (self.folder / "release" / name).read_text()

    def until(self, what, is_so):
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError(f"within {PATIENCE_SECONDS} s it was never so that {what}")
            time.sleep(0.1)

    # The cluster's state.

    def pods(self, namespace):
        return [pod for pod in self.cluster.store.list(BY_KIND["Pod"], namespace)
                if not pod["metadata"].get("deletionTimestamp")]

    def is_ready(self, pod):
        return ready(pod)

    def uids(self, namespace):
        return {pod["metadata"]["uid"] for pod in self.pods(namespace)}

    def images(self, namespace):
        return {container["image"] for pod in self.pods(namespace) for container in pod["spec"]["containers"]}

    def everything(self):
        return [{**obj, "kind": kind.kind} for kind in KINDS for obj in self.cluster.store.list(kind)]

    def runs(self):
        return self.cluster.nodes.node.pods()

    def living_runs(self, namespace):
        """Pods with containers that run, those that are being ended included."""
        return [run for run in self.runs() if not run.is_over and run.manifest["metadata"]["namespace"] == namespace]

    def _since(self, mark, namespace, name, read):
        events, _ = self.cluster.store.after(self._kept[mark], BY_KIND["Deployment"], namespace, 0)
        return [read(obj) for _, obj in events if obj["metadata"]["name"] == name]

    def replicas_since(self, mark, namespace, name):
        return self._since(mark, namespace, name, lambda obj: obj["spec"]["replicas"])

    def available_since(self, mark, namespace, name):
        return self._since(mark, namespace, name, lambda obj: (obj.get("status") or {}).get("availableReplicas", 0))

    # Requests.

    def ask(self, namespace, name, **parameters):
        """An old request to a Service, on a connection of its own, as from another pod."""
        service = self.cluster.store.get(BY_KIND["Service"], namespace, name)
        port = service["spec"]["ports"][0]
        with _Connection(self, service["spec"]["clusterIP"], port["port"], port["name"] == "https") as connection:
            query = urllib.parse.urlencode({"op": "useradd", "appid": "com.example.app", **parameters})
            connection.request("GET", f"/api.php?{query}", headers={"Host": f"{name}.{namespace}"})
            return json.loads(connection.getresponse().read())

    def has_user(self, token, address):
        """Whether upstream, the sandbox, has a user of that address in the app of that token."""
        service = self.cluster.store.get(BY_KIND["Service"], "sandbox", "sandbox")
        with _Connection(self, service["spec"]["clusterIP"], 8090, False) as connection:
            connection.request("GET", "/sandbox/state?" + urllib.parse.urlencode({"app": token}))
            return f'"{address}"' in connection.getresponse().read().decode()

    def metric(self, namespace, pod, series):
        with _Connection(self, pod["status"]["podIP"], 18090, False) as connection:
            connection.request("GET", "/metrics")
            for line in connection.getresponse().read().decode().splitlines():
                if line.startswith(series + " "):
                    return float(line.split()[-1])
        return 0.0

    def certificate_name(self, namespace, name):
        """The common name of the certificate that a new connection gets."""
        service = self.cluster.store.get(BY_KIND["Service"], namespace, name)
        port = service["spec"]["ports"][0]["port"]
        with _Connection(self, service["spec"]["clusterIP"], port, True) as connection:
            found = ssl.DER_cert_to_PEM_cert(connection.sock.getpeercert(True))
        subject = subprocess.run(["openssl", "x509", "-noout", "-subject", "-nameopt", "RFC2253"], input=found, text=True,
                                 capture_output=True, check=True).stdout
        return subject.strip().rpartition("CN=")[2]

    def connect(self, address, port):
        return self.cluster.nodes.connect(address, port)

    def begin_load(self, namespace, name, token):
        """Requests one after the other, each on a new connection, until `end_load`."""
        self._load = _Load(self, namespace, name, token)

    def end_load(self):
        return self._load.end()


class _Connection:
    def __init__(self, world, address, port, is_tls):
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        self._connection = kind(address, port, timeout=20)
        socket = world.connect(address, port)
        socket.settimeout(20)
        if is_tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            socket = context.wrap_socket(socket)
        self._connection.sock = socket

    def __enter__(self):
        return self._connection

    def __exit__(self, *_):
        self._connection.close()


class _Load:
    PAUSE_SECONDS = 0.05

    def __init__(self, world, namespace, name, token):
        self._ask = lambda at: world.ask(namespace, name, token=token, addr=f"load{at}")
        self._sent, self._lost, self._ended = 0, [], threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(self.PAUSE_SECONDS):
            self._sent += 1
            try:
                answer = self._ask(self._sent)
                if answer.get("result") is not True:
                    self._lost.append(str(answer))
            except (OSError, http.client.HTTPException, ValueError) as fault:
                self._lost.append(f"{type(fault).__name__}: {fault}")

    def end(self):
        self._ended.set()
        self._thread.join()
        return self._sent, self._lost
