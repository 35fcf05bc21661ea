"""What the chart writes as settings is what the program reads without a fault."""

import os
import re
import tempfile
import unittest
from pathlib import Path

from support import accepted, at, pods, rendered, run, said

PROGRAM = os.environ["MESIGATE_TESTED"]


class Settings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.keys = Path(folder.name)
        said(run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=door",
            "-addext", "subjectAltName=DNS:door", "-keyout", cls.keys / "tls.key", "-out", cls.keys / "tls.crt",
        ))

    def check(self, objects):
        """Runs `mesigate check` with a pod's variables and files, in a folder that stands for the pod's root."""
        pod = next(iter(pods(objects).values()))
        variables = {v["name"]: v["value"] for v in at(pod, "containers[mesigate].env")}
        with tempfile.TemporaryDirectory() as root:
            here = self.inside(root)
            files = {f"/etc/mesigate/{n}": t for n, t in at(objects["ConfigMap/mesigate"], "data").items()}
            for path in re.findall(r'"(/run/secrets/mesigate/[^"]+)"', files["/etc/mesigate/mesigate.toml"]):
                files[path] = "a-secret-of-some-length"
            for path in variables.values():
                if path.startswith("/run/"):
                    files[path] = (self.keys / ("tls.key" if path.endswith(".key") else "tls.crt")).read_text()
            for path, text in files.items():
                file = Path(root + path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(here(text))
                file.chmod(0o600)
            (Path(root) / "var/log/mesigate").mkdir(parents=True)
            environment = {name: here(value) for name, value in variables.items()}
            return run(PROGRAM, "check", env={"PATH": os.environ["PATH"], **environment})

    def inside(self, root):
        return lambda text: re.sub(r"/(?=(etc/mesigate|run/|var/log/mesigate))", f"{root}/", text)

    def test_the_program_takes_the_settings_of_each_case(self):
        checked = 0
        for case in accepted():
            objects = rendered(case["values"])
            if "ConfigMap/mesigate" not in objects:
                continue
            checked += 1
            with self.subTest(case["case"]):
                finished = self.check(objects)
                self.assertEqual(finished.returncode, 0, finished.stdout + finished.stderr)
        self.assertGreater(checked, 20)

    def test_a_wrong_setting_would_be_seen(self):
        finished = self.check(rendered({"config": "[upstream]\nurll = \"x\"\n"}))
        self.assertNotEqual(finished.returncode, 0)
        self.assertIn("urll", finished.stdout + finished.stderr)


class Commands(unittest.TestCase):
    """The image has no shell, so what runs in a pod are the program's own commands."""

    def test_the_program_has_what_the_chart_runs(self):
        for case in accepted():
            for spec in pods(rendered(case["values"])).values():
                command = at(spec, "containers[mesigate].lifecycle.preStop.exec.command")
                self.assertEqual(command[:3], ["mesigate", "drain", "--wait"])
                said(run(PROGRAM, *command[1:], "--help"))

    def test_the_program_has_what_the_notes_name(self):
        for command in (["health", "--ready"], ["check", "--connect"]):
            with self.subTest(command):
                said(run(PROGRAM, *command, "--help"))
