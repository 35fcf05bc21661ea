"""Workloads: a Deployment that keeps its replicas and rolls out, and the draining of a node within a budget."""

import copy
import json
import threading
import time
import zlib

from .podrun import TimedOut
from .rollout import Counts, evictions_allowed, scaled, step

PACE_SECONDS = 0.05


class Deployment:
    """Keeps the replicas of an apps/v1 Deployment running on a node, by a thread of its own, until `close`.

        with Deployment(node, manifest) as central:
            central.wait_rolled_out()
            central.apply(changed_manifest)
            central.wait_rolled_out()
    """

    def __init__(self, node, manifest: dict):
        self.node = node
        self._take(manifest)
        self._pods = []
        self._numbers = iter(range(1_000_000))
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def replicas(self) -> int:
        return self.manifest["spec"].get("replicas", 1)

    @property
    def pods(self) -> list:
        """Its PodRuns that are not over."""
        return [pod for pod in list(self._pods) if not pod.is_over]

    def apply(self, manifest: dict) -> None:
        """A changed template is rolled out; a changed number of replicas is kept."""
        with self._lock:
            self._take(manifest)

    def restart(self) -> None:
        """As `kubectl rollout restart`: an annotation of the template changes."""
        changed = copy.deepcopy(self.manifest)
        annotations = changed["spec"]["template"]["metadata"].setdefault("annotations", {})
        annotations["kubectl.kubernetes.io/restartedAt"] = str(time.monotonic_ns())
        self.apply(changed)

    def is_rolled_out(self) -> bool:
        """Whether all replicas are of the present template and ready, and no other pod runs."""
        counts = self._counts()
        return counts.new_available == counts.new == self.replicas and counts.old == 0

    def wait_rolled_out(self, timeout: float = 120, also_gone: bool = True) -> None:
        """With `also_gone`, old pods' last containers have ended too."""
        end = time.monotonic() + timeout
        while not (self.is_rolled_out() and (not also_gone or len(self.pods) == self.replicas)):
            if time.monotonic() > end or self.node.is_closed:
                told = "\n".join(pod.describe() for pod in self.pods)
                raise TimedOut(f"not rolled out within {timeout} s: {self._counts()}\n{told}")
            time.sleep(PACE_SECONDS)

    def close(self) -> None:
        """Deletes all pods, and waits for their end."""
        self._ended.set()
        self._thread.join()
        if self.node.is_closed:
            return
        for pod in self.pods:
            pod.delete()
        for pod in list(self._pods):
            pod.wait_over()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _keep(self):
        while not self._ended.wait(PACE_SECONDS) and not self.node.is_closed:
            with self._lock:
                self._reconcile()

    def _reconcile(self):
        strategy = (self.manifest["spec"].get("strategy") or {}).get("rollingUpdate") or {}
        surge = scaled(strategy.get("maxSurge", "25%"), self.replicas, is_up=True)
        unavailable = scaled(strategy.get("maxUnavailable", "25%"), self.replicas, is_up=False)
        todo = step(self.replicas, surge, unavailable or (0 if surge else 1), self._counts())
        new, old = self._split()
        for pod in sorted(old, key=lambda pod: pod.is_ready)[:todo.delete_old]:
            pod.delete()
        for pod in sorted(new, key=lambda pod: pod.is_ready)[:todo.delete_new]:
            pod.delete()
        for _ in range(todo.create):
            self._pods.append(self.node.run(self._pod()))

    def _split(self):
        living = [pod for pod in self.pods if not pod.is_deleted]
        hashed = self._hash
        new = [pod for pod in living if pod.manifest["metadata"]["labels"]["pod-template-hash"] == hashed]
        return new, [pod for pod in living if pod not in new]

    def _counts(self):
        new, old = self._split()
        return Counts(len(new), sum(pod.is_ready for pod in new), len(old), sum(pod.is_ready for pod in old))

    def _take(self, manifest):
        template = json.dumps(manifest["spec"]["template"], sort_keys=True)
        self.manifest, self._hash = manifest, f"{zlib.crc32(template.encode()):x}"

    def _pod(self):
        metadata = copy.deepcopy(self.manifest["spec"]["template"].get("metadata") or {})
        metadata["namespace"] = self.manifest["metadata"].get("namespace", "default")
        metadata["name"] = f"{self.manifest['metadata']['name']}-{self._hash}-{next(self._numbers)}"
        metadata.setdefault("labels", {})["pod-template-hash"] = self._hash
        spec = self.manifest["spec"]["template"]["spec"]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


class DisruptionBudget:
    """A policy/v1 PodDisruptionBudget over a Deployment's pods."""

    def __init__(self, manifest: dict, deployment: Deployment):
        spec = manifest["spec"]
        self._limits = {"max_unavailable": spec.get("maxUnavailable"), "min_available": spec.get("minAvailable")}
        self._deployment = deployment
        self._lock = threading.Lock()

    def evict(self, pod) -> bool:
        """Begins the deletion if the budget allows it now; the API server would answer 429 otherwise."""
        with self._lock:
            living = [each for each in self._deployment.pods if not each.is_deleted]
            healthy = sum(each.is_ready for each in living)
            if evictions_allowed(self._deployment.replicas, healthy, **self._limits) < 1:
                return False
            pod.delete()
            return True


def drain(victims: list, budget: DisruptionBudget, retry_seconds: float = 5, timeout: float = 300) -> None:
    """As `kubectl drain`: evicts all of these pods, each again after a while when the budget refuses, and waits for
    their end. What replaces them starts elsewhere."""
    end = time.monotonic() + timeout
    waiting = list(victims)
    while waiting:
        waiting = [pod for pod in waiting if not budget.evict(pod)]
        if time.monotonic() > end:
            raise TimedOut(f"not drained within {timeout} s: {[pod.name for pod in waiting]} are left")
        if waiting:
            time.sleep(retry_seconds)
    for pod in victims:
        pod.wait_over(max(1, end - time.monotonic()))
