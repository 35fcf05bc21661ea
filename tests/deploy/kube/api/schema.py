"""What each field is: the OpenAPI schema of one Kubernetes version, as the package kubernetes-validate carries it.

Strict field validation (`fieldValidation=Strict`, which kubectl and helm ask for) refuses every field that the schema
does not have. The list types and merge keys of strategic merge and server-side apply are extensions in the same
schema (`x-kubernetes-list-type`, `x-kubernetes-patch-merge-key`).
"""

import functools
import re

import jsonschema
import referencing
from kubernetes_validate import utils

from .errors import bad_request, invalid

VERSION = "1.36"
_FOLDER = f"kubernetes-json-schema/v{VERSION}.0-local-strict"


@functools.cache
def definitions():
    return utils.schema_contents(f"{_FOLDER}/_definitions.json", VERSION)


@functools.cache
def _by_kind():
    found = {}
    for name, schema in definitions()["$defs"].items():
        for gvk in schema.get("x-kubernetes-group-version-kind", []):
            found[(gvk["group"], gvk["version"], gvk["kind"])] = name
    return found


@functools.cache
def _validator(group, version, kind):
    name = _by_kind()[(group, version, kind)]
    everything = referencing.Resource.from_contents(definitions())
    registry = referencing.Registry().with_resource("urn:definitions", everything)
    return jsonschema.Draft202012Validator({"$ref": f"urn:definitions#/$defs/{name}"}, registry=registry)


def root(group, version, kind):
    """The schema of a kind; {} if there is none, where everything is taken for a plain object."""
    name = _by_kind().get((group, version, kind))
    return definitions()["$defs"][name] if name else {}


def resolve(schema):
    """Follows a reference; what stands beside it (a merge key) counts too."""
    reference = schema.get("$ref")
    if not reference:
        return schema
    target = definitions()["$defs"][reference.rsplit("/", 1)[1]]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def member(schema, name):
    schema = resolve(schema)
    found = schema.get("properties", {}).get(name)
    if found is None:
        more = schema.get("additionalProperties")
        found = more if isinstance(more, dict) else {}
    return resolve(found)


def items(schema):
    return resolve(resolve(schema).get("items") or {})


def _path(parts):
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def check(kind, obj):
    """Refuses unknown fields as a strict decoder does, and values of a wrong type or outside an enumeration."""
    unknown, wrong = [], []
    for error in _validator(kind.group, kind.version, kind.kind).iter_errors(obj):
        where = _path(error.absolute_path)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            unknown += [f'unknown field "{_path([*error.absolute_path, name])}"'
                        for name in error.instance if name not in known]
        else:
            wrong.append((where, re.sub(r"\s+", " ", error.message)[:300]))
    if unknown:
        raise bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
                          f'strict decoding error: {", ".join(sorted(unknown))}')
    if wrong:
        raise invalid(kind, obj.get("metadata", {}).get("name", ""), wrong)
