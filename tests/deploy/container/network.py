"""Clients and servers within a container's own network."""

import ctypes
import http.client
import os
import socket
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
PATIENCE_SECONDS = 30

libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def within(process):
    """Sockets that this thread makes meanwhile belong to the network of that process."""
    with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{process}/ns/net") as theirs:
        enter(theirs)
        try:
            yield
        finally:
            enter(ours)


def enter(network):
    if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"no way into the network {os.readlink(f'/proc/self/fd/{network.fileno()}')}")


class Connection(http.client.HTTPConnection):
    """An HTTP connection to a port of the container's loopback."""

    def __init__(self, process, port):
        super().__init__("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self.process = process

    def connect(self):
        with within(self.process):
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.settimeout(self.timeout)
            made.connect((self.host, self.port))
        except OSError:
            made.close()
            raise
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = made


def get(process, port, target):
    """Status and body."""
    connection = Connection(process, port)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
