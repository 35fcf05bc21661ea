"""Deployments ("Deployments": rolling update, revisions, progress).

One ReplicaSet has the present template; the others are scaled down as its pods become available, with at most
`maxSurge` pods too many and at most `maxUnavailable` too few. The revision is counted in an annotation of both.
"""

import copy
from datetime import datetime, timezone

from ..kinds import BY_KIND
from ..verbs import Options
from . import common

HASH, REVISION = "pod-template-hash", "deployment.kubernetes.io/revision"
_MANAGER = Options(manager="kube-controller-manager")


def reconcile(verbs, nodes):
    for deployment in verbs.store.list(BY_KIND["Deployment"]):
        if not common.ending(deployment):
            _roll(verbs, deployment)


def _roll(verbs, deployment):
    sets = common.children(verbs, "ReplicaSet", deployment)
    new = next((entry for entry in sets if _template(entry) == _template(deployment)), None)
    old = [entry for entry in sets if entry is not new]
    if not deployment["spec"].get("paused"):
        if new is None:
            new = _create(verbs, deployment, old)
        else:
            _number(verbs, new, old)
        _annotate(verbs, deployment, new)
        _scale(verbs, deployment, new, old)
        _clean(verbs, deployment, old)
    _tell(verbs, deployment)


def _template(owner):
    template = copy.deepcopy(owner["spec"]["template"])
    (template.get("metadata") or {}).get("labels", {}).pop(HASH, None)
    return template


def _revision(entry):
    return int((entry["metadata"].get("annotations") or {}).get(REVISION, 0))


def _create(verbs, deployment, old):
    template = copy.deepcopy(deployment["spec"]["template"])
    name = common.hash_of(template)
    template["metadata"]["labels"][HASH] = name
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector.setdefault("matchLabels", {})[HASH] = name
    meta = deployment["metadata"]
    annotations = {key: value for key, value in (meta.get("annotations") or {}).items()
                   if key != "kubectl.kubernetes.io/last-applied-configuration"}
    annotations[REVISION] = str(max(map(_revision, old), default=0) + 1)
    return verbs.create(BY_KIND["ReplicaSet"], meta["namespace"], {
        "metadata": {"name": f"{meta['name']}-{name}", "labels": template["metadata"]["labels"],
                     "annotations": annotations, "ownerReferences": common.owned_by(deployment)},
        "spec": {"replicas": 0 if old else deployment["spec"]["replicas"], "selector": selector, "template": template},
    }, _MANAGER)


def _number(verbs, new, old):
    """A template that comes back, by an undo, is the newest revision again."""
    highest = max(map(_revision, old), default=0)
    if _revision(new) <= highest:
        new["metadata"].setdefault("annotations", {})[REVISION] = str(highest + 1)
        verbs.store.put(BY_KIND["ReplicaSet"], new)


def _annotate(verbs, deployment, new):
    with verbs.store.changed:
        live = verbs.store.get(BY_KIND["Deployment"], deployment["metadata"]["namespace"], deployment["metadata"]["name"])
        if live and (live["metadata"].get("annotations") or {}).get(REVISION) != str(_revision(new)):
            live["metadata"].setdefault("annotations", {})[REVISION] = str(_revision(new))
            verbs.store.put(BY_KIND["Deployment"], live)


def _scale(verbs, deployment, new, old):
    wanted, strategy = deployment["spec"]["replicas"], deployment["spec"]["strategy"]
    if strategy["type"] == "Recreate":
        for entry in old:
            _set(verbs, entry, 0)
        if not any((entry.get("status") or {}).get("replicas") for entry in old):
            _set(verbs, new, wanted)
        return
    rolling = strategy["rollingUpdate"]
    surge = common.share(rolling["maxSurge"], wanted, True)
    lacking = common.share(rolling["maxUnavailable"], wanted, False)
    if surge == lacking == 0:
        lacking = 1
    total = sum(entry["spec"]["replicas"] for entry in [new, *old])
    have = new["spec"]["replicas"]
    if have > wanted or not any(entry["spec"]["replicas"] for entry in old):
        _set(verbs, new, wanted)
    elif have < wanted and total < wanted + surge:
        _set(verbs, new, min(wanted, have + wanted + surge - total))
        return
    _scale_down(verbs, new, old, wanted - lacking)


def _scale_down(verbs, new, old, least):
    """Pods that are not available go first: they are no loss. Then as many as those left over allow."""
    available = sum((entry.get("status") or {}).get("availableReplicas", 0) for entry in [new, *old])
    new_lacks = new["spec"]["replicas"] - (new.get("status") or {}).get("availableReplicas", 0)
    room = sum(entry["spec"]["replicas"] for entry in [new, *old]) - least - new_lacks
    for entry in sorted(old, key=_revision):
        bad = entry["spec"]["replicas"] - (entry.get("status") or {}).get("availableReplicas", 0)
        gone = max(0, min(bad, room))
        good = max(0, min(entry["spec"]["replicas"] - gone, available - least, room - gone))
        if gone + good:
            _set(verbs, entry, entry["spec"]["replicas"] - gone - good)
            available, room = available - good, room - gone - good


def _set(verbs, entry, replicas):
    with verbs.store.changed:
        live = verbs.store.get(BY_KIND["ReplicaSet"], entry["metadata"]["namespace"], entry["metadata"]["name"])
        if live and live["spec"]["replicas"] != replicas:
            live["spec"]["replicas"] = entry["spec"]["replicas"] = replicas
            live["metadata"]["generation"] += 1
            verbs.store.put(BY_KIND["ReplicaSet"], live)


def _clean(verbs, deployment, old):
    idle = sorted((entry for entry in old if not entry["spec"]["replicas"]
                   and not (entry.get("status") or {}).get("replicas")), key=_revision)
    for entry in idle[:max(0, len(idle) - deployment["spec"]["revisionHistoryLimit"])]:
        verbs.delete(BY_KIND["ReplicaSet"], entry["metadata"]["namespace"], entry["metadata"]["name"])


def _tell(verbs, deployment):
    sets = common.children(verbs, "ReplicaSet", deployment)
    new = next((entry for entry in sets if _template(entry) == _template(deployment)), None)
    wanted = deployment["spec"]["replicas"]
    count = {name: sum((entry.get("status") or {}).get(name, 0) for entry in sets)
             for name in ("replicas", "readyReplicas", "availableReplicas")}
    updated = (new.get("status") or {}).get("replicas", 0) if new else 0
    before = deployment.get("status") or {}
    status = {"observedGeneration": deployment["metadata"]["generation"], "updatedReplicas": updated,
              "unavailableReplicas": max(0, wanted - count["availableReplicas"]), **count,
              "conditions": copy.deepcopy(before.get("conditions") or [])}
    status = {key: value for key, value in status.items() if value or key == "observedGeneration"}
    rolling = deployment["spec"]["strategy"].get("rollingUpdate") or {"maxUnavailable": 0}
    least = wanted - common.share(rolling["maxUnavailable"], wanted, False)
    enough = count["availableReplicas"] >= least
    common.set_condition(status, "Available", enough, f"MinimumReplicas{'Available' if enough else 'Unavailable'}",
                         f"Deployment {'has' if enough else 'does not have'} minimum availability.")
    name = new["metadata"]["name"] if new else ""
    if updated == count["replicas"] == count["availableReplicas"] == wanted:
        common.set_condition(status, "Progressing", True, "NewReplicaSetAvailable",
                             f'ReplicaSet "{name}" has successfully progressed.')
    elif _late(deployment, status, before):
        common.set_condition(status, "Progressing", False, "ProgressDeadlineExceeded",
                             f'ReplicaSet "{name}" has timed out progressing.')
    elif _moved(status, before):
        status["conditions"] = [entry for entry in status["conditions"] if entry["type"] != "Progressing"]
        common.set_condition(status, "Progressing", True, "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
    common.put_status(verbs, "Deployment", deployment, status)


def _moved(status, before):
    names = ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return any(status.get(name) != before.get(name) for name in names)


def _late(deployment, status, before):
    progress = next((entry for entry in before.get("conditions") or [] if entry["type"] == "Progressing"), None)
    if progress is None or _moved(status, before) or progress["reason"] == "NewReplicaSetAvailable":
        return False
    since = datetime.strptime(progress["lastUpdateTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return (datetime.now(timezone.utc) - since).total_seconds() > deployment["spec"]["progressDeadlineSeconds"]
