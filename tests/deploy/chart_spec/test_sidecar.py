"""The template `mesigate.sidecar` gives the definition that `mesigate inject` adds, to a chart that takes ours as a
dependency in the way of README.md."""

import itertools
import os
import re
import unittest

import yaml

from support import CHART, ROOT, at, by_name, changed_chart, run, said, version, with_values

DEFINITION = ROOT / "src/inject/sidecar.yaml"
# What apps and other sidecars listen on.
TAKEN = {80, 3000, 3500, 4191, 5000, 8000, 8080, 8443, 9000, 9090, 15001, 50001}


def fenced(after):
    """The blocks of YAML in README.md after a heading."""
    text = (CHART / "README.md").read_text().split(after, 1)[1]
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


class Parent(unittest.TestCase):
    """A chart of somebody's own, made of the blocks of README.md."""

    @classmethod
    def setUpClass(cls):
        holder = changed_chart()
        chart = holder.__enter__()
        cls.addClassCleanup(holder.__exit__, None, None, None)
        cls.folder = chart.parent / "app"
        dependency, values, template = fenced("## A sidecar in your own chart")[:3]
        for name, text in {
            "Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n"
            + dependency.replace("file://../mesigate/deploy/chart", "file://../mesigate"),
            "values.yaml": values,
            "templates/app.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app\nspec:\n" + template,
        }.items():
            (cls.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.folder / name).write_text(text)
        said(run("helm", "dependency", "update", cls.folder))
        cls.definition = yaml.safe_load(DEFINITION.read_text())

    def rendered(self, helm="helm", **sidecar):
        values = {"mesigate": {"sidecar": {"configMap": "", **sidecar}}}
        return by_name(yaml.safe_load_all(with_values(values, helm, "template", "app", self.folder)))

    def pod(self, **more):
        return self.rendered(**more)["Deployment/app"]["spec"]["template"]

    def expected(self, config_map="", secrets=(), classic=False):
        """The definition under options, as `mesigate inject` has them."""
        container = yaml.safe_load(DEFINITION.read_text())
        container["image"] = f"registry.example.com/mesigate:{version()}"
        mounts = []
        if config_map:
            container["env"].append({"name": "MESIGATE_CONFIG", "value": "/etc/mesigate/mesigate.toml"})
            mounts.append({"name": "mesigate-config", "mountPath": "/etc/mesigate", "readOnly": True})
        for number, name in enumerate(secrets, 1):
            path = f"/run/secrets/mesigate/{name}"
            mounts.append({"name": f"mesigate-secret-{number}", "mountPath": path, "readOnly": True})
        if mounts:
            container["volumeMounts"] = mounts
        if classic:
            del container["restartPolicy"]
            container["lifecycle"] = {"preStop": {"exec": {"command": ["mesigate", "drain", "--wait", "2s"]}}}
        return container

    def test_nothing_of_the_gateway_itself_is_installed(self):
        self.assertEqual(list(self.rendered()), ["Deployment/app"])

    def test_it_is_the_definition_under_all_options(self):
        for config_map, secrets, classic in itertools.product(("", "ours"), ([], ["bot", "b.c"]), (False, True)):
            with self.subTest(config_map=config_map, secrets=secrets, classic=classic):
                options = {"configMap": config_map, "secrets": [{"name": n} for n in secrets], "classic": classic}
                pod = self.pod(**options)
                self.assertEqual(pod["spec"]["initContainers"], [self.expected(config_map, secrets, classic)])
                volumes = [{"name": "mesigate-config", "configMap": {"name": "ours"}}] if config_map else []
                for number, name in enumerate(secrets, 1):
                    volumes.append({"name": f"mesigate-secret-{number}", "secret": {"secretName": name}})
                self.assertEqual(pod["spec"]["volumes"] or [], volumes)

    def test_helm_3_gives_the_same(self):
        self.assertEqual(self.rendered(helm="helm3", configMap="ours"), self.rendered(configMap="ours"))

    def test_the_pod_is_marked(self):
        metadata = self.pod()["metadata"]
        self.assertEqual(metadata["labels"], {"mesigate.io/sidecar": "true"})
        self.assertEqual(metadata["annotations"], {"mesigate.io/sidecar-version": version()})

    def test_its_ports_are_not_those_of_apps_and_other_sidecars(self):
        profile = (ROOT / "config/profiles/sidecar.toml").read_text()
        ports = {int(port) for port in re.findall(r'^address = ".*:(\d+)"', profile, re.MULTILINE)}
        self.assertEqual(len(ports), 2)
        ports |= {port["containerPort"] for port in self.pod()["spec"]["initContainers"][0]["ports"]}
        self.assertEqual(ports, {18080, 18090})
        self.assertFalse(ports & TAKEN)

    def test_it_is_what_inject_adds(self):
        program = os.environ["MESIGATE_TESTED"]
        app = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "app"},
            "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "app:1"}]}}},
        }
        flags = ["--all", "--image", f"registry.example.com/mesigate:{version()}", "--config-map", "ours", "--secret", "bot"]
        for classic in (False, True):
            with self.subTest(classic=classic):
                more = ["--classic"] if classic else []
                injected = yaml.safe_load(said(run(program, "inject", *flags, *more, input=yaml.safe_dump(app))))
                pod = self.pod(configMap="ours", secrets=[{"name": "bot"}], classic=classic)
                found = at(injected, "spec.template.spec.containers[mesigate]" if classic else "spec.template.spec.initContainers[mesigate]")
                self.assertEqual(pod["spec"]["initContainers"][0], found)
                self.assertEqual(pod["spec"]["volumes"], at(injected, "spec.template.spec.volumes"))


class Definition(unittest.TestCase):
    def test_the_chart_carries_the_definition_of_inject(self):
        self.assertEqual((CHART / "files/sidecar.yaml").read_text(), DEFINITION.read_text())

    def test_its_image_is_this_version(self):
        self.assertEqual(yaml.safe_load(DEFINITION.read_text())["image"], f"mesigate:{version()}")
