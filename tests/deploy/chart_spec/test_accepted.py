"""Each case of accepted.yaml has what it says, in Helm 4 and Helm 3, and what every release of the chart must have."""

import unittest

from support import ABSENT, accepted, at, claims, containers, notes, pods, rendered, workload


class Cases(unittest.TestCase):
    def test_each_case_has_the_objects_and_values_that_it_names(self):
        for case in accepted():
            with self.subTest(case["case"]):
                self.has_what_it_names(case, rendered(case["values"]))

    def has_what_it_names(self, case, objects):
        if "objects" in case:
            self.assertEqual(sorted(objects), sorted(case["objects"]))
        for name, expected in case.get("has", {}).items():
            self.assertIn(name, objects)
            for path, value in expected.items():
                self.assertEqual(at(objects[name], path), value, f"{name} {path}")
        for name, paths in case.get("lacks", {}).items():
            for path in paths:
                self.assertIs(at(objects[name], path), ABSENT, f"{name} {path}")

    def test_each_case_has_the_notes_that_it_names(self):
        for case in accepted():
            with self.subTest(case["case"]):
                for sentence in case.get("notes", []):
                    self.assertIn(sentence, notes(case["values"]))
                for sentence in case.get("notes_lack", []):
                    self.assertNotIn(sentence, notes(case["values"]))

    def test_helm_3_renders_what_helm_4_renders(self):
        for case in accepted():
            with self.subTest(case["case"]):
                self.assertEqual(rendered(case["values"], helm="helm3"), rendered(case["values"]))

    def test_each_object_is_in_the_namespace_of_the_release(self):
        for case in accepted():
            for name, thing in rendered(case["values"]).items():
                if name not in case.get("extra", []):
                    with self.subTest(case["case"], object=name):
                        self.assertEqual(thing["metadata"].get("namespace"), "chat")


class EveryPod(unittest.TestCase):
    def setUp(self):
        self.pods = [
            (case["case"], spec) for case in accepted() for spec in pods(rendered(case["values"])).values()
        ]
        self.assertGreater(len(self.pods), 10)

    def test_passes_pod_security_restricted(self):
        unrestricted = [case["case"] for case in accepted() if case.get("unrestricted")]
        for case, spec in self.pods:
            with self.subTest(case):
                if case in unrestricted:
                    continue
                self.assertEqual(at(spec, "securityContext.runAsNonRoot"), True)
                self.assertEqual(at(spec, "securityContext.seccompProfile.type"), "RuntimeDefault")
                for field in ("hostNetwork", "hostPID", "hostIPC"):
                    self.assertNotIn(field, spec)
                allowed = {"name", "configMap", "secret", "emptyDir", "projected", "csi", "ephemeral", "persistentVolumeClaim"}
                self.assertLessEqual({key for volume in spec["volumes"] for key in volume}, allowed)
                gateway = at(spec, "containers[mesigate].securityContext")
                self.assertIs(gateway["allowPrivilegeEscalation"], False)
                self.assertEqual(gateway["capabilities"], {"drop": ["ALL"]})
                self.assertIs(gateway["readOnlyRootFilesystem"], True)

    def test_has_no_token_of_the_cluster(self):
        for case, spec in self.pods:
            with self.subTest(case):
                self.assertIs(spec["automountServiceAccountToken"], False)

    def test_each_mount_has_its_volume_and_each_volume_a_mount(self):
        for case in accepted():
            objects = rendered(case["values"])
            for spec in pods(objects).values():
                with self.subTest(case["case"]):
                    mounts = {m["name"] for c in containers(spec) for m in c.get("volumeMounts", [])}
                    self.assertEqual(mounts, {volume["name"] for volume in spec["volumes"]} | claims(objects))

    def test_each_probe_asks_a_port_that_is_declared(self):
        for case, spec in self.pods:
            gateway = at(spec, "containers[mesigate]")
            names = {port["name"] for port in gateway["ports"]}
            for probe, path in (("startup", "/startupz"), ("readiness", "/readyz"), ("liveness", "/livez")):
                with self.subTest(case, probe=probe):
                    asked = gateway[f"{probe}Probe"]["httpGet"]
                    self.assertEqual(asked["path"], path)
                    self.assertIn(asked["port"], names)


class EveryService(unittest.TestCase):
    def test_finds_the_pods_and_a_port_of_them(self):
        for case in accepted():
            objects = rendered(case["values"])
            for name, thing in objects.items():
                if not name.startswith("Service/"):
                    continue
                with self.subTest(case["case"], service=name):
                    template = workload(objects)["spec"]["template"]
                    self.assertLessEqual(thing["spec"]["selector"].items(), template["metadata"]["labels"].items())
                    ports = {port["name"] for port in at(template, "spec.containers[mesigate].ports")}
                    self.assertLessEqual({port["targetPort"] for port in thing["spec"]["ports"]}, ports)
