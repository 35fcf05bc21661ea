"""A folder of files that change all at once, as the kubelet writes ConfigMaps and Secrets.

    KEY  ->  ..data/KEY
    ..data  ->  ..2026_03_01_10_00_00.123456789
    ..2026_03_01_10_00_00.123456789/KEY

New contents come as a new timestamped folder, and a symlink to it is renamed over `..data`.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path


def write(folder, files, group=None):
    """Makes the folder hold these files: a dict of path → (bytes, mode). Returns whether anything changed."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "..data"
    old = os.readlink(data) if data.is_symlink() else None
    if old is not None and _held(folder / old) == files:
        return False
    new = _timestamped(folder, files, group)
    temporary = folder / "..data_tmp"
    temporary.unlink(missing_ok=True)
    os.symlink(new.name, temporary)
    os.rename(temporary, data)
    _link_keys(folder, files)
    if old is not None:
        shutil.rmtree(folder / old)
    return True


def _timestamped(folder, files, group):
    prefix = time.strftime("..%Y_%m_%d_%H_%M_%S.", time.gmtime())
    new = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    new.chmod(0o755)
    for name, (contents, mode) in files.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
        if group is not None:
            os.chown(path, -1, group)
            mode |= (mode & 0o400) >> 3
        path.chmod(mode)
    return new


def _held(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode & 0o777) for path in paths}


def _link_keys(folder, files):
    wanted = {name.split("/")[0] for name in files}
    for name in wanted:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(f"..data/{name}")
    for link in folder.iterdir():
        if not link.name.startswith("..") and link.name not in wanted:
            link.unlink()
