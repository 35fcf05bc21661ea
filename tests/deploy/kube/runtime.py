"""Containers by runc: one process of runc stays beside each container and ends as the container does."""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

from .commands import Failed, arun, run


class Runtime:
    """Makes containers. Bundles and runc's state are below `folder`; control groups are below `/PREFIX`."""

    def __init__(self, folder, prefix):
        self.folder, self.prefix = Path(folder), prefix
        self._state = self.folder / "runc"
        self._bundles = self.folder / "bundles"
        self._bundles.mkdir(parents=True, exist_ok=True)

    def command(self, *argv):
        return ["runc", "--root", str(self._state), *argv]

    async def prepare(self, container_id, image):
        """A bundle with a root of its own: the image's, under a layer that takes what the container writes."""
        bundle = self._bundles / container_id
        for name in ("rootfs", "upper", "work"):
            (bundle / name).mkdir(parents=True)
        # A mount point of the image's may be made by runc, and must not be made in the image.
        lower, upper, work = image.rootfs, bundle / "upper", bundle / "work"
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        try:
            await arun("mount", "-t", "overlay", "overlay", "-o", options, str(bundle / "rootfs"))
        except Failed:
            # No overlay on an overlay, in some containers: a copy does as well, and takes longer.
            await arun("cp", "-a", f"{lower}/.", str(bundle / "rootfs"))
        return bundle

    async def start(self, container_id, bundle, spec, log_path):
        """Runs it, with its output appended to the log. Failed says what runc has said."""
        (bundle / "config.json").write_text(json.dumps(spec))
        pid_file, complaint = bundle / "pid", bundle / "runc.log"
        argv = self.command("--log", str(complaint), "--log-format", "json", "run", "--bundle", str(bundle))
        with open(log_path, "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *argv, "--pid-file", str(pid_file), container_id,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        ended = asyncio.ensure_future(process.wait())
        while not ended.done() and not _written(pid_file):
            await asyncio.wait([ended], timeout=0.01)
        if not _written(pid_file):
            raise Failed(f"runc: {_last_complaint(complaint)}")
        return Running(self, container_id, bundle, ended, int(pid_file.read_text()))

    def remove_all(self):
        """What is left of all containers, when nobody waits for them any more."""
        for state in self._state.iterdir() if self._state.is_dir() else []:
            try:
                run(*self.command("delete", "--force", state.name))
            except Failed:
                pass
        for bundle in self._bundles.iterdir():
            _unmount(bundle)
        remove_control_groups(self.prefix)


class Running:
    """A container that was started."""

    def __init__(self, runtime, container_id, bundle, ended, pid):
        self._runtime, self.id, self._bundle, self._ended, self.pid = runtime, container_id, bundle, ended, pid
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None

    async def wait(self):
        """The exit code: 128 and the signal's number, if a signal ended it."""
        return await asyncio.shield(self._ended)

    def signal(self, number):
        if self._handle is not None:
            try:
                signal.pidfd_send_signal(self._handle, number)
            except ProcessLookupError:
                pass

    async def execute(self, argv, stdin=b""):
        """Runs a command in it: the exit code, standard output and standard error."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self.exec_command(argv), stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            out, err = await process.communicate(stdin)
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        return process.returncode, out, err

    def exec_command(self, argv, tty=False):
        """What to start, with streams of your own, to run a command in it."""
        return self._runtime.command("exec", *(["--tty"] if tty else []), self.id, *argv)

    async def remove(self):
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        await asyncio.to_thread(_unmount, self._bundle)


def _written(path):
    return path.is_file() and path.stat().st_size > 0


def _last_complaint(path):
    lines = path.read_text().splitlines() if path.is_file() else []
    return json.loads(lines[-1])["msg"] if lines else "no reason given"


def _unmount(bundle):
    if os.path.ismount(bundle / "rootfs"):
        run("umount", "-l", str(bundle / "rootfs"))
    shutil.rmtree(bundle, ignore_errors=True)


def remove_control_groups(prefix):
    for root, folders, _ in os.walk("/sys/fs/cgroup"):
        if prefix in folders:
            for path, _, _ in list(os.walk(Path(root) / prefix, topdown=False)):
                try:
                    os.rmdir(path)
                except OSError:
                    pass
            folders.remove(prefix)
        # The groups of the machine's own services are none of ours.
        if len(Path(root).parts) > 5:
            folders.clear()
