"""One definition in four forms: what each makes of an object is the same."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

from support import (CHART, DEFINITION, KINDS, MARK, PATCHED, ROOT, VERSION, by_kind, dumped, inject, kustomized, manifest,
                     patched, pod_of, run, unchecked, with_sidecar)

# A chart of somebody's own, whose templates are all kinds.
TEMPLATE = """
apiVersion: {apiVersion}
kind: {kind}
pod:
  metadata:
    annotations:
      {{{{- include "mesigate.sidecar.annotations" .Subcharts.mesigate | nindent 6 }}}}
  spec:
    initContainers:
      {{{{- include "mesigate.sidecar" .Subcharts.mesigate | nindent 6 }}}}
"""


def rendered(sidecar):
    """The pods that the chart's template gives, by kind."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        shutil.copytree(CHART, folder / "mesigate")
        (folder / "app/templates").mkdir(parents=True)
        dependency = {"name": "mesigate", "version": VERSION, "repository": "file://../mesigate"}
        parent = {"apiVersion": "v2", "name": "app", "version": "1.0.0", "dependencies": [dependency]}
        (folder / "app/Chart.yaml").write_text(yaml.safe_dump(parent))
        values = {"mesigate": {"enabled": False, "sidecar": sidecar}}
        (folder / "app/values.yaml").write_text(yaml.safe_dump(values))
        for kind in KINDS:
            text = TEMPLATE.format(kind=kind, apiVersion=manifest(kind)["apiVersion"])
            (folder / f"app/templates/{kind.lower()}.yaml").write_text(text)
        run("helm", "dependency", "update", folder / "app")
        return {kind: document["pod"] for kind, document in by_kind(run("helm", "template", "app", folder / "app")).items()}


class Forms(unittest.TestCase):
    maxDiff = None

    def test_the_page_has_the_definition(self):
        page = (ROOT / "docs/sidecar.md").read_text()
        shown = yaml.safe_load(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])["spec"]["template"]
        self.assertEqual(shown["spec"]["initContainers"], [DEFINITION])
        self.assertEqual(shown["metadata"]["annotations"], {MARK: VERSION})

    def test_an_injection_adds_it_to_every_kind(self):
        documents = [manifest(kind) for kind in KINDS]
        made = by_kind(inject(dumped(*documents)))
        for document in documents:
            wanted = document if document["kind"] != "Pod" else {**document, "metadata": {**document["metadata"]}}
            self.assertEqual(made[document["kind"]], with_sidecar(wanted), document["kind"])

    def test_the_component_makes_what_an_injection_makes(self):
        documents = [manifest(kind) for kind in PATCHED]
        injected = by_kind(inject(dumped(*documents)))
        for kind, document in kustomized(*documents).items():
            self.assertEqual(document, injected[kind], kind)

    def test_the_component_leaves_alone_what_does_not_ask(self):
        documents = [manifest(kind) for kind in PATCHED]
        for document in documents:
            document["metadata"]["labels"] = {"mesigate.io/sidecar": "false"}
        built = kustomized(*documents, manifest("Deployment", "other"))
        for document in documents[1:]:
            self.assertEqual(built[document["kind"]], document)

    def test_the_image_is_named_by_the_kustomization(self):
        image = "registry.example.com:5000/tools/mesigate"
        built = kustomized(manifest("Job"), image=image)["Job"]
        self.assertEqual(built, with_sidecar(manifest("Job"), f"{image}:{VERSION}"))
        flag = by_kind(inject(dumped(manifest("Job")), "--image", f"{image}:{VERSION}"))["Job"]
        self.assertEqual(built, flag)

    def test_kubectl_patches_to_the_same(self):
        for kind in PATCHED:
            document = manifest(kind)
            self.assertEqual(patched(document), with_sidecar(document), kind)

    def test_the_chart_gives_the_same(self):
        if not CHART.exists():
            return unchecked("the chart's template, for there is no deploy/chart")
        for flags, values in [
            ([], {}),
            (["--config-map", "settings", "--secret", "bot", "--secret", "key"],
             {"configMap": "settings", "secrets": [{"name": "bot"}, {"name": "key"}]}),
        ]:
            pods = rendered(values)
            injected = by_kind(inject(dumped(*[manifest(kind) for kind in KINDS]), *flags))
            for kind in KINDS:
                container = pod_of(injected[kind])["spec"]["initContainers"][0]
                self.assertEqual(pods[kind]["spec"]["initContainers"], [container], kind)
                self.assertEqual(pods[kind]["metadata"]["annotations"], {MARK: VERSION}, kind)

    def test_the_classic_forms_are_the_same(self):
        if not CHART.exists():
            return unchecked("the chart's classic form, for there is no deploy/chart")
        container = rendered({"classic": True})["Deployment"]["spec"]["initContainers"][0]
        injected = by_kind(inject(dumped(manifest("Deployment")), "--classic"))["Deployment"]
        self.assertEqual(pod_of(injected)["spec"]["containers"][0], container)

    def test_an_injection_takes_over_what_the_other_forms_have_made(self):
        for document in [kustomized(manifest("Deployment"))["Deployment"], patched(manifest("Deployment"))]:
            text = dumped(document)
            self.assertEqual(by_kind(inject(text))["Deployment"], document)
            bare = by_kind(inject(text, "--uninject"))["Deployment"]
            self.assertEqual(bare, manifest("Deployment"))
