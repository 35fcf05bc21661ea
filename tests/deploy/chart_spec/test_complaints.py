"""What users of other charts have suffered from, and must not suffer from here."""

import itertools
import re
import unittest

import yaml

from support import (
    ABSENT, CASES, CHART, ROOT, Refused, accepted, at, changed_chart, containers, pods, rendered, run, said, version,
)
from test_refused import closed


class ParentChart(unittest.TestCase):
    """A closed schema breaks a parent chart, or an upgrade with values that were good before."""

    def test_a_parent_of_two_lines_with_globals_of_its_own_renders(self):
        parent = {
            "Chart.yaml": "apiVersion: v2\nname: parent\nversion: 1.0.0\n",
            "values.yaml": "global: { region: eu, nested: { a: [1] } }\nmesigate: { replicas: 3 }\n",
        }
        with changed_chart() as chart:
            folder = chart.parent / "parent"
            (folder / "charts").mkdir(parents=True)
            chart.rename(folder / "charts/mesigate")
            for name, text in parent.items():
                (folder / name).write_text(text)
            for helm in ("helm", "helm3"):
                with self.subTest(helm):
                    objects = rendered(helm=helm, chart=folder)
                    self.assertEqual(at(objects["Deployment/mesigate"], "spec.replicas"), 3)

    def test_values_of_every_release_are_still_accepted(self):
        released = sorted((CASES / "released").glob("*.yaml"))
        self.assertIn(version(), [file.stem for file in released], "each version has its set of values")
        for file in released:
            with self.subTest(file.stem):
                said(run("helm", "lint", "--strict", CHART, "--values", file))
                rendered(yaml.safe_load(file.read_text()))

    def test_the_set_of_this_version_has_every_key(self):
        values = yaml.safe_load((CASES / f"released/{version()}.yaml").read_text())
        schema = yaml.safe_load((CHART / "values.schema.json").read_text())
        for path in closed(schema):
            below = at(values, ".".join(path)) if path else values
            self.assertIsNot(below, ABSENT, path)
            for key in schema_at(schema, path)["properties"]:
                self.assertIn(key, below, f"{'.'.join(path)} has a new key: let the set of values use it")


def schema_at(schema, path):
    for key in path:
        schema = schema["properties"][key]
    return schema


class Upgrades(unittest.TestCase):
    """Selectors cannot change, and neither should pods without need."""

    def versions(self):
        text = (CHART / "Chart.yaml").read_text()
        for number in (version(), "9.9.9"):
            with changed_chart(files={"Chart.yaml": text.replace(version(), number)}) as chart:
                yield rendered(chart=chart)

    def test_selectors_are_the_same_in_every_version(self):
        first, second = ({n: at(o, "spec.selector") for n, o in objects.items()} for objects in self.versions())
        self.assertEqual(first, second)
        self.assertEqual(
            first["Deployment/mesigate"],
            {"matchLabels": {"app.kubernetes.io/name": "mesigate", "app.kubernetes.io/instance": "mesigate"}},
        )

    def test_a_chart_of_the_same_program_makes_no_new_pods(self):
        text = (CHART / "Chart.yaml").read_text()
        with changed_chart(files={"Chart.yaml": re.sub(r"(?m)^version: .*", "version: 9.9.9", text)}) as chart:
            self.assertEqual(template(rendered(chart=chart)), template(rendered()))

    def test_what_nobody_may_change_of_a_stateful_set_is_the_same_in_every_version(self):
        text = (CHART / "Chart.yaml").read_text()
        fixed = []
        for number in (version(), "9.9.9"):
            with changed_chart(files={"Chart.yaml": text.replace(version(), number)}) as chart:
                spec = rendered({"ledger": {"persistence": {"enabled": True}}}, chart=chart)["StatefulSet/mesigate"]["spec"]
                fixed.append({key: spec[key] for key in ("selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates")})
        self.assertEqual(*fixed)

    def test_an_upgrade_does_not_undo_what_the_autoscaler_did(self):
        self.assertIs(at(deployment(rendered({"autoscaling": {"enabled": True}})), "spec.replicas"), ABSENT)


def deployment(objects):
    return next(thing for name, thing in objects.items() if name.startswith("Deployment/"))


def template(objects):
    return deployment(objects)["spec"]["template"]


class Mirrors(unittest.TestCase):
    """A digest in the defaults breaks private mirrors."""

    def test_no_digest_is_shipped(self):
        self.assertEqual(yaml.safe_load((CHART / "values.yaml").read_text())["image"]["digest"], "")

    def test_a_registry_alone_moves_the_image(self):
        image = at(template(rendered({"image": {"registry": "mirror.example.com:5000"}})), "spec.containers[0].image")
        self.assertEqual(image, f"mirror.example.com:5000/mesigate:{version()}")


class Drains(unittest.TestCase):
    """A budget for one replica stops the drain of its node."""

    def test_there_is_a_budget_from_two_replicas_on(self):
        for replicas in range(5):
            with self.subTest(replicas=replicas):
                self.assertEqual(self.has_budget({"replicas": replicas}), replicas >= 2)

    def test_with_an_autoscaler_its_fewest_count(self):
        for fewest in range(1, 5):
            values = {"replicas": 5 - fewest, "autoscaling": {"enabled": True, "minReplicas": fewest}}
            with self.subTest(fewest=fewest):
                self.assertEqual(self.has_budget(values), fewest >= 2)

    def test_it_can_be_switched_off(self):
        self.assertFalse(self.has_budget({"podDisruptionBudget": {"enabled": False}}))

    def has_budget(self, values):
        return "PodDisruptionBudget/mesigate" in rendered(values)


class Switches(unittest.TestCase):
    """An object that is there or not by what the cluster has is missing where nobody looks for it."""

    def test_no_template_asks_the_cluster(self):
        files = [file for file in (CHART / "templates").iterdir() if file.is_file()]
        self.assertGreater(len(files), 15)
        for file in files:
            text = file.read_text()
            for word in (".Capabilities", "lookup", "helm.sh/hook", "genCA", "randAlpha", "now"):
                with self.subTest(file=file.name, word=word):
                    self.assertIsNone(re.search(rf"{{{{[^}}]*(?<![\w.]){re.escape(word)}\b", text))

    def test_each_switch_makes_its_object(self):
        kinds = {"serviceMonitor": "ServiceMonitor", "podMonitor": "PodMonitor", "networkPolicy": "NetworkPolicy",
                 "autoscaling": "HorizontalPodAutoscaler"}
        for switch, kind in kinds.items():
            for is_on in (False, True):
                with self.subTest(switch, on=is_on):
                    found = rendered({switch: {"enabled": is_on}})
                    self.assertEqual(f"{kind}/mesigate" in found, is_on)

    def test_alerts_and_dashboards_are_taken_as_they_stand(self):
        files = {
            "files/alerts.yaml": "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n"
            "        annotations: { summary: \"{{ $labels.pod }}\" }\n",
            "files/dashboards/one.json": '{"title": "{{ one }}"}\n',
        }
        values = {"prometheusRule": {"enabled": True, "labels": {"release": "p"}}, "dashboard": {"enabled": True}}
        with changed_chart(without=["files/alerts.yaml", "files/dashboards"], files=files) as chart:
            objects = rendered(values, chart=chart)
        rule, dashboard = objects["PrometheusRule/mesigate"], objects["ConfigMap/mesigate-dashboard"]
        self.assertEqual(rule["spec"], yaml.safe_load(files["files/alerts.yaml"]))
        self.assertEqual(rule["metadata"]["labels"]["release"], "p")
        self.assertEqual(dashboard["data"], {"one.json": files["files/dashboards/one.json"]})
        self.assertEqual(dashboard["metadata"]["labels"]["grafana_dashboard"], "1")


class Reloads(unittest.TestCase):
    """A change of settings must reach the program, and new pods only where it cannot."""

    def pod_of(self, config):
        return template(rendered({"config": config, "replicas": 1}))

    def test_settings_that_are_reloaded_make_no_new_pods(self):
        self.assertEqual(self.pod_of("unknown_tokens = \"refuse\"\n[cap]\nbody = 1000\n"), self.pod_of(""))

    def test_comments_make_no_new_pods(self):
        self.assertEqual(self.pod_of("# a comment\n[log]\nlevel = \"warn\""), self.pod_of("log = { level = \"warn\" }"))

    def test_each_setting_that_counts_at_a_start_makes_new_pods_or_is_a_value(self):
        source = (ROOT / "src/snapshot/reload.rs").read_text()
        listed = re.search(r"const ONLY_AT_START: .*?= \[(.*?)\];", source, re.DOTALL)[1]
        keys = re.findall(r'"(.+?)"', listed)
        self.assertGreater(len(keys), 7)
        for key in keys:
            # A section alone stands for all that is in it.
            section, _, name = key.partition(".")
            name = name or "any"
            value = '["a"]' if name == "hosts" else '"warn"' if section == "log" else "9"
            with self.subTest(key):
                try:
                    self.assertNotEqual(self.pod_of(f"[{section}]\n{name} = {value}\n"), self.pod_of(""))
                except Refused as refused:
                    self.assertIn(f"config has {key}, which the value", str(refused))

    def test_nothing_else_is_taken_for_such_a_setting(self):
        text = (CHART / "templates/_settings.tpl").read_text()
        keys = re.search(r'range list ("admin.hosts".*?) -}}', text)[1]
        source = (ROOT / "src/snapshot/reload.rs").read_text()
        for key in re.findall(r'"(.+?)"', keys):
            self.assertIn(f'"{key}",', source)

    def test_settings_and_secrets_are_folders_and_no_variables(self):
        for case in accepted():
            for spec in pods(rendered(case["values"])).values():
                with self.subTest(case["case"]):
                    for mount in itertools.chain.from_iterable(c.get("volumeMounts", []) for c in containers(spec)):
                        self.assertNotIn("subPath", mount)
                    for variable in at(spec, "containers[mesigate].env"):
                        self.assertIn(variable.get("valueFrom"), (None, {"fieldRef": {"fieldPath": "metadata.name"}}))


class OneNumber(unittest.TestCase):
    """A chart that lags behind the program, or contradicts it."""

    def test_chart_program_and_kustomization_have_one_version(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        images = yaml.safe_load(chart["annotations"]["artifacthub.io/images"])
        kustomization = yaml.safe_load((ROOT / "deploy/kustomize/central/kustomization.yaml").read_text())
        for number in (
            chart["version"],
            chart["appVersion"],
            images[0]["image"].split(":")[1],
            kustomization["images"][0]["newTag"],
            at(kustomization, "configMapGenerator[0].options.labels[app.kubernetes.io/version]"),
            re.search(r"- name: mesigate\n    version: (.+)", (CHART / "README.md").read_text())[1],
        ):
            self.assertEqual(number, version())
