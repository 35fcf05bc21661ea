"""Runs the image as a container under runc, with what Kubernetes gives one of the strictest class (`restricted`)."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import network, seccomp
from .cases import PATIENCE_SECONDS, until

NAMESPACES = ["pid", "mount", "ipc", "uts", "cgroup", "network"]
MIB = 1 << 20

MOUNTS = [
    ("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
    ("/dev", "tmpfs", "tmpfs", ["nosuid", "noexec", "strictatime", "mode=755", "size=64k"]),
    ("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
    ("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
]
HOSTS = "127.0.0.1 localhost\n"


class Image:
    """The unpacked image, and a folder for what its containers need."""

    def __init__(self, archive, folder):
        self.config = archive.config["config"]
        self.root = folder / "root"
        archive.unpack(self.root)
        self.folder = folder
        self.made = 0

    def run(self, *arguments, **options):
        self.made += 1
        return Container(self, f"mesigate-image-{os.getpid()}-{self.made}", arguments, **options)

    def listing(self):
        """Everything in it with its kind, size and time: what is written to shows here."""
        return sorted(
            (str(path), status.st_mode, status.st_size, status.st_mtime_ns)
            for path in [self.root, *self.root.rglob("*")]
            for status in [path.lstat()]
        )


class Container:
    """`arguments` take the place of the image's CMD. `mounts` are folders or files of this machine, by their place in
    the container; all are read-only. `memory` is in bytes, `processors` a quota."""

    def __init__(self, image, name, arguments, user=None, environment=(), mounts=None, memory=None, processors=None,
                 resolv="", ready=True):
        self.name = name
        self.bundle = Path(tempfile.mkdtemp(dir=image.folder, prefix="bundle-"))
        self.log = self.bundle / "log"
        self.user = user or tuple(int(number) for number in image.config["User"].split(":"))
        command = [*image.config["Entrypoint"], *(arguments or image.config["Cmd"])]
        self.environment = [*image.config["Env"], *environment]
        bound = {"/etc/hosts": self.file("hosts", HOSTS), "/etc/resolv.conf": self.file("resolv.conf", resolv)}
        settings = self.settings(image, command, bound | (mounts or {}), memory, processors)
        self.file("config.json", json.dumps(settings))
        with open(self.log, "wb") as log:
            run = ["runc", "run", "--bundle", str(self.bundle), name]
            self.runc = subprocess.Popen(run, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        if ready:
            until("the container is ready", self.is_ready)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        """What still runs is ended by force."""
        if self.runc.poll() is None:
            subprocess.run(["runc", "kill", self.name, "KILL"], capture_output=True)
            self.runc.wait(PATIENCE_SECONDS)
        subprocess.run(["runc", "delete", "--force", self.name], capture_output=True)
        if error is not None:
            error.add_note(f"its log: {self.logged()[-2000:]}")

    # ------------------------------------------------------------------------------------------------ how it is made

    def file(self, name, text):
        path = self.bundle / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def settings(self, image, command, bound, memory, processors):
        mounts = [
            {"destination": place, "type": kind, "source": source, "options": options}
            for place, kind, source, options in MOUNTS
        ]
        mounts += [
            {"destination": place, "type": "bind", "source": str(source), "options": ["rbind", "ro"]}
            for place, source in bound.items()
        ]
        return {
            "ociVersion": "1.0.2",
            "process": {
                "terminal": False,
                "user": {"uid": self.user[0], "gid": self.user[1]},
                "args": command,
                "env": self.environment,
                "cwd": image.config.get("WorkingDir") or "/",
                "capabilities": {},
                "noNewPrivileges": True,
            },
            "root": {"path": str(image.root), "readonly": True},
            "hostname": "gateway",
            "mounts": mounts,
            "linux": {
                "namespaces": [{"type": kind} for kind in NAMESPACES],
                "cgroupsPath": f"/{self.name}",
                "resources": resources(memory, processors),
                "seccomp": seccomp.default(),
                "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        }

    # ------------------------------------------------------------------------------------------------- what it shows

    @property
    def process(self):
        """The number that this machine has for the container's process 1."""
        return self.state()["pid"]

    def state(self):
        told = subprocess.run(["runc", "state", self.name], capture_output=True, text=True)
        return json.loads(told.stdout) if told.returncode == 0 else {"pid": 0, "status": "none"}

    def is_ready(self):
        assert self.runc.poll() is None, f"the container has ended with {self.runc.returncode}: {self.logged()}"
        try:
            return self.get(18090, "/readyz")[0] == 200
        except OSError:
            return False

    def get(self, port, target):
        return network.get(self.process, port, target)

    def metric(self, name):
        """The value of the first sample whose name and labels begin so."""
        text = self.get(18090, "/metrics")[1]
        values = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name)]
        assert values, f"there is no {name} in /metrics"
        return float(values[0])

    def status(self):
        """Process 1 as the kernel sees it."""
        lines = Path(f"/proc/{self.process}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def logged(self):
        return self.log.read_text(errors="replace")

    def memory(self):
        told = subprocess.run(["runc", "events", "--stats", self.name], capture_output=True, text=True, check=True)
        return json.loads(told.stdout)["data"]["memory"]

    # ------------------------------------------------------------------------------------------------- what one does

    def exec(self, *command):
        """As `kubectl exec` does: exit code and both outputs."""
        user = f"{self.user[0]}:{self.user[1]}"
        run = ["runc", "exec", "--user", user, self.name, *command]
        told = subprocess.run(run, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        return told.returncode, told.stdout + told.stderr

    def background(self, *command):
        run = ["runc", "exec", "--user", f"{self.user[0]}:{self.user[1]}", self.name, *command]
        return subprocess.Popen(run, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def signal(self, which):
        subprocess.run(["runc", "kill", self.name, str(int(which))], check=True)

    def exit_code(self, seconds=PATIENCE_SECONDS):
        return self.runc.wait(seconds)

    def stop(self, seconds=PATIENCE_SECONDS):
        """As a runtime stops a container. Gives its exit code."""
        self.signal(signal.SIGTERM)
        return self.exit_code(seconds)


def resources(memory, processors):
    made = {"devices": [{"allow": False, "access": "rwm"}], "pids": {"limit": 256}}
    if memory:
        made["memory"] = {"limit": memory, "swap": memory}
    if processors:
        made["cpu"] = {"quota": int(processors * 100_000), "period": 100_000}
    return made


def cannot():
    """Why this machine runs no container, if it does not."""
    if os.geteuid() != 0:
        return "it takes root"
    if not shutil.which("runc"):
        return "there is no runc"
    if subprocess.run(["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "true"]).returncode != 0:
        return "there can be no namespaces (a container without rights?)"
    return None
