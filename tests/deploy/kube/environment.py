"""A container's environment, command and arguments, as the kubelet works them out."""

import re

from .manifest import Missing, Unsupported, containers
from .quantity import divided


class Facts:
    """What a pod may say about itself: its manifest, and the addresses that it has."""

    def __init__(self, pod, pod_address, node_address):
        self.pod, self.pod_address, self.node_address = pod, pod_address, node_address

    def field(self, path):
        metadata, spec = self.pod["metadata"], self.pod["spec"]
        keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
        if keyed:
            return (metadata.get(keyed[1]) or {}).get(keyed[2], "")
        whole = re.fullmatch(r"metadata\.(labels|annotations)", path)
        if whole:
            pairs = sorted((metadata.get(whole[1]) or {}).items())
            return "\n".join(f'{key}="{value}"' for key, value in pairs)
        plain = {
            "metadata.name": metadata["name"], "metadata.namespace": metadata["namespace"],
            "metadata.uid": metadata["uid"], "spec.nodeName": spec["nodeName"],
            "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
            "status.podIP": self.pod_address, "status.podIPs": self.pod_address,
            "status.hostIP": self.node_address, "status.hostIPs": self.node_address,
        }
        if path not in plain:
            raise Unsupported(f"fieldRef {path}")
        return plain[path]

    def resource(self, reference, default_container):
        name = reference.get("containerName", default_container)
        container = next(each for each in containers(self.pod) if each["name"] == name)
        kind, resource = reference["resource"].split(".", 1)
        quantity = (container.get("resources", {}).get(kind) or {}).get(resource, "0")
        return str(divided(quantity, reference.get("divisor", "1")))


def environment(container, image_env, facts, objects, service_env):
    """All variables by name. A later source wins: image, Services, envFrom, env."""
    found = dict(pair.split("=", 1) for pair in image_env) | service_env
    for source in container.get("envFrom") or []:
        found |= _env_from(source, facts, objects)
    for variable in container.get("env") or []:
        if "valueFrom" in variable:
            value = _value_from(variable["valueFrom"], container, facts, objects)
        else:
            value = expanded(variable.get("value", ""), found)
        if value is not None:
            found[variable["name"]] = value
    return found


def expanded(text, variables):
    """`$(NAME)` becomes the variable, if there is one; `$$` becomes `$`."""
    def replace(match):
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])
    return re.sub(r"\$\$|\$\(([^)]+)\)", replace, text)


def argv(container, image_config, variables):
    """`command` stands in the place of the image's entrypoint and its arguments, `args` in that of the arguments."""
    entrypoint, arguments = image_config.get("Entrypoint") or [], image_config.get("Cmd") or []
    if container.get("command"):
        entrypoint, arguments = container["command"], []
    if container.get("args"):
        arguments = container["args"]
    return [expanded(word, variables) for word in [*entrypoint, *arguments]]


def service_environment(services, namespace):
    """What the kubelet says of each Service of the pod's namespace: `services` are v1 Services with a clusterIP."""
    found = {}
    for service in services:
        spec, metadata = service["spec"], service["metadata"]
        if metadata.get("namespace", "default") != namespace or spec.get("clusterIP", "None") == "None":
            continue
        name, address = metadata["name"].upper().replace("-", "_"), spec["clusterIP"]
        first = spec["ports"][0]["port"]
        found |= {f"{name}_SERVICE_HOST": address, f"{name}_SERVICE_PORT": str(first)}
        found[f"{name}_PORT"] = f"tcp://{address}:{first}"
        for port in spec["ports"]:
            number = port["port"]
            if port.get("name"):
                found[f"{name}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(number)
            prefix = f"{name}_PORT_{number}_TCP"
            found |= {prefix: f"tcp://{address}:{number}", f"{prefix}_PROTO": "tcp"}
            found |= {f"{prefix}_PORT": str(number), f"{prefix}_ADDR": address}
    return found


def _env_from(source, facts, objects):
    kind = "ConfigMap" if "configMapRef" in source else "Secret"
    reference = source.get("configMapRef") or source["secretRef"]
    data = _data(kind, reference, facts, objects) or {}
    return {source.get("prefix", "") + key: value.decode() for key, value in data.items()}


def _value_from(source, container, facts, objects):
    if "fieldRef" in source:
        return facts.field(source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return facts.resource(source["resourceFieldRef"], container["name"])
    kind = "ConfigMap" if "configMapKeyRef" in source else "Secret"
    reference = source.get("configMapKeyRef") or source["secretKeyRef"]
    data = _data(kind, reference, facts, objects)
    if data is None:
        return None
    if reference["key"] not in data:
        if reference.get("optional"):
            return None
        raise Missing(f"{kind} {reference['name']} has no key {reference['key']}")
    return data[reference["key"]].decode()


def _data(kind, reference, facts, objects):
    data = objects.data(kind, facts.pod["metadata"]["namespace"], reference["name"])
    if data is None and not reference.get("optional"):
        raise Missing(f"{kind} {reference['name']} is not there")
    return data
