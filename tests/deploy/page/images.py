"""Images as OCI archives of one layer, from files of this machine: the program's, where no release is at hand, and
busybox's, for what the page does with a shell."""

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

PROGRAM = {"Entrypoint": ["/usr/bin/mesigate"], "Cmd": ["serve"], "User": "65532:65532",
           "Env": ["PATH=/usr/bin", "MESIGATE_PROFILE=central"]}
BUSYBOX = {"Cmd": ["sh"], "Env": ["PATH=/bin"]}


def program(path, archive, folder):
    """The program without its debug information, and the libraries that it needs, if it is not a static one."""
    stripped = folder / "mesigate"
    if shutil.which("strip") is None or subprocess.run(["strip", "-o", stripped, path]).returncode != 0:
        shutil.copy2(path, stripped)
    told = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    libraries = [Path(found) for found in re.findall(r"(/\S+) \(0x", told)]
    _pack(archive, {"usr/bin/mesigate": stripped, **{str(each)[1:]: each for each in libraries}}, {}, PROGRAM)


def busybox(archive):
    path = Path(shutil.which("busybox"))
    names = subprocess.run([path, "--list"], capture_output=True, text=True, check=True).stdout.split()
    _pack(archive, {"bin/busybox": path}, {f"bin/{name}": "busybox" for name in names if name != "busybox"}, BUSYBOX)


def _pack(archive, files, links, config):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for name, path in files.items():
            content = path.read_bytes()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
        for name, target in links.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    packed = gzip.compress(layer.getvalue(), 1, mtime=0)
    image = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": {
        "type": "layers", "diff_ids": [_digest(layer.getvalue())]}}
    blobs = {}

    def kept(content, kind):
        blobs[_digest(content)] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": _digest(content), "size": len(content)}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": kept(json.dumps(image).encode(), "config.v1+json"),
                "layers": [kept(packed, "layer.v1.tar+gzip")]}
    index = {"schemaVersion": 2, "manifests": [kept(json.dumps(manifest).encode(), "manifest.v1+json")]}
    with tarfile.open(archive, "w") as tar:
        members = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(),
                   **{f"blobs/{digest.replace(':', '/')}": content for digest, content in blobs.items()}}
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def _digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()
