"""What the dashboard and the rules ask of Prometheus."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/mesigate.json"
RULES = ROOT / "deploy/prometheus/rules.yaml"

# What Grafana puts into a query, where everything is chosen.
CHOSEN = {"$namespace": ".*", "$pod": ".*", "$app": ".*", "$__rate_interval": "1m"}

COMPARISON = re.compile(r"\s(?:==|!=|>=|<=|>|<)\s")
BOTH = re.compile(r"\s+and(?:\s+on\s*\([^)]*\))?\s+")


def panels():
    """The panels that show something, in the order in which they stand."""
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def filled(query):
    """A panel's query as Grafana sends it."""
    for variable, value in CHOSEN.items():
        query = query.replace(variable, value)
    return query


def of_panels():
    """Each query of each panel, by the panel's title."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], filled(target["expr"])


def compared(query):
    """What an alert compares: its expression without comparisons, numbers, and looks at other times, as a list."""
    for part in BOTH.split(query):
        for side in COMPARISON.split(part):
            side = re.sub(r" offset \w+", "", side).strip()
            if not re.fullmatch(r"[\d.\s*e+-]+", side):
                yield side


def faults():
    """What a panel lacks."""
    for panel in panels():
        for field in ("title", "description"):
            if not panel.get(field):
                yield f"panel {panel['id']} has no {field}"
        if not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"the panel {panel['title']} has no unit"
