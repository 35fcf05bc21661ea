"""A pod that a node runs, for threads that are not the node's own."""

import asyncio
import time
from dataclasses import dataclass

from .manifest import Missing


PACE_SECONDS = 0.05


@dataclass
class Executed:
    """What a command in a container did."""

    code: int
    out: str
    err: str


class TimedOut(Exception):
    """Something did not come true in time."""


class PodRun:
    """All methods may be called from any thread; they return when what they say is done. Only those that do not wait,
    `status` and `delete` among them, may be called from a watcher of the node's."""

    def __init__(self, pod, node):
        self._pod, self._node = pod, node

    @property
    def manifest(self) -> dict:
        """The pod as it was admitted, with name, namespace and uid."""
        return self._pod.manifest

    @property
    def name(self) -> str:
        return self.manifest["metadata"]["name"]

    @property
    def address(self) -> str | None:
        """The pod's address, once it has one."""
        return self._pod.network.address if self._pod.network else None

    @property
    def is_ready(self) -> bool:
        """The condition Ready. It may be true while the pod is being deleted."""
        return self._pod.is_ready

    @property
    def is_deleted(self) -> bool:
        """Whether its deletion has begun (`deletionTimestamp`)."""
        return self._pod.is_deleted

    @property
    def is_over(self) -> bool:
        """Whether none of its containers runs any more, nor will again."""
        return self._pod.over.is_set()

    @property
    def events(self) -> list:
        """What happened, in order: (monotonic seconds, container, "running" | "ready" | "asked to end" | "killed" |
        "ended with CODE" | …)."""
        return list(self._pod.events)

    def status(self) -> dict:
        """v1 PodStatus."""
        return self._node.call(self._pod.status)

    def delete(self, grace: int | None = None) -> None:
        """Begins the deletion and returns; `grace` is the manifest's unless given. `wait_over` waits for the end."""
        self._node.call(lambda: self._pod.delete(grace))

    def wait_over(self, timeout: float = 120) -> dict:
        """Waits for the end of all containers; returns the last status."""
        self.wait_for("it is over", lambda run: run.is_over, timeout)
        return self.status()

    def wait_ready(self, timeout: float = 120) -> "PodRun":
        return self.wait_for("it is ready", lambda run: run.is_ready, timeout)

    def wait_for(self, what: str, is_true, timeout: float = 120) -> "PodRun":
        """Waits until `is_true(self)`; TimedOut, with the status and the logs' ends, if it never is."""
        end = time.monotonic() + timeout
        while not is_true(self):
            if self._node.is_closed:
                raise TimedOut(f"{self.name}: the node is closed")
            if time.monotonic() > end:
                raise TimedOut(f"{self.name}: within {timeout} s it was never so that {what}\n{self.describe()}")
            time.sleep(PACE_SECONDS)
        return self

    def exec(self, container: str, argv: list, stdin: bytes = b"", timeout: float = 120) -> Executed:
        """Runs a command in a running container. TimedOut if it takes longer; Missing if the container does not run."""
        running = self._running(container)
        code, out, err = self._on_loop(_within(timeout, running.execute(argv, stdin)))
        return Executed(code, out.decode(errors="replace"), err.decode(errors="replace"))

    def exec_command(self, container: str, argv: list, tty: bool = False) -> list:
        """The command line for whoever wants to start it with streams of its own; with `tty` standard input must be a
        terminal (`pty.openpty`)."""
        return self._running(container).exec_command(argv, tty)

    def signal(self, container: str, number: int) -> None:
        """A signal to a container's first process, as from a crash or an operator; nothing else is told."""
        self._running(container).signal(number)

    def pid(self, container: str) -> int:
        """The machine's number of a running container's first process."""
        return self._running(container).pid

    def logs(self, container: str, previous: bool = False) -> str:
        """What its present run has written, or the one before."""
        path = self.log_path(container, previous)
        return path.read_text(errors="replace") if path.is_file() else ""

    def log_path(self, container: str, previous: bool = False):
        """The file of it, which grows."""
        found = self._container(container)
        return self._pod.log_path(container, found.restarts - (1 if previous else 0))

    def connect(self, port: int, timeout: float = 10):
        """A connected socket to a port on the pod's loopback, as `kubectl port-forward` makes."""
        return self._pod.network.connect("127.0.0.1", port, timeout)

    def describe(self) -> str:
        """Status, events and the ends of all logs, for a person who looks for a fault."""
        lines = [f"phase {self._pod.phase} {self._pod.message}"]
        lines += [f"{each.name}: {each.state} restarts {each.restarts}" for each in self._pod.all]
        lines += [f"{at:.3f} {name}: {what}" for at, name, what in self.events]
        for each in self._pod.all:
            lines.append(f"--- {each.name}\n" + "\n".join(self.logs(each.name).splitlines()[-12:]))
        return "\n".join(lines)

    def _container(self, name):
        for each in self._pod.all:
            if each.name == name:
                return each
        raise Missing(f"{self.name} has no container {name}")

    def _running(self, name):
        running = self._container(name).running
        if running is None:
            raise Missing(f"the container {name} of {self.name} does not run")
        return running

    def _on_loop(self, work):
        try:
            return self._node.submit(work)
        except TimeoutError:
            raise TimedOut(f"{self.name}: a command took too long") from None


async def _within(seconds, work):
    async with asyncio.timeout(seconds):
        return await work
