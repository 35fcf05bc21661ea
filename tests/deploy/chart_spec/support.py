"""Renders the chart, reads cases, and finds values in objects."""

import contextlib
import functools
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/chart"
CASES = ROOT / "tests/deploy/chart_cases"
ABSENT = object()


class Refused(Exception):
    """Helm did not render; the text is what it said."""


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)


def said(finished):
    if finished.returncode != 0:
        raise Refused(finished.stderr)
    return finished.stdout


def with_values(values, *command):
    """What a command of Helm prints for these values."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump(values, file)
        file.flush()
        return said(run(*command, "--values", file.name))


@functools.cache
def _rendered(values, helm, chart, release, namespace):
    return with_values(json.loads(values), helm, "template", release, chart, "--namespace", namespace)


def rendered(values=None, helm="helm", chart=CHART, release="mesigate", namespace="chat"):
    """The objects of a release, by "Kind/name"."""
    text = _rendered(json.dumps(values or {}), helm, chart, release, namespace)
    return by_name(yaml.safe_load_all(text))


def by_name(documents):
    found = {}
    for document in filter(None, documents):
        name = f"{document['kind']}/{document['metadata']['name']}"
        assert name not in found, f"{name} is there twice"
        found[name] = document
    return found


@functools.cache
def _notes(values):
    shown = with_values(json.loads(values), "helm", "install", "mesigate", CHART, "--namespace", "chat", "--dry-run=client")
    return shown.split("NOTES:\n", 1)[1]


def notes(values):
    return _notes(json.dumps(values))


def sentences(values, chart=CHART):
    """The sentences with which the chart refuses values; none if it does not."""
    try:
        rendered(values, chart=chart)
    except Refused as refusal:
        found = re.search(r"validate\.yaml[^\n]*\n(.*?)\n\nUse --debug", str(refusal), re.DOTALL)
        assert found, f"refused, and not by validate.yaml: {refusal}"
        return found[1].split("\n")
    return []


def at(thing, path):
    """The value at a path such as `spec.containers[mesigate].ports[0].name`: what stands in brackets is a key, a number,
    or the name of an item of a list."""
    for key, bracket in re.findall(r"([^.\[\]]+)|\[([^\]]+)\]", path):
        thing = step(thing, key or bracket)
        if thing is ABSENT:
            return ABSENT
    return thing


def step(thing, key):
    if isinstance(thing, dict):
        return thing.get(key, ABSENT)
    if not isinstance(thing, list):
        return ABSENT
    if key.isdigit():
        return thing[int(key)] if int(key) < len(thing) else ABSENT
    named = [item for item in thing if isinstance(item, dict) and item.get("name") == key]
    return named[0] if named else ABSENT


def cases(name):
    return yaml.safe_load((CASES / name).read_text())


@contextlib.contextmanager
def changed_chart(without=(), files=None):
    """A copy of the chart without some files or folders, and with others, by their paths."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "mesigate"
        shutil.copytree(CHART, copy)
        for path in without:
            shutil.rmtree(copy / path) if (copy / path).is_dir() else (copy / path).unlink(missing_ok=True)
        for path, text in (files or {}).items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text)
        yield copy


def accepted():
    return cases("accepted.yaml")


def pods(objects):
    """The pod template of each object that has one."""
    found = {name: at(thing, "spec.template.spec") for name, thing in objects.items()}
    return {name: spec for name, spec in found.items() if spec is not ABSENT}


def claims(objects):
    """The names of the volumes that a StatefulSet adds to its pods."""
    templates = [at(thing, "spec.volumeClaimTemplates") for thing in objects.values()]
    return {claim["metadata"]["name"] for found in templates if found is not ABSENT for claim in found}


def workload(objects):
    """What the pods of the gateway belong to."""
    return next(thing for name, thing in objects.items() if name.split("/")[0] in ("Deployment", "StatefulSet"))


def containers(spec):
    return spec.get("initContainers", []) + spec.get("containers", [])


def version():
    return re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
