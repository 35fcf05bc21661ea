"""Between the API server and the node that runs pods: the kubelet's side of the API ("Kubelet", "Pod Lifecycle").

Pods that have a node are started and their status is reported back; those that are being deleted are ended within
their grace, and then taken away; ConfigMaps, Secrets and Services are handed on. Images are pulled from the registry
that their name has, by skopeo, as a container runtime does; a name without a registry must be on the node already.

The API has two nodes, so that one can be drained. Both are names of one `kube.Node`.
"""

import os
import threading
import time

from kube import Node

from .balancing import Balancing
from .debug import Debug
from .errors import Refusal, bad_request
from .handing import Handing
from .kinds import BY_KIND
from .pulls import Pulls
from .schema import VERSION
from .verbs import Options

NAMES = ("node-a", "node-b")


class Nodes:
    def __init__(self, verbs):
        self.verbs, self.node, self.faults = verbs, Node(NAMES[0]), []
        self._runs, self._debugs = {}, {}
        self._pulls, self._handing = Pulls(self.node), Handing(verbs.store, self.node)
        self._balancing = Balancing(self.node)
        self.balance = self._balancing.balance
        for name in NAMES:
            verbs.create(BY_KIND["Node"], "", {
                "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}, "spec": {},
                "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}],
                           "nodeInfo": _info()}})
        self._thread = threading.Thread(target=self._keep, name="kubelet")
        self._thread.start()

    def close(self):
        """Ends all pods. The store must be closed before."""
        self._thread.join()
        for debug in list(self._debugs.values()):
            debug.close()
        self._balancing.close()
        self.node.close()

    # The kubelet's loop.

    def _keep(self):
        seen = handed = 0
        while self.verbs.store.open:
            seen = self.verbs.store.wait(seen, 0.05)
            try:
                if seen != handed:
                    self._handing.look()
                    handed = seen
                self._handing.put_late_ones()
                self._sync()
            except Exception as fault:
                self.faults.append(f"{type(fault).__name__}: {fault}")
                time.sleep(0.2)

    def _sync(self):
        pods = {pod["metadata"]["uid"]: pod for pod in self.verbs.store.list(BY_KIND["Pod"])}
        for uid, pod in pods.items():
            run = self._runs.get(uid)
            if run is None and pod["spec"].get("nodeName"):
                self._start(pod)
            elif run is not None:
                self._debug(pod, run)
                self._follow(pod, run)
        for uid in set(self._runs) - set(pods):
            run = self._runs[uid]
            if not run.is_deleted:
                run.delete(0)
            if run.is_over:
                self._forget(uid)

    def _follow(self, pod, run):
        """Begins a deletion, tells the status, and takes away what is over and deleted."""
        meta = pod["metadata"]
        grace = meta.get("deletionGracePeriodSeconds")
        if meta.get("deletionTimestamp") and not run.is_deleted:
            run.delete(grace)
        self._report(pod, run.status())
        if meta.get("deletionTimestamp") and run.is_over:
            self.verbs.delete(BY_KIND["Pod"], meta["namespace"], meta["name"],
                              Options(grace=0, preconditions={"uid": meta["uid"]}))
            self._forget(meta["uid"])

    def _forget(self, uid):
        for key in [key for key in self._debugs if key[0] == uid]:
            self._debugs.pop(key).close()
        self.node.forget(self._runs.pop(uid))

    def _start(self, pod):
        uid, meta = pod["metadata"]["uid"], pod["metadata"]
        if meta.get("deletionTimestamp"):
            self.verbs.delete(BY_KIND["Pod"], meta["namespace"], meta["name"], Options(grace=0))
            return
        missing = self._pulls.missing(pod)
        if missing:
            self._report(pod, _waiting(pod, *missing))
            return
        self._handing.look()
        self._handing.put_late_ones(meta["namespace"])
        self._runs[uid] = self.node.run(pod)

    def _report(self, pod, status):
        """Readiness is told with the rest; the pod may be gone or changed meanwhile."""
        meta = pod["metadata"]
        status = {**status, "ephemeralContainerStatuses": [
            debug.status() for (uid, _), debug in self._debugs.items() if uid == meta["uid"]]}
        if not status["ephemeralContainerStatuses"]:
            del status["ephemeralContainerStatuses"]
        for group in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
            for entry in status.get(group) or []:
                entry["state"] = entry.get("state") or {}
        with self.verbs.store.changed:
            live = self.verbs.store.get(BY_KIND["Pod"], meta["namespace"], meta["name"])
            if live and live["metadata"]["uid"] == meta["uid"] and live.get("status") != status:
                live["status"] = status
                self.verbs.store.put(BY_KIND["Pod"], live)

    # For exec, logs and their like.

    def run_of(self, pod):
        run = self._runs.get(pod["metadata"]["uid"])
        if run is None:
            raise bad_request(f'pod {pod["metadata"]["name"]} does not have a host assigned or is not running')
        return run

    def exec_command(self, pod, container, argv, tty):
        run, debug = self.run_of(pod), self._debugs.get((pod["metadata"]["uid"], container))
        try:
            return debug.exec_command(argv, tty) if debug else run.exec_command(container, argv, tty)
        except Exception as fault:
            raise Refusal(500, "InternalError", f"container not found or not running: {fault}") from None

    def streams(self, pod, container):
        self.run_of(pod)
        debug = self._debugs.get((pod["metadata"]["uid"], container))
        if debug is None:
            raise bad_request("attach is for ephemeral containers here; read the logs of the others")
        return debug

    def log_path(self, pod, container, previous):
        run, debug = self._runs.get(pod["metadata"]["uid"]), self._debugs.get((pod["metadata"]["uid"], container))
        if run is None:
            return None
        path = debug.log_path if debug else run.log_path(container, previous)
        return path if path.is_file() else None

    def runs(self, pod, container):
        run = self._runs.get(pod["metadata"]["uid"])
        return run is not None and not run.is_over

    def connect(self, address, port):
        return self.node.network.node.connect(address, port)

    def connect_loopback(self, pod, port):
        return self.run_of(pod).connect(port)

    # Ephemeral containers.

    def _debug(self, pod, run):
        for container in pod["spec"].get("ephemeralContainers") or []:
            key = (pod["metadata"]["uid"], container["name"])
            if key in self._debugs or run.is_over:
                continue
            if self.node.images.find(container["image"]) is None and self._pulls.fault(container["image"]):
                continue
            self._debugs[key] = Debug(self.node, run, container)


def _waiting(pod, name, why):
    reason, _, message = why.partition(": ")
    state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
    return {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
            "containerStatuses": [{"name": each["name"], "image": each["image"], "imageID": "", "ready": False,
                                   "restartCount": 0, "state": state} for each in pod["spec"]["containers"]]}


def _info():
    return {"machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": os.uname().release, "osImage": "test",
            "containerRuntimeVersion": "runc", "kubeletVersion": f"v{VERSION}.0", "kubeProxyVersion": "",
            "operatingSystem": "linux", "architecture": "amd64"}
