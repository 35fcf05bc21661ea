"""SPDY/3.1, as much of it as `kubectl port-forward` speaks, over a WebSocket or on a bare connection (KEP-4006).

The client opens two streams for each forwarded connection: one for errors and one for data; both bring headers, which
are compressed with a dictionary that the protocol's draft prescribes.
"""

import queue
import struct
import threading
import zlib

_WORDS = """options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age
allow authorization cache-control connection content-base content-encoding content-language content-length
content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since
if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate
proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning
www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin""".split()
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug "
    "Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,"
    "application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch"
    "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.")
DICTIONARY = b"".join(struct.pack("!I", len(word)) + word.replace("_", " ").encode() for word in _WORDS) + _REST.encode()

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 1


class Stream:
    """One direction is a queue of bytes, b"" for the end; the other is `send` and `finish`."""

    def __init__(self, session, number, headers):
        self.session, self.number, self.headers, self.received = session, number, headers, queue.Queue()

    def send(self, data):
        self.session.write(struct.pack("!II", self.number, len(data)) + data)

    def finish(self):
        self.session.write(struct.pack("!II", self.number, FIN << 24))


class Session:
    """`read(size)` gives exactly so many bytes, or fewer at the end; `write` takes all of them."""

    def __init__(self, read, write):
        self._read, self._write, self._lock = read, write, threading.Lock()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._streams = {}

    def write(self, frame):
        with self._lock:
            try:
                self._write(frame)
            except (OSError, ValueError):
                pass

    def serve(self, opened):
        """Calls `opened(stream)` for each new stream, until the peer is gone."""
        while len(head := self._read(8)) == 8:
            size = int.from_bytes(head[5:8], "big")
            data = self._read(size) if size else b""
            if head[0] & 0x80:
                if not self._control(int.from_bytes(head[2:4], "big"), head[4], data, opened):
                    break
            else:
                stream = self._streams.get(int.from_bytes(head[:4], "big"))
                if stream and data:
                    stream.received.put(data)
                if stream and head[4] & FIN:
                    stream.received.put(b"")
        for stream in self._streams.values():
            stream.received.put(b"")

    def _control(self, kind, flags, data, opened):
        if kind == SYN_STREAM:
            number = int.from_bytes(data[:4], "big") & 0x7FFFFFFF
            stream = self._streams[number] = Stream(self, number, self._headers(data[10:]))
            with self._lock:
                packed = self._deflate.compress(struct.pack("!I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                self._write(struct.pack("!HHI", 0x8003, SYN_REPLY, 4 + len(packed)) + struct.pack("!I", number) + packed)
            if flags & FIN:
                stream.received.put(b"")
            opened(stream)
        elif kind == PING:
            self.write(struct.pack("!HHI", 0x8003, PING, 4) + data)
        elif kind == RST_STREAM:
            stream = self._streams.get(int.from_bytes(data[:4], "big"))
            if stream:
                stream.received.put(b"")
        return kind != GOAWAY

    def _headers(self, block):
        plain = self._inflate.decompress(block)
        found, at = {}, 4
        for _ in range(int.from_bytes(plain[:4], "big")):
            pair = []
            for _ in range(2):
                size = int.from_bytes(plain[at:at + 4], "big")
                pair.append(plain[at + 4:at + 4 + size].decode())
                at += 4 + size
            found[pair[0]] = pair[1]
        return found
