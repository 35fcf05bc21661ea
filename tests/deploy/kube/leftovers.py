"""What a node leaves behind when its process is killed before it can tidy up; the next node takes it away."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from .commands import run
from .network import remove_namespaces
from .runtime import Runtime

PREFIX = "mesigate-node-"


def hold(folder):
    """An open file by whose lock others see that the node of this folder lives."""
    lock = open(Path(folder) / "lock.new", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(Path(folder) / "lock.new", Path(folder) / "lock")
    return lock


def sweep():
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*-*"):
        try:
            with open(folder / "lock", "r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove_node(folder)
        except OSError:
            # It lives, or is just being made or removed.
            continue


def _remove_node(folder):
    prefix = folder.name.rsplit("-", 1)[0]
    Runtime(folder / "runtime", prefix).remove_all()
    remove_namespaces(prefix)
    remove_folder(folder)


def remove_folder(folder):
    with open("/proc/mounts") as mounts:
        below = [line.split()[1] for line in mounts if line.split()[1].startswith(f"{folder}/")]
    for path in reversed(below):
        run("umount", "-l", path)
    shutil.rmtree(folder, ignore_errors=True)
