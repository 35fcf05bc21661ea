"""A node for unit tests: containers that only pretend to run, by a script, on a clock that jumps."""

import asyncio
import shutil
import signal
import tempfile
import weakref
from pathlib import Path

from .images import Image
from .manifest import admitted
from .network import Namespace
from .objects import Objects
from .pod import Pod


class Script:
    """How a container behaves: when it ends by itself and with what, how long it takes after SIGTERM (None: it does not
    heed it), and what commands in it do, as a function of the command that returns an exit code or a number of seconds
    and a code."""

    def __init__(self, ends_after=None, code=0, term_takes=0.0, execute=lambda argv: 0):
        self.ends_after, self.code, self.term_takes, self.execute = ends_after, code, term_takes, execute


class PretendedNode:
    def __init__(self, scripts):
        self.folder = Path(tempfile.mkdtemp())
        weakref.finalize(self, shutil.rmtree, self.folder)
        self.scripts, self.objects, self.services, self.names = scripts, Objects(), [], {}
        self.network = self.images = self.runtime = self
        self.node = Namespace("node", "10.244.0.1")
        self.prefix = "pretended"
        # (seconds, container, what), of containers and of their hooks.
        self.told = []

    def tell(self, name, what):
        self.told.append((round(asyncio.get_running_loop().time(), 3), name, what))

    def what(self, name):
        return [(at, what) for at, each, what in self.told if each == name]

    # The network.
    async def attach(self):
        return Namespace("pod", "10.244.0.2")

    async def detach(self, pod):
        pass

    # Images.
    def get(self, name):
        return Image(name, self.folder, {"Entrypoint": ["program"]}, "sha256:0")

    find = get

    def changed(self, pod):
        pass

    # The runtime.
    async def prepare(self, container_id, image):
        return self.folder

    async def start(self, container_id, bundle, spec, log_path):
        name = container_id.removeprefix("pod-").rsplit("-", 1)[0]
        script = self.scripts.get(name, Script())
        self.tell(name, "starts")
        if isinstance(script, list):
            script = script[min(self._run(name), len(script)) - 1]
        return PretendedContainer(self, name, script)

    def _run(self, name):
        return sum(1 for _, each, what in self.told if each == name and what == "starts")


class PretendedContainer:
    def __init__(self, node, name, script):
        self.id, self._node, self._name, self._script = name, node, name, script
        self._code = asyncio.get_running_loop().create_future()
        if script.ends_after is not None:
            self._end_in(script.ends_after, script.code)

    async def wait(self):
        return await asyncio.shield(self._code)

    def signal(self, number):
        self._node.tell(self._name, signal.Signals(number).name)
        if number == signal.SIGKILL:
            self._end_in(0, 137)
        elif self._script.term_takes is not None:
            self._end_in(self._script.term_takes, 0)

    async def execute(self, argv):
        self._node.tell(self._name, " ".join(argv))
        answer = self._script.execute(argv)
        seconds, code = answer if isinstance(answer, tuple) else (0, answer)
        await asyncio.sleep(seconds)
        return code, b"", b""

    async def remove(self):
        pass

    def _end_in(self, seconds, code):
        def end():
            if not self._code.done():
                self._node.tell(self._name, f"ends {code}")
                self._code.set_result(code)
        asyncio.get_running_loop().call_later(seconds, end)


def sidecar(name, **more):
    return {"name": name, "image": "image", "restartPolicy": "Always", **more}


def container(name, **more):
    return {"name": name, "image": "image", **more}


def command(*argv):
    return {"exec": {"command": list(argv)}}


def pod(node, apps, init=(), **spec):
    """A pod on that node, not living yet."""
    manifest = {"kind": "Pod", "metadata": {"name": "pod"}}
    manifest["spec"] = {"containers": list(apps), "initContainers": list(init), **spec}
    return Pod(admitted(manifest), node)


async def lived(a_pod, delete_at=None, grace=None):
    """Lets it live, to its end or to its deletion and its end."""
    life = asyncio.create_task(a_pod.live())
    if delete_at is not None:
        await asyncio.sleep(delete_at)
        a_pod.delete(grace)
    await life
    return a_pod
