"""The sockets: one thread a connection, HTTP/1.1, on loopback ("Kubernetes API Concepts", resource representations).

An answer is JSON; a Table where `kubectl get` asks for one. A fault of the server's own is a 500 that a test finds in
`faults`, since none is meant to happen.
"""

import json
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from . import discovery, protobuf, routes, streams, subresources, tables, watches
from .errors import Refusal, not_found
from .kinds import BY_KIND
from .selectors import by_fields, by_labels


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, verbs, nodes, port=0):
        super().__init__(("127.0.0.1", port), _Handler)
        self.verbs, self.nodes, self.faults = verbs, nodes, []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="api")
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """A client that has left is no fault."""
        if not isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionResetError)):
            self.faults.append(traceback.format_exc())

    def close(self):
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def log_message(self, *_):
        """Its lines would stand between those of the test."""

    def _any(self):
        try:
            self._answer(self._body())
        except Refusal as refusal:
            self.json(refusal.status(), refusal.code)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception:
            self.server.faults.append(f"{self.command} {self.path}\n{traceback.format_exc()}")
            self.json(Refusal(500, "InternalError", traceback.format_exc().splitlines()[-1]).status(), 500)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def json(self, thing, code=200):
        self.bytes(json.dumps(thing).encode(), code, [("Content-Type", "application/json")])

    def bytes(self, data, code, headers):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _answer(self, body):
        path = urlsplit(self.path).path.rstrip("/")
        if path == "/openapi/v2":
            # An empty document in the only form that is asked for: where v3 does not have a kind, no other does.
            return self.bytes(b"", 200, [("Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")])
        if (found := _about(path)) is not None:
            return self.json(found)
        asked = routes.parse(self.path)
        if asked is None:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        if asked.subresource in streams.NAMES:
            return streams.serve(self, asked, body)
        return self._objects(asked, body)

    def _objects(self, asked, body):
        verbs, kind, method = self.server.verbs, asked.kind, self.command
        parsed = self._parsed(body)
        options = routes.options(asked, self.headers, parsed if method == "DELETE" else {})
        if asked.subresource in ("scale", "eviction", "ephemeralcontainers"):
            return self.json(self._below(asked, body, parsed, options), 201 if asked.subresource == "eviction" else 200)
        if method in ("GET", "HEAD"):
            if asked.name:
                return self._show([verbs.get(kind, asked.namespace, asked.name)], kind, single=True)
            return self._watch(asked) if asked.yes("watch") else self._list(asked)
        if method == "POST":
            return self.json(verbs.create(kind, asked.namespace, parsed, options), 201)
        if method == "PUT":
            return self.json(verbs.replace(kind, asked.namespace, asked.name, parsed, options, asked.subresource))
        if method == "PATCH":
            there = verbs.store.get(kind, asked.namespace, asked.name)
            content_type = self.headers.get("Content-Type", "").split(";")[0]
            return self.json(verbs.patch(kind, asked.namespace, asked.name, content_type, body, options,
                                         asked.subresource), 200 if there else 201)
        return self._delete(asked, options)

    def _parsed(self, body):
        """The object in a body; nothing for a patch, which is none."""
        content_type = self.headers.get("Content-Type", "").split(";")[0]
        if not body or self.command == "PATCH":
            return {}
        if content_type == "application/vnd.kubernetes.protobuf":
            return protobuf.decode(body)
        if content_type not in ("application/json", ""):
            raise Refusal(415, "UnsupportedMediaType", f"no body of this form is read here: {content_type}")
        return json.loads(body)

    def _below(self, asked, body, parsed, options):
        verbs, place = self.server.verbs, (asked.kind, asked.namespace, asked.name)
        content_type = self.headers.get("Content-Type", "").split(";")[0]
        if asked.subresource == "eviction":
            return subresources.evict(verbs, asked.namespace, asked.name, parsed)
        if asked.subresource == "ephemeralcontainers":
            if self.command == "GET":
                return verbs.get(*place)
            return subresources.add_ephemeral(verbs, asked.namespace, asked.name, content_type, json.loads(body))
        if self.command == "GET":
            return subresources.scale_of(verbs.get(*place))

        def wanted(scale):
            given = json.loads(body)
            return given if self.command == "PUT" else {**scale, "spec": {**scale["spec"], **given.get("spec", {})}}
        return subresources.set_scale(verbs, *place, wanted, options)

    def _list(self, asked):
        fits, version = _fits(asked), self.server.verbs.store.version
        self._show([obj for obj in self.server.verbs.store.list(asked.kind, asked.namespace) if fits(obj)],
                   asked.kind, version=version)

    def _show(self, objects, kind, single=False, version=""):
        if self._wants("Table"):
            return self.json(tables.table(kind, objects, version))
        if self._wants("PartialObjectMetadata"):
            objects = [_partial(obj) for obj in objects]
        if single:
            return self.json(objects[0])
        for obj in objects:
            obj.setdefault("apiVersion", kind.group_version)
            obj.setdefault("kind", kind.kind)
        return self.json({"kind": f"{kind.kind}List", "apiVersion": kind.group_version,
                          "metadata": {"resourceVersion": str(version)}, "items": objects})

    def _wants(self, form):
        return f"as={form};" in self.headers.get("Accept", "") + ";" or f"as={form}," in self.headers.get("Accept", "")

    def _watch(self, asked):
        kind, as_table, as_partial = asked.kind, self._wants("Table"), self._wants("PartialObjectMetadata")

        def show(obj):
            return tables.table(kind, [obj], obj["metadata"]["resourceVersion"]) if as_table else \
                _partial(obj) if as_partial else obj
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for event in watches.events(self.server.verbs.store, asked, _fits(asked), show):
            if event is None:
                if streams.is_gone(self.connection):
                    self.close_connection = True
                    return
                continue
            data = json.dumps(event).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _delete(self, asked, options):
        verbs, kind = self.server.verbs, asked.kind
        if not asked.name:
            fits = _fits(asked)
            for obj in verbs.store.list(kind, asked.namespace):
                if fits(obj):
                    verbs.delete(kind, obj["metadata"].get("namespace"), obj["metadata"]["name"], options)
            return self.json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})
        obj, is_gone = verbs.delete(kind, asked.namespace, asked.name, options)
        if obj is None:
            raise not_found(kind, asked.name)
        if not is_gone or kind.kind == "Pod":
            return self.json(obj)
        return self.json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": {
            "name": asked.name, "group": kind.group, "kind": kind.plural, "uid": obj["metadata"]["uid"]}})


def _about(path):
    """What there is to ask of the server itself; None if it is something else."""
    fixed = {"/version": discovery.version, "/api": discovery.core, "/apis": discovery.groups,
             "/openapi/v3": discovery.openapi}
    if path in fixed:
        return fixed[path]()
    if path in ("/healthz", "/livez", "/readyz"):
        return "ok"
    if path.startswith("/openapi/v3/"):
        return discovery.openapi_of(path.removeprefix("/openapi/v3/"))
    steps = path.split("/")[1:]
    if steps[0] == "api" and len(steps) == 2:
        return discovery.resources("", steps[1])
    if steps[0] == "apis" and len(steps) == 3:
        return discovery.resources(steps[1], steps[2])
    return None


def _fits(asked):
    labels, fields = by_labels(asked.one("labelSelector")), by_fields(asked.one("fieldSelector"))
    named = asked.name
    return lambda obj: labels(obj) and fields(obj) and (not named or obj["metadata"]["name"] == named)


def _partial(obj):
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def namespaces(verbs):
    """Those that every cluster has at its start."""
    for name in ("default", "kube-system"):
        verbs.create(BY_KIND["Namespace"], "", {"metadata": {"name": name}})
