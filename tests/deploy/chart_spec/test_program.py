"""What the chart writes as settings is what the program reads without a fault."""

import json
import os
import re
import subprocess
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from kube import atomic_writer
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
        variables = {v["name"]: v.get("value", "mesigate-0") for v in at(pod, "containers[mesigate].env")}
        with tempfile.TemporaryDirectory() as root:
            here = self.inside(root)
            files = {f"/etc/mesigate/{n}": t for n, t in at(objects["ConfigMap/mesigate"], "data").items()}
            for path in re.findall(r'"(/run/secrets/mesigate/[^"]+)"', files["/etc/mesigate/mesigate.toml"]):
                files[path] = "a-secret-of-some-length"
            for path in variables.values():
                if path.startswith("/run/secrets/") and not path.endswith((".key", ".crt")):
                    files[path] = f"a-login-token-from-{Path(path).name}"
                elif path.startswith("/run/"):
                    files[path] = (self.keys / ("tls.key" if path.endswith(".key") else "tls.crt")).read_text()
            for path, text in files.items():
                file = Path(root + path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(here(text))
                file.chmod(0o600)
            (Path(root) / "var/log/mesigate").mkdir(parents=True)
            environment = {name: here(value.replace("$(POD_NAME)", "mesigate-0")) for name, value in variables.items()}
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


class KubeletVolume:
    """A folder as the kubelet mounts it. All of its files change at once."""

    def __init__(self, folder, files):
        self.folder = folder
        self.show(files)

    def show(self, files):
        atomic_writer.write(self.folder, {name: (text.encode(), 0o644) for name, text in files.items()})


class Changes(unittest.TestCase):
    """Changes of a ConfigMap or a Secret are in use without a restart, in the way in which the kubelet brings them."""

    CONFIG = """
unknown_tokens = "refuse"
[[app]]
name = "bot"
keys = [{ file = "/run/secrets/mesigate/bot/key" }]
token = { file = "/run/secrets/mesigate/bot/token" }
[keys]
interval = "100ms"
[reload]
interval = "100ms"
[cap]
body = 1000
"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.config = KubeletVolume(Path(self.root + "/etc/mesigate"), self.settings(self.CONFIG))
        self.secret = KubeletVolume(
            Path(self.root + "/run/secrets/mesigate/bot"), {"key": "first-key-of-bot", "token": "sandbox-bot"}
        )
        self.serve()

    def settings(self, config):
        rendered_config = rendered({"config": config, "secrets": [{"name": "bot"}]})["ConfigMap/mesigate"]["data"]
        return {name: text.replace('"/run/', f'"{self.root}/run/') for name, text in rendered_config.items()}

    def serve(self):
        variables = {
            "MESIGATE_PROFILE": "central",
            "MESIGATE_CONFIG": f"{self.root}/etc/mesigate/mesigate.toml",
            "MESIGATE__LISTEN__ADDRESS": "127.0.0.1:0",
            "MESIGATE__ADMIN__ADDRESS": "127.0.0.1:0",
        }
        self.gateway = subprocess.Popen(
            [PROGRAM, "serve", "--sandbox"], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(self.end)
        said_first = ""
        while len(found := re.findall(r"http://(127\.0\.0\.1:\d+)", said_first)) < 2:
            line = self.gateway.stderr.readline()
            self.assertTrue(line, said_first)
            said_first += line
        self.door, self.admin = found[:2]

    def end(self):
        self.gateway.kill()
        self.gateway.communicate()

    def get(self, address, path):
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.read().decode()

    def becomes_true(self, question):
        end = time.monotonic() + 30
        while not question():
            self.assertLess(time.monotonic(), end, "not within 30 s")
            time.sleep(0.05)

    def knows(self, key):
        answer = self.get(self.door, f"/api.php?op=useradd&token={key}&addr=ana&appid=a")
        return json.loads(answer)["result"]

    def test_a_new_config_map_is_applied(self):
        applied = 'mesigate_reloads_total{outcome="applied"} 1'
        self.assertNotIn(applied, self.get(self.admin, "/metrics"))
        self.config.show(self.settings(self.CONFIG.replace("body = 1000", "body = 2000")))
        self.becomes_true(lambda: applied in self.get(self.admin, "/metrics"))

    def test_a_new_secret_is_in_use(self):
        self.assertTrue(self.knows("first-key-of-bot"))
        self.assertFalse(self.knows("second-key-of-bot"))
        self.secret.show({"key": "second-key-of-bot", "token": "sandbox-bot"})
        self.becomes_true(lambda: self.knows("second-key-of-bot"))
        self.assertFalse(self.knows("first-key-of-bot"))


class Commands(unittest.TestCase):
    """The image has no shell, so what runs in a pod are the program's own commands."""

    def test_the_program_has_what_the_chart_runs(self):
        for case in accepted():
            for spec in pods(rendered(case["values"])).values():
                command = at(spec, "containers[mesigate].lifecycle.preStop.exec.command")
                self.assertEqual(command[:3], ["mesigate", "drain", "--wait"])
                said(run(PROGRAM, *command[1:], "--help"))

    def test_the_program_has_what_the_notes_name(self):
        for command in (["health", "--ready"], ["check", "--connect"], ["report", "--merge", "0.ledger", "1.ledger"]):
            with self.subTest(command):
                said(run(PROGRAM, *command, "--help"))
