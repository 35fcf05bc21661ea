"""Rules that need no pod: verdicts, back-off, environment, quantities, who is chosen and who may go."""

import unittest

from .backoff import BackOff
from .environment import Facts, argv, environment, expanded, service_environment
from .manifest import Missing, Unsupported, admitted
from .objects import Objects
from .oci_spec import Forbidden, capability_names, oci_spec, user
from .images import Image
from .probes import Verdict
from .quantity import divided, parsed
from .rollout import Counts, Step, evictions_allowed, scaled, step
from .service import chosen

POD = admitted({"kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web"}}, "spec": {"containers": []}})


class Verdicts(unittest.TestCase):
    def test_stands_until_enough_answers_of_the_other_kind_came_in_a_row(self):
        verdict = Verdict({"successThreshold": 2, "failureThreshold": 3}, initially=False)
        answers = [True, False, True, True, False, False, True, False, False, False]
        seen = []
        for answer in answers:
            verdict.hear(answer)
            seen.append(verdict.is_good)
        self.assertEqual(seen, [False, False, False, True, True, True, True, True, True, False])


class BackOffs(unittest.TestCase):
    def test_is_forgotten_after_ten_minutes_of_running(self):
        back_off = BackOff()
        for at in (0, 20, 50):
            back_off.restarted(at)
        self.assertEqual(back_off.left(ended_at=60, now=60), 40)
        self.assertEqual(back_off.left(ended_at=651, now=651), 0)

    def test_never_waits_longer_than_five_minutes(self):
        back_off = BackOff()
        for at in range(20):
            back_off.restarted(at)
        self.assertEqual(back_off.left(ended_at=20, now=20), 300)


class Environment(unittest.TestCase):
    def setUp(self):
        self.objects, self.facts = Objects(), Facts(POD, "10.0.0.2", "10.0.0.1")
        self.objects.put({"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"A": "1", "B": "2"}})

    def of(self, container, image_env=()):
        return environment({"name": "web"} | container, image_env, self.facts, self.objects, {"S": "service"})

    def test_later_sources_win(self):
        container = {"envFrom": [{"configMapRef": {"name": "c"}}], "env": [{"name": "B", "value": "own"}]}
        found = self.of(container, ["A=image", "S=image"])
        self.assertEqual(found, {"A": "1", "B": "own", "S": "service"})

    def test_values_may_name_earlier_variables(self):
        found = self.of({"env": [{"name": "X", "value": "x"}, {"name": "Y", "value": "$(X)-$(NONE)-$$(X)"}]})
        self.assertEqual(found["Y"], "x-$(NONE)-$(X)")

    def test_the_pod_tells_of_itself(self):
        paths = ["status.podIP", "metadata.name", "metadata.namespace", "metadata.labels['app']"]
        env = [{"name": path, "valueFrom": {"fieldRef": {"fieldPath": path}}} for path in paths]
        found = self.of({"env": env})
        self.assertEqual([found[path] for path in paths], ["10.0.0.2", "web", "default", "web"])

    def test_what_is_not_there_is_waited_for_unless_it_is_optional(self):
        reference = {"name": "none", "key": "k"}
        with self.assertRaises(Missing):
            self.of({"env": [{"name": "X", "valueFrom": {"secretKeyRef": reference}}]})
        found = self.of({"env": [{"name": "X", "valueFrom": {"secretKeyRef": reference | {"optional": True}}}]})
        self.assertNotIn("X", found)

    def test_command_and_args_replace_what_the_image_has(self):
        image = {"Entrypoint": ["/mesigate"], "Cmd": ["serve"]}
        self.assertEqual(argv({}, image, {}), ["/mesigate", "serve"])
        self.assertEqual(argv({"args": ["check"]}, image, {}), ["/mesigate", "check"])
        self.assertEqual(argv({"command": ["sh"]}, image, {}), ["sh"])
        self.assertEqual(expanded("$(P)", {"P": "1"}), "1")

    def test_services_of_the_namespace_are_told(self):
        spec = {"clusterIP": "10.96.0.9", "ports": [{"name": "http", "port": 80}]}
        found = service_environment([{"metadata": {"name": "mesi-gate"}, "spec": spec}], "default")
        self.assertEqual(found["MESI_GATE_SERVICE_HOST"], "10.96.0.9")
        self.assertEqual(found["MESI_GATE_PORT"], "tcp://10.96.0.9:80")
        self.assertEqual(found["MESI_GATE_PORT_80_TCP_PORT"], "80")
        self.assertEqual(found["MESI_GATE_SERVICE_PORT_HTTP"], "80")
        self.assertEqual(service_environment([{"metadata": {"name": "x"}, "spec": spec}], "other"), {})


class Containers(unittest.TestCase):
    def spec(self, security, image_user="65532:65532"):
        container = {"name": "web", "image": "i", "securityContext": security}
        container["resources"] = {"limits": {"memory": "128Mi", "cpu": "500m"}}
        image = Image("i", "/rootfs", {"User": image_user}, "")
        return oci_spec(
            container=container, pod=POD, image=image, rootfs="/rootfs", argv=["x"], variables={}, mounts=[],
            netns="/run/netns/x", cgroup="/x",
        )

    def test_security_is_as_the_manifest_says(self):
        security = {"capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
        found = self.spec(security | {"allowPrivilegeEscalation": False})
        self.assertEqual(found["process"]["user"]["uid"], 65532)
        self.assertEqual(found["process"]["capabilities"]["bounding"], [])
        self.assertTrue(found["process"]["noNewPrivileges"] and found["root"]["readonly"])
        self.assertEqual(found["linux"]["resources"]["memory"], {"limit": 128 * 1024 * 1024})
        self.assertEqual(found["linux"]["resources"]["cpu"]["quota"], 50_000)

    def test_run_as_non_root_refuses_root(self):
        with self.assertRaises(Forbidden):
            self.spec({"runAsNonRoot": True}, image_user="")
        with self.assertRaises(Forbidden):
            self.spec({"runAsNonRoot": True, "runAsUser": 0})

    def test_users_and_capabilities(self):
        self.assertEqual(user({}, "65532:65533"), (65532, 65533))
        self.assertEqual(user({"runAsUser": 5, "runAsGroup": 6}, "65532"), (5, 6))
        with self.assertRaises(Unsupported):
            user({}, "nobody")
        self.assertEqual(capability_names({"capabilities": {"drop": ["ALL"], "add": ["NET_RAW"]}}), ["CAP_NET_RAW"])
        self.assertNotIn("CAP_CHOWN", capability_names({"capabilities": {"drop": ["CHOWN"]}}))

    def test_quantities(self):
        self.assertEqual([divided("128Mi", "1Mi"), divided("250m", "1"), divided("1500m", "1m")], [128, 1, 1500])
        with self.assertRaises(ValueError):
            parsed("12MB")

    def test_what_is_not_simulated_is_refused(self):
        mount = {"name": "v", "mountPath": "/v", "subPath": "x"}
        spec = {"containers": [{"name": "a", "volumeMounts": [mount]}], "volumes": [{"name": "v", "emptyDir": {}}]}
        for manifest in ({"kind": "Pod", "metadata": {"name": "p"}, "spec": spec}, {"kind": "Job"}):
            with self.assertRaises(Unsupported):
                admitted(manifest)


class Services(unittest.TestCase):
    def test_ready_pods_are_chosen_and_ending_ones_only_when_there_are_no_others(self):
        ending = {"a": (True, True), "b": (False, True)}
        self.assertEqual(chosen(ending | {"c": (True, False), "d": (False, False)}), ["c"])
        self.assertEqual(chosen(ending), ["a"])
        self.assertEqual(chosen({}), [])


class Rollouts(unittest.TestCase):
    def test_shares_of_the_replicas(self):
        self.assertEqual([scaled("25%", 3, True), scaled("25%", 3, False), scaled(2, 3, True)], [1, 0, 2])

    def test_without_unavailable_pods_a_new_one_comes_before_an_old_one_goes(self):
        self.assertEqual(step(3, 1, 0, Counts(0, 0, 3, 3)), Step(1, 0))
        self.assertEqual(step(3, 1, 0, Counts(1, 0, 3, 3)), Step(0, 0))
        self.assertEqual(step(3, 1, 0, Counts(1, 1, 3, 3)), Step(0, 1))
        self.assertEqual(step(3, 1, 0, Counts(1, 1, 2, 2)), Step(1, 0))
        self.assertEqual(step(3, 1, 0, Counts(3, 3, 1, 1)), Step(0, 1))

    def test_without_surge_an_old_one_goes_first(self):
        self.assertEqual(step(3, 0, 1, Counts(0, 0, 3, 3)), Step(0, 1))
        self.assertEqual(step(3, 0, 1, Counts(0, 0, 2, 2)), Step(1, 0))

    def test_old_pods_that_are_not_ready_go_at_once(self):
        self.assertEqual(step(3, 1, 1, Counts(1, 0, 3, 2)).delete_old, 1)

    def test_a_budget_lets_go_only_what_it_can_spare(self):
        self.assertEqual(evictions_allowed(3, 3, max_unavailable=1), 1)
        self.assertEqual(evictions_allowed(3, 2, max_unavailable=1), 0)
        self.assertEqual(evictions_allowed(1, 1, min_available=1), 0)
        self.assertEqual(evictions_allowed(4, 4, min_available="50%"), 2)
