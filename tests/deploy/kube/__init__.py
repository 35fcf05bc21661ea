"""A Kubernetes node's work on real containers, for tests: what the kubelet, kube-proxy and the controllers do to a pod.

`Node` runs pod manifests with runc, by the kubelet's rules, in network namespaces of its own. `ServiceBalancer` spreads
connections over ready pods as kube-proxy does, and learns late. `Deployment` rolls out and `drain` evicts as the
controllers do.

Read in this order: node, pod, container, termination, probes; then service and workload.
"""

from .images import Image, ImageStore
from .node import Node
from .objects import Objects
from .podrun import Executed, PodRun
from .service import ServiceBalancer
from .workload import Deployment, DisruptionBudget, drain

__all__ = [
    "Deployment", "DisruptionBudget", "Executed", "Image", "ImageStore", "Node", "Objects", "PodRun",
    "ServiceBalancer", "drain",
]
