"""Jobs ("Jobs"): pods until enough have succeeded, or more than `backoffLimit` have failed."""

import copy

from ..kinds import BY_KIND
from ..store import now
from ..verbs import Options
from . import common

_MANAGER = Options(manager="kube-controller-manager")
_UID = "batch.kubernetes.io/controller-uid"


def reconcile(verbs, nodes):
    for job in verbs.store.list(BY_KIND["Job"]):
        if not common.ending(job):
            _go_on(verbs, job)


def _go_on(verbs, job):
    status = copy.deepcopy(job.get("status") or {})
    if any(entry["type"] in ("Complete", "Failed") for entry in status.get("conditions") or []):
        return
    pods = common.children(verbs, "Pod", job)
    phases = [(pod.get("status") or {}).get("phase") for pod in pods]
    done, failed = phases.count("Succeeded"), phases.count("Failed")
    status.setdefault("startTime", now())
    status.update(active=len(pods) - done - failed, succeeded=done, failed=failed)
    if done >= job["spec"]["completions"]:
        status["completionTime"] = now()
        _end(status, "SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")
        _end(status, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
    elif failed > job["spec"]["backoffLimit"]:
        _end(status, "FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        _end(status, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    else:
        for _ in range(min(job["spec"]["parallelism"], job["spec"]["completions"] - done) - status["active"]):
            _create(verbs, job)
            status["active"] += 1
    status = {key: value for key, value in status.items() if value}
    common.put_status(verbs, "Job", job, status)


def _end(status, kind, reason, message):
    status.setdefault("conditions", []).append(
        {"type": kind, "status": "True", "reason": reason, "message": message,
         "lastProbeTime": now(), "lastTransitionTime": now()})


def _create(verbs, job):
    meta, template = job["metadata"], copy.deepcopy(job["spec"]["template"])
    labels = {**((template.get("metadata") or {}).get("labels") or {}), "job-name": meta["name"],
              "batch.kubernetes.io/job-name": meta["name"], _UID: meta["uid"]}
    verbs.create(BY_KIND["Pod"], meta["namespace"], {
        "metadata": {**(template.get("metadata") or {}), "labels": labels, "generateName": f"{meta['name']}-",
                     "ownerReferences": common.owned_by(job)},
        "spec": template["spec"]}, _MANAGER)
