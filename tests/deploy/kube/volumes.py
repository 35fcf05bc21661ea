"""A pod's volumes: folders of the node that its containers mount."""

import os
from pathlib import Path

from . import atomic_writer
from .commands import run
from .manifest import Missing, Unsupported


class Volumes:
    """The volumes of one pod below `folder`. `sync` writes what ConfigMaps and Secrets hold by now."""

    def __init__(self, folder, facts, objects):
        self._folder, self._facts, self._objects = Path(folder), facts, objects
        self._spec = facts.pod["spec"]
        self._group = (self._spec.get("securityContext") or {}).get("fsGroup")
        self._mounted = []

    def sync(self):
        """Makes or updates all of them. Missing says what is not there; what is there already stays."""
        for volume in self._spec.get("volumes") or []:
            self._sync_one(volume)

    def refers_to(self, kind, name):
        return any((kind, name) in _references(volume) for volume in self._spec.get("volumes") or [])

    def path(self, name):
        return self._folder / name

    def is_read_only(self, name):
        """ConfigMaps and their like are, whatever the mount says."""
        volume = next(each for each in self._spec["volumes"] if each["name"] == name)
        return "emptyDir" not in volume

    def remove(self):
        for path in self._mounted:
            run("umount", "-l", path)

    def _sync_one(self, volume):
        path = self.path(volume["name"])
        if "emptyDir" in volume:
            if not path.exists():
                self._make_empty(path, volume["emptyDir"] or {})
            return
        files = self._files(volume)
        if atomic_writer.write(path, files, self._group) and self._group is not None:
            os.chown(path, -1, self._group)

    def _make_empty(self, path, empty):
        path.mkdir(parents=True)
        if empty.get("medium") == "Memory":
            run("mount", "-t", "tmpfs", "tmpfs", str(path))
            self._mounted.append(str(path))
        path.chmod(0o777)
        if self._group is not None:
            os.chown(path, -1, self._group)
            path.chmod(0o2777)

    def _files(self, volume):
        if "projected" in volume:
            projected = volume["projected"]
            found = {}
            for source in projected.get("sources") or []:
                found |= self._source(source, projected.get("defaultMode", 0o644))
            return found
        return self._source(volume, None)

    def _source(self, source, mode):
        """`source` is a volume, or a source of a projected one: they name the object differently."""
        if "downwardAPI" in source:
            return self._downward(source["downwardAPI"], mode)
        for kind, key in (("ConfigMap", "configMap"), ("Secret", "secret")):
            if key in source:
                return self._keys(kind, source[key], mode)
        name = source.get("name", "of a projected source")
        raise Unsupported(f"volume {name}: only emptyDir, configMap, secret, projected and downwardAPI are simulated")

    def _keys(self, kind, source, mode):
        name = source.get("name") or source.get("secretName")
        data = self._objects.data(kind, self._facts.pod["metadata"]["namespace"], name)
        if data is None:
            if source.get("optional"):
                return {}
            raise Missing(f"{kind} {name} is not there")
        mode = mode if mode is not None else source.get("defaultMode", 0o644)
        if not source.get("items"):
            return {key: (contents, mode) for key, contents in data.items()}
        found = {}
        for item in source["items"]:
            if item["key"] in data:
                found[item["path"]] = (data[item["key"]], item.get("mode", mode))
            elif not source.get("optional"):
                raise Missing(f"{kind} {name} has no key {item['key']}")
        return found

    def _downward(self, source, mode):
        mode = mode if mode is not None else source.get("defaultMode", 0o644)
        found = {}
        for item in source.get("items") or []:
            if "fieldRef" in item:
                text = self._facts.field(item["fieldRef"]["fieldPath"])
            else:
                text = self._facts.resource(item["resourceFieldRef"], None)
            found[item["path"]] = (text.encode(), item.get("mode", mode))
        return found


def _references(volume):
    sources = [volume, *((volume.get("projected") or {}).get("sources") or [])]
    for source in sources:
        if "configMap" in source:
            yield "ConfigMap", source["configMap"]["name"]
        if "secret" in source:
            yield "Secret", source["secret"].get("secretName") or source["secret"].get("name")
