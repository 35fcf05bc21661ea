"""Subresources that are objects: scale, eviction, ephemeral containers (API reference: Scale, Eviction, "Ephemeral
Containers"; "Disruptions" for what an eviction asks a PodDisruptionBudget)."""

import copy

from . import merge, schema
from .errors import Refusal, bad_request, invalid
from .kinds import BY_KIND
from .selectors import selects
from .verbs import Options, without_nulls


def scale_of(obj):
    selector = obj["spec"].get("selector") or {}
    return {
        "apiVersion": "autoscaling/v1", "kind": "Scale",
        "metadata": {key: obj["metadata"][key]
                     for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")},
        "spec": {"replicas": obj["spec"].get("replicas", 0)},
        "status": {"replicas": (obj.get("status") or {}).get("replicas", 0), "selector": ",".join(
            f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items()))},
    }


def set_scale(verbs, kind, namespace, name, wanted, options):
    """`wanted` is a function of the Scale as it is, to the one as it should be."""
    with verbs.store.changed:
        obj = verbs.get(kind, namespace, name)
        scale = wanted(scale_of(obj))
        replicas = scale["spec"].get("replicas", 0)
        if not isinstance(replicas, int) or replicas < 0:
            raise invalid(kind, name, [("spec.replicas", f"Invalid value: {replicas}: must be 0 or more")])
        obj["spec"]["replicas"] = replicas
        obj["metadata"]["resourceVersion"] = scale["metadata"].get("resourceVersion", "")
        return scale_of(verbs.replace(kind, namespace, name, obj, options))


def evict(verbs, namespace, name, eviction):
    """A pod goes if the budgets that select it allow one more disruption; else 429, and the client comes again."""
    pods, budgets = BY_KIND["Pod"], BY_KIND["PodDisruptionBudget"]
    given = eviction.get("deleteOptions") or {}
    with verbs.store.changed:
        pod = verbs.get(pods, namespace, name)
        mine = [budget for budget in verbs.store.list(budgets, namespace)
                if selects(budget["spec"].get("selector"), pod["metadata"].get("labels"))]
        if len(mine) > 1:
            raise Refusal(500, "InternalError", "this pod has more than one PodDisruptionBudget, which the eviction "
                                                "subresource does not support")
        always = bool(mine) and mine[0]["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow" and not ready(pod)
        if mine and not always and not pod["metadata"].get("deletionTimestamp"):
            status = mine[0].get("status") or {}
            if status.get("disruptionsAllowed", 0) < 1:
                raise Refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
                              {"causes": [{"reason": "DisruptionBudget", "message":
                                           f'The disruption budget {mine[0]["metadata"]["name"]} needs '
                                           f'{status.get("desiredHealthy", 0)} healthy pods and has '
                                           f'{status.get("currentHealthy", 0)} currently'}]})
            mine[0]["status"] = {**status, "disruptionsAllowed": status["disruptionsAllowed"] - 1}
            verbs.store.put(budgets, mine[0])
        verbs.delete(pods, namespace, name, Options(grace=given.get("gracePeriodSeconds")))
    return {"apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success", "code": 201}


def ready(pod):
    return any(condition["type"] == "Ready" and condition["status"] == "True"
               for condition in (pod.get("status") or {}).get("conditions") or [])


def add_ephemeral(verbs, namespace, name, content_type, body):
    """Ephemeral containers are only ever added; everything else of the pod stays."""
    pods = BY_KIND["Pod"]
    with verbs.store.changed:
        before = verbs.get(pods, namespace, name)
        if content_type == "application/strategic-merge-patch+json":
            whole = merge.strategic(copy.deepcopy(before), body, schema.root("", "v1", "Pod"))
        elif content_type == "application/merge-patch+json":
            whole = merge.json_merge(copy.deepcopy(before), body)
        else:
            whole = body
        old, new = (pod["spec"].get("ephemeralContainers") or [] for pod in (before, whole))
        if new[:len(old)] != old:
            raise invalid(pods, name, [("spec.ephemeralContainers", "Forbidden: existing ones may not be changed")])
        names = [entry["name"] for group in ("initContainers", "containers") for entry in before["spec"].get(group) or []]
        target = next((entry.get("targetContainerName") for entry in new[len(old):]), None)
        if target and target not in names:
            raise invalid(pods, name, [("spec.ephemeralContainers", f"Not found: {target!r}")])
        if not new:
            raise bad_request("there is no ephemeral container")
        obj = copy.deepcopy(before)
        obj["spec"]["ephemeralContainers"] = without_nulls(new)
        return verbs.replace(pods, namespace, name, obj)
