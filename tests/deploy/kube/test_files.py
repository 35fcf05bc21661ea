"""Files: volumes that change all at once, and images unpacked from their layers."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import unittest
from pathlib import Path

from . import atomic_writer
from .environment import Facts
from .images import ImageStore
from .layers import unpack
from .manifest import Missing, admitted
from .objects import Objects
from .volumes import Volumes


class Folder(unittest.TestCase):
    def setUp(self):
        self.made = tempfile.TemporaryDirectory()
        self.folder = Path(self.made.name)
        self.addCleanup(self.made.cleanup)


class Writing(Folder):
    def test_keys_lead_through_one_link_that_is_replaced(self):
        atomic_writer.write(self.folder, {"a": (b"1", 0o644), "b": (b"1", 0o600)})
        first = os.readlink(self.folder / "..data")
        self.assertRegex(first, r"^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.")
        self.assertEqual(os.readlink(self.folder / "a"), "..data/a")
        self.assertTrue(atomic_writer.write(self.folder, {"a": (b"2", 0o644)}))
        self.assertNotEqual(os.readlink(self.folder / "..data"), first)
        self.assertEqual((self.folder / "a").read_bytes(), b"2")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("..")), ["a"])
        self.assertFalse((self.folder / first).exists())

    def test_nothing_is_written_when_nothing_changed(self):
        files = {"a": (b"1", 0o644)}
        self.assertTrue(atomic_writer.write(self.folder, files))
        self.assertFalse(atomic_writer.write(self.folder, files))


class Mounts(Folder):
    def volumes(self, *volumes, objects):
        spec = {"containers": [], "volumes": list(volumes)}
        pod = admitted({"kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}}, "spec": spec})
        return Volumes(self.folder, Facts(pod, "10.0.0.2", "10.0.0.1"), objects)

    def objects(self):
        objects = Objects()
        objects.put({"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v", "other": "w"}})
        objects.put({"kind": "Secret", "metadata": {"name": "s"}, "data": {"t": "dG9rZW4="}})
        return objects

    def test_modes_and_items(self):
        volume = {"name": "v", "configMap": {"name": "c", "defaultMode": 0o400, "items": [{"key": "k", "path": "x/y"}]}}
        self.volumes(volume, objects=self.objects()).sync()
        path = self.folder / "v/x/y"
        self.assertEqual((path.read_text(), path.stat().st_mode & 0o777), ("v", 0o400))
        self.assertFalse((self.folder / "v/other").exists())

    def test_a_projected_volume_holds_several_sources(self):
        downward = {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}
        sources = [{"configMap": {"name": "c"}}, {"secret": {"name": "s"}}, downward]
        volumes = self.volumes({"name": "v", "projected": {"sources": sources}}, objects=self.objects())
        volumes.sync()
        texts = [(self.folder / "v" / name).read_text() for name in ("k", "t", "labels")]
        self.assertEqual(texts, ["v", "token", 'a="b"'])
        self.assertTrue(volumes.refers_to("Secret", "s") and not volumes.refers_to("Secret", "c"))

    def test_what_is_not_there_is_waited_for_unless_it_is_optional(self):
        with self.assertRaises(Missing):
            self.volumes({"name": "v", "secret": {"secretName": "none"}}, objects=self.objects()).sync()
        optional = {"name": "v", "secret": {"secretName": "none", "optional": True}}
        self.volumes(optional, objects=self.objects()).sync()
        self.assertEqual([path.name for path in (self.folder / "v").iterdir() if not path.name.startswith("..")], [])


class Layers(Folder):
    def layer(self, **files):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as tar:
            for name, text in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode()))
        return data.getvalue()

    def test_a_later_layer_replaces_and_takes_away(self):
        for at, files in enumerate([{"a/b": "1", "a/c": "1", "d": "1"}, {"a/.wh.b": "", "d": "2"}]):
            (self.folder / f"{at}.tgz").write_bytes(self.layer(**files))
            unpack(self.folder / f"{at}.tgz", self.folder / "root")
        root = self.folder / "root"
        self.assertFalse((root / "a/b").exists())
        self.assertEqual([(root / name).read_text() for name in ("a/c", "d")], ["1", "2"])

    def blob(self, data):
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / "image/blobs/sha256" / digest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"digest": f"sha256:{digest}"}

    def test_an_archive_is_loaded_by_its_digests(self):
        layer = self.blob(self.layer(**{"usr/bin/x": "program"}))
        config = self.blob(json.dumps({"config": {"User": "65532"}}).encode())
        manifest = self.blob(json.dumps({"config": config, "layers": [layer]}).encode())
        (self.folder / "image/index.json").write_text(json.dumps({"manifests": [manifest]}))
        with tarfile.open(self.folder / "image.tar", "w") as tar:
            tar.add(self.folder / "image", ".")
        store = ImageStore(self.folder / "store")
        image = store.load(self.folder / "image.tar", "mesigate:1")
        self.assertEqual((image.rootfs / "usr/bin/x").read_text(), "program")
        self.assertEqual((image.config["User"], image.digest), ("65532", manifest["digest"]))
        self.assertIs(store.get("mesigate:1@" + manifest["digest"]), image)
        with self.assertRaises(Missing):
            store.get("mesigate:1@sha256:00")
        (self.folder / "image/blobs/sha256" / layer["digest"].split(":")[1]).write_bytes(b"other")
        with self.assertRaises(ValueError):
            store.load(self.folder / "image", "mesigate:2")
