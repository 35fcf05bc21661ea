"""A collector of traces: takes what is posted to it, and reads it with OpenTelemetry's own package."""

import http.server
import socket
import ssl
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Message
from opentelemetry.proto.trace.v1.trace_pb2 import Status

HERE = "127.0.0.1"


class Span:
    """A span with its attributes as a dictionary, each value of the type that was sent."""

    def __init__(self, message, scope, resource):
        self.name, self.trace, self.id = message.name, message.trace_id.hex(), message.span_id.hex()
        self.parent = message.parent_span_id.hex()
        self.kind = Message.SpanKind.Name(message.kind).removeprefix("SPAN_KIND_")
        self.start, self.end = message.start_time_unix_nano, message.end_time_unix_nano
        self.status = Status.StatusCode.Name(message.status.code).removeprefix("STATUS_CODE_")
        self.attributes = read(message.attributes)
        self.scope, self.resource = (scope.name, scope.version), read(resource.attributes)

    def __repr__(self):
        return f"{self.kind} {self.name} {self.trace}-{self.id} below {self.parent or 'nobody'}: {self.attributes}"


def read(attributes):
    values = {}
    for attribute in attributes:
        assert attribute.key not in values, f"{attribute.key} is there twice"
        values[attribute.key] = getattr(attribute.value, attribute.value.WhichOneof("value"))
    return values


class Collector(http.server.ThreadingHTTPServer):
    """Serves on a free port. `mode` says how it answers: good, silent, slow, 500, garbage, redirect, or rejecting."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mode="good", certificate=None):
        super().__init__((HERE, 0), Handler)
        self.mode, self.posts, self.lock = mode, [], threading.Lock()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://{HERE}:{self.port}"
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that leaves, or refuses the certificate, is part of what is tested."""

    def messages(self):
        with self.lock:
            return [ExportTraceServiceRequest.FromString(body) for _, _, body in self.posts]

    def spans(self):
        """All spans so far, by the time at which they began."""
        found = []
        for message in self.messages():
            for of_resource in message.resource_spans:
                for of_scope in of_resource.scope_spans:
                    found += [Span(span, of_scope.scope, of_resource.resource) for span in of_scope.spans]
        return sorted(found, key=lambda span: span.start)

    def wait_for(self, is_enough, patience_seconds):
        """Waits for spans of which this is true."""
        until = time.monotonic() + patience_seconds
        while not is_enough(self.spans()):
            if time.monotonic() > until:
                raise AssertionError(f"after {patience_seconds} s there is no more than {self.spans()}")
            time.sleep(0.05)
        return self.spans()

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Long enough for every test, so that a silent collector never answers by its end.
    SILENCE_SECONDS = 60

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        mode = self.server.mode
        with self.server.lock:
            self.server.posts.append((self.path, self.headers, body))
        if mode == "silent":
            time.sleep(self.SILENCE_SECONDS)
            return
        if mode == "slow":
            time.sleep(1)
        answer = ExportTraceServiceResponse()
        if mode == "rejecting":
            answer = ExportTraceServiceResponse(
                partial_success=ExportTracePartialSuccess(rejected_spans=1, error_message="one is too many"))
        status = {"500": 500, "redirect": 307}.get(mode, 200)
        body = b"\xff<html>no message" if mode == "garbage" else answer.SerializeToString()
        self.send_response(status)
        if mode == "redirect":
            self.send_header("Location", f"http://{HERE}:{self.server.port}/elsewhere")
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def closed_port():
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return probe.getsockname()[1]
