"""The pods under test: the sidecar as it is shipped, beside an app, and the central gateway as the chart renders it."""

import copy
from pathlib import Path

import yaml

from . import images

REPOSITORY = Path(__file__).resolve().parents[3]
SETTINGS = "mesigate-settings"
SIDECAR_URL = "http://127.0.0.1:18080/api.php"
SETTINGS_PATH = "/etc/mesigate"


def app(name, url, token, *, works_on="1", threads=4, pace=0.02, requests=0, grace=10, labels=None):
    """A pod with the client of client.py alone; without a number of requests it goes on until it is told to end."""
    values = {"URL": url, "TOKEN": token, "NAME": name, "THREADS": threads, "PACE": pace, "WORKS_ON": works_on}
    values["REQUESTS"] = requests
    container = {
        "name": "app", "image": images.APP, "command": ["python3", "/app/client.py"],
        "env": [{"name": key, "value": str(value)} for key, value in values.items()],
        "volumeMounts": [{"name": "client", "mountPath": "/app"}],
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1000},
    }
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels or {}},
        "spec": {
            "containers": [container], "volumes": [{"name": "client", "configMap": {"name": "client"}}],
            "terminationGracePeriodSeconds": grace,
        },
    }


def with_sidecar(pod, settings=SETTINGS, classic=False):
    """The pod with our sidecar, which reads its settings from a ConfigMap."""
    pod = copy.deepcopy(pod)
    sidecar = yaml.safe_load((REPOSITORY / "src/inject/sidecar.yaml").read_text())
    sidecar["env"].append({"name": "MESIGATE_CONFIG", "value": f"{SETTINGS_PATH}/mesigate.toml"})
    sidecar["volumeMounts"] = [{"name": "mesigate", "mountPath": SETTINGS_PATH}]
    spec = pod["spec"]
    spec.setdefault("volumes", []).append({"name": "mesigate", "configMap": {"name": settings}})
    if classic:
        del sidecar["restartPolicy"]
        sidecar["lifecycle"] = {"preStop": {"exec": {"command": ["mesigate", "drain", "--wait", "2s"]}}}
        spec["containers"].insert(0, sidecar)
    else:
        spec.setdefault("initContainers", []).insert(0, sidecar)
    return pod


def settings(name, upstream_url, more=""):
    return config_map(name, {"mesigate.toml": f'[upstream]\nurl = "{upstream_url}"\n{more}'})


def central(name):
    """A Deployment of three replicas, its Service and its PodDisruptionBudget."""
    container = {
        "name": "mesigate", "image": images.PROGRAM,
        "env": [{"name": "MESIGATE_PROFILE", "value": "central"},
                {"name": "MESIGATE_CONFIG", "value": f"{SETTINGS_PATH}/mesigate.toml"}],
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "admin", "containerPort": 18090}],
        "startupProbe": {"httpGet": {"path": "/startupz", "port": "admin"}, "periodSeconds": 1, "failureThreshold": 30},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "admin"}, "periodSeconds": 2},
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "admin"}},
        "lifecycle": {"preStop": {"exec": {"command": ["mesigate", "drain", "--wait", "5s"]}}},
        "volumeMounts": [{"name": "settings", "mountPath": SETTINGS_PATH}],
        "securityContext": {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
                            "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 65532},
    }
    labels = {"app.kubernetes.io/name": "mesigate", "app.kubernetes.io/instance": name}
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 3, "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [container], "terminationGracePeriodSeconds": 40,
                    "volumes": [{"name": "settings", "configMap": {"name": SETTINGS}}],
                },
            },
        },
    }
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
              "spec": {"maxUnavailable": 1}}
    return deployment, service, budget


def config_map(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name, data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
