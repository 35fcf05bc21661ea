"""What a request does to objects: create, replace, patch, delete ("Kubernetes API Concepts", "Server-Side Apply").

Every write goes one way: the new object is made, defaults are filled in, the schema and the rules look at it, and the
generation counts a change of what is wanted. The status is written only through its subresource, and nothing else is
through that one. A dry run goes the same way and stores nothing.
"""

import copy
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import yaml

from . import defaults, merge, owners, rules, schema
from .errors import Refusal, already_exists, bad_request, conflict, forbidden, invalid, not_found
from .kinds import BY_KIND
from .store import now

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


@dataclass
class Options:
    manager: str = "unknown"
    dry_run: bool = False
    force: bool = False
    validation: str = "Strict"
    grace: int = None
    propagation: str = None
    preconditions: dict = field(default_factory=dict)


class Verbs:
    def __init__(self, store, addresses):
        self.store, self.addresses = store, addresses

    def get(self, kind, namespace, name):
        found = self.store.get(kind, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def create(self, kind, namespace, obj, options=Options()):
        obj = without_nulls(obj)
        meta = obj.setdefault("metadata", {})
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + "".join(random.choices(_LETTERS, k=5))
        if not meta.get("name"):
            raise invalid(kind, "", [("metadata.name", "Required value: name or generateName is required")])
        with self.store.changed:
            if self.store.get(kind, namespace, meta["name"]):
                raise already_exists(kind, meta["name"])
            for server_side in ("resourceVersion", "uid", "creationTimestamp", "managedFields"):
                meta.pop(server_side, None)
            if kind.kind not in ("Namespace", "Node", "EndpointSlice", "Event"):
                obj.pop("status", None)
            return self._write(kind, namespace, meta["name"], None, obj, options)

    def replace(self, kind, namespace, name, obj, options=Options(), subresource=""):
        with self.store.changed:
            before = self.store.get(kind, namespace, name)
            if before is None:
                raise not_found(kind, name)
            obj = without_nulls(obj)
            rules.version_fits(kind, obj, before)
            return self._write(kind, namespace, name, before, obj, options, subresource)

    def patch(self, kind, namespace, name, content_type, body, options=Options(), subresource=""):
        with self.store.changed:
            before = self.store.get(kind, namespace, name)
            if content_type == "application/apply-patch+yaml":
                return self._apply(kind, namespace, name, before, yaml.safe_load(body), options, subresource)
            if before is None:
                raise not_found(kind, name)
            patch = json.loads(body)
            base = copy.deepcopy(before)
            if content_type == "application/strategic-merge-patch+json":
                obj = merge.strategic(base, patch, schema.root(kind.group, kind.version, kind.kind))
            elif content_type == "application/merge-patch+json":
                obj = merge.json_merge(base, patch)
            elif content_type == "application/json-patch+json":
                obj = merge.json_patch(base, patch)
            else:
                raise Refusal(415, "UnsupportedMediaType", f"no such kind of patch: {content_type}")
            obj = without_nulls(obj)
            rules.version_fits(kind, obj, before)
            return self._write(kind, namespace, name, before, obj, options, subresource)

    def _apply(self, kind, namespace, name, before, wanted, options, subresource):
        wanted = without_nulls(wanted)
        wanted.setdefault("metadata", {}).setdefault("name", name)
        if wanted["metadata"].get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        if kind.namespaced:
            wanted["metadata"].setdefault("namespace", namespace)
        if options.validation != "Ignore":
            schema.check(kind, wanted)
        # List keys that may be left out have their default before owners are compared.
        for port in _ports(wanted):
            port.setdefault("protocol", "TCP")
        whole = schema.root(kind.group, kind.version, kind.kind)
        obj = owners.apply(before, wanted, options.manager, options.force, whole, kind)
        if before is None:
            obj["metadata"] = {**wanted["metadata"], **obj["metadata"]}
        return self._write(kind, namespace, name, before, obj, options, subresource, applied=True)

    def _write(self, kind, namespace, name, before, obj, options, subresource="", applied=False):
        self._belongs(kind, namespace, name, obj)
        space = self._namespace(kind, namespace, before)
        if subresource == "status":
            obj = {**before, "status": obj.get("status", {})}
        elif before:
            if kind.kind != "Event":
                obj.pop("status", None)
            if "status" in before:
                obj["status"] = before["status"]
        if subresource != "status":
            defaults.fill(kind, obj, self.addresses)
        if options.validation != "Ignore":
            schema.check(kind, obj)
        if subresource != "status":
            rules.check(kind, obj, before)
            if space:
                rules.pod_security(kind, obj, space)
        self._count(obj, before)
        whole = schema.root(kind.group, kind.version, kind.kind)
        if not applied and subresource != "status":
            owners.note_update(before, obj, options.manager, whole, subresource)
        if options.dry_run:
            obj["metadata"].setdefault("uid", "00000000-0000-0000-0000-000000000000")
            obj["metadata"].setdefault("creationTimestamp", now())
            return obj
        if before and obj["metadata"].get("deletionTimestamp") and not obj["metadata"].get("finalizers") \
                and kind.kind not in ("Pod", "Namespace"):
            return self.store.remove(kind, namespace, name)
        return self.store.put(kind, obj)

    @staticmethod
    def _belongs(kind, namespace, name, obj):
        if obj.setdefault("apiVersion", kind.group_version) != kind.group_version or \
                obj.setdefault("kind", kind.kind) != kind.kind:
            raise bad_request(f"{obj['apiVersion']} {obj['kind']} does not belong at {kind.qualified}")
        meta = obj["metadata"]
        if meta.get("name") != name:
            raise bad_request(f"the name of the object ({meta.get('name')}) does not match the name on the URL ({name})")
        if not kind.namespaced:
            meta.pop("namespace", None)
        elif meta.setdefault("namespace", namespace) != namespace:
            raise bad_request(f"the namespace of the provided object does not match the namespace sent on the request "
                              f"({meta['namespace']}, {namespace})")

    def _namespace(self, kind, namespace, before):
        if not kind.namespaced:
            return None
        space = self.store.get(BY_KIND["Namespace"], "", namespace)
        if space is None:
            raise not_found(BY_KIND["Namespace"], namespace)
        if before is None and space["metadata"].get("deletionTimestamp"):
            raise forbidden(kind, "", f"unable to create new content in namespace {namespace} because it is being "
                                      "terminated")
        return space

    @staticmethod
    def _count(obj, before):
        meta = obj["metadata"]
        if before is None:
            meta["generation"] = 1
            return
        for fixed in ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"):
            if fixed in before["metadata"]:
                meta[fixed] = before["metadata"][fixed]
        bare = [{key: value for key, value in thing.items() if key not in ("metadata", "status")}
                for thing in (obj, before)]
        if bare[0] != bare[1]:
            meta["generation"] = meta.get("generation", 1) + 1

    def delete(self, kind, namespace, name, options=Options()):
        """Takes an object away, or marks it for whoever has to end it first: the kubelet, the collector of garbage."""
        with self.store.changed:
            obj = self.get(kind, namespace, name)
            wanted = options.preconditions.get("uid")
            if wanted and wanted != obj["metadata"]["uid"]:
                raise conflict(kind, name, f"Precondition failed: UID in precondition: {wanted}, UID in object meta: "
                                           f"{obj['metadata']['uid']}")
            if options.dry_run:
                return obj, False
            if options.propagation == "Orphan":
                self._orphan(obj["metadata"]["uid"])
            return self._end(kind, namespace, name, obj, options)

    def _end(self, kind, namespace, name, obj, options):
        meta = obj["metadata"]
        if kind.kind == "Pod":
            grace = options.grace if options.grace is not None else obj["spec"]["terminationGracePeriodSeconds"]
            ended = (obj.get("status") or {}).get("phase") in ("Succeeded", "Failed")
            if grace == 0 or not obj["spec"].get("nodeName") or (ended and not _running(obj)):
                return self.store.remove(kind, namespace, name), True
            if meta.get("deletionTimestamp") and meta["deletionGracePeriodSeconds"] <= grace:
                return obj, False
            return self._mark(kind, obj, grace), False
        if kind.kind == "Namespace":
            obj["status"]["phase"] = "Terminating"
            return self._mark(kind, obj, 0), False
        if options.propagation == "Foreground":
            meta.setdefault("finalizers", []).append("foregroundDeletion")
            return self._mark(kind, obj, 0), False
        if meta.get("finalizers"):
            return self._mark(kind, obj, 0), False
        return self.store.remove(kind, namespace, name), True

    def _mark(self, kind, obj, grace):
        at = datetime.now(timezone.utc) + timedelta(seconds=grace)
        obj["metadata"].setdefault("deletionTimestamp", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        obj["metadata"]["deletionGracePeriodSeconds"] = grace
        return self.store.put(kind, obj)

    def _orphan(self, uid):
        for kind in BY_KIND.values():
            for obj in self.store.list(kind):
                references = obj["metadata"].get("ownerReferences") or []
                left = [reference for reference in references if reference["uid"] != uid]
                if len(left) != len(references):
                    obj["metadata"]["ownerReferences"] = left
                    self.store.put(kind, obj)


def _running(pod):
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    return any("running" in (status.get("state") or {}) for status in statuses)


def _ports(obj):
    """Lists whose key has a default: ports of containers and of Services."""
    spec = obj.get("spec") or {}
    pod = (spec.get("template") or {}).get("spec") or spec
    for group in ("initContainers", "containers"):
        for container in pod.get(group) or []:
            yield from container.get("ports") or []
    if obj.get("kind") == "Service":
        yield from spec.get("ports") or []


def without_nulls(thing):
    """A field that is null counts as left out."""
    if isinstance(thing, dict):
        return {key: without_nulls(value) for key, value in thing.items() if value is not None}
    if isinstance(thing, list):
        return [without_nulls(value) for value in thing]
    return thing
