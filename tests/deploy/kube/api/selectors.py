"""Label and field selectors, as queries have them ("Labels and Selectors", "Field Selectors") and as objects do
(LabelSelector: matchLabels and matchExpressions)."""

import re

from .errors import bad_request

_SET = re.compile(r"^\s*(?P<key>[^\s!=(),]+)\s+(?P<how>in|notin)\s*\((?P<values>[^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^\s!=(),]+)\s*(?P<how>==|=|!=)\s*(?P<value>[^\s,()]*)\s*$")
_HAS = re.compile(r"^\s*(?P<no>!?)\s*(?P<key>[^\s!=(),]+)\s*$")


def by_labels(text):
    """A test of labels, from `app=web,tier in (a, b),!old`."""
    tests = [_one(part) for part in re.split(r",(?![^(]*\))", text or "") if part.strip()]
    return lambda obj: all(test(obj["metadata"].get("labels") or {}) for test in tests)


def _one(part):
    if found := _SET.match(part):
        values = {value.strip() for value in found["values"].split(",")}
        key, wanted = found["key"], found["how"] == "in"
        return lambda labels: (labels.get(key) in values) == wanted
    if found := _EQUAL.match(part):
        key, value, wanted = found["key"], found["value"], found["how"] != "!="
        return lambda labels: (labels.get(key) == value) == wanted
    if found := _HAS.match(part):
        key, wanted = found["key"], not found["no"]
        return lambda labels: (key in labels) == wanted
    raise bad_request(f"unable to parse requirement: {part!r}")


def by_fields(text):
    """A test of fields, from `metadata.name=web,status.phase!=Failed`. An absent field is the empty text."""
    tests = []
    for part in filter(None, (text or "").split(",")):
        found = _EQUAL.match(part)
        if not found:
            raise bad_request(f"invalid field selector: {part!r}")
        tests.append((found["key"].split("."), found["value"], found["how"] != "!="))
    return lambda obj: all((_at(obj, path) == value) == wanted for path, value, wanted in tests)


def _at(obj, path):
    for name in path:
        obj = obj.get(name, "") if isinstance(obj, dict) else ""
    return str(obj)


def selects(selector, labels):
    """Whether a LabelSelector object selects these labels; an empty one selects all, none selects nothing."""
    if selector is None:
        return False
    labels = labels or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for row in selector.get("matchExpressions") or []:
        has, value = row["key"] in labels, labels.get(row["key"])
        fits = {"In": value in row.get("values", []), "NotIn": value not in row.get("values", []),
                "Exists": has, "DoesNotExist": not has}[row["operator"]]
        if not fits:
            return False
    return True
