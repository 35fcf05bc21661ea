"""What kinds there are, for clients that ask first ("The Kubernetes API", API discovery and OpenAPI).

Discovery is the plain form, which every client falls back to. The OpenAPI documents name only paths and the query
parameters of PATCH: by these kubectl and helm see that fields are validated and dry runs done by the server.
"""

from .kinds import KINDS, SUBRESOURCE_KINDS
from .schema import VERSION

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


def version():
    major, minor = VERSION.split(".")
    return {"major": major, "minor": minor, "gitVersion": f"v{VERSION}.0", "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none", "compiler": "none", "platform": "linux/amd64"}


def groups():
    names = {}
    for kind in KINDS:
        if kind.group:
            names.setdefault(kind.group, []).append(
                {"groupVersion": kind.group_version, "version": kind.version})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        {"name": name, "versions": _unique(versions), "preferredVersion": versions[0]}
        for name, versions in names.items()]}


def _unique(entries):
    return [entry for at, entry in enumerate(entries) if entry not in entries[:at]]


def core():
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def resources(group, version_):
    """The resources of a group's version, or None if there are none."""
    rows = []
    for kind in KINDS:
        if (kind.group, kind.version) != (group, version_):
            continue
        row = {"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
               "verbs": _VERBS}
        if kind.short:
            row["shortNames"] = list(kind.short)
        if kind.kind in ("Pod", "Service", "Deployment", "ReplicaSet", "Job", "HorizontalPodAutoscaler"):
            row["categories"] = ["all"]
        rows.append(row)
        for name in kind.subresources:
            of_group, of_version, of_kind = SUBRESOURCE_KINDS.get(name, (kind.group, kind.version, kind.kind))
            below = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced,
                     "kind": of_kind, "verbs": ["get", "patch", "update", "create"]}
            if (of_group, of_version) != (kind.group, kind.version):
                below.update(group=of_group, version=of_version)
            rows.append(below)
    if not rows:
        return None
    return {"kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": f"{group}/{version_}" if group else version_, "resources": rows}


def _home(kind):
    return f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"


def openapi():
    return {"paths": {home: {"serverRelativeURL": f"/openapi/v3/{home}?hash={VERSION}"}
                      for home in sorted({_home(kind) for kind in KINDS})}}


def openapi_of(home):
    """The document of one group's version, or None."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}}
                  for name in ("dryRun", "fieldManager", "fieldValidation", "force")]
    paths = {}
    for kind in KINDS:
        if _home(kind) == home:
            space = "namespaces/{namespace}/" if kind.namespaced else ""
            paths[f"/{home}/{space}{kind.plural}/{{name}}"] = {"patch": {
                "parameters": parameters, "responses": {"200": {"description": "OK"}},
                "x-kubernetes-action": "patch",
                "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.kind}}}
    if not paths:
        return None
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": f"v{VERSION}.0"}, "paths": paths,
            "components": {"schemas": {}}}
