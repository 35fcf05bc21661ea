"""An ephemeral container ("Ephemeral Containers", `kubectl debug --target`): it shares the pod's network, and the
process namespace of the container that it looks at. Whoever attaches sees what it writes and may type."""

import json
import os
import pty
import subprocess
import threading
from pathlib import Path

from kube.environment import argv, environment
from kube.oci_spec import Forbidden, oci_spec
from kube.states import running_state, terminated_state, waiting_state


class Debug:
    def __init__(self, node, run, container):
        self._node, self._container, self.name = node, container, container["name"]
        self.log_path = Path(node.folder) / f"debug-{run.manifest['metadata']['uid']}-{self.name}.log"
        self.state, self.stdin, self.terminal, self._process = waiting_state("ContainerCreating"), None, None, None
        self._ended = threading.Event()
        self._written = threading.Condition()
        try:
            self._start(run)
        except Forbidden as fault:
            self.state = waiting_state("CreateContainerConfigError", str(fault))

    def _start(self, run):
        pod, target = run._pod, self._container.get("targetContainerName")
        image = self._node.images.get(self._container["image"])
        self._id = f"{pod.network.name}-{self.name}"
        variables = environment(self._container, image.config.get("Env") or [], pod.facts, self._node.objects, {})
        bundle = self._node.submit(self._node.runtime.prepare(self._id, image))
        of_target = run._running(target).pid if target else None
        spec = oci_spec(
            container=self._container, pod=pod.manifest, image=image, rootfs=bundle / "rootfs",
            argv=argv(self._container, image.config, variables), variables=variables,
            mounts=pod._mounts(self._container), netns=pod.network.path,
            cgroup=f"/{self._node.runtime.prefix}/{self._id}",
            pid_namespace=f"/proc/{of_target}/ns/pid" if of_target else None)
        self._run(bundle, spec)

    def _run(self, bundle, spec):
        (bundle / "config.json").write_text(json.dumps(spec))
        command = self._node.runtime.command("run", "--bundle", str(bundle), self._id)
        if self._container.get("tty"):
            self.terminal, theirs = pty.openpty()
            streams, source = {"stdin": theirs, "stdout": theirs, "stderr": theirs}, self.terminal
            self.stdin = self.terminal
        else:
            self.stdin, source = None, None
            reading, self.stdin = os.pipe()
            streams = {"stdin": reading if self._container.get("stdin") else subprocess.DEVNULL,
                       "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self._process = subprocess.Popen(command, start_new_session=True, **streams)
        os.close(theirs if self.terminal is not None else reading)
        self.state = running_state()
        source = source if source is not None else self._process.stdout.fileno()
        threading.Thread(target=self._collect, args=(source, bundle), daemon=True).start()

    def _collect(self, source, bundle):
        with open(self.log_path, "ab", buffering=0) as log:
            while data := _read(source):
                with self._written:
                    log.write(data)
                    self._written.notify_all()
        code = self._process.wait()
        self.state = terminated_state(self.state, code, self._id)
        self._ended.set()
        with self._written:
            self._written.notify_all()
        subprocess.run(["umount", "-l", str(bundle / "rootfs")], capture_output=True)

    def output(self):
        """All that it has written, and writes until its end."""
        at = 0
        while True:
            with self._written:
                data = self.log_path.read_bytes()[at:] if self.log_path.exists() else b""
                if not data and self._ended.is_set():
                    return
                if not data:
                    self._written.wait(0.5)
            at += len(data)
            if data:
                yield data

    def wait(self):
        return self._process.wait()

    def close_stdin(self):
        os.close(self.stdin)
        self.stdin = None

    def exec_command(self, argv, tty):
        return self._node.runtime.command("exec", *(["--tty"] if tty else []), self._id, *argv)

    def status(self):
        return {"name": self.name, "image": self._container["image"], "imageID": "", "ready": False, "restartCount": 0,
                "state": self.state, "lastState": {}}

    def close(self):
        """Ends it with its pod."""
        if self._process is not None and self._process.poll() is None:
            subprocess.run(self._node.runtime.command("delete", "--force", self._id), capture_output=True)


def _read(source):
    try:
        return os.read(source, 32768)
    except OSError:
        return b""
