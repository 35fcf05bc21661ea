"""granted     says on standard output why pods cannot be run on this machine; nothing if they can, which is tried"""

import os
import shutil
import sys
import tempfile

from .commands import Failed
from .node import Node


def hindrance():
    """A sentence, or None."""
    if os.geteuid() != 0:
        return "only root may make network namespaces and containers"
    for program in ("runc", "ip", "nft", "mount", "umount"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    try:
        with Node() as node, tempfile.TemporaryDirectory() as root:
            return _trial(node, root)
    except (Failed, OSError) as error:
        return str(error)


def _trial(node, root):
    """A container is run that shows the machine's own /usr, and does nothing."""
    os.makedirs(f"{root}/usr")
    for name in ("bin", "lib", "lib64"):
        os.symlink(f"usr/{name}", f"{root}/{name}")
    os.chmod(root, 0o755)
    node.images.add("trial", root, {}, [("/usr", "/usr")])
    container = {"name": "trial", "image": "trial", "command": ["true"]}
    spec = {"containers": [container], "restartPolicy": "Never"}
    run = node.run({"kind": "Pod", "metadata": {"name": "trial"}, "spec": spec})
    status = run.wait_over(30)
    if status["phase"] == "Succeeded":
        return None
    ended = status["containerStatuses"][0]["state"]
    return f"a container could not be run: {ended.get('terminated', ended)} {status.get('message', '')}"


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    print(hindrance() or "", end="")
