"""What the page says beside its commands: that Helm 3 does as well, and what becomes of the replicas where autoscaling
is simply switched on."""

_HELM_3 = """
kubectl create namespace older
helm3 install mesigate mesigate-$VERSION.tgz --namespace older --set image.registry=$REGISTRY --wait --timeout 60s
"""
_SWITCHED_ON = """
helm3 upgrade mesigate mesigate-$VERSION.tgz --namespace older --set image.registry=$REGISTRY \\
  --set autoscaling.enabled=true --wait --timeout 60s
"""
_BACK = """
helm3 rollback mesigate 1 --namespace older --wait --timeout 60s
"""
_AWAY = """
helm3 uninstall mesigate --namespace older --wait
kubectl delete namespace older
"""


def check(shell, world):
    _run(shell, _HELM_3)
    world.mark("helm3")
    _run(shell, _SWITCHED_ON)
    wanted = world.replicas_since("helm3", "older", "mesigate")
    if min(wanted) != 1 or wanted[-1] != 2:
        raise SystemExit("kubernetes: the page warns of one replica where autoscaling is switched on, and replicas went "
                         f"{wanted}")
    _run(shell, _BACK)
    ready = [pod for pod in world.pods("older") if world.is_ready(pod)]
    if len(ready) != 2:
        raise SystemExit(f"kubernetes: after Helm 3's rollback {len(ready)} replicas are ready, and not 2")
    _run(shell, _AWAY)
    print("   Helm 3 installs, upgrades, rolls back and uninstalls; replicas fall to 1 where the page warns of it",
          flush=True)


def _run(shell, text):
    came = shell.run(text)
    if came.failed:
        raise SystemExit(f"kubernetes: this failed: {came.failed[0]}\n{came.out}{came.err}")
