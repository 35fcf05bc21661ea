"""What must be so after a block of the page: not what commands say, but what clients and the cluster see.

A function here is called by the heading and number of the block behind which it stands (`AFTER`); it gets the World
and what the block wrote. What comes true only after a while is polled (`World.until`).
"""

import json
import signal


def first_answer(world, came):
    pods = world.pods("mesigate")
    assert len(pods) == 2 and all(map(world.is_ready, pods)), "two replicas are ready"
    assert {pod["spec"]["nodeName"] for pod in pods} == {"node-a", "node-b"}, "they are on two nodes"
    answer = world.ask("mesigate", "mesigate", token="sandbox", addr="bob")
    assert answer["result"] is True and answer["op"] == "useradd", answer
    world.remember("uids", world.uids("mesigate"))


def checked_settings_are_in_use(world, came):
    assert "all is well" in came.out, came.out


def settings_came_without_restart(world, came):
    world.until("each replica has taken the new settings", lambda: all(
        world.metric("mesigate", pod, 'mesigate_reloads_total{outcome="applied"}') == 1 for pod in world.pods("mesigate")))
    assert world.uids("mesigate") == world.recall("uids"), "no pod was restarted"


def key_is_the_only_way_in(world, came):
    key = world.file("key").strip()
    # An old pod may get a last connection after the rollout has been called done.
    world.until("a key is taken", lambda: world.ask("mesigate", "mesigate", token=key, addr="cy")["result"] is True)
    assert world.has_user(world.tokens["APP_TOKEN"], "cy"), "upstream got the app's own token"
    world.until("the old pods are gone", lambda: len(world.living_runs("mesigate")) == 2)
    refused = world.ask("mesigate", "mesigate", token="sandbox", addr="cy")
    assert refused["result"] is False and refused["error"] == "AUTHFAIL", refused
    world.remember("uids", world.uids("mesigate"))


def new_token_is_in_use(world, came):
    key, count = world.file("key").strip(), iter(range(1000))

    def arrives():
        name = f"dan{next(count)}"
        assert world.ask("mesigate", "mesigate", token=key, addr=name)["result"] is True, "the old key goes on"
        return world.has_user(world.tokens["NEW_APP_TOKEN"], name)
    # Each replica by itself takes it up; ten in a row are both of them.
    world.until("all requests go on with the new token", lambda: all(arrives() for _ in range(10)))
    assert world.uids("mesigate") == world.recall("uids"), "no pod was restarted"


def tls_is_served(world, came):
    world.until("the old pods are gone", lambda: len(world.living_runs("mesigate")) == 2)
    assert world.certificate_name("mesigate", "mesigate") == "mesigate"
    world.remember("uids", world.uids("mesigate"))


def renewed_certificate_is_served(world, came):
    assert json.loads(came.out)["result"] is True, came.out
    world.until("all handshakes have the new certificate", lambda: {
        world.certificate_name("mesigate", "mesigate") for _ in range(10)} == {"renewed"})
    assert world.uids("mesigate") == world.recall("uids"), "no pod was restarted"
    world.begin_load("mesigate", "mesigate", world.file("key").strip())


def upgraded(world, came):
    assert world.images("mesigate") == {f"{world.registry}/mesigate:{world.next}"}, "all pods are of the next version"


def bad_upgrade_takes_nothing(world, came):
    next_ones = [pod for pod in world.pods("mesigate") if world.is_ready(pod)]
    assert len(next_ones) == 2, "both replicas are still there"
    assert world.images("mesigate") == {f"{world.registry}/mesigate:{name}" for name in (world.next, "forgotten")}


def back_by_one(world, came):
    assert world.images("mesigate") == {f"{world.registry}/mesigate:{world.next}"}, "all pods are of the next version"
    assert "Rollback to 5" in came.out, came.out


def back_to_the_old_version(world, came):
    assert world.images("mesigate") == {f"{world.registry}/mesigate:{world.version}"}, "all pods are of the old version"
    sent, lost = world.end_load()
    assert sent and not lost, f"{len(lost)} of {sent} requests were lost during upgrade and rollback: {lost[:3]}"
    # kubectl may show the log of a pod that is being ended.
    world.until("the pods of the next version are gone", lambda: len(world.living_runs("mesigate")) == 2)


def inside_answers(world, came):
    for said in ("ready", "all is well", "api: it answers as the API does", '"op": "groupadd"', "nobody is held back"):
        assert said in came.out, f"{said!r} is not in\n{came.out}"
    # How many lines of requests there are is the machine's speed, so "serving" may be above the last twenty.
    last = came.out.splitlines()[-1]
    assert last.startswith("{") and "message" in json.loads(last), f"this is no line of the log: {last}"


def debug_container_sees_the_program(world, came):
    for said in ("mesigate serve", "mesigate.toml"):
        assert said in came.out, f"{said!r} is not in\n{came.out}\n{came.err}"


def metrics_come(world, came):
    assert f'version="{world.version}"' in came.out, came.out


def the_report_names_the_app(world, came):
    assert "old door" in came.out and "bot/" in came.out, came.out


def ledgers_outlive_their_containers(world, came):
    world.until("the old pods are gone", lambda: len(world.living_runs("mesigate")) == 2)
    key, pods = world.file("key").strip(), {pod["metadata"]["name"]: pod for pod in world.pods("mesigate")}
    assert len(pods) == 2, sorted(pods)

    def rows():
        return {name: world.metric("mesigate", pod, "mesigate_ledger_rows") for name, pod in pods.items()}

    # Each request may come to either.
    world.until("each replica has seen somebody", lambda: world.ask("mesigate", "mesigate", token=key, addr="gil") and all(rows().values()))
    before = rows()
    for run in world.living_runs("mesigate"):
        process = run.pid("mesigate")
        run.signal("mesigate", signal.SIGKILL)
        run.wait_for("another container serves", lambda run: run.is_ready and run.pid("mesigate") != process)
    for name, pod in pods.items():
        assert world.metric("mesigate", pod, "mesigate_ledger_failing") == 0, f"the ledger of {name} is not written"
    assert rows() == before, f"the ledgers are others: {before}, then {rows()}"


def nothing_is_on_a_node(world, came):
    # kubectl counts pods that are being ended among those that it would have to drain.
    world.until("the pods with a volume are gone", lambda: len(world.living_runs("mesigate")) == 2)
    volumes = [volume for pod in world.pods("mesigate") for volume in pod["spec"]["volumes"]]
    assert not [volume for volume in volumes if "emptyDir" in volume], volumes


def three_replicas(world, came):
    assert len([pod for pod in world.pods("mesigate") if world.is_ready(pod)]) == 3
    world.mark("autoscaling")


def never_below(world, came):
    assert "Deployment/mesigate" in came.out, came.out
    wanted = world.replicas_since("autoscaling", "mesigate", "mesigate")
    assert wanted and min(wanted) >= 3 and wanted[-1] == 4, f"replicas went {wanted}"
    world.mark("drain")


def drained(world, came):
    assert "evicted" in came.out and "drained" in came.out, came.out
    available = world.available_since("drain", "mesigate", "mesigate")
    assert available and min(available) >= 3, f"of four replicas these were available: {available}"
    world.until("four replicas are ready again", lambda: len(
        [pod for pod in world.pods("mesigate") if world.is_ready(pod)]) == 4)


def kustomize_serves(world, came):
    answer = world.ask("by-kustomize", "mesigate", token="sandbox", addr="fay")
    assert answer["result"] is True, answer


def sidecar_serves(world, came):
    pods = [pod for pod in world.pods("shop") if not pod["metadata"].get("deletionTimestamp")]
    assert [each["name"] for each in pods[0]["spec"]["initContainers"]] == ["mesigate"]
    assert world.has_user("sandbox-shop", "eve"), "the app's request has reached upstream"


def nothing_is_left(world, came):
    left = [f"{obj['kind']} {obj['metadata']['name']}" for obj in world.everything()
            if obj["metadata"].get("namespace") not in (None, "default", "kube-system")]
    assert not left, f"left behind: {left}"
    world.until("no container runs", lambda: all(run.is_over for run in world.runs()))


AFTER = {
    ("A first answer", 3): first_answer,
    ("Settings", 1): checked_settings_are_in_use,
    ("Settings", 2): settings_came_without_restart,
    ("An app's token", 2): key_is_the_only_way_in,
    ("An app's token", 4): new_token_is_in_use,
    ("A certificate", 1): tls_is_served,
    ("A certificate", 3): renewed_certificate_is_served,
    ("Upgrade and rollback", 1): upgraded,
    ("Upgrade and rollback", 2): bad_upgrade_takes_nothing,
    ("Upgrade and rollback", 3): back_by_one,
    ("Upgrade and rollback", 4): back_to_the_old_version,
    ("A look inside", 1): inside_answers,
    ("A look inside", 2): debug_container_sees_the_program,
    ("Metrics", 1): metrics_come,
    ("Who still calls", 1): the_report_names_the_app,
    ("Who still calls", 2): ledgers_outlive_their_containers,
    ("Who still calls", 3): nothing_is_on_a_node,
    ("More replicas", 1): three_replicas,
    ("More replicas", 2): never_below,
    ("Nodes that go", 1): drained,
    ("Without Helm", 1): kustomize_serves,
    ("As a sidecar", 2): sidecar_serves,
    ("Uninstall", 1): nothing_is_left,
}
