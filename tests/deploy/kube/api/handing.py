"""ConfigMaps and Secrets on their way into pods ("ConfigMaps", "Mounted ConfigMaps are updated automatically"): a change
reaches running pods some time later; a pod that starts has the newest."""

import time

from .kinds import BY_KIND

# On a cluster it is up to a minute and a half.
VOLUME_DELAY_SECONDS = 2.0


class Handing:
    def __init__(self, store, node):
        self._store, self.node, self._handed, self._late = store, node, {}, {}

    def look(self):
        for kind in ("ConfigMap", "Secret"):
            there = {(kind, obj["metadata"]["namespace"], obj["metadata"]["name"]): obj
                     for obj in self._store.list(BY_KIND[kind])}
            for key, obj in there.items():
                version = obj["metadata"]["resourceVersion"]
                if self._handed.get(key) != version:
                    is_new = key not in self._handed
                    self._handed[key] = version
                    self._put(obj, 0 if is_new else VOLUME_DELAY_SECONDS)
            for key in [key for key in self._handed if key[0] == kind and key not in there]:
                del self._handed[key]
                self._late.pop(key, None)
                self.node.objects.remove(*key)

    def _put(self, obj, delay):
        key = (obj["kind"], obj["metadata"]["namespace"], obj["metadata"]["name"])
        self._late[key] = (time.monotonic() + delay, obj)

    def put_late_ones(self, namespace=None):
        """Those whose time has come; all of a namespace where a pod starts, since the kubelet then asks anew."""
        for key, (due, obj) in list(self._late.items()):
            if key[1] == namespace or time.monotonic() >= due:
                del self._late[key]
                self.node.objects.put(obj)
