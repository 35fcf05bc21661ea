"""The proxy subresource of Services and pods ("Access Services Running on Clusters", manually constructing apiserver
proxy URLs): `[SCHEME:]NAME[:PORT]/proxy/PATH`, the port by its number or its name."""

import http.client

from .controllers.endpoints import target_port
from .errors import Refusal, bad_request, not_found
from .kinds import BY_KIND
from .subresources import ready

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "content-length", "host",
               "accept-encoding"}


def target(verbs, asked):
    """The address and port that a proxied request goes to."""
    parts = asked.name.split(":")
    name = parts[0] if len(parts) < 3 else parts[1]
    wanted = parts[-1] if len(parts) > 1 else ""
    if asked.kind.kind == "Pod":
        pod = verbs.get(asked.kind, asked.namespace, name)
        number = int(wanted) if wanted else next(
            (port["containerPort"] for each in pod["spec"]["containers"] for port in each.get("ports") or []), 80)
        return (pod.get("status") or {}).get("podIP"), number
    service = verbs.get(asked.kind, asked.namespace, name)
    ports = service["spec"].get("ports") or []
    port = next((port for port in ports if wanted in (port.get("name"), str(port["port"]))),
                ports[0] if len(ports) == 1 and not wanted else None)
    if port is None:
        raise bad_request(f"no service port {wanted!r} found for service {name!r}")
    selector = service["spec"].get("selector") or {}
    pods = [pod for pod in verbs.store.list(BY_KIND["Pod"], asked.namespace) if ready(pod) and all(
        (pod["metadata"].get("labels") or {}).get(key) == value for key, value in selector.items())]
    if not pods:
        raise Refusal(503, "ServiceUnavailable", f"no endpoints available for service {asked.name!r}")
    return pods[0]["status"]["podIP"], target_port(port, pods[0])


def forward(connect, address, port, method, path, headers, body):
    """The answer of the pod: its status, its headers, its body. `connect(address, port)` gives a socket."""
    if address is None:
        raise not_found(BY_KIND["Pod"], "without an address")
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        connection.sock = connect(address, port)
        passed = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
        connection.request(method, path, body, {**passed, "Host": f"{address}:{port}", "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        found = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
        return answer.status, found, answer.read()
    except OSError as fault:
        raise Refusal(503, "ServiceUnavailable", f"error trying to reach service: {fault}") from None
    finally:
        connection.close()
