"""Pod Security Standards, level *restricted*, where a namespace's label enforces it ("Pod Security Admission").

The controls are those of the standard's page; volumes, host namespaces, privileges, users, seccomp, capabilities.
"""

from .errors import forbidden

_ENFORCE = "pod-security.kubernetes.io/enforce"
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
            "name"}


def check(kind, pod, labels):
    if labels.get(_ENFORCE) != "restricted":
        return
    spec = pod["spec"]
    whole = spec.get("securityContext") or {}
    faults = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    faults += [f"restricted volume types ({volume['name']})" for volume in spec.get("volumes") or []
               if not set(volume) <= _VOLUMES]
    groups = ("initContainers", "containers", "ephemeralContainers")
    for container in [entry for group in groups for entry in spec.get(group) or []]:
        faults += [f"{fault} (container \"{container['name']}\")"
                   for fault in _container({**whole, **(container.get("securityContext") or {})}, container)]
    if faults:
        raise forbidden(kind, pod["metadata"]["name"], f'violates PodSecurity "restricted:latest": {", ".join(faults)}')


def _container(context, container):
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation != false"
    capabilities = context.get("capabilities") or {}
    if "ALL" not in (capabilities.get("drop") or []) or set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"}:
        yield "unrestricted capabilities"
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot != true"
    if context.get("runAsUser") == 0:
        yield "runAsUser=0"
    if (context.get("seccompProfile") or {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile"
    if any(port.get("hostPort") for port in container.get("ports") or []):
        yield "hostPort"
