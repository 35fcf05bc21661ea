"""checkov's policies for Kubernetes, but for those of policy.yaml, which say why not."""

import json
import os
import tempfile
import unittest

import yaml

from support import accepted, cases, rendered, run


def found(objects):
    """The policies that objects break, and how many passed."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/objects.yaml", "w") as file:
            yaml.safe_dump_all(objects.values(), file)
        command = os.environ["DEPLOY_CHECKOV"].split()
        flags = ["--framework", "kubernetes", "--file", file.name, "--output", "json", "--quiet", "--soft-fail"]
        finished = run(*command, *flags, "--skip-download", env={**os.environ, "LOG_LEVEL": "ERROR"})
        report = json.loads(finished.stdout)
        return report["results"]["failed_checks"], report["summary"]["passed"]


class Policies(unittest.TestCase):
    def test_only_those_with_a_reason_are_broken(self):
        reasons = cases("policy.yaml")
        values = [case["values"] for case in accepted() if case["case"] in reasons["cases"]]
        self.assertEqual(len(values), len(reasons["cases"]))
        objects = {f"{i}/{name}": thing for i, v in enumerate(values) for name, thing in rendered(v).items()}
        failed, passed = found(objects)
        self.assertGreater(passed, 100)
        broken = {f"{check['check_id']} {check['check_name']}" for check in failed}
        self.assertEqual(broken, {f"{skip['policy']} {skip['says']}" for skip in reasons["not_followed"]})

    def test_a_container_that_may_do_more_is_found(self):
        values = {"securityContext": {"allowPrivilegeEscalation": True}}
        failed, _ = found(rendered(values))
        self.assertIn("CKV_K8S_20", {check["check_id"] for check in failed})
