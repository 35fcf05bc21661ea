"""The columns of `kubectl get`, which the server makes ("Receiving resources as Tables")."""

from datetime import datetime, timezone


def table(kind, objects, version=""):
    columns, row = _COLUMNS.get(kind.kind, ([], lambda obj: []))
    names = ["Name", *columns, "Age"]
    return {
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": str(version)},
        "columnDefinitions": [{"name": name, "type": "string", "format": "name" if name == "Name" else "",
                               "description": "", "priority": 0} for name in names],
        "rows": [{"cells": [obj["metadata"]["name"], *map(str, row(obj)), age(obj)],
                  "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                             "metadata": obj["metadata"]}} for obj in objects],
    }


def age(obj):
    since = datetime.strptime(obj["metadata"]["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    seconds = int((datetime.now(timezone.utc) - since).total_seconds())
    return f"{seconds}s" if seconds < 120 else f"{seconds // 60}m"


def _pod(obj):
    spec, status = obj["spec"], obj.get("status") or {}
    sidecars = [entry["name"] for entry in spec.get("initContainers") or [] if entry.get("restartPolicy") == "Always"]
    seen = [entry for entry in status.get("initContainerStatuses") or [] if entry["name"] in sidecars]
    seen += status.get("containerStatuses") or []
    return [f"{sum(1 for entry in seen if entry.get('ready'))}/{len(sidecars) + len(spec['containers'])}",
            _phase(obj), sum(entry.get("restartCount", 0) for entry in seen)]


def _phase(obj):
    """The word under STATUS: why a container waits or has ended, before the pod's phase."""
    status = obj.get("status") or {}
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    word = status.get("reason") or status.get("phase") or "Pending"
    for entry in status.get("containerStatuses") or []:
        state = entry.get("state") or {}
        for what in ("waiting", "terminated"):
            if (state.get(what) or {}).get("reason"):
                word = state[what]["reason"]
    return word


def _deployment(obj):
    status = obj.get("status") or {}
    return [f"{status.get('readyReplicas', 0)}/{obj['spec']['replicas']}", status.get("updatedReplicas", 0),
            status.get("availableReplicas", 0)]


def _replicaset(obj):
    status = obj.get("status") or {}
    return [obj["spec"]["replicas"], status.get("replicas", 0), status.get("readyReplicas", 0)]


def _service(obj):
    ports = ",".join(f"{port['port']}/{port['protocol']}" for port in obj["spec"].get("ports") or []) or "<none>"
    return [obj["spec"]["type"], obj["spec"]["clusterIP"], "<none>", ports]


def _job(obj):
    status = obj.get("status") or {}
    ended = {entry["type"] for entry in status.get("conditions") or [] if entry["status"] == "True"}
    word = "Complete" if "Complete" in ended else "Failed" if "Failed" in ended else "Running"
    return [word, f"{status.get('succeeded', 0)}/{obj['spec']['completions']}"]


def _autoscaler(obj):
    spec = obj["spec"]
    target = spec["scaleTargetRef"]
    metrics = ", ".join(f"{row['resource']['name']}: <unknown>/{row['resource']['target'].get('averageUtilization')}%"
                        for row in spec.get("metrics") or [] if row["type"] == "Resource") or "<none>"
    return [f"{target['kind']}/{target['name']}", metrics, spec["minReplicas"], spec["maxReplicas"],
            (obj.get("status") or {}).get("currentReplicas", 0)]


def _budget(obj):
    spec = obj["spec"]
    return [spec.get("minAvailable", "N/A"), spec.get("maxUnavailable", "N/A"),
            (obj.get("status") or {}).get("disruptionsAllowed", 0)]


def _node(obj):
    return ["Ready,SchedulingDisabled" if obj.get("spec", {}).get("unschedulable") else "Ready", "<none>",
            obj["status"]["nodeInfo"]["kubeletVersion"]]


_COLUMNS = {
    "Pod": (["Ready", "Status", "Restarts"], _pod),
    "Deployment": (["Ready", "Up-to-date", "Available"], _deployment),
    "ReplicaSet": (["Desired", "Current", "Ready"], _replicaset),
    "Service": (["Type", "Cluster-IP", "External-IP", "Port(s)"], _service),
    "Job": (["Status", "Completions"], _job),
    "HorizontalPodAutoscaler": (["Reference", "Targets", "MinPods", "MaxPods", "Replicas"], _autoscaler),
    "PodDisruptionBudget": (["Min Available", "Max Unavailable", "Allowed Disruptions"], _budget),
    "Node": (["Status", "Roles", "Version"], _node),
    "Namespace": (["Status"], lambda obj: [obj["status"]["phase"]]),
    "ConfigMap": (["Data"], lambda obj: [len(obj.get("data") or {})]),
    "Secret": (["Type", "Data"], lambda obj: [obj["type"], len(obj.get("data") or {})]),
    "EndpointSlice": (["AddressType", "Ports", "Endpoints"], lambda obj: [
        obj["addressType"], ",".join(str(port["port"]) for port in obj.get("ports") or []) or "<unset>",
        ",".join(address for entry in obj.get("endpoints") or [] for address in entry["addresses"]) or "<unset>"]),
}
