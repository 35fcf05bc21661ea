"""Watches ("Efficient detection of changes", "Streaming lists"): events from a version on, as they come.

A selector that an object stops to fit shows it as deleted, and as added when it fits again. With `sendInitialEvents`
what is there comes first, and then a bookmark that says so.
"""

import time

from .store import now


def events(store, asked, fits, show):
    """Yields watch events until the client's time is over; None where nothing has come for a while. `show` turns an
    object into what is sent."""
    end = time.monotonic() + float(asked.one("timeoutSeconds") or 1800)
    known = set()
    with store.changed:
        start = store.version
        there = [obj for obj in store.list(asked.kind, asked.namespace) if fits(obj)]
    from_version = asked.one("resourceVersion")
    if asked.yes("sendInitialEvents") or from_version in ("", "0"):
        for obj in there:
            known.add(obj["metadata"]["uid"])
            yield {"type": "ADDED", "object": show(obj)}
        if asked.yes("sendInitialEvents"):
            yield _bookmark(asked.kind, start)
    else:
        start = int(from_version)
        known = {obj["metadata"]["uid"] for obj in there if int(obj["metadata"]["resourceVersion"]) <= start}
        # What has changed since may have been known to the client: it is told MODIFIED, which does no harm.
        known |= {obj["metadata"]["uid"] for obj in there if obj["metadata"]["creationTimestamp"] < now()
                  and int(obj["metadata"]["resourceVersion"]) > start and not _is_new(store, asked, obj, start)}
    while store.open and time.monotonic() < end:
        found, start = store.after(start, asked.kind, asked.namespace, 0.5)
        for event, obj in found:
            uid, fit = obj["metadata"]["uid"], fits(obj)
            if event == "DELETED" or not fit:
                if uid in known or (event == "DELETED" and fit):
                    known.discard(uid)
                    yield {"type": "DELETED", "object": show(obj)}
                continue
            yield {"type": "MODIFIED" if uid in known else "ADDED", "object": show(obj)}
            known.add(uid)
        if not found:
            yield None


def _is_new(store, asked, obj, start):
    found, _ = store.after(start, asked.kind, asked.namespace, 0)
    return any(event == "ADDED" and other["metadata"]["uid"] == obj["metadata"]["uid"] for event, other in found)


def _bookmark(kind, version):
    return {"type": "BOOKMARK", "object": {
        "kind": kind.kind, "apiVersion": kind.group_version, "metadata": {
            "resourceVersion": str(version), "creationTimestamp": None,
            "annotations": {"k8s.io/initial-events-end": "true"}}}}
