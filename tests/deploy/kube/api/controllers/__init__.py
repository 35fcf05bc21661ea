"""The controllers: each looks at what is wanted and what there is, and takes one step towards it ("Controllers").

All of them run in one thread, one after the other, whenever anything has changed, and twice a second besides. A
reconcile that fails is tried again with the next change; its fault is kept for the test to show.
"""

import threading
import time
import traceback

from . import autoscaler, budgets, deployments, endpoints, garbage, jobs, replicasets, scheduler

_ORDER = [scheduler, deployments, replicasets, jobs, autoscaler, endpoints, budgets, garbage]


class Controllers:
    def __init__(self, verbs, nodes):
        self.verbs, self.nodes, self.faults = verbs, nodes, []
        self._thread = threading.Thread(target=self._run, name="controllers")
        self._thread.start()

    def _run(self):
        seen = 0
        while self.verbs.store.open:
            seen = self.verbs.store.wait(seen, 0.5)
            # Changes come in bursts.
            time.sleep(0.02)
            for controller in _ORDER:
                try:
                    controller.reconcile(self.verbs, self.nodes)
                except Exception:
                    self.faults.append(traceback.format_exc())

    def join(self):
        self._thread.join()
