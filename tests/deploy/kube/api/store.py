"""Objects, their versions, and who watches them (API concepts, "Efficient detection of changes").

Every write gets the next resourceVersion, one counter for all kinds as etcd has it. A watch begins behind a version
and misses nothing; there is no compaction, since a test is short. An object that is handed out is a copy.
"""

import marshal
import threading
import uuid
from datetime import datetime, timezone


def _copied(obj):
    """A copy of what JSON can hold, several times faster than deepcopy."""
    return marshal.loads(marshal.dumps(obj))


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    def __init__(self):
        self.changed = threading.Condition(threading.RLock())
        self.version = 1
        self._objects = {}
        self._events = []
        self._open = True

    def get(self, kind, namespace, name):
        with self.changed:
            return _copied(self._objects.get((kind.qualified, namespace or "", name)))

    def list(self, kind, namespace=None):
        """All of a kind, in the order of their names; of one namespace, if one is named."""
        with self.changed:
            keys = sorted(key for key in self._objects if key[0] == kind.qualified)
            return [_copied(self._objects[key]) for key in keys if not namespace or key[1] == namespace]

    def put(self, kind, obj):
        """Writes it as it is, and says whether it was new to nobody: ADDED or MODIFIED."""
        with self.changed:
            obj = _copied(obj)
            meta = obj["metadata"]
            key = (kind.qualified, meta.get("namespace", ""), meta["name"])
            before = self._objects.get(key)
            if before is None:
                meta.setdefault("uid", str(uuid.uuid4()))
                meta.setdefault("creationTimestamp", now())
            elif _same(before, obj):
                return _copied(before)
            self._note(kind, key, "ADDED" if before is None else "MODIFIED", obj)
            self._objects[key] = obj
            return _copied(obj)

    def remove(self, kind, namespace, name):
        with self.changed:
            key = (kind.qualified, namespace or "", name)
            gone = _copied(self._objects.pop(key, None))
            if gone is not None:
                self._note(kind, key, "DELETED", gone)
            return gone

    def _note(self, kind, key, event, obj):
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        self._events.append((self.version, kind.qualified, key[1], event, _copied(obj)))
        self.changed.notify_all()

    def after(self, version, kind, namespace, wait):
        """The events of a kind behind a version, waiting for at most `wait` seconds for the first; and how far that is."""
        def found():
            start = _first_behind(self._events, version)
            return [(event[3], _copied(event[4])) for event in self._events[start:]
                    if event[1] == kind.qualified and (not namespace or event[2] == namespace)]
        with self.changed:
            events = found()
            if not events and self._open:
                self.changed.wait(wait)
                events = found()
            return events, self.version

    def wait(self, version, seconds):
        """Returns once anything has changed behind a version, or the time is over."""
        with self.changed:
            if self.version <= version and self._open:
                self.changed.wait(seconds)
            return self.version

    @property
    def open(self):
        return self._open

    def close(self):
        with self.changed:
            self._open = False
            self.changed.notify_all()


def _same(before, obj):
    """A write that changes nothing gets no new version, as in Kubernetes."""
    def bare(thing):
        meta = {key: value for key, value in thing["metadata"].items() if key not in ("resourceVersion", "managedFields")}
        return {**thing, "metadata": meta}
    return bare(before) == bare(obj) and _owners(before) == _owners(obj)


def _owners(thing):
    return [{key: value for key, value in entry.items() if key != "time"}
            for entry in thing["metadata"].get("managedFields", [])]


def _first_behind(events, version):
    low, high = 0, len(events)
    while low < high:
        middle = (low + high) // 2
        if events[middle][0] <= version:
            low = middle + 1
        else:
            high = middle
    return low
