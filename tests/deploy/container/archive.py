"""An image's archive, as a container runtime reads it."""

import gzip
import hashlib
import io
import json
import tarfile


class Archive:
    def __init__(self, path):
        self.path = path
        with tarfile.open(path) as tar:
            self.files = {member.name: tar.extractfile(member).read() for member in tar}
        index = json.loads(self.files["index.json"])
        (self.descriptor,) = index["manifests"]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))

    @property
    def digest(self):
        return self.descriptor["digest"]

    def blob(self, descriptor):
        """Checked against its digest, as a registry and a runtime do."""
        kind, sum = descriptor["digest"].split(":")
        content = self.files[f"blobs/{kind}/{sum}"]
        assert hashlib.new(kind, content).hexdigest() == sum, f"{descriptor['digest']} is of other bytes"
        return content

    def layers(self):
        """Each layer as an open tar, checked against the config's sum of what is unpacked."""
        for descriptor, sum in zip(self.manifest["layers"], self.config["rootfs"]["diff_ids"], strict=True):
            content = gzip.decompress(self.blob(descriptor))
            assert "sha256:" + hashlib.sha256(content).hexdigest() == sum, "a layer unpacks to other bytes"
            yield tarfile.open(fileobj=io.BytesIO(content))

    def unpack(self, folder):
        for layer in self.layers():
            # Owners and modes as they are, with every version of Python.
            layer.extraction_filter = lambda member, path: member
            layer.extractall(folder, numeric_owner=True)
