"""Subresources that are streams rather than objects: exec, attach, log, portforward, proxy."""

import select
import socket
import time
from urllib.parse import urlsplit

from . import execute, forward, proxying
from .errors import Refusal, bad_request
from .websocket import WebSocket, accept

NAMES = ("exec", "attach", "log", "portforward", "proxy")


def serve(handler, asked, body):
    verbs, nodes = handler.server.verbs, handler.server.nodes
    if asked.subresource == "proxy":
        return _proxy(handler, asked, body)
    pod = verbs.get(asked.kind, asked.namespace, asked.name)
    if asked.subresource == "log":
        return _log(handler, asked, nodes, pod)
    if handler.headers.get("Upgrade", "").lower() != "websocket":
        raise bad_request("this server speaks WebSocket here, as kubectl has since 1.31, and no bare SPDY")
    if asked.subresource == "portforward":
        return _forward(handler, nodes, pod)
    return _execute(handler, asked, nodes, pod)


def is_gone(connection):
    """Whether the client has closed its connection."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def _container(asked, pod):
    wanted = asked.one("container")
    groups = ("containers", "initContainers", "ephemeralContainers")
    names = [each["name"] for group in groups for each in pod["spec"].get(group) or []]
    if wanted and wanted not in names:
        raise bad_request(f"container {wanted} is not valid for pod {asked.name}")
    default = (pod["metadata"].get("annotations") or {}).get("kubectl.kubernetes.io/default-container")
    return wanted or default or pod["spec"]["containers"][0]["name"]


def _upgrade(handler, protocols):
    offered = [name.strip() for name in handler.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    chosen = next((name for name in protocols if name in offered), None)
    if chosen is None:
        raise bad_request(f"none of these protocols is spoken: {offered}")
    handler.send_response(101)
    handler.send_header("Upgrade", "websocket")
    handler.send_header("Connection", "Upgrade")
    handler.send_header("Sec-WebSocket-Accept", accept(handler.headers["Sec-WebSocket-Key"]))
    handler.send_header("Sec-WebSocket-Protocol", chosen)
    handler.end_headers()
    handler.wfile.flush()
    handler.close_connection = True
    return WebSocket(handler.rfile, handler.wfile)


def _execute(handler, asked, nodes, pod):
    name = _container(asked, pod)
    tty = asked.yes("tty")
    if asked.subresource == "exec":
        argv = nodes.exec_command(pod, name, asked.query.get("command", []), tty)
        execute.run(_upgrade(handler, [execute.PROTOCOL]), argv, asked.yes("stdin"), tty)
    else:
        execute.attach(_upgrade(handler, [execute.PROTOCOL]), nodes.streams(pod, name))


def _forward(handler, nodes, pod):
    nodes.run_of(pod)
    websocket = _upgrade(handler, [forward.WEBSOCKET_PROTOCOL])
    read, write = forward.over_websocket(websocket)
    forward.serve(read, write, lambda port: nodes.connect_loopback(pod, port))


def _log(handler, asked, nodes, pod):
    path = nodes.log_path(pod, _container(asked, pod), asked.yes("previous"))
    if path is None:
        raise bad_request(f'container "{_container(asked, pod)}" in pod "{asked.name}" is waiting to start')
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    tail = asked.one("tailLines")
    with open(path, "rb") as log:
        if tail:
            lines = log.read().splitlines(keepends=True)
            _chunk(handler, b"".join(lines[len(lines) - min(int(tail), len(lines)):]))
        while True:
            if data := log.read(65536):
                _chunk(handler, data)
            elif not asked.yes("follow") or is_gone(handler.connection) or not nodes.runs(pod, _container(asked, pod)):
                break
            else:
                time.sleep(0.05)
    handler.wfile.write(b"0\r\n\r\n")


def _chunk(handler, data):
    if data:
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        handler.wfile.flush()


def _proxy(handler, asked, body):
    address, port = proxying.target(handler.server.verbs, asked)
    _, _, rest = urlsplit(handler.path).path.partition("/proxy")
    path = (rest or "/") + (f"?{asked.text}" if asked.text else "")
    status, headers, data = proxying.forward(handler.server.nodes.connect, address, port, handler.command, path,
                                             handler.headers, body)
    if status >= 500 and not data:
        raise Refusal(status, "ServiceUnavailable", "the service gave no answer")
    handler.bytes(data, status, headers)
