"""Bodies in protobuf ("Kubernetes Protobuf encoding"), which kubectl's typed commands send whatever the server says it
takes: `create namespace`, `create configmap`, `create secret`, `autoscale`, evictions and deletions.

Field numbers are those of Kubernetes' published .proto files, for these few kinds. A field that the tables do not have
is an error, not a loss.
"""

import base64

from .errors import Refusal

MAGIC = b"k8s\0"
TEXT, NUMBER, FLAG, BYTES = "text", "number", "flag", "bytes"


def _list(what):
    return ("list", what)


def _map(what):
    return ("map", what)


_TIME = {1: ("seconds", NUMBER), 2: ("nanos", NUMBER)}
_META = {1: ("name", TEXT), 2: ("generateName", TEXT), 3: ("namespace", TEXT), 4: ("selfLink", TEXT), 5: ("uid", TEXT),
         6: ("resourceVersion", TEXT), 7: ("generation", NUMBER), 8: ("creationTimestamp", _TIME),
         11: ("labels", _map(TEXT)), 12: ("annotations", _map(TEXT)), 14: ("finalizers", _list(TEXT))}
_DELETE = {1: ("gracePeriodSeconds", NUMBER), 2: ("preconditions", {1: ("uid", TEXT), 2: ("resourceVersion", TEXT)}),
           3: ("orphanDependents", FLAG), 4: ("propagationPolicy", TEXT), 5: ("dryRun", _list(TEXT))}
_TARGET = {1: ("type", TEXT), 4: ("averageUtilization", NUMBER)}
_METRIC = {1: ("type", TEXT), 4: ("resource", {1: ("name", TEXT), 2: ("target", _TARGET)})}
_SCALER = {1: ("scaleTargetRef", {1: ("kind", TEXT), 2: ("name", TEXT), 3: ("apiVersion", TEXT)}),
           2: ("minReplicas", NUMBER), 3: ("maxReplicas", NUMBER), 4: ("metrics", _list(_METRIC))}

# Texts and numbers are written even when they are not set; here 0 is a value.
_ZERO_COUNTS = {"gracePeriodSeconds", "minReplicas"}

_KINDS = {
    "Namespace": {1: ("metadata", _META), 2: ("spec", {1: ("finalizers", _list(TEXT))}),
                  3: ("status", {1: ("phase", TEXT)})},
    "ConfigMap": {1: ("metadata", _META), 2: ("data", _map(TEXT)), 3: ("binaryData", _map(BYTES)), 4: ("immutable", FLAG)},
    "Secret": {1: ("metadata", _META), 2: ("data", _map(BYTES)), 3: ("type", TEXT), 4: ("stringData", _map(TEXT)),
               5: ("immutable", FLAG)},
    "ServiceAccount": {1: ("metadata", _META)},
    "Eviction": {1: ("metadata", _META), 2: ("deleteOptions", _DELETE)},
    "DeleteOptions": _DELETE,
    "HorizontalPodAutoscaler": {1: ("metadata", _META), 2: ("spec", _SCALER), 3: ("status", {
        3: ("currentReplicas", NUMBER), 4: ("desiredReplicas", NUMBER)})},
}


def decode(body):
    """The object that a body holds, as its JSON would be."""
    unknown = dict(_raw(body.removeprefix(MAGIC)))
    about = dict(_raw(unknown[1]))
    kind = about[2].decode()
    if kind not in _KINDS:
        raise Refusal(415, "UnsupportedMediaType", f"this server reads no {kind} in protobuf")
    obj = _message(unknown[2], _KINDS[kind], kind)
    obj.get("metadata", {}).pop("creationTimestamp", None)
    return {"apiVersion": about[1].decode(), "kind": kind, **obj}


def _message(data, fields, where):
    found = {}
    for number, value in _raw(data):
        if number not in fields:
            raise Refusal(415, "UnsupportedMediaType", f"this server does not know field {number} of {where} in protobuf")
        name, what = fields[number]
        if isinstance(what, tuple) and what[0] == "list":
            found.setdefault(name, []).append(_value(value, what[1], f"{where}.{name}"))
        elif isinstance(what, tuple):
            pair = dict(_raw(value))
            found.setdefault(name, {})[pair.get(1, b"").decode()] = _value(pair.get(2, b""), what[1], where)
        elif value not in (b"", 0) or what == FLAG or name in _ZERO_COUNTS:
            found[name] = _value(value, what, f"{where}.{name}")
    return found


def _value(value, what, where):
    if isinstance(what, dict):
        return _message(value, what, where)
    if what == TEXT:
        return value.decode()
    if what == BYTES:
        return base64.b64encode(value).decode()
    return bool(value) if what == FLAG else value


def _raw(data):
    """Pairs of a field's number and its value: a number, or bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value if value < 1 << 63 else value - (1 << 64)
        elif tag & 7 == 2:
            size, at = _varint(data, at)
            yield tag >> 3, data[at:at + size]
            at += size
        else:
            raise Refusal(400, "BadRequest", f"protobuf: wire type {tag & 7} is not used by these kinds")


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
