"""What is made from the chart is what the chart says today."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

from support import CHART, ROOT, at, by_name, rendered, run, said, version


class Readme(unittest.TestCase):
    def test_its_table_is_made_from_the_values(self):
        said(run(ROOT / "deploy/values-table", "--check"))

    def test_each_value_has_a_sentence(self):
        documented = set(re.findall(r"^\| `([\w.]+)` \|", (CHART / "README.md").read_text(), re.MULTILINE))
        schema = yaml.safe_load((CHART / "values.schema.json").read_text())
        for path in leaves(schema):
            with self.subTest(path):
                self.assertIn(path, documented)

    def test_its_examples_render(self):
        blocks = re.findall(r"```yaml\n(.*?)```", (CHART / "README.md").read_text(), re.DOTALL)
        values = [block for block in blocks if block.startswith(("config:", "console:"))]
        app, console = (rendered(yaml.safe_load(block)) for block in values)
        self.assertIn("[[app]]", at(app["ConfigMap/mesigate"], "data[mesigate.toml]"))
        variables = at(console["Deployment/mesigate"], "spec.template.spec.containers[mesigate].env")
        self.assertIn("MESIGATE__CONSOLE__ON", {variable["name"] for variable in variables})

    def test_its_flags_are_values(self):
        text = (CHART / "README.md").read_text()
        documented = set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE))
        for flag in re.findall(r"--set ([\w.=,/-]+)", text):
            for assignment in flag.split(","):
                key = assignment.split("=")[0]
                with self.subTest(key):
                    self.assertTrue({key, key.split(".")[0]} & documented)

    def test_it_works_where_the_cluster_chooses_the_user(self):
        flags = re.search(r"`--set (podSecurityContext[^`]+)`", (CHART / "README.md").read_text())[1]
        text = said(run("helm", "template", "mesigate", CHART, "--set", flags))
        pod = at(by_name(yaml.safe_load_all(text))["Deployment/mesigate"], "spec.template.spec.securityContext")
        self.assertEqual(set(pod), {"runAsNonRoot", "fsGroupChangePolicy", "seccompProfile"})


def leaves(schema, path=()):
    """The paths of all values that are not groups of others."""
    for key, below in schema.get("properties", {}).items():
        if below.get("additionalProperties") is False:
            yield from leaves(below, (*path, key))
        elif key != "global":
            yield ".".join((*path, key))


class Monitoring(unittest.TestCase):
    def test_its_alerts_and_its_dashboard_are_those_of_plain_hosts(self):
        for ours, theirs in (("files/alerts.yaml", "prometheus/rules.yaml"), ("files/dashboards/mesigate.json", "grafana/mesigate.json")):
            with self.subTest(ours):
                self.assertEqual((CHART / ours).read_text(), (ROOT / "deploy" / theirs).read_text())

    def test_they_are_installed_as_they_stand(self):
        objects = rendered({"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}})
        rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text())
        self.assertEqual(objects["PrometheusRule/mesigate"]["spec"], rules)
        dashboard = objects["ConfigMap/mesigate-dashboard"]["data"]["mesigate.json"]
        self.assertEqual(dashboard, (ROOT / "deploy/grafana/mesigate.json").read_text())

    def test_what_is_left_out_is_all_that_is_missing(self):
        spec = rendered({"prometheusRule": {"enabled": True, "without": ["MesigateStrangers"]}})["PrometheusRule/mesigate"]["spec"]
        rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text())
        for group in rules["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule.get("alert") != "MesigateStrangers"]
        self.assertEqual(spec, rules)


class Kustomization(unittest.TestCase):
    def test_its_objects_are_made_from_the_chart(self):
        said(run(ROOT / "deploy/kustomize/from-chart", "--check"))

    def test_what_it_gives_is_what_the_chart_gives(self):
        given = by_name(yaml.safe_load_all(said(run("kubectl", "kustomize", ROOT / "deploy/kustomize/central"))))
        expected = rendered()
        for thing in expected.values():
            thing["metadata"].pop("namespace")
            del thing["metadata"]["labels"]["helm.sh/chart"], thing["metadata"]["labels"]["app.kubernetes.io/managed-by"]
        del expected["Deployment/mesigate"]["spec"]["template"]["metadata"]["annotations"]["checksum/settings-at-start"]
        self.assertEqual(given, expected)

    def test_a_kustomization_of_ones_own_takes_it_as_it_says(self):
        kustomization = (ROOT / "deploy/kustomize/central/kustomization.yaml").read_text()
        own = "".join(re.findall(r"^#   (.*\n)", kustomization, re.MULTILINE))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "deploy/kustomize", f"{folder}/mesigate/deploy/kustomize")
            mine = Path(folder) / "mine"
            mine.mkdir()
            (mine / "kustomization.yaml").write_text(own)
            (mine / "mesigate.toml").write_text("unknown_tokens = \"refuse\"\n")
            given = by_name(yaml.safe_load_all(said(run("kubectl", "kustomize", mine))))
        image = at(given["Deployment/mesigate"], "spec.template.spec.containers[mesigate].image")
        self.assertEqual(image, f"registry.example.com/mesigate:{version()}")
        self.assertEqual(given["ConfigMap/mesigate"]["data"], {"mesigate.toml": "unknown_tokens = \"refuse\"\n"})
        self.assertEqual({thing["metadata"]["namespace"] for thing in given.values()}, {"mesigate"})
