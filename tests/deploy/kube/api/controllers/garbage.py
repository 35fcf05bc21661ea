"""Garbage collection and the end of namespaces ("Garbage Collection", "Namespaces").

What is owned by something that is gone, goes. An owner that is deleted in the foreground goes after what it owns. A
namespace that is being deleted is emptied, and then goes.
"""

from ..kinds import BY_KIND
from ..verbs import Options
from . import common


def reconcile(verbs, nodes):
    everything = [(kind, obj) for kind in BY_KIND.values() for obj in verbs.store.list(kind)]
    there = {obj["metadata"]["uid"]: obj for _, obj in everything}
    for kind, obj in everything:
        owners = [reference["uid"] for reference in obj["metadata"].get("ownerReferences") or []]
        if owners and not common.ending(obj) and all(_is_going(there.get(uid)) for uid in owners):
            _delete(verbs, kind, obj)
    for kind, obj in everything:
        if "foregroundDeletion" in (obj["metadata"].get("finalizers") or []):
            uid = obj["metadata"]["uid"]
            if not any(reference["uid"] == uid for _, other in everything
                       for reference in other["metadata"].get("ownerReferences") or []):
                verbs.store.remove(kind, obj["metadata"].get("namespace"), obj["metadata"]["name"])
        if kind.kind == "Namespace" and common.ending(obj):
            _empty(verbs, obj, everything)


def _is_going(owner):
    return owner is None or (common.ending(owner) and "foregroundDeletion" in (owner["metadata"].get("finalizers") or []))


def _delete(verbs, kind, obj):
    verbs.delete(kind, obj["metadata"].get("namespace"), obj["metadata"]["name"], Options(propagation="Background"))


def _empty(verbs, space, everything):
    name = space["metadata"]["name"]
    left = [(kind, obj) for kind, obj in everything if kind.namespaced and obj["metadata"].get("namespace") == name]
    for kind, obj in left:
        if not common.ending(obj) and verbs.store.get(kind, name, obj["metadata"]["name"]):
            _delete(verbs, kind, obj)
    if not left:
        verbs.store.remove(BY_KIND["Namespace"], "", name)
