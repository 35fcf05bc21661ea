"""A pod's life by the kubelet's rules, on a clock that jumps."""

import asyncio
import unittest

from . import virtual_time
from .pretended import PretendedNode, Script, command, container, lived, pod, sidecar


def life(scripts, apps, init=(), delete_at=None, grace=None, **spec):
    node = PretendedNode(scripts)
    done, seconds = virtual_time.run(_life(node, apps, init, delete_at, grace, spec))
    return node, done, seconds


async def _life(node, apps, init, delete_at, grace, spec):
    return await lived(pod(node, apps, init, **spec), delete_at, grace)


def ready_after(times):
    """Fails so many times, then is well."""
    left = [times]

    def execute(argv):
        left[0] -= 1
        return 0 if left[0] < 0 else 1
    return execute


class Start(unittest.TestCase):
    def test_init_containers_run_one_after_the_other_before_the_apps(self):
        scripts = {"one": Script(ends_after=3), "two": Script(ends_after=4), "app": Script(ends_after=1)}
        node, _, _ = life(scripts, [container("app")], [container("one"), container("two")], restartPolicy="Never")
        starts = [(at, name) for at, name, what in node.told if what == "starts"]
        self.assertEqual(starts, [(0, "one"), (3, "two"), (7, "app")])

    def test_a_sidecars_startup_probe_holds_back_what_comes_after_it(self):
        probe = command("up?") | {"periodSeconds": 2}
        scripts = {"sidecar": Script(execute=ready_after(2)), "app": Script(ends_after=1)}
        node, _, _ = life(scripts, [container("app")], [sidecar("sidecar", startupProbe=probe)], restartPolicy="Never")
        self.assertEqual(node.what("app")[0], (4, "starts"))

    def test_a_sidecar_without_one_holds_back_nothing(self):
        scripts = {"app": Script(ends_after=1)}
        node, _, _ = life(scripts, [container("app")], [sidecar("sidecar")], restartPolicy="Never")
        self.assertEqual(node.what("app")[0], (0, "starts"))

    def test_an_init_container_that_fails_ends_a_pod_that_never_restarts(self):
        scripts = {"init": Script(ends_after=1, code=3)}
        init = [sidecar("sidecar"), container("init")]
        node, done, _ = life(scripts, [container("app")], init, restartPolicy="Never")
        self.assertEqual((done.phase, node.what("app")), ("Failed", []))
        self.assertIn((1, "SIGTERM"), node.what("sidecar"))

    def test_a_post_start_hook_that_takes_long_holds_back_the_next_container(self):
        hooked = container("one", lifecycle={"postStart": command("hook")})
        scripts = {"one": Script(ends_after=9, execute=lambda argv: (2, 0)), "two": Script(ends_after=1)}
        node, _, _ = life(scripts, [hooked, container("two")], restartPolicy="Never")
        self.assertEqual(node.what("two")[0], (2, "starts"))

    def test_a_startup_probe_that_never_passes_has_the_container_restarted(self):
        probe = command("up?") | {"periodSeconds": 1, "failureThreshold": 3}
        app = container("app", startupProbe=probe)
        node, _, _ = life({"app": Script(execute=lambda argv: 1)}, [app], delete_at=4)
        self.assertIn((2, "SIGTERM"), node.what("app"))
        self.assertEqual([at for at, what in node.what("app") if what == "starts"][:2], [0, 2])


class Restart(unittest.TestCase):
    def test_after_a_crash_at_once_then_after_waits_that_double(self):
        node, _, _ = life({"app": Script(ends_after=1, code=1)}, [container("app")], delete_at=80)
        starts = [at for at, what in node.what("app") if what == "starts"]
        self.assertEqual(starts, [0, 1, 12, 33, 74])

    def test_on_failure_restarts_only_after_failures(self):
        scripts = {"app": [Script(ends_after=1, code=1), Script(ends_after=1, code=0)]}
        _, done, _ = life(scripts, [container("app")], restartPolicy="OnFailure")
        self.assertEqual((done.phase, done.apps[0].restarts), ("Succeeded", 1))

    def test_never_leaves_it(self):
        _, done, _ = life({"app": Script(ends_after=1, code=1)}, [container("app")], restartPolicy="Never")
        self.assertEqual((done.phase, done.apps[0].restarts), ("Failed", 0))

    def test_a_sidecar_restarts_whatever_the_pods_policy_is(self):
        scripts = {"sidecar": [Script(ends_after=1, code=1), Script()], "app": Script(ends_after=5)}
        node, done, _ = life(scripts, [container("app")], [sidecar("sidecar")], restartPolicy="Never")
        self.assertEqual((done.phase, done.init[0].restarts), ("Succeeded", 1))
        self.assertEqual([at for at, what in node.what("sidecar") if what == "starts"], [0, 1])

    def test_a_liveness_probe_that_fails_three_times_ends_one_run(self):
        probe = command("alive?") | {"periodSeconds": 5}
        scripts = {"app": [Script(execute=lambda argv: 1), Script()]}
        node, done, _ = life(scripts, [container("app", livenessProbe=probe)], delete_at=30)
        self.assertEqual([at for at, what in node.what("app") if what == "SIGTERM"], [10, 30])
        self.assertEqual(done.apps[0].restarts, 1)


class End(unittest.TestCase):
    def test_a_jobs_sidecar_ends_when_the_job_has(self):
        scripts = {"app": Script(ends_after=6)}
        node, done, _ = life(scripts, [container("app")], [sidecar("sidecar")], restartPolicy="Never")
        self.assertEqual(done.phase, "Succeeded")
        self.assertEqual(node.what("sidecar"), [(0, "starts"), (6, "SIGTERM"), (6, "ends 0")])

    def test_a_sidecar_is_told_when_the_app_has_ended(self):
        node, _, _ = life({"app": Script(term_takes=4)}, [container("app")], [sidecar("sidecar")], delete_at=10)
        self.assertEqual(node.what("app")[1:], [(10, "SIGTERM"), (14, "ends 0")])
        self.assertEqual(node.what("sidecar")[1:], [(14, "SIGTERM"), (14, "ends 0")])

    def test_sidecars_end_in_reverse_order(self):
        scripts = {"one": Script(term_takes=1), "two": Script(term_takes=1)}
        node, _, _ = life(scripts, [container("app")], [sidecar("one"), sidecar("two")], delete_at=10)
        told = [(at, name) for at, name, what in node.told if what == "SIGTERM"]
        self.assertEqual(told, [(10, "app"), (10, "two"), (11, "one")])

    def test_what_the_app_took_is_taken_from_the_sidecars_grace(self):
        scripts = {"app": Script(term_takes=6), "sidecar": Script(term_takes=None)}
        node, _, _ = life(scripts, [container("app")], [sidecar("sidecar")], delete_at=10, grace=10)
        self.assertEqual(node.what("sidecar")[1:], [(16, "SIGTERM"), (20, "SIGKILL"), (20, "ends 137")])

    def test_two_seconds_remain_for_a_sidecar_when_the_app_uses_up_all_of_it(self):
        scripts = {"app": Script(term_takes=None), "sidecar": Script(term_takes=None)}
        node, _, _ = life(scripts, [container("app")], [sidecar("sidecar")], delete_at=10, grace=5)
        self.assertEqual(node.what("app")[1:3], [(10, "SIGTERM"), (15, "SIGKILL")])
        self.assertEqual(node.what("sidecar")[1:3], [(15, "SIGTERM"), (17, "SIGKILL")])

    def test_a_native_sidecars_pre_stop_hook_runs_at_once(self):
        hooked = sidecar("sidecar", lifecycle={"preStop": command("drain")})
        node, _, _ = life({"app": Script(term_takes=4)}, [container("app")], [hooked], delete_at=10)
        self.assertEqual(node.what("sidecar")[1:3], [(10, "drain"), (14, "SIGTERM")])

    def test_a_pre_stop_hook_comes_before_the_signal_and_takes_of_the_grace(self):
        hooked = container("app", lifecycle={"preStop": command("drain")})
        script = Script(term_takes=None, execute=lambda argv: (3, 0))
        node, _, _ = life({"app": script}, [hooked], delete_at=10, grace=8)
        self.assertEqual(node.what("app")[1:4], [(10, "drain"), (13, "SIGTERM"), (18, "SIGKILL")])

    def test_a_pre_stop_hook_that_takes_all_of_it_leaves_two_seconds(self):
        hooked = container("app", lifecycle={"preStop": {"sleep": {"seconds": 60}}})
        node, _, _ = life({"app": Script(term_takes=None)}, [hooked], delete_at=10, grace=5)
        self.assertEqual(node.what("app")[1:3], [(15, "SIGTERM"), (17, "SIGKILL")])

    def test_nothing_is_started_after_the_deletion(self):
        scripts = {"init": Script(ends_after=60)}
        node, done, _ = life(scripts, [container("app")], [container("init")], delete_at=10)
        self.assertEqual((node.what("app"), done.apps[0].state["waiting"]["reason"]), ([], "PodInitializing"))

    def test_a_pod_that_waits_to_restart_a_container_is_deleted_at_once(self):
        _, _, seconds = life({"app": Script(ends_after=1, code=1)}, [container("app")], delete_at=5)
        self.assertEqual(seconds, 5)

    def test_liveness_counts_no_more_once_the_pod_is_deleted(self):
        probe = command("alive?") | {"periodSeconds": 1, "failureThreshold": 1, "initialDelaySeconds": 6}
        script = Script(term_takes=5, execute=lambda argv: 1)
        node, _, _ = life({"app": script}, [container("app", livenessProbe=probe)], delete_at=5)
        self.assertEqual([at for at, what in node.what("app") if what.startswith("SIG")], [5])


class Readiness(unittest.TestCase):
    def test_a_sidecars_counts_for_the_pod(self):
        async def seen():
            probe = command("ready?") | {"periodSeconds": 3}
            node = PretendedNode({"sidecar": Script(execute=ready_after(1))})
            a_pod = pod(node, [container("app")], [sidecar("sidecar", readinessProbe=probe)])
            task = asyncio.create_task(lived(a_pod, delete_at=10))
            found = []
            for _ in range(5):
                await asyncio.sleep(1)
                found.append(a_pod.is_ready)
            await task
            return found, a_pod.is_ready
        (found, at_end), _ = virtual_time.run(seen())
        self.assertEqual((found, at_end), ([False, False, False, True, True], False))
