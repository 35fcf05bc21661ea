"""How long each container of a pod has to end, and whose turn it is.

The rules are the kubelet's own (`killContainer` and `terminationOrdering` of Kubernetes 1.36):

* all containers' preStop hooks begin at once, a native sidecar's too;
* then an app container gets its signal, and a native sidecar waits until all app containers and all sidecars behind it
  in the list have ended, or its grace period has passed;
* whole seconds that the hook and the waiting took are taken from its grace period, of which at least two are left.
"""

import asyncio

LEAST_GRACE_SECONDS = 2


class Ordering:
    """Whose turn it is to end. Containers that do not run have ended already."""

    def __init__(self, apps, sidecars, running):
        self._ended = {name: asyncio.Event() for name in [*apps, *sidecars]}
        for name, event in self._ended.items():
            if name not in running:
                event.set()
        self._awaited = {name: [*apps, *sidecars[at + 1:]] for at, name in enumerate(sidecars)}

    async def wait_for_turn(self, name, grace):
        """Returns when it is its turn, or after `grace` seconds; says how many seconds that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        waits = [self._ended[other].wait() for other in self._awaited.get(name, [])]
        if waits:
            try:
                async with asyncio.timeout(grace):
                    await asyncio.gather(*waits)
            except TimeoutError:
                pass
        return loop.time() - began

    def ended(self, name):
        if name in self._ended:
            self._ended[name].set()


async def grace_left(grace, pre_stop=None, wait_for_turn=None):
    """Runs the hook, waits for the turn, and returns the seconds from the signal to the kill.

    `pre_stop(grace)` and `wait_for_turn(grace)` are coroutine functions that return the seconds they took, or None.
    """
    for stage in (pre_stop, wait_for_turn):
        if stage is not None and grace > 0:
            grace -= int(await stage(grace))
    return max(grace, LEAST_GRACE_SECONDS)
