"""Values that Kubernetes would take and that would not do what is meant: each is refused, with a sentence that says
what to do, and no sentence is without a case."""

import json
import re
import unittest

import jsonschema
import yaml

from support import CHART, Refused, accepted, cases, changed_chart, rendered, sentences


class Refusals(unittest.TestCase):
    def test_each_case_is_refused_with_its_sentences(self):
        for case in cases("refused.yaml"):
            with self.subTest(case["case"]), changed_chart(case.get("without", [])) as chart:
                self.assertEqual(sentences(case["values"], chart), case["says"])

    def test_each_sentence_has_a_case(self):
        written = re.findall(r'^\{\{ printf "((?:[^"\\]|\\.)*)"', (CHART / "templates/_faults.tpl").read_text(), re.M)
        self.assertGreater(len(written), 25)
        seen = [sentence for case in cases("refused.yaml") for sentence in case["says"]]
        for sentence in written:
            form = re.sub(r"%(\\\.1)?[sdf]", ".+", re.escape(sentence.replace('\\"', '"')))
            with self.subTest(sentence):
                self.assertTrue(any(re.fullmatch(form, one) for one in seen))

    def test_all_faults_are_told_at_once(self):
        values = {"ports": {"http": 18090}, "tls": {"enabled": True}, "replicas": 9}
        self.assertEqual(len(sentences(values)), 3)

    def test_no_secret_of_the_settings_is_repeated(self):
        told = 0
        for case in cases("refused.yaml"):
            for secret in case.get("secrets", []):
                told += 1
                with self.assertRaises(Refused) as refused:
                    rendered(case["values"])
                self.assertNotIn(secret, str(refused.exception))
        self.assertGreater(told, 3)

    def test_nothing_is_asked_of_a_gateway_that_is_switched_off(self):
        self.assertEqual(sentences({"enabled": False, "replicas": 9, "tls": {"enabled": True}}), [])


def closed(schema, path=()):
    """The paths of all objects of the schema that take no other keys."""
    if schema.get("additionalProperties") is False:
        yield path
    for key, below in schema.get("properties", {}).items():
        yield from closed(below, (*path, key))


def open_ones(schema, path=()):
    """The paths of all objects in which Kubernetes' own keys pass."""
    for key, below in schema.get("properties", {}).items():
        if "object" in below.get("type", []) and "additionalProperties" not in below:
            yield (*path, key)
        yield from open_ones(below, (*path, key))


def nested(path, value):
    for key in reversed(path):
        value = {key: value}
    return value


class Schema(unittest.TestCase):
    def setUp(self):
        self.schema = json.loads((CHART / "values.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(self.schema)
        self.validator = jsonschema.Draft7Validator(self.schema)

    def test_a_misspelt_key_is_refused_at_every_level_of_ours(self):
        paths = list(closed(self.schema))
        self.assertGreater(len(paths), 15)
        for path in paths:
            with self.subTest(".".join(path)):
                self.assertFalse(self.validator.is_valid(nested(path, {"misspelt": 1})))

    def test_helm_names_the_misspelt_key(self):
        for helm in ("helm", "helm3"):
            with self.subTest(helm), self.assertRaisesRegex(Refused, "autoscalling"):
                rendered({"autoscalling": {"enabled": True}}, helm=helm)

    def test_what_is_kubernetes_own_passes(self):
        paths = list(open_ones(self.schema))
        for expected in ("affinity", "resources", "securityContext", "podSecurityContext", "global", "updateStrategy"):
            self.assertIn((expected,), paths)
        for path in paths:
            with self.subTest(".".join(path)):
                self.assertTrue(self.validator.is_valid(nested(path, {"somethingNew": {"a": [1]}})))

    def test_labels_and_annotations_are_open_for_any_name(self):
        for key in ("annotations", "podAnnotations", "podLabels", "commonLabels", "nodeSelector"):
            self.assertTrue(self.validator.is_valid({key: {"example.com/a": "b"}}), key)

    def test_the_schema_and_the_values_have_the_same_keys(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        for path in closed(self.schema):
            below = values
            for key in path:
                below = below[key]
            known = self.schema
            for key in path:
                known = known["properties"][key]
            self.assertEqual(set(known["properties"]) - {"global"}, set(below), path)

    def test_the_words_of_a_choice_are_all_accepted_by_the_templates(self):
        tried = {at for case in accepted() for at in [case["values"].get("egress", {}).get("mode")]}
        self.assertLessEqual(set(self.schema["properties"]["egress"]["properties"]["mode"]["enum"]) - {"node"}, tried)
