"""Who owns which field, and server-side apply ("Server-Side Apply": field management, conflicts, merge strategy).

A field is a path of steps: ("f", name), ("k", keys of a list's element), ("v", value in a set). A manager that applies
owns what it applied; one that updates owns what it changed. Applying a value that another manager owns with another
value is a conflict, unless forced. A field that a manager applied before and leaves out now, and nobody else owns, goes.
Leaves are scalars, atomic lists and atomic objects, as the schema says.
"""

import copy
import json

from . import schema as fields
from .errors import Refusal
from .store import now

# Bookkeeping of the server itself, which nobody owns.
_NOT_OWNED = {"apiVersion", "kind", "status"}
_META_NOT_OWNED = {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
                   "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generateName"}


def leaves(obj, schema):
    """Every path of an object and its value; inner nodes that exist have the value None."""
    found = {}
    for name, value in obj.items():
        if name in _NOT_OWNED:
            continue
        if name == "metadata":
            value = {key: inner for key, inner in value.items() if key not in _META_NOT_OWNED}
        _walk(found, (("f", name),), value, fields.member(schema, name))
    return found


def _walk(found, path, value, schema):
    if isinstance(value, dict) and schema.get("x-kubernetes-map-type") != "atomic":
        if len(path) > 1:
            found[path] = None
        for name, inner in value.items():
            _walk(found, (*path, ("f", name)), inner, fields.member(schema, name))
    elif isinstance(value, list) and schema.get("x-kubernetes-list-type") == "map":
        for item in value:
            step = ("k", element_key(item, schema))
            found[(*path, step)] = None
            for name, inner in item.items():
                _walk(found, (*path, step, ("f", name)), inner, fields.member(fields.items(schema), name))
    elif isinstance(value, list) and schema.get("x-kubernetes-list-type") == "set":
        for item in value:
            found[(*path, ("v", json.dumps(item)))] = json.dumps(item)
    else:
        found[path] = json.dumps(value, sort_keys=True)


def element_key(item, schema):
    """The keys of a list's element as one text; the one that may be left out everywhere is a port's protocol."""
    default = {"protocol": "TCP"}
    return json.dumps({key: item.get(key, default.get(key)) for key in schema["x-kubernetes-list-map-keys"]},
                      sort_keys=True, separators=(",", ":"))


def read(obj):
    """The owners in an object's managedFields: (manager, operation, subresource) → set of paths."""
    owners = {}
    for entry in obj["metadata"].get("managedFields") or []:
        paths = set()
        _decode(entry.get("fieldsV1") or {}, (), paths)
        owners[(entry["manager"], entry["operation"], entry.get("subresource", ""))] = paths
    return owners


def _decode(node, path, paths):
    for name, below in node.items():
        if name == ".":
            paths.add(path)
            continue
        step = (name[0], name[2:])
        if step[0] == "k":
            step = ("k", json.dumps(json.loads(step[1]), sort_keys=True, separators=(",", ":")))
        if below:
            _decode(below, (*path, step), paths)
        else:
            paths.add((*path, step))


def write(obj, owners, before=()):
    """Puts them into managedFields; an entry that is as before keeps its time."""
    times = {(entry["manager"], entry["operation"], entry.get("subresource", ""), json.dumps(entry.get("fieldsV1"))):
             entry.get("time") for entry in before or ()}
    entries = []
    for (manager, operation, subresource), paths in sorted(owners.items()):
        if not paths:
            continue
        tree = {}
        for path in sorted(paths, key=str):
            node = tree
            for kind, name in path:
                node = node.setdefault(f"{kind}:{name}", {})
            if any(other != path and other[:len(path)] == path for other in paths):
                node["."] = {}
        time = times.get((manager, operation, subresource, json.dumps(tree))) or now()
        entry = {"manager": manager, "operation": operation, "apiVersion": obj["apiVersion"], "time": time,
                 "fieldsType": "FieldsV1", "fieldsV1": tree}
        if subresource:
            entry["subresource"] = subresource
        entries.append(entry)
    obj["metadata"]["managedFields"] = entries


def note_update(before, obj, manager, schema, subresource=""):
    """After a create, an update or a patch: the manager owns what it changed, and nobody what is gone."""
    old, new = leaves(before, schema) if before else {}, leaves(obj, schema)
    changed = {path for path, value in new.items() if path not in old or old[path] != value}
    owners = read(before) if before else {}
    for key in owners:
        owners[key] = {path for path in owners[key] if path in new and (path not in changed or new[path] is None)}
    if changed:
        mine = owners.setdefault((manager, "Update", subresource), set())
        mine |= changed
    write(obj, owners, before["metadata"].get("managedFields") if before else ())


def apply(live, wanted, manager, force, schema, kind):
    """The object after an apply of `wanted` on `live`, which is None if there is none yet."""
    live = live or {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"], "metadata": {}}
    owners, mine = read(live), (manager, "Apply", "")
    there, new = leaves(live, schema), leaves(wanted, schema)
    taken = {path for path, value in new.items() if value is not None and there.get(path, value) != value}
    in_conflict = {(key[0], path) for key, paths in owners.items() if key != mine for path in paths & taken}
    if in_conflict and not force:
        raise _conflict(kind, in_conflict)
    for key in owners:
        if key != mine:
            owners[key] -= taken
    merged = _lay_over(live, wanted, schema)
    others = set().union(*(paths for key, paths in owners.items() if key != mine)) if owners else set()
    left_out = owners.get(mine, set()) - set(new)
    # A list's element as a whole before its fields, among which its keys are.
    for path in sorted(left_out - others, key=len):
        if not any(other[:len(path)] == path for other in others | set(new)):
            _cut(merged, path)
    owners[mine] = set(new)
    write(merged, owners, live["metadata"].get("managedFields"))
    return merged


def _conflict(kind, pairs):
    causes = [{"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": spell(path)}
              for manager, path in sorted(pairs, key=str)]
    count = len(causes)
    said = "; ".join(f'{cause["message"]}: {cause["field"]}' for cause in causes)
    return Refusal(409, "Conflict", f"Apply failed with {count} conflict{'s' if count > 1 else ''}: {said}",
                   {"kind": kind.plural, "group": kind.group, "causes": causes})


def spell(path):
    text = ""
    for kind, name in path:
        if kind == "f":
            text += f".{name}"
        else:
            shown = json.loads(name)
            text += f"[{','.join(f'{key}={json.dumps(value)}' for key, value in shown.items())}]" \
                if kind == "k" else f"[={name}]"
    return text


def _lay_over(live, wanted, schema):
    merged = dict(live)
    for name, value in wanted.items():
        below = fields.member(schema, name)
        if isinstance(value, dict) and below.get("x-kubernetes-map-type") != "atomic":
            there = merged.get(name)
            merged[name] = _lay_over(there if isinstance(there, dict) else {}, value, below)
        elif isinstance(value, list) and below.get("x-kubernetes-list-type") == "map":
            merged[name] = _lay_list(merged.get(name) or [], value, below)
        elif isinstance(value, list) and below.get("x-kubernetes-list-type") == "set":
            merged[name] = value + [item for item in merged.get(name) or [] if item not in value]
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def _lay_list(live, wanted, schema):
    """Applied elements stand in the applied order; elements of others follow them."""
    there = {element_key(item, schema): item for item in live}
    result = [_lay_over(there.pop(element_key(item, schema), {}), item, fields.items(schema)) for item in wanted]
    return result + list(there.values())


def _cut(thing, path):
    for kind, name in path[:-1]:
        thing = thing.get(name) if kind == "f" and isinstance(thing, dict) else _element(thing, kind, name)
        if thing is None:
            return
    kind, name = path[-1]
    if kind == "f" and isinstance(thing, dict):
        thing.pop(name, None)
    elif kind == "k" and (found := _element(thing, kind, name)) is not None:
        thing.remove(found)
    elif kind == "v" and isinstance(thing, list) and json.loads(name) in thing:
        thing.remove(json.loads(name))


def _element(thing, kind, name):
    if kind != "k" or not isinstance(thing, list):
        return None
    default = {"protocol": "TCP"}
    keys = json.loads(name)
    return next((item for item in thing if all(item.get(key, default.get(key)) == value
                                               for key, value in keys.items())), None)
