"""What a native sidecar does beside its app, from the first container to the last."""

import signal
from pathlib import Path

from kube import seccomp

from . import manifests
from .expect import expect
from .tally import answered, tally, tokens


def serves_init_containers(world, name, number):
    """The sidecar is up before the app's own init containers, which call through it."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", requests=5)
    spec = pod["spec"]
    migration = {**spec["containers"][0], "name": "migration"}
    migration["env"] = [
        {**each, "value": f"{name}-migration"} if each["name"] == "NAME" else each for each in migration["env"]
    ]
    spec |= {"initContainers": [migration], "restartPolicy": "Never"}
    pod = world.node.run(manifests.with_sidecar(world, pod))
    pod.wait_over()
    begun = [container for _, container, what in pod.events if what == "running"]
    expect(begun == ["mesigate", "migration", "app"], f"they began as {begun}", pod)
    found = _counted(world, pod, "migration")
    expect(found.requests == 28 and not found.lost, f"the init container: {found}", pod)
    found.add(_counted(world, pod))
    expect(found.requests == 56 and not found.lost and not found.doubled, f"{found}", pod)
    return found


def is_confined(world, name, number):
    """The kernel says of the sidecar's process what its security context asks for."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", works_on="0")
    pod = world.node.run(manifests.with_sidecar(world, pod))
    pod.wait_for("its app is at work", lambda run: answered(run.logs("app")) > 0)
    process = Path(f"/proc/{pod.pid('mesigate')}")
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    expect(status["Uid"].split() == status["Gid"].split() == ["65532"] * 4, f"it runs as {status['Uid']}", pod)
    held = [status[kind].strip("0") for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")]
    expect(held == [""] * 5, f"it has capabilities: {held}", pod)
    expect(status["NoNewPrivs"] == "1", "it may gain privileges", pod)
    if seccomp.PROFILE.is_file():
        expect(status["Seccomp"] == "2", "its system calls are not filtered", pod)
    root = next(line.split() for line in (process / "mountinfo").read_text().splitlines() if line.split()[4] == "/")
    expect("ro" in root[5].split(","), f"its root is mounted {root[5]}", pod)
    pod.delete()
    pod.wait_over()
    return _checked(world, pod)


def lets_a_job_end(world, name, number):
    """A Job's pod is complete when its own containers are, although the sidecar would run for ever."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", requests=10)
    pod["spec"]["restartPolicy"] = "Never"
    pod = world.node.run(manifests.with_sidecar(world, pod))
    status = pod.wait_over()
    expect(status["phase"] == "Succeeded", f"the phase is {status['phase']}", pod)
    code = status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"]
    expect(code == 0, f"the sidecar ended with {code}", pod)
    return _checked(world, pod)


def is_restarted_alone(world, name, number):
    """A sidecar that crashes comes back, and the app lives on and is served again."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", works_on="0")
    pod = world.node.run(manifests.with_sidecar(world, pod))
    pod.wait_for("its app is at work", lambda run: answered(run.logs("app")) > 20)
    pod.signal("mesigate", signal.SIGKILL)
    pod.wait_for("the sidecar is restarted", lambda run: _restarts(run, "initContainerStatuses") == 1 and run.is_ready)
    before = answered(pod.logs("app"))
    pod.wait_for("the app is served again", lambda run: answered(run.logs("app")) > before + 20)
    expect(_restarts(pod, "containerStatuses") == 0, "the app was restarted too", pod)
    after = pod.logs("app")
    pod.delete()
    pod.wait_over()
    # What was asked between the crash and the start got no answer; nothing may be done twice all the same.
    found = _counted(world, pod)
    expect(not found.doubled, f"{found}: {found.doubled[:5]}", pod)
    heard = [line for line in pod.logs("app")[len(after):].splitlines() if line.startswith("< ")]
    expect(all(line.endswith(" ok") for line in heard), f"once it was back, not all were served: {heard}", pod)
    found.killed, found.lost = len(found.lost), []
    return found


def takes_changes(world, name, number):
    """A changed ConfigMap and a rotated Secret are in use some seconds later, without a restart."""
    folder = f"/run/secrets/mesigate/{name}"
    text = f'[[app]]\nname = "shop"\nkeys = [{{ file = "{folder}/key" }}]\ntoken = {{ file = "{folder}/token" }}\n'
    world.node.objects.put(manifests.settings(name, world.upstream_url, text))
    world.node.objects.put(manifests.secret(name, {"key": "old-key", "token": f"sandbox-{name}-1"}))
    pod = manifests.app(name, manifests.SIDECAR_URL, "old-key", works_on="0", per_token=0)
    pod = manifests.with_sidecar(world, pod, settings=name, secret_name=name)
    pod = world.node.run(pod)
    pod.wait_for("its app is at work", lambda run: answered(run.logs("app")) > 20)

    applied = _applied(world, pod)
    world.node.objects.put(manifests.settings(name, world.upstream_url, "[log]\naccess = false\n" + text))
    pod.wait_for("a changed ConfigMap is in use", lambda run: _applied(world, run) > applied)
    pod.wait_for("requests are not logged any more, as it asks", _is_quiet)

    world.add_users(f"sandbox-{name}-2")
    world.node.objects.put(manifests.secret(name, {"key": "old-key", "token": f"sandbox-{name}-2"}))
    pod.wait_for("a rotated token is in use", lambda run: len(world.executed(f"sandbox-{name}-2")) > 20)
    expect(_restarts(pod, "initContainerStatuses") == 0, "the sidecar was restarted", pod)
    pod.delete()
    pod.wait_over()
    found = tally(pod.logs("app"), world.executed(f"sandbox-{name}-1", f"sandbox-{name}-2"))
    expect(not found.lost and not found.doubled, f"{found}: {[*found.lost, *found.doubled][:5]}", pod)
    return found


def _applied(world, pod):
    for line in world.ask(pod, 18090, "/metrics").splitlines():
        if line.startswith("mesigate_reloads_total") and 'outcome="applied"' in line:
            return float(line.split()[-1])
    return 0


def _is_quiet(pod):
    """Whether the sidecar's log stays as long as it is while the app goes on."""
    size, before = len(pod.logs("mesigate")), answered(pod.logs("app"))
    pod.wait_for("the app goes on", lambda run: answered(run.logs("app")) > before + 20)
    return len(pod.logs("mesigate")) == size


def _restarts(pod, statuses):
    return pod.status()[statuses][0]["restartCount"]


def _counted(world, pod, container="app"):
    log = pod.logs(container)
    return tally(log, world.executed(*tokens(log)))


def _checked(world, pod):
    found = _counted(world, pod)
    expect(found.requests > 0 and not found.lost and not found.doubled, f"{found}: {found.lost[:5]}", pod)
    return found
