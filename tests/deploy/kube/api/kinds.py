"""Which kinds the server knows, as discovery tells them (API conventions: "Types (Kinds)" and "Resources").

A kind without a controller here is left out unless storing it is all that Kubernetes itself would do at once: so a
manifest that needs one is refused ("no matches for kind") instead of lying there without effect.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: tuple = ()
    subresources: tuple = field(default=())

    @property
    def group_version(self):
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self):
        """As errors and `kubectl` name it: deployments.apps, pods."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self):
        return self.kind.lower()


KINDS = [
    Kind("", "v1", "namespaces", "Namespace", False, ("ns",), ("status", "finalize")),
    Kind("", "v1", "nodes", "Node", False, ("no",), ("status",)),
    Kind("", "v1", "pods", "Pod", True, ("po",), (
        "status", "log", "exec", "portforward", "proxy", "ephemeralcontainers", "eviction")),
    Kind("", "v1", "services", "Service", True, ("svc",), ("status", "proxy")),
    Kind("", "v1", "configmaps", "ConfigMap", True, ("cm",)),
    Kind("", "v1", "secrets", "Secret"),
    Kind("", "v1", "serviceaccounts", "ServiceAccount", True, ("sa",)),
    Kind("", "v1", "events", "Event", True, ("ev",)),
    Kind("apps", "v1", "deployments", "Deployment", True, ("deploy",), ("status", "scale")),
    Kind("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), ("status", "scale")),
    Kind("batch", "v1", "jobs", "Job", True, (), ("status",)),
    Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True, ("hpa",), ("status",)),
    Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True, ("pdb",), ("status",)),
    Kind("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", True, ("netpol",)),
    Kind("networking.k8s.io", "v1", "ingresses", "Ingress", True, ("ing",), ("status",)),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
]

BY_PLURAL = {(kind.group, kind.version, kind.plural): kind for kind in KINDS}
BY_KIND = {kind.kind: kind for kind in KINDS}

# Where a subresource has a kind of its own.
SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "exec": ("", "v1", "PodExecOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
    "proxy": ("", "v1", "PodProxyOptions"),
}
