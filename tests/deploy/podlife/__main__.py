"""podlife PROGRAM [CASE ...]     runs the cases, all unless some are named, and says what became of the requests"""

import concurrent.futures
import signal
import sys
import time

from . import central, deletion, sidecar
from .tally import Tally
from .world import World

ROUNDS = 20
# Rounds at once. Each has a client of its own, whose pace bounds the load.
AT_ONCE = 8
LANES = 4


def one_by_one(run):
    """Rounds with a pod of their own each."""
    return [lambda world, name, at=at: run(world, f"{name}-{at}", at) for at in range(ROUNDS)]


def once(run):
    return [lambda world, name: run(world, name, 0)]


def in_lanes(change):
    """Rounds one after the other on the same Deployment, in several lanes."""
    def lane(number):
        def run(world, name):
            found = central.Lane(world, f"{name}-{number}", number)
            try:
                return found.run(ROUNDS // LANES, change)
            finally:
                found.close()
        return run
    return [lane(number) for number in range(LANES)]


# The long ones first, so that all end together.
CASES = {
    "rolling": ("central: rolling update of three replicas", ROUNDS, in_lanes(central.rolling_update)),
    "drain": ("central: node drain within a budget", ROUNDS, in_lanes(central.node_drain)),
    "native": ("sidecar, native: deletion under load", ROUNDS, one_by_one(deletion.native)),
    "classic": ("sidecar, classic: deletion under load", ROUNDS, one_by_one(deletion.classic)),
    "grace": ("sidecar, native: the app uses up its grace", ROUNDS, one_by_one(deletion.whole_grace)),
    "init": ("sidecar: serves the app's init containers", 1, once(sidecar.serves_init_containers)),
    "confined": ("sidecar: is confined as its definition says", 1, once(sidecar.is_confined)),
    "job": ("sidecar: lets a Job end", 1, once(sidecar.lets_a_job_end)),
    "crash": ("sidecar: is restarted alone", 1, once(sidecar.is_restarted_alone)),
    "changes": ("sidecar: takes a changed ConfigMap and Secret", 1, once(sidecar.takes_changes)),
}


def main(program, names):
    unknown = [name for name in names if name not in CASES]
    if unknown:
        sys.exit(f"pods: no case is called {', '.join(unknown)}: there are {', '.join(CASES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = []
    with World(program) as world, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.monotonic()
        runs = {name: [pool.submit(run, world, name) for run in CASES[name][2]] for name in names or CASES}
        try:
            for name, futures in runs.items():
                if not _tell(CASES[name], futures, began):
                    failed.append(name)
        except BaseException:
            # Rounds that are under way end when there is no node any more.
            pool.shutdown(wait=False, cancel_futures=True)
            world.close()
            raise
    if failed:
        sys.exit(f"pods: failed: {', '.join(failed)}")


def _tell(case, futures, began):
    what, rounds, _ = case
    found, faults = Tally(), []
    for future in futures:
        try:
            found.add(future.result())
        except Exception as error:
            faults.append(error)
    print(f"   {what}: {rounds} rounds, {found}, done after {time.monotonic() - began:.0f} s", flush=True)
    for fault in faults[:3]:
        print(f"!! {what}: {type(fault).__name__}: {fault}", file=sys.stderr)
    if len(faults) > 3:
        print(f"!! {what}: and {len(faults) - 3} more", file=sys.stderr)
    return not faults


try:
    main(sys.argv[1], sys.argv[2:])
except KeyboardInterrupt:
    sys.exit(130)
