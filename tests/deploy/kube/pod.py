"""A pod's life: its sandbox, its containers in their order, and its end. All of it runs on the node's event loop."""

import asyncio
import signal
import time

from .container import Container
from .environment import Facts, argv, environment, service_environment
from .handlers import Target
from .hosts import write_hosts
from .manifest import Missing, is_sidecar
from .oci_spec import oci_spec
from .states import condition, container_status, now
from .termination import Ordering
from .volumes import Volumes

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
RETRY_SECONDS = 1


class Pod:
    """`manifest` is an admitted pod; `node` gives the network, images, objects, services, the runtime and a folder."""

    def __init__(self, manifest, node):
        self.manifest, self.node = manifest, node
        self.spec = manifest["spec"]
        self.restart_policy, self.grace_seconds = self.spec["restartPolicy"], self.spec["terminationGracePeriodSeconds"]
        self.folder = node.folder / "pods" / manifest["metadata"]["uid"]
        (self.folder / "logs").mkdir(parents=True)
        self.network = self.facts = self.volumes = None
        self.init = [self._container(each) for each in self.spec.get("initContainers") or []]
        self.apps = [Container(each, "app", self) for each in self.spec["containers"]]
        self.phase, self.message = "Pending", ""
        self.is_initialised = self.is_ending = self.is_deleted = False
        self.over = asyncio.Event()
        self.events = []
        self._was_ready, self._ready_since, self._since = False, now(), now()
        self._deletion, self._ending = asyncio.Event(), asyncio.Event()
        self._spawned = set()
        self._launches = 0

    def _container(self, spec):
        return Container(spec, "sidecar" if is_sidecar(self.manifest, spec) else "init", self)

    @property
    def all(self):
        return [*self.init, *self.apps]

    @property
    def is_ready(self):
        """The condition Ready: all app containers are, and all native sidecars."""
        counted = [each for each in self.all if each.kind != "init"]
        return self.is_initialised and not self.over.is_set() and all(each.is_ready for each in counted)

    # From the start to the end.

    async def live(self):
        life = asyncio.create_task(self._life())
        deletion = asyncio.create_task(self._deletion.wait())
        try:
            await asyncio.wait([life, deletion], return_when=asyncio.FIRST_COMPLETED)
        finally:
            deletion.cancel()
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
            if not life.cancelled() and life.exception() is not None:
                self.phase, self.message = "Failed", repr(life.exception())
            await self._end()

    def delete(self, grace):
        """Begins the end. A second time, with no grace, ends all at once."""
        if self.is_deleted and grace == 0:
            for container in self.all:
                container.kill_now()
        if not self._deletion.is_set() and not self.is_ending and grace is not None:
            self.grace_seconds = grace
        self.is_deleted = True
        self._deletion.set()
        self.changed()

    async def _life(self):
        await self._set_up()
        for container in self.init:
            container.begin()
            if container.kind == "sidecar":
                await container.started.wait()
                continue
            await container.ended.wait()
            if container.exit_code != 0:
                self.phase, self.message = "Failed", f"init container {container.name} failed"
                return
        self.is_initialised = True
        for container in self.apps:
            container.begin()
            await container.launched.wait()
        self.phase = "Running"
        self.changed()
        for container in self.apps:
            await container.ended.wait()
        self.phase = "Succeeded" if all(each.exit_code == 0 for each in self.apps) else "Failed"

    async def _set_up(self):
        self.network = await self.node.network.attach()
        self.facts = Facts(self.manifest, self.network.address, self.node.network.node.address)
        self.volumes = Volumes(self.folder / "volumes", self.facts, self.node.objects)
        write_hosts(self)
        while True:
            try:
                self.volumes.sync()
                return
            except Missing as error:
                self.message = str(error)
                self.changed()
                await self.sleep(RETRY_SECONDS)

    async def _end(self):
        self.is_ending = True
        self._ending.set()
        running = {each.name for each in self.all if each.running is not None}
        sidecars = [each.name for each in self.init if each.kind == "sidecar"]
        ordering = Ordering([each.name for each in self.apps], sidecars, running)
        await asyncio.gather(*(each.kill(self.grace_seconds, ordering) for each in self.all))
        await asyncio.gather(*(each.over() for each in self.all))
        await asyncio.gather(*self._spawned, return_exceptions=True)
        await self._tear_down()
        if self.phase in ("Pending", "Running"):
            self.phase = "Succeeded" if all(each.exit_code == 0 for each in self.apps) else "Failed"
        self.over.set()
        self.changed()

    async def _tear_down(self):
        if self.volumes is not None:
            await asyncio.to_thread(self.volumes.remove)
        if self.network is not None:
            await self.node.network.detach(self.network)

    # What containers need of their pod.

    async def launch(self, container):
        """Makes and starts a container; Missing, Forbidden or Failed say why it cannot be."""
        image = self.node.images.get(container.spec["image"])
        self._launches += 1
        container_id = f"{self.network.name}-{container.name}-{self._launches}"
        variables = self._variables(container, image)
        bundle = await self.node.runtime.prepare(container_id, image)
        spec = oci_spec(
            container=container.spec, pod=self.manifest, image=image, rootfs=bundle / "rootfs",
            argv=argv(container.spec, image.config, variables), variables=variables,
            mounts=self._mounts(container.spec), netns=self.network.path,
            cgroup=f"/{self.node.runtime.prefix}/{self.network.name}/{container_id}",
        )
        log_path = self.log_path(container.name, container.restarts)
        return await self.node.runtime.start(container_id, bundle, spec, log_path)

    def _variables(self, container, image):
        metadata = self.manifest["metadata"]
        services = {}
        if self.spec.get("enableServiceLinks") is not False:
            services = service_environment(self.node.services, metadata["namespace"])
        given = [f"PATH={DEFAULT_PATH}", f"HOSTNAME={metadata['name']}", *(image.config.get("Env") or [])]
        return environment(container.spec, given, self.facts, self.node.objects, services)

    def target(self, container):
        async def execute(argv):
            if container.running is None:
                return 1, "the container does not run"
            code, out, err = await container.running.execute(argv)
            return code, (out + err).decode(errors="replace")
        return Target(self.node.network.node, self.network.address, container.spec, execute)

    def stop_signal(self, container):
        name = self.node.images.get(container.spec["image"]).config.get("StopSignal") or "SIGTERM"
        return signal.Signals[name]

    async def sleep(self, seconds):
        """Until then, or until the pod is being ended."""
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            pass

    def spawn(self, work):
        task = asyncio.create_task(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    def note(self, container, what):
        """Something happened to a container, for whoever wants to know in which order it was."""
        self.events.append((time.monotonic(), container.name, what))
        self.changed()

    def changed(self):
        if self.is_ready != self._was_ready:
            self._was_ready, self._ready_since = self.is_ready, now()
        self.node.changed(self)

    def log_path(self, name, run):
        return self.folder / "logs" / f"{name}.{run}.log"

    def log_tail(self, container):
        path = self.log_path(container.name, container.restarts)
        return path.read_text(errors="replace")[-2048:] if path.is_file() else ""

    def _mounts(self, spec):
        found = [(self.folder / name, f"/etc/{name}", False) for name in ("hosts", "resolv.conf", "hostname")]
        for mount in spec.get("volumeMounts") or []:
            is_read_only = bool(mount.get("readOnly")) or self.volumes.is_read_only(mount["name"])
            found.append((self.volumes.path(mount["name"]), mount["mountPath"], is_read_only))
        return found

    # What others see of it.

    def status(self):
        address = self.network.address if self.network else None
        found = {
            "phase": self.phase, "conditions": self._conditions(), "qosClass": "Burstable", "startTime": self._since,
            "hostIP": self.node.network.node.address,
            "containerStatuses": [self._status_of(each) for each in self.apps],
        }
        if self.init:
            found["initContainerStatuses"] = [self._status_of(each) for each in self.init]
        if address:
            found |= {"podIP": address, "podIPs": [{"ip": address}]}
        if self.message:
            found["message"] = self.message
        return found

    def _status_of(self, container):
        return container_status(container, self.node.images.find(container.spec["image"]))

    def _conditions(self):
        return [
            condition("PodScheduled", True, self._since),
            condition("PodReadyToStartContainers", self.network is not None and not self.over.is_set(), self._since),
            condition("Initialized", self.is_initialised, self._since),
            condition("ContainersReady", self.is_ready, self._ready_since),
            condition("Ready", self.is_ready, self._ready_since),
        ]
