"""page PROGRAM PAGE FOLDER     runs the page's commands in an empty folder, and says what was found

PROGRAM is the gateway, or an OCI archive of its image. It must be root within network and mount namespaces of its own,
whose loopback is up (tests/deploy/kubernetes makes them): ports are the page's own.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

from kube.api.cluster import Cluster

from . import blocks, claims, images, outcomes, release, standin
from .registry import NAME, Registry
from .shell import Shell
from .world import World

COMMAND_SECONDS = 120
LATER_SECONDS = 60
# Each is an app of its own to the sandbox.
TOKENS = {"APP_TOKEN": "sandbox-bot", "NEW_APP_TOKEN": "sandbox-bot-renewed"}


def main(program, page, folder):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parts = blocks.read(page)
    blocks.filled(parts, {"REGISTRY": NAME, "VERSION": release.version(), "NEXT": release.NEXT, **TOKENS})
    unused = set(outcomes.AFTER) - {(block.heading, block.number) for block in parts}
    if unused:
        raise ValueError(f"the page does not have these blocks, behind which an outcome stands: {sorted(unused)}")
    release.make(folder / "release", program)
    images.busybox(folder / "busybox.tar")
    registry = Registry(folder)
    try:
        with Cluster(folder) as cluster:
            cluster.nodes.node.load_image(folder / "busybox.tar", "busybox:1.37")
            shell = Shell(folder, _environment(folder, program, cluster), COMMAND_SECONDS)
            try:
                standin.check(shell)
                world = World(cluster, folder, TOKENS)
                _run(parts, shell, world)
                claims.check(shell, world)
            finally:
                shell.close()
            if cluster.faults:
                raise RuntimeError("the stand-in of the cluster had faults of its own:\n" + "\n".join(cluster.faults))
    finally:
        registry.close()


def _environment(folder, program, cluster):
    """A reader's, with a home of its own, in which the registry may be asked without TLS, and the program on the path."""
    home, bin_folder = folder / "home", folder / "bin"
    (home / ".config/containers").mkdir(parents=True)
    (home / ".config/containers/registries.conf").write_text(
        f'[[registry]]\nlocation = "{NAME.split("/")[0]}"\ninsecure = true\n')
    bin_folder.mkdir()
    if Path(program).suffix != ".tar":
        shutil.copy2(program, bin_folder / "mesigate")
    return {"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(home), "KUBECONFIG": str(cluster.kubeconfig),
            "LC_ALL": "C.UTF-8", "TMPDIR": os.environ.get("TMPDIR", "/tmp")}


def _run(parts, shell, world):
    began, heading = time.monotonic(), None
    for block in parts:
        if block.heading != heading:
            heading = block.heading
            print(f"   {heading}: {time.monotonic() - began:.0f} s", flush=True)
        came = _block(block, shell)
        check = outcomes.AFTER.get((block.heading, block.number))
        if check is not None:
            try:
                check(world, came)
            except AssertionError as fault:
                raise SystemExit(f"kubernetes: docs/kubernetes.md:{block.line}: {check.__name__}: {fault}\n"
                                 f"{came.out}{came.err}") from None
    lines = sum(1 for block in parts for line in block.text.splitlines() if line.startswith(("kubectl ", "helm ")))
    print(f"   {len(parts)} blocks with {lines} lines of kubectl and helm, {len(outcomes.AFTER)} outcomes seen, "
          f"{time.monotonic() - began:.0f} s", flush=True)


def _block(block, shell):
    """Runs it, until it is as the page says where that takes a while."""
    end = time.monotonic() + (LATER_SECONDS if block.mode == "later" else 0)
    while True:
        came = shell.run(block.text)
        fault = _fault(block, came)
        if fault is None:
            return came
        if time.monotonic() > end:
            raise SystemExit(f"kubernetes: docs/kubernetes.md:{block.line}: {fault}\n--- standard output\n{came.out}\n"
                             f"--- standard error\n{came.err}")
        time.sleep(0.5)


def _fault(block, came):
    if block.mode == "fails":
        if not came.failed:
            return "this should be refused, and was not"
        return None if block.shown is None or blocks.fits(block.shown, came.err) else "this is refused in other words"
    if came.failed:
        return f"this failed: {came.failed[0]}"
    if block.shown is not None and not blocks.fits(block.shown, came.out):
        return f"the page shows something else:\n{block.shown}"
    return None


main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
