"""What several controllers need: children of an owner, templates' hashes, percentages, conditions."""

import hashlib
import json

from ..kinds import BY_KIND
from ..store import now

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def children(verbs, kind, owner):
    """The objects of a kind whose controller is this one."""
    uid = owner["metadata"]["uid"]
    return [obj for obj in verbs.store.list(BY_KIND[kind], owner["metadata"]["namespace"])
            if any(reference["uid"] == uid for reference in obj["metadata"].get("ownerReferences") or [])]


def owned_by(owner):
    return [{"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"],
             "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]


def hash_of(template):
    """Ten letters that depend on all of a pod template, in the alphabet of Kubernetes' own names."""
    number = int.from_bytes(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()[:8], "big")
    letters = ""
    for _ in range(10):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return letters


def share(value, whole, up):
    """A number, or a percentage of the whole that is rounded up or down ("maxSurge", "maxUnavailable")."""
    if isinstance(value, int):
        return value
    percent = int(value.rstrip("%"))
    return -(-percent * whole // 100) if up else percent * whole // 100


def set_condition(status, kind, is_true, reason, message):
    """Puts a condition; its time of change stays while its value does."""
    conditions = status.setdefault("conditions", [])
    value = "True" if is_true else "False"
    before = next((entry for entry in conditions if entry["type"] == kind), None)
    since = before["lastTransitionTime"] if before and before["status"] == value else now()
    updated = before["lastUpdateTime"] if before and before["reason"] == reason else now()
    entry = {"type": kind, "status": value, "reason": reason, "message": message,
             "lastTransitionTime": since, "lastUpdateTime": updated}
    status["conditions"] = [entry if other is before else other for other in conditions] if before \
        else [*conditions, entry]


def put_status(verbs, kind, obj, status):
    """Writes a status if it is another one. The object may be gone or changed by now: then the next turn does it."""
    with verbs.store.changed:
        live = verbs.store.get(BY_KIND[kind], obj["metadata"].get("namespace"), obj["metadata"]["name"])
        if live and live["metadata"]["uid"] == obj["metadata"]["uid"] and live.get("status") != status:
            live["status"] = status
            verbs.store.put(BY_KIND[kind], live)


def ending(obj):
    return bool(obj["metadata"].get("deletionTimestamp"))
