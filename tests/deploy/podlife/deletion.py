"""A pod is deleted while its app sends requests, and the app works on for a while after its SIGTERM."""

from . import manifests
from .expect import expect
from .tally import answered, tally, tokens

# How long the app goes on after its SIGTERM, of the ten seconds that it has.
WORKS_ON = ["0", "0.5", "1", "1.7"]


def native(world, name, number):
    """The sidecar is told to end only after the app has ended."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", works_on=WORKS_ON[number % 4])
    return _deleted(world, manifests.with_sidecar(world, pod), name)


def classic(world, name, number):
    """Both are told at once, and the preStop hook keeps the sidecar for as long as it promises: two seconds."""
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", works_on=WORKS_ON[number % 4])
    return _deleted(world, manifests.with_sidecar(world, pod, classic=True), name, order=False)


def whole_grace(world, name, number):
    """The app goes on until it is killed; the sidecar serves it to that moment, and ends well in the 2 s that are left.

    Its turn comes as the grace ends, and the app is killed then too: which is first is up to chance, as on a cluster.
    """
    pod = manifests.app(name, manifests.SIDECAR_URL, f"sandbox-{name}", works_on="for ever", grace=2)
    return _deleted(world, manifests.with_sidecar(world, pod), name, app_code=137, order=False)


def _deleted(world, manifest, name, app_code=0, order=True):
    pod = world.node.run(manifest)
    pod.wait_for("its app is at work", lambda run: answered(run.logs("app")) > 50)
    pod.delete()
    pod.wait_over()
    ends = {container: what for _, container, what in pod.events if what.startswith("ended")}
    expect(ends["app"] == f"ended with {app_code}", f"the app {ends['app']}", pod)
    expect(ends["mesigate"] == "ended with 0", f"the sidecar {ends['mesigate']}", pod)
    if order:
        told = [(container, what.split()[0]) for _, container, what in pod.events]
        expect(told.index(("app", "ended")) < told.index(("mesigate", "asked")), "the sidecar was told first", pod)
    log = pod.logs("app")
    found = tally(log, world.executed(*tokens(log)), was_killed=app_code != 0)
    expect(not found.lost and not found.doubled, f"{found}: {[*found.lost, *found.doubled][:5]}", pod)
    world.node.forget(pod)
    return found
