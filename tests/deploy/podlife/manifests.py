"""The pods under test: the sidecar as it is shipped, beside an app, and the central gateway as the chart renders it."""

import json

import yaml

from kube.commands import run

from . import images

SETTINGS = "mesigate-settings"
SIDECAR_URL = "http://127.0.0.1:18080/api.php"


def app(name, url, token, *, works_on="1", threads=4, pace=0.02, requests=0, grace=10, per_token=500):
    """A pod with the client of client.py alone; without a number of requests it goes on until it is told to end."""
    values = {"URL": url, "TOKEN": token, "NAME": name, "THREADS": threads, "PACE": pace, "WORKS_ON": works_on}
    values |= {"REQUESTS": requests, "PER_TOKEN": per_token}
    container = {
        "name": "app", "image": images.APP, "command": ["python3", "/app/client.py"],
        "env": [{"name": key, "value": str(value)} for key, value in values.items()],
        "volumeMounts": [{"name": "client", "mountPath": "/app"}],
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1000},
    }
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {
            "containers": [container], "volumes": [{"name": "client", "configMap": {"name": "client"}}],
            "terminationGracePeriodSeconds": grace,
        },
    }


def with_sidecar(world, pod, settings=SETTINGS, secret_name=None, classic=False):
    """What `mesigate inject` makes of it: the pod with our sidecar, which reads its settings from a ConfigMap."""
    flags = ["--all", "--config-map", settings]
    flags += ["--secret", secret_name] if secret_name else []
    flags += ["--classic"] if classic else []
    return yaml.safe_load(run(str(world.program), "inject", *flags, stdin=json.dumps(pod)))


def settings(name, upstream_url, more=""):
    return config_map(name, {"mesigate.toml": f'[upstream]\nurl = "{upstream_url}"\nkind = "on-premise"\n{more}'})


def central(world, name):
    """What the chart renders for three replicas, by kind: Deployment, Service, PodDisruptionBudget, ConfigMap …"""
    values = {
        "fullnameOverride": name, "replicas": 3, "egress": {"mode": "none"},
        "config": settings(name, world.upstream_url)["data"]["mesigate.toml"],
    }
    chart = str(images.REPOSITORY / "deploy/chart")
    rendered = run("helm", "template", name, chart, "--values", "-", stdin=json.dumps(values))
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(rendered) if manifest}


def config_map(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name, data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
