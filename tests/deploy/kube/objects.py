"""ConfigMaps and Secrets that pods refer to: what the API server would give the kubelet."""

import base64
import threading


class Objects:
    """Objects by kind, namespace and name. Whoever watches hears of each change."""

    def __init__(self):
        self._objects = {}
        self._watchers = []
        self._lock = threading.Lock()

    def put(self, manifest):
        """Takes a v1 ConfigMap or Secret (or any object) as the new state of that name."""
        key = _key(manifest)
        with self._lock:
            self._objects[key] = manifest
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher(*key)

    def remove(self, kind, namespace, name):
        with self._lock:
            self._objects.pop((kind, namespace, name), None)

    def get(self, kind, namespace, name):
        """The manifest, or None."""
        with self._lock:
            return self._objects.get((kind, namespace, name))

    def watch(self, watcher):
        """Has `watcher(kind, namespace, name)` called after each `put`."""
        self._watchers.append(watcher)

    def data(self, kind, namespace, name):
        """A ConfigMap's or Secret's keys and their bytes, or None if there is no such object."""
        manifest = self.get(kind, namespace, name)
        if manifest is None:
            return None
        if kind == "Secret":
            found = {key: base64.b64decode(text) for key, text in (manifest.get("data") or {}).items()}
            texts = manifest.get("stringData") or {}
        else:
            found = {key: base64.b64decode(text) for key, text in (manifest.get("binaryData") or {}).items()}
            texts = manifest.get("data") or {}
        return found | {key: text.encode() for key, text in texts.items()}


def _key(manifest):
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", "default"), metadata["name"]
