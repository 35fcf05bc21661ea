"""EndpointSlices ("EndpointSlices"): the addresses of the pods that a Service selects, and whether each is ready."""

from ..kinds import BY_KIND
from ..subresources import ready
from . import common


def reconcile(verbs, nodes):
    for service in verbs.store.list(BY_KIND["Service"]):
        selector, meta = service["spec"].get("selector"), service["metadata"]
        if not selector:
            continue
        pods = [pod for pod in verbs.store.list(BY_KIND["Pod"], meta["namespace"])
                if all((pod["metadata"].get("labels") or {}).get(key) == value for key, value in selector.items())
                and (pod.get("status") or {}).get("podIP")
                and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]
        _put(verbs, service, pods)
    nodes.balance(verbs.store)


def _put(verbs, service, pods):
    meta = service["metadata"]
    name = f"{meta['name']}-{common.hash_of(meta['uid'])[:5]}"
    wanted = {
        "addressType": "IPv4",
        "endpoints": [_endpoint(pod) for pod in pods],
        "ports": [{"name": port.get("name", ""), "protocol": port["protocol"], "port": number}
                  for port in service["spec"].get("ports") or []
                  if (number := target_port(port, pods[0] if pods else None))],
    }
    before = verbs.store.get(BY_KIND["EndpointSlice"], meta["namespace"], name)
    if before and all(before.get(key) == value for key, value in wanted.items()):
        return
    verbs.store.put(BY_KIND["EndpointSlice"], {
        **(before or {}), "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **wanted,
        "metadata": before["metadata"] if before else {
            "name": name, "namespace": meta["namespace"], "generation": 1,
            "labels": {"kubernetes.io/service-name": meta["name"]}, "ownerReferences": common.owned_by(service)}})


def _endpoint(pod):
    gone = common.ending(pod)
    return {"addresses": [pod["status"]["podIP"]], "nodeName": pod["spec"]["nodeName"],
            "conditions": {"ready": ready(pod) and not gone, "serving": ready(pod), "terminating": gone},
            "targetRef": {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"],
                          "uid": pod["metadata"]["uid"]}}


def target_port(port, pod):
    """A number, or the port of that name in one of the pod's containers, sidecars among them."""
    wanted = port.get("targetPort", port["port"])
    if isinstance(wanted, int) or pod is None:
        return wanted if isinstance(wanted, int) else None
    for group in ("initContainers", "containers"):
        for container in pod["spec"].get(group) or []:
            for entry in container.get("ports") or []:
                if entry.get("name") == wanted:
                    return entry["containerPort"]
    return None
