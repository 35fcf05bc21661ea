"""Services on the node ("Virtual IPs and Service Proxies", "DNS for Services and Pods"): each has its address balanced over
ready pods, and pods know its names."""

from kube import ServiceBalancer

from .kinds import BY_KIND

# How late kube-proxy hears of a changed endpoint; on a cluster some tenths of a second as well.
PROXY_DELAY_SECONDS = 0.2


class Balancing:
    def __init__(self, node):
        self.node, self._balancers = node, {}

    def balance(self, store):
        """Gives each Service with a selector its address, and pods its name; takes away those of Services that are gone."""
        services = store.list(BY_KIND["Service"])
        wanted = {(service["metadata"]["uid"], str(service["spec"])): service for service in services
                  if service["spec"].get("selector") and service["spec"]["clusterIP"] != "None"}
        for key in set(self._balancers) - set(wanted):
            self._balancers.pop(key).close()
        for key in set(wanted) - set(self._balancers):
            self._balancers[key] = self.node.submit(_balancer(self.node, wanted[key]))
        if services != self.node.services:
            self.node.services = services
            self.node.set_names(dict(_names(services)))

    def close(self):
        for balancer in self._balancers.values():
            balancer.close()


async def _balancer(node, service):
    """Made on the node's own thread, so that no pod changes between its first look and its watch."""
    return ServiceBalancer.of_service(node, service, PROXY_DELAY_SECONDS)


def _names(services):
    """What a cluster's DNS says of Services: the short forms too, since each pod here has one list of names."""
    for service in services:
        meta, address = service["metadata"], service["spec"]["clusterIP"]
        short = f"{meta['name']}.{meta['namespace']}"
        for name in (meta["name"], short, f"{short}.svc", f"{short}.svc.cluster.local"):
            yield name, address
