"""A Service's address, and what kube-proxy makes of it: each new connection goes to one of the endpoints it knows of.

What it knows is late: a pod that has become ready, has begun to end or is gone counts from `delay` seconds later on, as
on a cluster, where the news goes by way of the API server. Connections that are open stay with their pod.
"""

import itertools
import queue
import threading
import time

from .commands import run

_numbers = itertools.count(1)


def chosen(conditions):
    """The endpoints that get connections: those that are ready and not ending; if there are none, those that are ending
    and still ready. `conditions` is address → (is_ready, is_ending)."""
    for wanted in ((True, False), (True, True)):
        found = sorted(address for address, condition in conditions.items() if condition == wanted)
        if found:
            return found
    return []


class ServiceBalancer:
    """Spreads connections to `address` by `ports` (Service's port → container's port) over the node's pods for which
    `selects(manifest)` is true. Give a v1 Service to `of_service` instead."""

    def __init__(self, node, address: str, ports: dict, selects, delay: float = 0.0):
        self.node, self.address, self.ports, self.delay = node, address, ports, delay
        self._selects = selects
        self._table = f"service-{next(_numbers)}"
        self._used = None
        self._news = queue.SimpleQueue()
        self._set_up()
        # What changes from here on is heard of; what has changed before is seen below.
        self._seen = None
        node.watch(self._pod_changed)
        self._seen = self._conditions()
        self._use(self._seen)
        # One thread, so that what is heard first is used first.
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @classmethod
    def of_service(cls, node, service: dict, delay: float = 0.0):
        """From a v1 Service with clusterIP and a selector; target ports must be numbers or names of the pods' ports."""
        spec, namespace = service["spec"], service["metadata"].get("namespace", "default")
        wanted = spec["selector"].items()

        def selects(manifest):
            labels = (manifest["metadata"].get("labels") or {}).items()
            return manifest["metadata"]["namespace"] == namespace and wanted <= labels

        ports = {port["port"]: port.get("targetPort", port["port"]) for port in spec["ports"]}
        return cls(node, spec["clusterIP"], ports, selects, delay)

    @property
    def endpoints(self) -> list:
        """The addresses that get connections now."""
        return list(self._used or [])

    def close(self) -> None:
        self._news.put(None)
        self._thread.join()
        if not self.node.is_closed:
            run("ip", "netns", "exec", self.node.network.name, "nft", "delete", "table", "ip", self._table)

    def _conditions(self):
        found = {}
        for pod in self.node.pods():
            if pod.address and not pod.is_over and self._selects(pod.manifest):
                found[pod.address] = (pod.is_ready, pod.is_deleted)
        return found

    def _pod_changed(self, pod):
        if not self._selects(pod.manifest):
            return
        conditions = self._conditions()
        if conditions != self._seen:
            self._seen = conditions
            self._news.put((time.monotonic() + self.delay, conditions))

    def _listen(self):
        while (news := self._news.get()) is not None:
            due, conditions = news
            time.sleep(max(0, due - time.monotonic()))
            if not self.node.is_closed:
                self._use(conditions)

    def _use(self, conditions):
        addresses = chosen(conditions)
        if addresses == self._used:
            return
        lines = []
        for port, target in self.ports.items():
            chain = f"ip {self._table} port-{port}"
            lines.append(f"flush chain {chain}")
            if addresses:
                number = self._number(target)
                places = ", ".join(f"{at} : {address} . {number}" for at, address in enumerate(addresses))
                way = f"dnat ip to numgen random mod {len(addresses)} map {{ {places} }}"
                lines.append(f"add rule {chain} meta l4proto tcp {way}")
        self._nft(lines)
        self._used = addresses

    def _number(self, target):
        """A named target port is that of the first pod that has it, as all pods of a Service here are alike."""
        if isinstance(target, int):
            return target
        for pod in self.node.pods():
            for container in pod.manifest["spec"]["containers"] if self._selects(pod.manifest) else []:
                for port in container.get("ports") or []:
                    if port.get("name") == target:
                        return port["containerPort"]
        raise ValueError(f"no pod of this Service has a port {target}")

    def _set_up(self):
        """Chains that stay, so that open connections keep their way, and a chain for each port, which changes."""
        table = f"ip {self._table}"
        lines = [f"add table {table}"]
        for port in self.ports:
            lines.append(f"add chain ip {self._table} port-{port}")
        for hook in ("prerouting", "output"):
            lines.append(f"add chain ip {self._table} {hook} {{ type nat hook {hook} priority -100 ; }}")
            for port in self.ports:
                lines.append(f"add rule {table} {hook} ip daddr {self.address} tcp dport {port} jump port-{port}")
        # Whatever still goes to the Service's own address found no endpoint.
        for hook in ("forward", "output"):
            lines.append(f"add chain ip {self._table} refuse-{hook} {{ type filter hook {hook} priority 0 ; }}")
            refused = f"ip daddr {self.address} reject with icmp port-unreachable"
            lines.append(f"add rule {table} refuse-{hook} {refused}")
        self._nft(lines)

    def _nft(self, lines):
        run("ip", "netns", "exec", self.node.network.name, "nft", "-f", "-", stdin="\n".join(lines) + "\n")
