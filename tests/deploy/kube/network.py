"""The node's network: a namespace for the node, one for each pod, and a wire from each pod to the node.

Each pod has an address of its own and reaches all others through the node, which routes. Nothing of it is on the
machine's network, and nothing leaves it.
"""

import ctypes
import itertools
import os
import socket
import threading
from pathlib import Path

from .commands import Failed, arun, run

GATEWAY = "169.254.1.1"
SERVICES = "10.96.0.0/16"
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace, by the name that `ip netns` knows."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        self.path = Path("/run/netns") / name

    def socket(self, kind=socket.SOCK_STREAM):
        """A new socket in it. It is made by a thread that enters the namespace and ends there."""
        made = []

        def make():
            with open(self.path) as namespace:
                if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    made.append(OSError(ctypes.get_errno(), f"cannot enter {self.path}"))
                    return
            made.append(socket.socket(socket.AF_INET, kind))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        return made[0]

    def connect(self, address, port, timeout=10):
        """A connection made from in here."""
        connection = self.socket()
        connection.settimeout(timeout)
        try:
            connection.connect((address, port))
        except OSError:
            connection.close()
            raise
        return connection


class Network:
    """Pods' addresses are 10.244.0.2 and on; the node's own is 10.244.0.1; Services' are in 10.96.0.0/16."""

    def __init__(self, name):
        self.name = name
        self.node = Namespace(name, "10.244.0.1")
        self._numbers = itertools.count(2)
        run("ip", "netns", "add", name)
        lines = ["link set lo up", f"addr add {self.node.address}/32 dev lo"]
        lines.append(f"route add {SERVICES} dev lo src {self.node.address}")
        run("ip", "-n", name, "-batch", "-", stdin="\n".join(lines))
        # This folder shows the namespace of whoever opens it.
        run("ip", "netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")

    async def attach(self):
        """A namespace for a new pod, with an address, wired to the node."""
        number = next(self._numbers)
        pod = Namespace(f"{self.name}-{number}", f"10.244.{number // 256}.{number % 256}")
        await arun("ip", "netns", "add", pod.name)
        await arun("ip", "-n", self.name, "-batch", "-", stdin="\n".join([
            f"link add v{number} type veth peer name eth0 netns {pod.name}",
            f"addr add {GATEWAY}/32 dev v{number}",
            f"link set v{number} up",
            f"route add {pod.address}/32 dev v{number} src {self.node.address}",
        ]))
        await arun("ip", "-n", pod.name, "-batch", "-", stdin="\n".join([
            "link set lo up",
            f"addr add {pod.address}/32 dev eth0",
            "link set eth0 up",
            f"route add {GATEWAY} dev eth0 scope link",
            f"route add default via {GATEWAY} dev eth0 src {pod.address}",
        ]))
        return pod

    async def detach(self, pod):
        await arun("ip", "netns", "del", pod.name)

    def remove(self):
        """All of it, pods' namespaces that are left included."""
        remove_namespaces(self.name)


def remove_namespaces(prefix):
    folder = Path("/run/netns")
    for name in sorted(os.listdir(folder) if folder.is_dir() else []):
        if name == prefix or name.startswith(prefix + "-"):
            try:
                run("ip", "netns", "del", name)
            except Failed:
                pass
