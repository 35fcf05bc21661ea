"""The system calls that a container may make, as OCI's runtimes are told them.

The rules are those of Podman, CRI-O and (nearly the same) containerd, which Kubernetes calls RuntimeDefault. Debian
has them in golang-github-containers-common, which buildah needs; runc itself has none.
"""

import json
import platform
from pathlib import Path

FILE = Path("/usr/share/containers/seccomp.json")
NAMES = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}


def holds_without_rights(rule, processor):
    """Whether a rule is for a container that has no capability at all."""
    needed, spared = rule.get("includes") or {}, rule.get("excludes") or {}
    return (
        not needed.get("caps")
        and processor in (needed.get("arches") or [processor])
        and processor not in (spared.get("arches") or [])
    )


def default():
    processor, architecture = NAMES[platform.machine()]
    rules = json.loads(FILE.read_text())
    others = next((each["subArchitectures"] for each in rules["archMap"] if each["architecture"] == architecture), [])
    return {
        "defaultAction": rules["defaultAction"],
        "defaultErrnoRet": rules["defaultErrnoRet"],
        "architectures": [architecture, *others],
        "syscalls": [rule_of(each) for each in rules["syscalls"] if holds_without_rights(each, processor)],
    }


def rule_of(rule):
    made = {"names": rule["names"], "action": rule["action"]}
    if rule.get("args"):
        made["args"] = rule["args"]
    if rule.get("errnoRet") is not None:
        made["errnoRet"] = rule["errnoRet"]
    return made
