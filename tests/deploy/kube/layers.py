"""OCI layers: archives laid one over the other, with marks for what a later one takes away."""

import shutil
import tarfile
from pathlib import Path

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


def unpack(archive, rootfs):
    """Lays a layer (tar, compressed or not) over what is in the folder."""
    rootfs = Path(rootfs)
    with tarfile.open(archive) as tar:
        tar.extraction_filter = lambda member, path: member
        for member in tar:
            path = Path(member.name)
            if path.name == OPAQUE:
                _empty(rootfs / path.parent)
            elif path.name.startswith(WHITEOUT):
                _remove(rootfs / path.parent / path.name.removeprefix(WHITEOUT))
            else:
                target = rootfs / path
                if target.is_symlink() or (target.exists() and not (target.is_dir() and member.isdir())):
                    _remove(target)
                tar.extract(member, rootfs, numeric_owner=True)


def _empty(folder):
    for path in folder.iterdir() if folder.is_dir() else []:
        _remove(path)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
