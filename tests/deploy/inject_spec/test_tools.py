"""Helm calls the injection, and kubectl writes manifests anew between two of them."""

import os
import tempfile
import unittest
from pathlib import Path

import yaml

from support import DEFINITION, MARK, ROOT, VERSION, by_kind, dumped, inject, manifest, pod_of, run


class Helm(unittest.TestCase):
    """Somebody else's chart, as `helm create` makes it."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        run("helm", "create", "web", cwd=cls.folder)
        run("helm", "plugin", "install", ROOT / "deploy/helm-plugin")
        cls.plain = run("helm", "template", "web", cls.folder / "web")
        # Helm 3 cannot read plugins of Helm 4.
        cls.three = {**os.environ, "HELM_DATA_HOME": str(cls.folder / "helm3")}

    def assert_injected(self, text, flags, but=()):
        wanted = by_kind(inject(self.plain, *flags))
        got = by_kind(text)
        self.assertEqual(got.keys(), wanted.keys())
        for kind in wanted.keys() - set(but):
            self.assertEqual(got[kind], wanted[kind])
        container = pod_of(by_kind(text)["Deployment"])["spec"]["initContainers"][0]
        self.assertEqual(container, DEFINITION)

    def test_helm_4_takes_the_plugin(self):
        more = ["--post-renderer", "mesigate-inject", "--post-renderer-args", "--all"]
        self.assert_injected(run("helm", "template", "web", self.folder / "web", *more), ["--all"])

    def test_helm_3_takes_the_program(self):
        more = [part for word in ["inject", "--all"] for part in ["--post-renderer-args", word]]
        text = run("helm3", "template", "web", self.folder / "web", "--post-renderer", "mesigate", *more, env=self.three)
        # Helm 3 shows hooks to nobody; the Pod is a test, which is a hook.
        self.assert_injected(text, ["--all"], but=["Pod"])

    def test_labels_in_values_are_enough(self):
        more = ["--post-renderer", "mesigate-inject", "--set-string", "podLabels.mesigate\\.io/sidecar=true"]
        made = by_kind(run("helm", "template", "web", self.folder / "web", *more))
        self.assertIn(MARK, pod_of(made["Deployment"])["metadata"]["annotations"])
        self.assertNotIn("annotations", made["Service"]["metadata"])

    def test_a_release_that_nobody_has_asked_to_change_fails_unless_it_may_pass(self):
        command = ["helm", "template", "web", self.folder / "web", "--post-renderer", "mesigate-inject"]
        run(*command, fails=True)
        self.assertEqual(by_kind(run(*command, "--post-renderer-args", "--quiet")), by_kind(self.plain))
        said = run("helm3", "template", "web", self.folder / "web", "--post-renderer", "mesigate",
                   "--post-renderer-args", "inject", env=self.three, fails=True)
        self.assertIn("none asks for the sidecar", said)

    def test_the_plugin_has_the_program_s_version(self):
        self.assertEqual(yaml.safe_load((ROOT / "deploy/helm-plugin/plugin.yaml").read_text())["version"], VERSION)


class Kubectl(unittest.TestCase):
    """kubectl sorts keys, and writes in its own style."""

    def anew(self, text, form):
        return run("kubectl", "label", "--local", "-f", "-", "-o", form, "seen=1", text=text)

    def test_there_is_a_way_back_from_what_kubectl_has_written_anew(self):
        for name in ["kubectl-create.yaml", "job.yaml", "helm-template.yaml", "cronjob.yaml"]:
            text = (ROOT / "tests/manifests" / name).read_text()
            documents = [each for each in yaml.safe_load_all(text) if each and "spec" in each]
            for document in documents:
                document["metadata"].setdefault("name", "made-by-the-cluster")
                self.check(dumped(document))

    def check(self, text):
        flags = ["--quiet", "--set", "*.env.MESIBO_API=http://127.0.0.1:18080", "--config-map", "settings"]
        for form in ["yaml", "json"]:
            injected = self.anew(inject(text, *flags), form)
            self.assertEqual(yaml.safe_load(inject(injected, *flags)), yaml.safe_load(injected))
            back = inject(injected, "--uninject", "--quiet")
            self.assertEqual(yaml.safe_load(back), yaml.safe_load(self.anew(text, "yaml")), form)

    def test_a_list_as_kubectl_prints_it(self):
        documents = dumped(manifest("Deployment"), manifest("CronJob"))
        listed = run("kubectl", "label", "--local", "-f", "-", "-o", "json", "seen=1", text=documents)
        once = inject(listed)
        self.assertEqual(inject(once), once)
        self.assertEqual(inject(once, "--uninject"), listed)
        self.assertEqual(once.count('"mesigate.io/sidecar-version"'), 2)
