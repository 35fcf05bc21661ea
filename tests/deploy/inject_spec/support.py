"""Manifests of every kind, and the programs that work on them."""

import copy
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
COMPONENT = ROOT / "deploy/kustomize/sidecar"
CHART = ROOT / "deploy/chart"
DEFINITION = yaml.safe_load((ROOT / "src/inject/sidecar.yaml").read_text())
VERSION = DEFINITION["image"].split(":")[1]
MARK = "mesigate.io/sidecar-version"
# Those that kustomize and kubectl patch, then those that only an injection knows.
PATCHED = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]
KINDS = PATCHED + ["Pod", "ReplicaSet", "ReplicationController", "PodTemplate"]
GROUPS = {"Job": "batch/v1", "CronJob": "batch/v1", "Pod": "v1", "ReplicationController": "v1", "PodTemplate": "v1"}


def run(*command, text=None, fails=False, **more):
    """What a command prints; if it is to fail, what it says of it."""
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True, **more)
    if (done.returncode != 0) != fails:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr}")
    return done.stderr if fails else done.stdout


def inject(text, *flags):
    return run(os.environ["TESTED_PROGRAM"], "inject", *flags, text=text)


def manifest(kind, name=None):
    """An object that every version of Kubernetes takes, and that asks for the sidecar."""
    labels = {"app": "web"}
    init = [{"name": "migrate", "image": "registry.example.com/app:1"}]
    container = {"name": "app", "image": "registry.example.com/app:1", "ports": [{"containerPort": 8080}]}
    pod = {"metadata": {"labels": labels}, "spec": {"initContainers": init, "containers": [container]}}
    if kind in ("Job", "CronJob"):
        pod["spec"]["restartPolicy"] = "Never"
    asks = {"name": name or f"web-{kind.lower()}", "labels": {"mesigate.io/sidecar": "true"}}
    made = {"apiVersion": GROUPS.get(kind, "apps/v1"), "kind": kind, "metadata": asks}
    selected = {"selector": {"matchLabels": labels}, "template": pod}
    if kind == "Pod":
        return {**made, "spec": pod["spec"]}
    if kind == "PodTemplate":
        return {**made, "template": pod}
    if kind == "Job":
        return {**made, "spec": {"template": pod}}
    if kind == "CronJob":
        return {**made, "spec": {"schedule": "1 2 * * *", "jobTemplate": {"spec": {"template": pod}}}}
    if kind == "ReplicationController":
        return {**made, "spec": {"selector": labels, "template": pod}}
    if kind == "StatefulSet":
        return {**made, "spec": {"serviceName": "web", **selected}}
    return {**made, "spec": selected}


def pod_of(document):
    kind = document["kind"]
    if kind == "Pod":
        return document
    if kind == "PodTemplate":
        return document["template"]
    if kind == "CronJob":
        return document["spec"]["jobTemplate"]["spec"]["template"]
    return document["spec"]["template"]


def with_sidecar(document, image=None):
    """What each form has to make of an object."""
    document = copy.deepcopy(document)
    pod = pod_of(document)
    pod["metadata"].setdefault("annotations", {})[MARK] = VERSION
    container = {**DEFINITION, "image": image or DEFINITION["image"]}
    pod["spec"].setdefault("initContainers", []).insert(0, container)
    return document


def by_kind(text):
    return {document["kind"]: document for document in yaml.safe_load_all(text) if document}


def dumped(*documents):
    return yaml.safe_dump_all(documents)


def kustomized(*documents, image=None):
    """What kustomize builds of objects with the component."""
    with tempfile.TemporaryDirectory(dir=ROOT / "deploy") as folder:
        folder = Path(folder)
        (folder / "web.yaml").write_text(dumped(*documents))
        build = {"resources": ["web.yaml"], "components": ["../kustomize/sidecar"]}
        if image:
            build["images"] = [{"name": "mesigate", "newName": image}]
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(build))
        return by_kind(run("kubectl", "kustomize", folder))


def patched(document):
    """What kubectl makes of an object with the patch for its kind."""
    name = "kubectl-cronjob.yaml" if document["kind"] == "CronJob" else "kubectl-workload.yaml"
    patch = ["--patch-file", COMPONENT / name, "-o", "yaml"]
    return yaml.safe_load(run("kubectl", "patch", "--local", "-f", "-", *patch, text=dumped(document)))


def unchecked(what):
    """Says what was not checked; where all must be, that is a fault."""
    print(f"!! NOT CHECKED: {what}", file=sys.stderr)
    if os.environ.get("CI"):
        raise AssertionError(f"not checked: {what}")
