"""From a path and a query to what is asked for ("Kubernetes API Concepts", Resource URIs)."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from .errors import Refusal, bad_request
from .kinds import BY_PLURAL, Kind
from .verbs import Options

_DRY_RUN = ("", "All")


@dataclass
class Asked:
    """A resource, perhaps of one namespace, of one name, below it."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    query: dict = field(default_factory=dict)
    text: str = ""

    def one(self, name, default=""):
        return self.query.get(name, [default])[0]

    def yes(self, name):
        return self.one(name) in ("true", "1")


def parse(target):
    """What a target under /api or /apis asks for, or None if it is none of these."""
    parts = urlsplit(target)
    steps = [unquote(step) for step in parts.path.split("/")[1:]]
    if steps[0] == "api" and len(steps) > 2:
        group, version, steps = "", steps[1], steps[2:]
    elif steps[0] == "apis" and len(steps) > 3:
        group, version, steps = steps[1], steps[2], steps[3:]
    else:
        return None
    namespace = ""
    if steps[0] == "namespaces" and len(steps) > 2 and (group, version, steps[2]) in BY_PLURAL:
        namespace, steps = steps[1], steps[2:]
    kind = BY_PLURAL.get((group, version, steps[0]))
    if kind is None:
        raise Refusal(404, "NotFound", "the server could not find the requested resource")
    steps += [""] * 2
    return Asked(kind, namespace, steps[1], steps[2], parse_qs(parts.query, keep_blank_values=True), parts.query)


def options(asked, headers, body):
    """What query and body say about a write. `body` is that of a DELETE, DeleteOptions or {}."""
    agent = headers.get("User-Agent", "unknown").split("/")[0]
    if asked.one("dryRun") not in _DRY_RUN:
        raise bad_request(f"dryRun: Unsupported value: {asked.one('dryRun')!r}")
    grace = body.get("gracePeriodSeconds", asked.one("gracePeriodSeconds") or None)
    return Options(
        manager=asked.one("fieldManager") or agent, force=asked.yes("force"),
        dry_run=bool(asked.one("dryRun") or body.get("dryRun")),
        validation=asked.one("fieldValidation") or "Strict",
        grace=None if grace is None else int(grace),
        propagation=body.get("propagationPolicy") or asked.one("propagationPolicy") or None,
        preconditions=body.get("preconditions") or {})
