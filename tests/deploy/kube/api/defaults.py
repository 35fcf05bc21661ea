"""Values that the server fills in when an object does not have them ("Objects", defaulting; API reference of each
kind). Only those that a controller, the kubelet or a client here acts upon."""

import base64


def fill(kind, obj, addresses):
    """`addresses` gives a Service its clusterIP."""
    kind_of = {"Deployment": _deployment, "ReplicaSet": _replicaset, "Job": _job, "Pod": _pod, "Secret": _secret,
               "HorizontalPodAutoscaler": _autoscaler, "Namespace": _namespace}
    if kind.kind == "Service":
        _service(obj, addresses)
    elif kind.kind in kind_of:
        kind_of[kind.kind](obj)


def _deployment(obj):
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", "25%")
        rolling.setdefault("maxUnavailable", "25%")
    _pod(spec.get("template", {}))


def _replicaset(obj):
    obj.setdefault("spec", {}).setdefault("replicas", 1)
    _pod(obj["spec"].get("template", {}))


def _job(obj):
    spec = obj.setdefault("spec", {})
    for name, value in (("backoffLimit", 6), ("completions", 1), ("parallelism", 1), ("suspend", False)):
        spec.setdefault(name, value)
    _pod(spec.get("template", {}))


def _autoscaler(obj):
    obj.setdefault("spec", {}).setdefault("minReplicas", 1)


def _namespace(obj):
    obj["metadata"].setdefault("labels", {}).setdefault("kubernetes.io/metadata.name", obj["metadata"]["name"])
    obj.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    obj.setdefault("status", {}).setdefault("phase", "Active")


def _secret(obj):
    obj.setdefault("type", "Opaque")
    for name, value in (obj.pop("stringData", None) or {}).items():
        obj.setdefault("data", {})[name] = base64.b64encode(value.encode()).decode()


def _service(obj, addresses):
    spec = obj.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if "clusterIP" not in spec:
        spec["clusterIP"] = addresses()
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port["port"])


def _pod(obj):
    spec = obj.get("spec")
    if not isinstance(spec, dict):
        return
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("enableServiceLinks", True)
    for volume in spec.get("volumes") or []:
        for what in ("configMap", "secret", "projected"):
            if isinstance(volume.get(what), dict):
                volume[what].setdefault("defaultMode", 0o644)
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        _container(container)


def _container(container):
    tag = container.get("image", "").rpartition("/")[2]
    latest = ":" not in tag or tag.endswith(":latest")
    container.setdefault("imagePullPolicy", "Always" if latest and "@" not in tag else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.get("resources") or {}
    for name, value in (resources.get("limits") or {}).items():
        resources.setdefault("requests", {}).setdefault(name, value)
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        probe = container.get(name)
        if isinstance(probe, dict):
            for key, value in (("periodSeconds", 10), ("timeoutSeconds", 1), ("successThreshold", 1),
                               ("failureThreshold", 3)):
                probe.setdefault(key, value)
            if isinstance(probe.get("httpGet"), dict):
                probe["httpGet"].setdefault("scheme", "HTTP")
                probe["httpGet"].setdefault("path", "/")
