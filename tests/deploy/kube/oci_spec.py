"""A container as runc wants it described (OCI runtime specification), from what the pod's manifest says."""

from .manifest import Unsupported
from .quantity import parsed
from .seccomp import default_profile

DEFAULT_CAPABILITIES = [
    "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
]
MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
SYSTEM_MOUNTS = [
    ("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
    ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    ("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    ("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
    ("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
    ("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
    ("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
]


class Forbidden(Exception):
    """What the kubelet does not start: CreateContainerConfigError."""


def oci_spec(*, container, pod, image, rootfs, argv, variables, mounts, netns, cgroup, pid_namespace=None):
    """`mounts` are (outside, inside, is_read_only); `netns` is the path of the pod's network namespace."""
    security = (pod["spec"].get("securityContext") or {}) | (container.get("securityContext") or {})
    uid, gid = user(security, image.config.get("User", ""))
    if security.get("runAsNonRoot") and uid == 0:
        raise Forbidden("container has runAsNonRoot and image will run as root")
    pid = {"type": "pid"} | ({"path": pid_namespace} if pid_namespace else {})
    namespaces = [pid, *({"type": kind} for kind in ("mount", "ipc", "uts", "cgroup"))]
    namespaces.append({"type": "network", "path": str(netns)})
    capabilities = capability_names(security)
    linux = {
        "namespaces": namespaces, "resources": resources(container), "cgroupsPath": cgroup, "maskedPaths": MASKED,
        "readonlyPaths": READ_ONLY,
    }
    if (security.get("seccompProfile") or {}).get("type") == "RuntimeDefault":
        linux |= default_profile(capabilities)
    return {
        "ociVersion": "1.0.2", "hostname": pod["metadata"]["name"][:63],
        "root": {"path": str(rootfs), "readonly": bool(security.get("readOnlyRootFilesystem"))},
        "process": _process(container, pod, image, argv, variables, uid, gid, security, capabilities),
        "mounts": _mounts(mounts, image), "linux": linux,
    }


def _process(container, pod, image, argv, variables, uid, gid, security, capabilities):
    groups = list(security.get("supplementalGroups") or [])
    if "fsGroup" in security:
        groups.append(security["fsGroup"])
    held = capabilities if uid == 0 else []
    return {
        "terminal": bool(container.get("tty")), "args": argv,
        "cwd": container.get("workingDir") or image.config.get("WorkingDir") or "/",
        "env": [f"{name}={value}" for name, value in variables.items()],
        "user": {"uid": uid, "gid": gid, "additionalGids": groups},
        "capabilities": {"bounding": capabilities, "effective": held, "permitted": held},
        "noNewPrivileges": security.get("allowPrivilegeEscalation") is False,
    }


def user(security, image_user):
    """The numbers of user and group. Names would need the image's own list of users."""
    name, _, group = image_user.partition(":")
    if not (name or "0").isdigit() or not (group or "0").isdigit():
        raise Unsupported(f"image user {image_user}: only numbers are simulated")
    uid = security.get("runAsUser", int(name or 0))
    gid = security.get("runAsGroup", int(group or 0) if "runAsUser" not in security else 0)
    return uid, gid


def capability_names(security):
    asked = security.get("capabilities") or {}
    drop, add = asked.get("drop") or [], asked.get("add") or []
    kept = [] if "ALL" in drop else [name for name in DEFAULT_CAPABILITIES if name.removeprefix("CAP_") not in drop]
    return kept + [f"CAP_{name}" for name in add if f"CAP_{name}" not in kept]


def resources(container):
    """Limits as the kernel takes them; requests of CPU become a share."""
    asked = container.get("resources") or {}
    limits, requests = asked.get("limits") or {}, asked.get("requests") or {}
    cpu = {"shares": max(2, int(parsed(requests.get("cpu", limits.get("cpu", "2m"))) * 1024))}
    if "cpu" in limits:
        cpu |= {"period": 100_000, "quota": int(parsed(limits["cpu"]) * 100_000)}
    found = {"cpu": cpu, "devices": [{"allow": False, "access": "rwm"}]}
    if "memory" in limits:
        found["memory"] = {"limit": int(parsed(limits["memory"]))}
    return found


def _mounts(mounts, image):
    found = [{"destination": to, "type": kind, "source": source, "options": options}
             for to, kind, source, options in SYSTEM_MOUNTS]
    binds = [(outside, inside, True) for outside, inside in image.binds]
    # A mount below another one must come after it.
    for outside, inside, is_read_only in sorted([*binds, *mounts], key=lambda mount: mount[1]):
        mode = "ro" if is_read_only else "rw"
        options = ["rbind", "rprivate", mode]
        found.append({"destination": inside, "type": "bind", "source": str(outside), "options": options})
    return found
