"""The central gateway behind a Service whose balancer learns late: updates and drains while clients send requests."""

import time

from kube import Deployment, DisruptionBudget, ServiceBalancer, drain

from . import manifests
from .expect import expect
from .tally import answered, tally, tokens

# How late the balancer hears of a change, in seconds: a quick cluster, usual ones, and the slowest that the preStop
# hook of five seconds is meant for.
DELAYS = [0, 1, 2.5, 4]
# The PodDisruptionBudget refuses now and then; kubectl asks again after five seconds, and here time is dear.
RETRY_SECONDS = 1


class Lane:
    """Three replicas, their Service and a pod with clients, for several rounds one after the other."""

    def __init__(self, world, name, number):
        self.world, self.name, self.token = world, name, f"sandbox-{name}"
        found = manifests.central(world, name)
        world.node.objects.put(found["ConfigMap"])
        service = found["Service"]
        service["spec"]["clusterIP"] = f"10.96.{sum(name.encode()) % 200}.{number + 1}"
        self.deployment = Deployment(world.node, found["Deployment"])
        self.budget = DisruptionBudget(found["PodDisruptionBudget"], self.deployment)
        self.balancer = ServiceBalancer.of_service(world.node, service, DELAYS[number % len(DELAYS)])
        port = service["spec"]["ports"][0]["port"]
        self.url = f"http://{service['spec']['clusterIP']}:{port}/api.php"

    def run(self, rounds, change):
        """`change(lane)` is one round. The clients go on through all of them."""
        self.deployment.wait_rolled_out()
        _wait_until(lambda: len(self.balancer.endpoints) == 3, self.world.node)
        pod = self.world.node.run(manifests.app(self.name, self.url, self.token, works_on="0", pace=0.06))
        for _ in range(rounds):
            before = answered(pod.logs("app"))
            pod.wait_for("its clients are at work", lambda run: answered(run.logs("app")) > before + 50)
            change(self)
        pod.delete()
        status = pod.wait_over()
        code = status["containerStatuses"][0]["state"]["terminated"]["exitCode"]
        expect(code == 0, f"the clients ended with {code}", pod)
        log = pod.logs("app")
        found = tally(log, self.world.executed(*tokens(log)))
        expect(not found.lost and not found.doubled, f"{found}: {[*found.lost, *found.doubled][:5]}")
        return found

    def close(self):
        self.deployment.close()
        self.balancer.close()


def rolling_update(lane):
    """All replicas are replaced, one by one."""
    old = lane.deployment.pods
    lane.deployment.restart()
    lane.deployment.wait_rolled_out()
    _ended_well(old)


def node_drain(lane):
    """All replicas stood on one node; the budget lets one go at a time."""
    old = lane.deployment.pods
    drain(old, lane.budget, RETRY_SECONDS)
    lane.deployment.wait_rolled_out()
    _ended_well(old)


def _ended_well(pods):
    for pod in pods:
        code = pod.status()["containerStatuses"][0]["state"]["terminated"]["exitCode"]
        expect(code == 0, f"a replica ended with {code}", pod)


def _wait_until(is_true, node, seconds=60):
    end = time.monotonic() + seconds
    while not is_true():
        expect(time.monotonic() < end and not node.is_closed, "the balancer never heard of all replicas")
        time.sleep(0.02)
