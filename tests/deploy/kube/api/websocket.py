"""WebSockets (RFC 6455), the server's side: what `kubectl exec`, `attach` and `port-forward` speak."""

import base64
import hashlib
import struct
import threading

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept(key):
    return base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()


class WebSocket:
    """Messages over a pair of files; several threads may send."""

    def __init__(self, reader, writer):
        self._reader, self._writer, self._lock, self._closed = reader, writer, threading.Lock(), False

    def receive(self):
        """The next message, or None once the peer is gone. A message may come in several frames."""
        whole = b""
        while True:
            frame = self._frame()
            if frame is None:
                return None
            final, kind, data = frame
            if kind == PING:
                self._send(PONG, data)
            elif kind == CLOSE:
                self.close()
                return None
            elif kind != PONG:
                whole += data
                if final:
                    return whole

    def send(self, data):
        self._send(BINARY, data)

    def close(self):
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            self._write(CLOSE, struct.pack("!H", 1000))
        except (OSError, ValueError):
            pass

    def _send(self, kind, data):
        with self._lock:
            if not self._closed:
                self._write(kind, data)

    def _write(self, kind, data):
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | kind, size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | kind, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, 127, size)
        self._writer.write(head + data)
        self._writer.flush()

    def _frame(self):
        head = self._exactly(2)
        if head is None:
            return None
        size = head[1] & 0x7F
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8) or b"", "big")
        mask = self._exactly(4) if head[1] & 0x80 else b"\0\0\0\0"
        data = self._exactly(size)
        if mask is None or data is None:
            return None
        repeated = (mask * (size // 4 + 1))[:size]
        plain = (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
        return bool(head[0] & 0x80), head[0] & 0x0F, plain

    def _exactly(self, size):
        try:
            data = self._reader.read(size) if size else b""
        except (OSError, ValueError):
            return None
        return data if len(data) == size else None
