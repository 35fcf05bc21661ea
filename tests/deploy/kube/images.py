"""Images without a registry: a name, an unpacked root folder, and the image's own settings."""

import hashlib
import json
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from .layers import unpack
from .manifest import Missing


@dataclass
class Image:
    """`config` is the `config` member of an OCI image configuration; `binds` are folders of the machine that are shown
    in it, read-only, as (outside, inside)."""

    name: str
    rootfs: Path
    config: dict
    digest: str
    binds: list = field(default_factory=list)


class ImageStore:
    def __init__(self, folder):
        self._folder = Path(folder)
        self._images = {}

    def load(self, archive, name):
        """Unpacks an OCI archive (tar) or an OCI layout (a folder) under a name of your choice."""
        archive = Path(archive)
        if archive.is_dir():
            return self._unpacked(archive, name)
        with tempfile.TemporaryDirectory(dir=self._made("archives")) as folder:
            with tarfile.open(archive) as tar:
                tar.extraction_filter = lambda member, path: member
                tar.extractall(folder)
            return self._unpacked(Path(folder), name)

    def add(self, name, rootfs, config=None, binds=()):
        """Takes a root folder as it is."""
        digest = "sha256:" + hashlib.sha256(str(rootfs).encode()).hexdigest()
        return self._keep(Image(name, Path(rootfs), config or {}, digest, list(binds)))

    def get(self, name):
        """The image of that name, with or without its digest (`NAME@sha256:…`)."""
        found = self._images.get(name) or self._images.get(name.split("@")[0])
        if found is None:
            raise Missing(f"there is no image {name}")
        if "@" in name and found.digest != name.split("@")[1]:
            raise Missing(f"{name.split('@')[0]} is {found.digest}, not {name.split('@')[1]}")
        return found

    def find(self, name):
        """The same, or None."""
        try:
            return self.get(name)
        except Missing:
            return None

    def names(self):
        return sorted(self._images)

    def _unpacked(self, layout, name):
        index = json.loads((layout / "index.json").read_text())
        descriptor = index["manifests"][0]
        manifest = json.loads(_blob(layout, descriptor).read_text())
        if "manifests" in manifest:
            descriptor = manifest["manifests"][0]
            manifest = json.loads(_blob(layout, descriptor).read_text())
        config = json.loads(_blob(layout, manifest["config"]).read_text())
        rootfs = Path(tempfile.mkdtemp(dir=self._made("images")))
        rootfs.chmod(0o755)
        for layer in manifest["layers"]:
            unpack(_blob(layout, layer), rootfs)
        return self._keep(Image(name, rootfs, config.get("config") or {}, descriptor["digest"]))

    def _keep(self, image):
        self._images[image.name] = image
        return image

    def _made(self, name):
        folder = self._folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _blob(layout, descriptor):
    """A blob's file; one whose bytes are not what its digest says is an error."""
    algorithm, digest = descriptor["digest"].split(":")
    path = layout / "blobs" / algorithm / digest
    if hashlib.new(algorithm, path.read_bytes()).hexdigest() != digest:
        raise ValueError(f"the blob {descriptor['digest']} holds something else")
    return path
