"""Three of the four kinds of patches: JSON merge (RFC 7386), JSON patch (RFC 6902), and strategic merge.

Strategic merge ("Update API Objects in Place Using kubectl patch") merges lists of objects by the merge key that the
schema names, and understands the directives that kubectl writes: `$patch`, `$setElementOrder/LIST`,
`$deleteFromPrimitiveList/LIST`, `$retainKeys`. An element that is new is appended.
"""

import copy

from . import schema as fields
from .errors import Refusal, bad_request


def json_merge(live, patch):
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(live) if isinstance(live, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = json_merge(merged.get(name), value)
    return merged


def json_patch(live, steps):
    live = copy.deepcopy(live)
    for step in steps:
        path = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        if step["op"] == "test":
            if _find(live, path) != step.get("value"):
                raise Refusal(422, "Invalid", f"the server rejected our request: test of {step['path']} failed")
        elif step["op"] in ("add", "replace"):
            _place(live, path, copy.deepcopy(step.get("value")), step["op"])
        elif step["op"] == "remove":
            _take(live, path)
        elif step["op"] in ("move", "copy"):
            origin = [part.replace("~1", "/").replace("~0", "~") for part in step["from"].split("/")[1:]]
            value = copy.deepcopy(_find(live, origin))
            if step["op"] == "move":
                _take(live, origin)
            _place(live, path, value, "add")
        else:
            raise bad_request(f"JSON patch: unknown operation {step['op']!r}")
    return live


def _find(thing, path):
    try:
        for part in path:
            thing = thing[int(part)] if isinstance(thing, list) else thing[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise Refusal(422, "Invalid", f"the server rejected our request: there is no /{'/'.join(path)}") from None
    return thing


def _place(thing, path, value, how):
    holder, last = _find(thing, path[:-1]), path[-1]
    if not isinstance(holder, list):
        if how == "replace" and last not in holder:
            _find(thing, path)
        holder[last] = value
    elif how == "replace":
        holder[int(last)] = value
    else:
        holder.insert(len(holder) if last == "-" else int(last), value)


def _take(thing, path):
    _find(thing, path)
    holder, last = _find(thing, path[:-1]), path[-1]
    del holder[int(last) if isinstance(holder, list) else last]


def strategic(live, patch, schema):
    """`schema` is that of the object; {} where nothing is known, which then behaves as JSON merge does."""
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    merged = dict(live or {})
    if "$retainKeys" in patch:
        merged = {key: value for key, value in merged.items() if key in patch["$retainKeys"]}
    for name, value in patch.items():
        if name.startswith("$"):
            continue
        below = fields.member(schema, name)
        if value is None or (isinstance(value, dict) and value.get("$patch") == "delete"):
            merged.pop(name, None)
        elif isinstance(value, dict):
            merged[name] = strategic(merged.get(name), value, below)
        elif isinstance(value, list) and below.get("x-kubernetes-patch-strategy", "").find("merge") >= 0:
            merged[name] = _merge_list(merged.get(name) or [], value, below)
        else:
            merged[name] = copy.deepcopy(value)
    for name, value in patch.items():
        what, _, field = name.partition("/")
        if what == "$deleteFromPrimitiveList":
            merged[field] = [item for item in merged.get(field) or [] if item not in value]
        elif what == "$setElementOrder" and field in merged:
            merged[field] = _in_order(merged[field], value, fields.member(schema, field))
    return merged


def _merge_list(live, patch, schema):
    key = schema.get("x-kubernetes-patch-merge-key")
    if not key:
        return live + [item for item in patch if item not in live]
    if any(item.get("$patch") == "replace" for item in patch):
        return [copy.deepcopy(item) for item in patch if "$patch" not in item]
    merged = list(live)
    for item in patch:
        at = next((index for index, there in enumerate(merged) if there.get(key) == item.get(key)), None)
        if item.get("$patch") == "delete":
            if at is not None:
                del merged[at]
        elif at is None:
            merged.append(strategic({}, item, fields.items(schema)))
        else:
            merged[at] = strategic(merged[at], item, fields.items(schema))
    return merged


def _in_order(merged, order, schema):
    """Elements that the order names stand as it says; each other one stays behind the one that was before it."""
    key = schema.get("x-kubernetes-patch-merge-key")
    name = (lambda item: item.get(key)) if key else (lambda item: item)
    wanted = [item.get(key) if isinstance(item, dict) else item for item in order]
    sorted_ones = [item for value in wanted for item in merged if name(item) == value]
    result, before = list(sorted_ones), None
    for item in merged:
        if name(item) not in wanted:
            at = 0 if before is None else result.index(before) + 1
            result.insert(at, item)
        before = item
    return result
