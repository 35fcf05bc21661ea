"""The stand-in by itself, to look at by hand: `PYTHONPATH=tests/deploy python -m kube.api FOLDER`, with an environment
that has PyYAML and kubernetes-validate. It prints a line for the shell, and ends with SIGINT or SIGTERM."""

import signal
import sys
import threading
from pathlib import Path

from .cluster import Cluster

ended = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: ended.set())
with Cluster(Path(sys.argv[1])) as cluster:
    print(f"export KUBECONFIG={cluster.kubeconfig}", flush=True)
    ended.wait()
    print("\n".join(cluster.faults), file=sys.stderr)
