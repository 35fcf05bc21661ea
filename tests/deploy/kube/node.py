"""A node: what runs pods. All that they need is made below one folder and one name, and taken away again."""

import asyncio
import concurrent.futures
import os
import shutil
import tempfile
import threading
from pathlib import Path

from .commands import Failed
from .hosts import write_hosts
from .images import Image, ImageStore
from .leftovers import PREFIX, hold, remove_folder, sweep
from .manifest import admitted
from .network import Network
from .objects import Objects
from .pod import Pod
from .podrun import PodRun
from .runtime import Runtime


class Closed(Exception):
    """The node is closed: nothing can be asked of it any more."""


class Node:
    """Use it as a context (`with Node() as node:`), so that nothing is left behind.

        node.images.load("mesigate.tar", "mesigate:0.1.0")
        node.objects.put({"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"mesigate.toml": "…"}})
        web = node.run(pod_manifest).wait_ready()
        web.exec("web", ["mesigate", "health"])
        web.delete()
        web.wait_over()

    `images`: ImageStore · `objects`: Objects, whose changes running pods see · `services`: v1 Services, for the pods'
    environment · `network.node`: the node's Namespace, whose `connect(address, port)` reaches pods.
    """

    def __init__(self, name: str = "node-1"):
        sweep()
        self.name = name
        prefix = f"{PREFIX}{os.getpid()}-{next(_counter)}"
        self.folder = Path(tempfile.mkdtemp(prefix=prefix + "-"))
        self.folder.chmod(0o711)
        self._lock = hold(self.folder)
        self.images = ImageStore(self.folder)
        self.objects = Objects()
        self.services: list = []
        self.names: dict = {}
        try:
            self.network = Network(prefix)
        except Failed:
            shutil.rmtree(self.folder)
            raise
        self.runtime = Runtime(self.folder / "runtime", prefix)
        self._pods: dict = {}
        self._watchers: list = []
        self._tasks: set = set()
        self.is_closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="node")
        self._thread.start()
        self.objects.watch(self._object_changed)

    def load_image(self, archive, name: str) -> Image:
        """Unpacks an OCI archive (or layout folder) under a name."""
        return self.images.load(archive, name)

    def run(self, pod: dict) -> PodRun:
        """Starts a pod (v1 Pod) and returns at once. Unsupported says what of it is not simulated."""
        return self.submit(self._run(admitted(pod, self.name)))

    def pods(self) -> list:
        """All pods that were not forgotten, those that are over included."""
        return list(self._pods.values())

    def forget(self, run: PodRun) -> None:
        """Drops a pod that is over; its logs go too."""
        self._pods.pop(run.manifest["metadata"]["uid"], None)
        shutil.rmtree(run._pod.folder, ignore_errors=True)

    def watch(self, watcher) -> None:
        """Has `watcher(PodRun)` called on the node's thread after each change of a pod. It must not wait."""
        self._watchers.append(watcher)

    def set_names(self, names: dict) -> None:
        """Names and addresses that all pods know from now on, in the place of a cluster's DNS."""
        self.names = dict(names)
        for run in self.pods():
            if run._pod.network is not None and not run.is_over:
                write_hosts(run._pod)

    def close(self) -> None:
        """Ends all pods at once and removes everything. It may be called twice."""
        if self._thread.is_alive():
            self.is_closed = True
            try:
                asyncio.run_coroutine_threadsafe(self._end_all(), self._loop).result(30)
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()
        if not self.folder.exists():
            return
        self.runtime.remove_all()
        self.network.remove()
        remove_folder(self.folder)
        self._lock.close()

    def submit(self, work):
        """Has a coroutine run on the node's thread, and returns its result. Closed if the node is being closed."""
        if self.is_closed:
            work.close()
            raise Closed("the node is closed")
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except concurrent.futures.CancelledError:
            raise Closed("the node is closed") from None

    def call(self, function):
        """The result of a function that does not wait, called on the node's thread."""
        if threading.current_thread() is self._thread:
            return function()

        async def called():
            return function()
        return self.submit(called())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def changed(self, pod):
        run = self._pods.get(pod.manifest["metadata"]["uid"])
        for watcher in self._watchers if run else []:
            watcher(run)

    async def _run(self, manifest):
        pod = Pod(manifest, self)
        run = self._pods[manifest["metadata"]["uid"]] = PodRun(pod, self)
        task = asyncio.create_task(pod.live())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def _end_all(self):
        for run in self.pods():
            run._pod.delete(0)
            run._pod.delete(0)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _object_changed(self, kind, namespace, name):
        if not self.is_closed:
            self._loop.call_soon_threadsafe(self._sync, kind, namespace, name)

    def _sync(self, kind, namespace, name):
        for run in self.pods():
            volumes = run._pod.volumes
            is_there = run.manifest["metadata"]["namespace"] == namespace
            if is_there and volumes is not None and not run.is_over and volumes.refers_to(kind, name):
                volumes.sync()


_counter = iter(range(1_000_000))
