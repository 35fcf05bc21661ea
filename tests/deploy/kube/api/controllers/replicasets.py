"""ReplicaSets ("ReplicaSet"): as many pods as wanted; of too many, those go first that are worth least."""

import copy

from ..kinds import BY_KIND
from ..subresources import ready
from ..verbs import Options
from . import common

_MANAGER = Options(manager="kube-controller-manager")


def reconcile(verbs, nodes):
    for entry in verbs.store.list(BY_KIND["ReplicaSet"]):
        pods = [pod for pod in common.children(verbs, "Pod", entry)
                if not common.ending(pod) and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]
        if not common.ending(entry):
            _fit(verbs, entry, pods)
        _tell(verbs, entry, pods)


def _fit(verbs, entry, pods):
    wanted, meta = entry["spec"]["replicas"], entry["metadata"]
    for _ in range(wanted - len(pods)):
        template = copy.deepcopy(entry["spec"]["template"])
        pods.append(verbs.create(BY_KIND["Pod"], meta["namespace"], {
            "metadata": {**(template.get("metadata") or {}), "generateName": f"{meta['name']}-",
                         "ownerReferences": common.owned_by(entry)},
            "spec": template["spec"]}, _MANAGER))
    for pod in sorted(pods, key=_worth)[:max(0, len(pods) - wanted)]:
        pods.remove(pod)
        verbs.delete(BY_KIND["Pod"], meta["namespace"], pod["metadata"]["name"])


def _worth(pod):
    """Without a node, not running, not ready, younger: in that order."""
    phase = (pod.get("status") or {}).get("phase")
    return (bool(pod["spec"].get("nodeName")), phase == "Running", ready(pod), -int(pod["metadata"]["resourceVersion"]))


def _tell(verbs, entry, pods):
    good = sum(map(ready, pods))
    status = {"replicas": len(pods), "fullyLabeledReplicas": len(pods), "readyReplicas": good, "availableReplicas": good}
    status = {key: value for key, value in status.items() if value or key == "replicas"}
    status["observedGeneration"] = entry["metadata"]["generation"]
    common.put_status(verbs, "ReplicaSet", entry, status)
