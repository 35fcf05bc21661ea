"""The runtime's default list of system calls (`seccompProfile: RuntimeDefault`), as Debian's tools ship it."""

import functools
import json
from pathlib import Path

KEYS = ("names", "action", "args", "errnoRet")
PROFILE = Path("/usr/share/containers/seccomp.json")


def default_profile(capabilities):
    """For the OCI specification's `linux`; nothing where no such list is installed."""
    if not PROFILE.is_file():
        return {}
    profile = _read()
    rules = []
    for rule in profile["syscalls"]:
        if _applies(rule, set(capabilities)):
            rules.append({key: rule[key] for key in KEYS if rule.get(key) is not None})
    architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
    found = {"defaultAction": profile["defaultAction"], "architectures": architectures, "syscalls": rules}
    if "defaultErrnoRet" in profile:
        found["defaultErrnoRet"] = profile["defaultErrnoRet"]
    return {"seccomp": found}


def _applies(rule, capabilities):
    includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
    arches = includes.get("arches") or ["amd64"]
    return (
        capabilities.issuperset(includes.get("caps") or [])
        and capabilities.isdisjoint(excludes.get("caps") or [])
        and ("amd64" in arches or "arm64" in arches)
        and "amd64" not in (excludes.get("arches") or [])
    )


@functools.cache
def _read():
    return json.loads(PROFILE.read_text())
