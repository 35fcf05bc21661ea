"""`kubectl port-forward`: pairs of SPDY streams with the same request id, joined to connections to the pod's loopback."""

import socket
import threading

from .spdy import Session

WEBSOCKET_PROTOCOL = "SPDY/3.1+portforward.k8s.io"
PROTOCOL = "portforward.k8s.io"


def serve(read, write, connect):
    """`connect(port)` gives a socket in the pod, or fails with OSError."""
    waiting = {}

    def opened(stream):
        pair = waiting.setdefault(stream.headers["requestid"], {})
        pair[stream.headers["streamtype"]] = stream
        if len(pair) == 2:
            del waiting[stream.headers["requestid"]]
            threading.Thread(target=_join, args=(pair["data"], pair["error"], connect), daemon=True).start()

    Session(read, write).serve(opened)


def _join(data, error, connect):
    port = int(data.headers["port"])
    try:
        connection = connect(port)
    except OSError as fault:
        error.send(f"failed to connect to localhost:{port} inside namespace: {fault}".encode())
        error.finish()
        data.finish()
        return
    connection.settimeout(None)
    sending = threading.Thread(target=_send, args=(data, connection), daemon=True)
    sending.start()
    try:
        while chunk := connection.recv(32768):
            data.send(chunk)
    except OSError:
        pass
    data.finish()
    error.finish()
    sending.join(10)
    connection.close()


def _send(stream, connection):
    try:
        while chunk := stream.received.get():
            connection.sendall(chunk)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def over_websocket(websocket):
    """`read` and `write` for bytes that come in messages."""
    left = bytearray()

    def read(size):
        while len(left) < size:
            message = websocket.receive()
            if message is None:
                return b""
            left.extend(message)
        taken = bytes(left[:size])
        del left[:size]
        return taken

    return read, websocket.send
