"""PodDisruptionBudgets ("Disruptions"): how many of the selected pods may go now."""

from ..kinds import BY_KIND
from ..selectors import selects
from ..subresources import ready
from . import common


def reconcile(verbs, nodes):
    for budget in verbs.store.list(BY_KIND["PodDisruptionBudget"]):
        spec, namespace = budget["spec"], budget["metadata"]["namespace"]
        pods = [pod for pod in verbs.store.list(BY_KIND["Pod"], namespace)
                if selects(spec.get("selector"), pod["metadata"].get("labels"))]
        healthy = sum(1 for pod in pods if ready(pod) and not common.ending(pod))
        expected = _expected(verbs, namespace, pods)
        if "minAvailable" in spec:
            least = common.share(spec["minAvailable"], expected, True)
        else:
            least = max(0, expected - common.share(spec.get("maxUnavailable", 1), expected, True))
        common.put_status(verbs, "PodDisruptionBudget", budget, {
            "observedGeneration": budget["metadata"]["generation"], "currentHealthy": healthy, "desiredHealthy": least,
            "expectedPods": expected, "disruptionsAllowed": max(0, healthy - least)})


def _expected(verbs, namespace, pods):
    """The scale of whoever owns them: pods that come and go during a rollout do not move the budget."""
    owners = {reference["name"] for pod in pods for reference in pod["metadata"].get("ownerReferences") or []}
    sets = [entry for entry in verbs.store.list(BY_KIND["ReplicaSet"], namespace) if entry["metadata"]["name"] in owners]
    names = {reference["name"] for entry in sets for reference in entry["metadata"].get("ownerReferences") or []}
    deployments = [entry for entry in verbs.store.list(BY_KIND["Deployment"], namespace)
                   if entry["metadata"]["name"] in names]
    return sum(entry["spec"]["replicas"] for entry in deployments or sets) or len(pods)
