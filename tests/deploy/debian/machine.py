"""A Debian 12 that is really booted: its own root, its own network of a loopback alone, systemd as process 1."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 30
NOTHING = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failed(AssertionError):
    """A sentence that was not true, and what was seen instead."""


def holds(is_true, sentence, seen=""):
    if not is_true:
        raise Failed(f"it is not so that {sentence}: {seen}" if seen != "" else f"it is not so that {sentence}")


def until(sentence, is_true, seconds=PATIENCE_SECONDS):
    """Polls, and gives what it gave at last."""
    end = time.monotonic() + seconds
    while not (given := is_true()):
        holds(time.monotonic() < end, f"within {seconds} s {sentence}")
        time.sleep(0.05)
    return given


def descendants(process):
    """A process's children, theirs, and so on."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def is_systemd(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].endswith(b"/systemd")
    except OSError:
        return False


class Load:
    def __init__(self, process):
        self.process, self.counts = process, {}

    def end(self):
        told, _ = self.process.communicate(timeout=2 * PATIENCE_SECONDS)
        self.counts = json.loads(told)

    def __str__(self):
        return ", ".join(f"{number} {what}" for what, number in self.counts.items() if what != "reasons")


class Machine:
    """Ends with the `with` that it was made for, whatever happens in there, and leaves nothing behind."""

    def __init__(self, root):
        self.root, self.leader, self.nspawn = Path(root), None, None
        self.console = tempfile.TemporaryFile("w+")

    # ------------------------------------------------------------------------------------------------ its beginning

    def __enter__(self):
        (self.root / "etc/hostname").write_text("debian\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost debian\n::1 localhost\n")
        # Where names.py serves, while it does.
        (self.root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
        return self

    def boot(self):
        # In a process namespace of its own, whose end is the end of all that is in it; a test that is killed takes it along.
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command += ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit"]
        command += ["--private-network", "--resolv-conf=off", "--timezone=off", "--directory", str(self.root), "--boot"]
        self.nspawn = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.leader = until("systemd is started", self._find_leader)
        until("the machine is booted", self._is_booted, 60)

    def _find_leader(self):
        holds(self.nspawn.poll() is None, "systemd-nspawn goes on", self._said())
        return next((process for process in descendants(self.nspawn.pid) if is_systemd(process)), None)

    def _is_booted(self):
        told = self.run("systemctl is-system-running", may_fail=True).stdout.strip()
        return told in ("running", "degraded")

    def _said(self):
        self.console.seek(0)
        return self.console.read()[-2000:]

    # ------------------------------------------------------------------------------------------------ while it runs

    def enter(self, *namespaces):
        return ["nsenter", "--target", str(self.leader), *namespaces, "--"]

    def run(self, script, may_fail=False, **options):
        """A script in it, by a shell of root's without a terminal: nobody is there to answer a question."""
        command = self.enter("--mount", "--uts", "--ipc", "--net", "--pid")
        command += ["env", "-i", f"PATH={PATHS}", "HOME=/root", "LC_ALL=C.UTF-8", "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0"]
        command += ["bash", "-ec", f"cd; {script}"]
        done = subprocess.run(command, **{**NOTHING, "timeout": 120, **options})
        holds(may_fail or done.returncode == 0, f"this works: {script}", f"{done.returncode}: {done.stdout}{done.stderr}")
        return done

    def chroot(self, script):
        """A script in its files while it is not booted, as in a build of an image."""
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "env", "-i", f"PATH={PATHS}", "HOME=/root"]
        done = subprocess.run([*command, "chroot", str(self.root), "bash", "-ec", script], **NOTHING, timeout=120)
        holds(done.returncode == 0, f"this works without systemd: {script}", f"{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def write(self, path, text):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def show(self, name, unit="mesigate"):
        return self.run(f"systemctl show --property {name} --value {unit}").stdout.strip()

    def process(self):
        """The gateway's, as it is numbered in the machine; 0: none."""
        return int(self.show("MainPID"))

    def get(self, url, *arguments):
        return self.run(f"curl --silent --max-time 10 {' '.join(arguments)} '{url}'", may_fail=True).stdout

    def is_ready(self):
        return self.get("http://127.0.0.1:18090/readyz").strip() == "ready"

    def journal(self, since="", options="--output cat"):
        # Not --after-cursor, which passes over the first line that a filter leaves.
        since = f"--cursor '{since}'" if since else ""
        self.run("journalctl --sync")
        return self.run(f"journalctl --quiet --unit mesigate {options} {since}").stdout

    def cursor(self):
        """The journal's end."""
        self.run("journalctl --sync")
        told = self.run("journalctl --quiet --lines 1 --show-cursor --output cat").stdout
        return told.split("-- cursor: ")[1].strip()

    def files(self, *left_out):
        """All that is kept in it, but for what a machine that only runs changes."""
        left_out = ["proc", "sys", "dev", "run", "tmp", "root", "var/log", "var/tmp", "var/cache", "var/lib/systemd/timers"]
        listed = set()
        for folder, folders, names in os.walk(self.root):
            place = Path(folder).relative_to(self.root)
            folders[:] = [name for name in folders if str(place / name) not in left_out]
            listed |= {f"/{place / name}" for name in [*folders, *names]}
        return {path for path in listed if not path.startswith("/var/lib/dpkg/") or "mesigate" in path}

    def drop_in(self, text):
        """What `systemctl edit mesigate` would write; None takes it away."""
        place = "/etc/systemd/system/mesigate.service.d/override.conf"
        if text is None:
            self.run(f"rm {place}; rmdir {place.rpartition('/')[0]}")
        else:
            self.write(place, text)
        self.run("systemctl daemon-reload")

    # ------------------------------------------------------------------------------------------- who talks to it

    @contextmanager
    def upstream(self):
        """A sandbox on port 8081, whose name chat.example.com one name server knows."""
        self.run("systemd-run --quiet --collect --unit upstream --property DynamicUser=yes mesigate sandbox")
        server = self._beside("names.py", "chat.example.com")
        try:
            holds(server.stdout.readline() == "serving\n", "the name server serves")
            until("the sandbox serves", lambda: self.get("http://127.0.0.1:8081/sandbox/") != "")
            yield
        finally:
            server.communicate(timeout=PATIENCE_SECONDS)
            self.run("systemctl stop upstream")

    @contextmanager
    def load(self, port=8080, clients=4):
        """Old clients that ask all the while; afterwards it has their `counts`."""
        load = Load(self._beside("load.py", str(port), str(clients)))
        time.sleep(0.5)  # Of quiet load; what happens then is asked for, not timed.
        try:
            yield load
        finally:
            load.end()

    def _beside(self, script, *arguments):
        """A script of this folder, with this machine's Python and that machine's network."""
        command = ["setpriv", "--pdeathsig", "KILL", *self.enter("--net"), sys.executable, str(Path(__file__).with_name(script))]
        return subprocess.Popen([*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    # ------------------------------------------------------------------------------------------------------- its end

    def __exit__(self, *_):
        if self.nspawn is not None and self.nspawn.poll() is None:
            # What stops the gateway is tested by itself; the machine has nothing that would be missed.
            processes = list(descendants(self.nspawn.pid))
            self.nspawn.send_signal(signal.SIGKILL)
            self.nspawn.wait(PATIENCE_SECONDS)
            until("all processes of the machine end", lambda: not any(map(is_alive, processes)))
        self.console.close()
