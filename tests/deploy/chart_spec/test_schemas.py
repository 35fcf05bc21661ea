"""What is rendered is valid in the Kubernetes versions that the chart is for, no field misspelt and none unknown."""

import functools
import os
import unittest

import jsonschema
import kubernetes_validate
import yaml

from support import CASES, CHART, ROOT, Refused, accepted, cases, changed_chart, rendered, run, said

VERSIONS = [f"1.{minor}" for minor in range(30, 38)]


@functools.cache
def operator_schemas():
    return cases("operator-schemas.yaml")


def check(thing, version):
    """Raises on what a version of Kubernetes would refuse or drop."""
    if thing["apiVersion"].startswith("monitoring.coreos.com/"):
        jsonschema.validate(thing, operator_schemas()[thing["kind"]])
    else:
        kubernetes_validate.validate(thing, version, strict=True)


class Schemas(unittest.TestCase):
    def test_each_object_of_each_case_is_valid_in_each_version(self):
        seen = set()
        for case in accepted():
            for name, thing in rendered(case["values"]).items():
                text = yaml.safe_dump(thing)
                if text in seen:
                    continue
                seen.add(text)
                for version in VERSIONS:
                    with self.subTest(case["case"], object=name, kubernetes=version):
                        check(thing, version)
        self.assertGreater(len(seen), 40)

    def test_a_misspelt_field_is_found(self):
        deployment = rendered()["Deployment/mesigate"]
        misspelt = yaml.safe_load(yaml.safe_dump(deployment).replace("readinessProbe", "readynessProbe"))
        for version in VERSIONS:
            with self.subTest(version), self.assertRaises(kubernetes_validate.ValidationError):
                check(misspelt, version)
        monitor = rendered({"podMonitor": {"enabled": True}})["PodMonitor/mesigate"]
        monitor["spec"]["podMetricEndpoints"] = monitor["spec"].pop("podMetricsEndpoints")
        with self.assertRaises(jsonschema.ValidationError):
            check(monitor, "1.30")

    def test_rules_and_dashboards_are_valid(self):
        rule = "groups: [{ name: g, rules: [{ alert: A, expr: up == 0, for: 5m, labels: { severity: page } }] }]\n"
        files = {"files/alerts.yaml": rule, "files/dashboards/one.json": "{}"}
        values = {"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}
        with changed_chart(files=files) as chart:
            for thing in rendered(values, chart=chart).values():
                check(thing, VERSIONS[0])


class Chart(unittest.TestCase):
    def test_helm_lint_finds_nothing(self):
        for helm in ("helm", "helm3"):
            for values in [None, *sorted((CASES / "released").glob("*.yaml"))]:
                with self.subTest(helm, values=values and values.name):
                    more = ["--values", values] if values else []
                    said(run(helm, "lint", "--strict", "--kube-version", "1.30.0", CHART, *more))

    def test_an_older_kubernetes_is_refused(self):
        with self.assertRaisesRegex(Refused, "requires kubeVersion: >=1.30.0-0"):
            said(run("helm", "template", CHART, "--kube-version", "1.29.9"))
        said(run("helm", "template", CHART, "--kube-version", "1.30.0-gke.1"))

    def test_a_package_is_the_same_whenever_it_is_made(self):
        sums = set()
        before = (CHART / "values.yaml").stat()
        self.addCleanup(os.utime, CHART / "values.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
        for values_time in (1, 2_000_000_000):
            with changed_chart() as elsewhere:
                os.utime(CHART / "values.yaml", (values_time, values_time))
                said(run(ROOT / "deploy/package-chart", elsewhere.parent))
                sums.add(said(run("sha256sum", *elsewhere.parent.glob("*.tgz"))).split()[0])
        self.assertEqual(len(sums), 1)
