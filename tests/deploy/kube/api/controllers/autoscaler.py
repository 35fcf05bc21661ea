"""HorizontalPodAutoscalers, without metrics ("Horizontal Pod Autoscaling"): the count is kept between the minimum and
the maximum, as the real one does at once; of the load it knows nothing, and its condition says so."""

from ..errors import Refusal
from ..kinds import BY_KIND
from ..subresources import set_scale
from ..verbs import Options
from . import common

_MANAGER = Options(manager="kube-controller-manager")


def reconcile(verbs, nodes):
    for autoscaler in verbs.store.list(BY_KIND["HorizontalPodAutoscaler"]):
        spec, meta = autoscaler["spec"], autoscaler["metadata"]
        target = BY_KIND.get(spec["scaleTargetRef"]["kind"])
        obj = target and verbs.store.get(target, meta["namespace"], spec["scaleTargetRef"]["name"])
        status = {"observedGeneration": meta["generation"], "desiredReplicas": 0}
        if not obj:
            common.set_condition(status, "AbleToScale", False, "FailedGetScale", "the target is not there")
        else:
            have = obj["spec"]["replicas"]
            wanted = min(max(have, spec["minReplicas"]), spec["maxReplicas"]) if have else 0
            status.update(currentReplicas=(obj.get("status") or {}).get("replicas", 0), desiredReplicas=wanted)
            if wanted != have:
                _set(verbs, target, obj, wanted)
            common.set_condition(status, "ScalingActive", False, "FailedGetResourceMetric", "there are no metrics here")
        for condition in status["conditions"]:
            condition.pop("lastUpdateTime")
            before = (autoscaler.get("status") or {}).get("conditions") or [condition]
            condition["lastTransitionTime"] = before[0]["lastTransitionTime"]
        common.put_status(verbs, "HorizontalPodAutoscaler", autoscaler, status)


def _set(verbs, kind, obj, replicas):
    def wanted(scale):
        return {**scale, "spec": {"replicas": replicas}}
    try:
        set_scale(verbs, kind, obj["metadata"]["namespace"], obj["metadata"]["name"], wanted, _MANAGER)
    except Refusal:
        pass
