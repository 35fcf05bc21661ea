"""Gives each pod a node ("Kubernetes Scheduler"): of those that take pods, the one with fewest of the same owner."""

from ..kinds import BY_KIND


def reconcile(verbs, nodes):
    pods = verbs.store.list(BY_KIND["Pod"])
    for pod in pods:
        if pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
            continue
        open_nodes = [node["metadata"]["name"] for node in verbs.store.list(BY_KIND["Node"])
                      if not (node.get("spec") or {}).get("unschedulable")]
        if not open_nodes:
            continue
        alike = [other["spec"].get("nodeName") for other in pods if _owner(other) == _owner(pod)]
        with verbs.store.changed:
            live = verbs.store.get(BY_KIND["Pod"], pod["metadata"]["namespace"], pod["metadata"]["name"])
            if live and not live["spec"].get("nodeName"):
                live["spec"]["nodeName"] = pod["spec"]["nodeName"] = min(open_nodes, key=alike.count)
                verbs.store.put(BY_KIND["Pod"], live)


def _owner(pod):
    return [reference["uid"] for reference in pod["metadata"].get("ownerReferences") or []]
