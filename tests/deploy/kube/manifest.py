"""What a pod's manifest says, with the API server's defaults, and a refusal of what is not simulated."""

import copy
import uuid


class Unsupported(Exception):
    """A manifest that asks for what this kubelet does not do; passing over it would test something else."""


class Missing(Exception):
    """Something that the pod refers to is not there (yet): the kubelet tries again."""


def admitted(manifest, node_name="node-1"):
    """A pod as the API server would store it: a copy with the defaults that matter here."""
    if manifest.get("kind") != "Pod":
        raise Unsupported(f"a {manifest.get('kind')} is no Pod")
    pod = copy.deepcopy(manifest)
    metadata = pod.setdefault("metadata", {})
    metadata.setdefault("namespace", "default")
    metadata.setdefault("uid", str(uuid.uuid4()))
    if "name" not in metadata:
        metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
    spec = pod["spec"]
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("nodeName", node_name)
    for container in containers(pod):
        _check(container, spec)
    return pod


def containers(pod):
    return [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]


def is_sidecar(pod, container):
    """Whether it is a native sidecar: an init container that always restarts."""
    is_init = any(each["name"] == container["name"] for each in pod["spec"].get("initContainers") or [])
    return is_init and container.get("restartPolicy") == "Always"


def _check(container, spec):
    name = container["name"]
    volumes = {volume["name"] for volume in spec.get("volumes") or []}
    for mount in container.get("volumeMounts") or []:
        if mount.get("subPath") or mount.get("subPathExpr"):
            raise Unsupported(f"{name}: subPath is not simulated: such a mount never changes, so do not use it")
        if mount["name"] not in volumes:
            raise Unsupported(f"{name}: there is no volume {mount['name']}")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if "grpc" in container.get(probe, {}):
            raise Unsupported(f"{name}: {probe}: grpc is not simulated")
    if spec.get("hostNetwork"):
        raise Unsupported("hostNetwork would touch the machine's own network")
