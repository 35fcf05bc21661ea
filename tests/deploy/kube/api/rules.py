"""What the server refuses although each field is known: validation beyond the schema (API reference of each kind).

Names and labels ("Object Names and IDs"), what cannot change (selectors, a Job's template, a Pod's containers), what
must fit together (a Deployment's selector and its template's labels, mounts and volumes, ports, limits).
"""

import base64
import binascii
import re

from . import security
from .errors import conflict, invalid
from .selectors import selects

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_ENV = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def check(kind, obj, before):
    """`before` is the object as it was; None at its creation."""
    causes = list(_metadata(kind, obj))
    if kind.kind in ("Deployment", "ReplicaSet", "Job"):
        causes += _template(kind, obj, before)
    if kind.kind == "Pod":
        causes += _pod(obj, "spec") + (_unchanged_pod(obj, before) if before else [])
    if kind.kind in ("ConfigMap", "Secret"):
        causes += _data(kind, obj, before)
    if kind.kind == "Service":
        causes += _service(obj, before)
    if kind.kind == "HorizontalPodAutoscaler" and obj["spec"]["minReplicas"] > obj["spec"]["maxReplicas"]:
        causes.append(("spec.maxReplicas", "must be greater than or equal to `minReplicas`"))
    if kind.kind == "PodDisruptionBudget" and {"minAvailable", "maxUnavailable"} <= set(obj.get("spec") or {}):
        causes.append(("spec", "minAvailable and maxUnavailable cannot be both set"))
    if causes:
        raise invalid(kind, obj["metadata"].get("name", ""), causes)


def version_fits(kind, obj, before):
    wanted = obj["metadata"].get("resourceVersion")
    if wanted and wanted != before["metadata"]["resourceVersion"]:
        raise conflict(kind, obj["metadata"]["name"], "the object has been modified; please apply your changes to the "
                                                      "latest version and try again")


def _metadata(kind, obj):
    meta = obj["metadata"]
    most = 63 if kind.kind in ("Namespace", "Service", "Pod") else 253
    name = meta.get("name", "")
    if not _NAME.fullmatch(name) or len(name) > most or (kind.kind in ("Namespace", "Service") and "." in name):
        yield "metadata.name", f"Invalid value: {name!r}: must consist of lower case letters, digits and '-'"
    yield from _labels(meta.get("labels"), "metadata.labels")


def _labels(labels, where):
    for key, value in (labels or {}).items():
        if len(key.rpartition("/")[2]) > 63 or not _LABEL.fullmatch(key.rpartition("/")[2]):
            yield where, f"Invalid value: {key!r}: no valid name of a label"
        if len(value) > 63 or not _LABEL.fullmatch(value):
            yield where, f"Invalid value: {value!r}: a label's value has 63 characters at most: letters, digits, -, _, ."


def _template(kind, obj, before):
    spec = obj["spec"]
    labels = (spec["template"].get("metadata") or {}).get("labels")
    causes = list(_labels(labels, "spec.template.metadata.labels")) + _pod(spec["template"], "spec.template.spec")
    policy = spec["template"]["spec"]["restartPolicy"]
    allowed = ("OnFailure", "Never") if kind.kind == "Job" else ("Always",)
    if policy not in allowed:
        causes.append(("spec.template.spec.restartPolicy",
                       f"Unsupported value: {policy!r}: supported values: {', '.join(allowed)}"))
    if kind.kind != "Job" and not selects(spec["selector"], labels):
        causes.append(("spec.template.metadata.labels",
                       "Invalid value: `selector` does not match template `labels`"))
    if before:
        fixed = ("selector", "template", "completions") if kind.kind == "Job" else ("selector",)
        causes += [(f"spec.{name}", "Invalid value: field is immutable") for name in fixed
                   if spec.get(name) != before["spec"].get(name)]
    return causes


def _pod(obj, where):
    spec = obj["spec"]
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    causes, names = [], set()
    for group in ("initContainers", "containers"):
        for at, container in enumerate(spec.get(group) or []):
            here = f"{where}.{group}[{at}]"
            if container["name"] in names:
                causes.append((f"{here}.name", f"Duplicate value: {container['name']!r}"))
            names.add(container["name"])
            causes += _container(container, here, volumes, group)
    return causes


def _container(container, here, volumes, group):
    causes = []
    if not container.get("image"):
        causes.append((f"{here}.image", "Required value"))
    sidecar = container.get("restartPolicy") == "Always"
    if group == "containers" and "restartPolicy" in container:
        causes.append((f"{here}.restartPolicy", "Forbidden: may not be set for non-init containers"))
    if group == "initContainers" and not sidecar:
        causes += [(f"{here}.{name}", "Forbidden: may not be set for init containers without restartPolicy=Always")
                   for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe") if container.get(name)]
    for at, mount in enumerate(container.get("volumeMounts") or []):
        if mount["name"] not in volumes:
            causes.append((f"{here}.volumeMounts[{at}].name", f"Not found: {mount['name']!r}"))
    named = set()
    for at, port in enumerate(container.get("ports") or []):
        name = port.get("name")
        if name and (len(name) > 15 or name in named):
            causes.append((f"{here}.ports[{at}].name", f"{name!r}: 15 characters at most, and only once"))
        named.add(name)
    for at, variable in enumerate(container.get("env") or []):
        if not _ENV.fullmatch(variable["name"]):
            causes.append((f"{here}.env[{at}].name", f"Invalid value: {variable['name']!r}"))
    resources = container.get("resources") or {}
    for name, limit in (resources.get("limits") or {}).items():
        if quantity((resources.get("requests") or {}).get(name, 0)) > quantity(limit):
            causes.append((f"{here}.resources.requests", f"must be less than or equal to {name} limit of {limit}"))
    return causes


def quantity(text):
    """A number from 10m, 64Mi, 1.5 ("Resource units in Kubernetes")."""
    units = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    found = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text))
    return float(found[1]) * (units[found[2]] if found[2] else 1)


def _unchanged_pod(obj, before):
    def rest(pod):
        spec = {key: value for key, value in pod["spec"].items()
                if key not in ("activeDeadlineSeconds", "tolerations", "nodeName", "ephemeralContainers",
                               "terminationGracePeriodSeconds")}
        for group in ("initContainers", "containers"):
            spec[group] = [{**container, "image": ""} for container in spec.get(group) or []]
        return spec
    if rest(obj) != rest(before):
        return [("spec", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, "
                         "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations`")]
    return []


def _data(kind, obj, before):
    causes = []
    if before and before.get("immutable") and (obj.get("data") != before.get("data") or not obj.get("immutable")):
        causes.append(("data", "Forbidden: field is immutable when `immutable` is set"))
    if kind.kind == "Secret":
        if before and obj["type"] != before["type"]:
            causes.append(("type", "Invalid value: field is immutable"))
        for name, value in (obj.get("data") or {}).items():
            try:
                base64.b64decode(value, validate=True)
            except (binascii.Error, ValueError):
                causes.append((f"data[{name}]", "Invalid value: not base64"))
        if obj["type"] == "kubernetes.io/tls" and not {"tls.crt", "tls.key"} <= set(obj.get("data") or {}):
            causes.append(("data", "Required value: tls.crt and tls.key"))
    return causes


def _service(obj, before):
    causes = []
    if before and before["spec"].get("clusterIP") != obj["spec"].get("clusterIP"):
        causes.append(("spec.clusterIP", "Invalid value: may not change once set"))
    ports = obj["spec"].get("ports") or []
    if len(ports) > 1 and not all(port.get("name") for port in ports):
        causes.append(("spec.ports", "Required value: each of several ports needs a name"))
    return causes


def pod_security(kind, obj, namespace):
    """Enforces the namespace's level on pods themselves, as the admission of Pod Security does."""
    if kind.kind == "Pod":
        security.check(kind, obj, (namespace["metadata"].get("labels") or {}))
