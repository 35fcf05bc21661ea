"""The commands of docs/sidecar.md, in their order, in a folder with what the page speaks of."""

import os
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

from support import MARK, ROOT, run

# Stands for kubectl where there is no cluster: `get` shows an object, `apply` keeps what it is given, and `exec` runs
# beside a gateway; all else is kubectl's own.
KUBECTL = """#!/usr/bin/env bash
set -euo pipefail
case $1 in
    get) cat "$PAGE_FOLDER/cluster.yaml" ;;
    apply) cat >"$PAGE_FOLDER/applied.yaml" ;;
    exec)
        while [[ $1 != -- ]]; do shift; done
        shift
        mesigate serve --sandbox >"$PAGE_FOLDER/log" 2>&1 &
        gateway=$!
        trap 'kill "$gateway" 2>/dev/null || true; wait "$gateway" || true' EXIT
        for _ in {1..600}; do
            "$@" >"$PAGE_FOLDER/said" 2>&1 && { cat "$PAGE_FOLDER/said"; exit 0; }
            kill -0 "$gateway" 2>/dev/null || break
            sleep 0.05
        done
        cat "$PAGE_FOLDER/said" "$PAGE_FOLDER/log" >&2
        exit 1
        ;;
    *) exec "$REAL_KUBECTL" "$@" ;;
esac
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Page(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        manifests = ROOT / "tests/manifests"
        (self.folder / "web.yaml").write_text((manifests / "kubectl-create.yaml").read_text().replace("name: nginx", "name: app"))
        (self.folder / "cluster.yaml").write_text((manifests / "kubectl-get.yaml").read_text())
        (self.folder / "mesigate").symlink_to(ROOT)
        run("helm", "create", "web", cwd=self.folder)
        values = self.folder / "web/values.yaml"
        values.write_text(values.read_text().replace("podLabels: {}", 'podLabels: {mesigate.io/sidecar: "true"}'))
        self.page = (ROOT / "docs/sidecar.md").read_text()
        build = re.search(r"```yaml\n# kustomization.yaml\n(.*?)```", self.page, re.DOTALL)[1]
        # kustomize leaves its folder only for what is a folder of its own.
        (self.folder / "kustomization.yaml").write_text(build.replace("mesigate/deploy", os.path.relpath(ROOT / "deploy", self.folder.resolve())))
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "kubectl").write_text(KUBECTL)
        (programs / "kubectl").chmod(0o755)
        real = subprocess.run(["which", "kubectl"], capture_output=True, text=True, check=True).stdout.strip()
        self.environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PAGE_FOLDER": str(self.folder),
            "REAL_KUBECTL": real,
            "HELM_DATA_HOME": str(self.folder / "data"),
            "MESIGATE__LISTEN__ADDRESS": f"127.0.0.1:{free_port()}",
            "MESIGATE__ADMIN__ADDRESS": f"127.0.0.1:{free_port()}",
        }

    def test_every_command_works(self):
        printed = {}
        for command in re.findall(r"```sh\n(.*?)```", self.page, re.DOTALL):
            environment = dict(self.environment)
            if command.startswith("helm3"):
                environment["HELM_DATA_HOME"] = str(self.folder / "data3")
            printed[command] = run("bash", "-euo", "pipefail", "-c", command, cwd=self.folder, env=environment)
        self.assertGreaterEqual(len(printed), 9)
        self.assert_shown(printed)

    def assert_shown(self, printed):
        def of(words):
            return next(text for command, text in printed.items() if words in command)

        for words in ["kubectl kustomize", "kubectl patch", "helm3 template", "helm template"]:
            self.assertIn(f"{MARK}:", of(words), words)
        self.assertIn(f"{MARK}:", (self.folder / "injected.yaml").read_text())
        self.assertIn("+      - name: mesigate\n", of("--dry-run"))
        self.assertIn("+          value: http://127.0.0.1:18080\n", of("--dry-run"))
        self.assertEqual(of("| diff -"), "")
        applied = yaml.safe_load((self.folder / "applied.yaml").read_text())
        names = [each["image"] for each in applied["spec"]["template"]["spec"]["initContainers"]]
        self.assertEqual(len(names), 1)
        self.assertTrue(names[0].startswith("registry.example.com/mesigate:"))
