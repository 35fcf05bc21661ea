"""What comes out is valid, by the schemas of every version of Kubernetes that has the native form."""

import unittest

import kubernetes_validate
import yaml

from support import KINDS, PATCHED, dumped, inject, kustomized, manifest, patched

VERSIONS = [f"1.{minor}" for minor in range(29, 38)]
FLAGS = [
    [],
    ["--config-map", "settings", "--secret", "bot", "--set", "app.env.MESIBO_API=http://127.0.0.1:18080"],
    ["--classic", "--kubernetes", "1.28"],
]


class Schemas(unittest.TestCase):
    def assert_valid(self, document, what):
        for version in VERSIONS:
            with self.subTest(what=what, kind=document["kind"], version=version):
                kubernetes_validate.validate(document, version, strict=True)

    def test_injected_manifests_are_valid(self):
        for flags in FLAGS:
            kinds = [kind for kind in KINDS if "--classic" not in flags or kind not in ("Job", "CronJob")]
            for document in yaml.safe_load_all(inject(dumped(*map(manifest, kinds)), *flags)):
                self.assert_valid(document, flags)

    def test_what_kustomize_and_kubectl_make_is_valid(self):
        for document in kustomized(*map(manifest, PATCHED)).values():
            self.assert_valid(document, "kustomize")
        for kind in PATCHED:
            self.assert_valid(patched(manifest(kind)), "kubectl patch")

    def test_the_schemas_see_a_slip(self):
        text = inject(dumped(manifest("Deployment"))).replace("restartPolicy: Always", "restartPollicy: Always")
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(yaml.safe_load(text), "1.30", strict=True)
