"""A container's state and a pod's conditions, in the form of v1 PodStatus."""

import datetime


def now():
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting_state(reason, message=None):
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def running_state():
    return {"running": {"startedAt": now()}}


def terminated_state(before, code, container_id, message=None):
    started = before.get("running", {}).get("startedAt", now())
    reason = "StartError" if not container_id else "Completed" if code == 0 else "Error"
    found = {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": now()}
    found["containerID"] = f"runc://{container_id}"
    if message:
        found["message"] = message
    return {"terminated": found}


def container_status(container, image):
    found = {
        "name": container.name, "state": container.state, "lastState": container.last_state,
        "ready": container.is_ready or (container.kind == "init" and container.exit_code == 0),
        "started": container.is_started, "restartCount": container.restarts, "image": container.spec["image"],
        "imageID": image.digest if image else "",
    }
    if container.container_id:
        found["containerID"] = f"runc://{container.container_id}"
    return found


def condition(kind, is_true, since):
    return {"type": kind, "status": "True" if is_true else "False", "lastTransitionTime": since}
