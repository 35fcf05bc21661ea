"""What spans say: names, kinds and types of OpenTelemetry's semantic conventions for HTTP, and the gateway's own."""

import json
import subprocess
import threading
import time
import urllib.parse

from collector import HERE, closed_port
from world import INCOMPLETE, MEMBERS, USERADD, World

USERADD_JSON = b'{"op":"useradd","token":"sandbox","user":{"address":"ana"}}'

# All that a span may have. What is not here is either misspelt or nobody's business.
OF_SERVERS = {
    "http.request.method": str, "http.response.status_code": int, "http.route": str, "url.path": str, "url.scheme": str,
    "server.address": str, "server.port": int, "network.protocol.version": str, "http.request.body.size": int,
    "http.response.body.size": int, "error.type": str, "client.address": str, "http.request.method_original": str,
    "mesigate.op": str, "mesigate.door": str, "mesigate.outcome": str, "mesigate.cache": str, "mesigate.limit": str,
    "mesigate.app": str,
}
OF_CLIENTS = {
    "http.request.method": str, "http.response.status_code": int, "url.full": str, "server.address": str,
    "server.port": int, "network.protocol.version": str, "network.peer.address": str, "network.peer.port": int,
    "http.request.resend_count": int, "error.type": str, "mesigate.connection.reused": bool,
}


def members(gateway):
    """The target that lists a new group's members."""
    made = json.loads(gateway.get("/api.php?op=groupadd&token=sandbox&name=friends")[2])
    return MEMBERS.replace("gid=7", f"gid={made['group']['gid']}")


class Spans(World):
    def told(self, ask, **more):
        """The spans of what is asked, each of which has sound ids, times and types."""
        began = time.time_ns()
        servers, clients, gateway = self.traced(ask, **more)
        for span in servers + clients:
            known = OF_SERVERS if span.kind == "SERVER" else OF_CLIENTS
            for name, value in span.attributes.items():
                self.assertIs(type(value), known.get(name), f"{name} = {value!r} of {span}")
                self.assertNotEqual(value, "", name)
            self.assertRegex(span.trace, "^(?!0+$)[0-9a-f]{32}$")
            self.assertRegex(span.id, "^(?!0+$)[0-9a-f]{16}$")
            self.assertLessEqual(began, span.start)
            self.assertLessEqual(span.start, span.end)
            self.assertLessEqual(span.end, time.time_ns())
        ids = [span.id for span in servers + clients]
        self.assertEqual(len(set(ids)), len(ids), "no two spans share an id")
        return servers, clients, gateway

    def one(self, ask, **more):
        """The only SERVER span, and the CLIENT spans, which are all below it and within its time."""
        servers, clients, gateway = self.told(ask, **more)
        self.assertEqual(len(servers), 1, servers)
        for client in clients:
            self.assertEqual((client.trace, client.parent), (servers[0].trace, servers[0].id))
            self.assertLessEqual(servers[0].start, client.start)
            self.assertLessEqual(client.end, servers[0].end)
        return servers[0], clients, gateway

    def assert_says(self, span, **wanted):
        """What is wanted is said; None: it must not be."""
        wanted = {name.replace("__", "."): value for name, value in wanted.items()}
        self.assertEqual({name: span.attributes.get(name) for name in wanted}, wanted)


class Names(Spans):
    def test_a_request_and_what_it_asks_are_two_spans(self):
        answers = []
        server, clients, gateway = self.one(lambda gateway: answers.append(gateway.get(USERADD)))
        self.assertEqual((server.name, server.kind, server.parent, server.status), ("GET /api.php", "SERVER", "", "UNSET"))
        self.assertEqual(server.attributes, {
            "http.request.method": "GET", "http.response.status_code": 200, "http.route": "/api.php",
            "url.path": "/api.php", "url.scheme": "http", "server.address": HERE, "server.port": gateway.port,
            "network.protocol.version": "1.1", "http.request.body.size": 0,
            "http.response.body.size": len(answers[0][2]), "mesigate.op": "useradd", "mesigate.door": "legacy",
            "mesigate.outcome": "done"})
        self.assertEqual(len(clients), 1)
        self.assertEqual((clients[0].name, clients[0].kind, clients[0].status), ("POST", "CLIENT", "UNSET"))
        self.assertEqual(clients[0].attributes, {
            "http.request.method": "POST", "http.response.status_code": 200, "url.full": self.sandbox.url,
            "server.address": HERE, "server.port": self.sandbox.port, "network.protocol.version": "1.1",
            "network.peer.address": HERE, "network.peer.port": self.sandbox.port, "mesigate.connection.reused": False})
        self.assertEqual(server.scope[0], "mesigate")

    def test_the_json_door_says_so_with_the_bodys_size(self):
        server, clients, _ = self.one(lambda gateway: gateway.post("/backend/", USERADD_JSON))
        self.assertEqual((server.name, len(clients)), ("POST /backend/", 1))
        self.assert_says(server, mesigate__door="json", http__request__body__size=len(USERADD_JSON), http__route="/backend/")

    def test_a_forms_body_has_its_size_and_a_query_none(self):
        form = urllib.parse.urlencode({"token": "sandbox", "addr": "ana", "appid": "com.example.app"}).encode()
        server, _, _ = self.one(
            lambda gateway: gateway.post("/api.php?op=useradd", form, kind="application/x-www-form-urlencoded"))
        self.assert_says(server, http__request__body__size=len(form), url__path="/api.php", mesigate__op="useradd")

    def test_a_path_that_a_caller_invents_is_in_no_name_and_is_no_route(self):
        def ask(gateway):
            for path in ["/no/such/path", "/api.php/more", "/wp-admin/%41", "/"]:
                self.assertEqual(gateway.get(path)[0], 404)
        servers, clients, _ = self.told(ask)
        self.assertEqual([(span.name, span.status) for span in servers], [("GET", "UNSET")] * 4)
        self.assertEqual(clients, [])
        for span in servers:
            self.assert_says(span, http__route=None, http__response__status_code=404)

    def test_a_method_that_nobody_knows_is_other(self):
        """Semantic conventions: `_OTHER`, and in the span's name HTTP."""
        server, _, _ = self.one(lambda gateway: gateway.get(USERADD, method="BREW"))
        self.assert_says(server, http__request__method="_OTHER")
        self.assertEqual(server.name, "HTTP /api.php")

    def test_the_version_of_http_is_told(self):
        def ask(gateway):
            url = f"http://{HERE}:{gateway.port}{USERADD}"
            for version in ["--http1.0", "--http1.1", "--http2-prior-knowledge"]:
                subprocess.run(["curl", "--fail", "--silent", version, url], check=True, capture_output=True, timeout=10)
        servers, _, gateway = self.told(ask, more="listen.http2 = true")
        versions = [span.attributes["network.protocol.version"] for span in servers]
        self.assertEqual(versions, ["1.0", "1.1", "2"])
        for span in servers:
            self.assert_says(span, server__address=HERE, server__port=gateway.port, url__path="/api.php")

    def test_tls_is_told_by_the_scheme(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=own", "-keyout", f"{self.folder}/own.key", "-out", f"{self.folder}/own.pem"],
            check=True, capture_output=True, timeout=30)
        def ask(gateway):
            url = f"https://{HERE}:{gateway.port}{USERADD}"
            subprocess.run(["curl", "--fail", "--silent", "--insecure", url], check=True, capture_output=True, timeout=10)
        files = f'tls.certificate = "{self.folder}/own.pem"\ntls.key = "{self.folder}/own.key"'
        server, _, gateway = self.one(ask, more=files)
        self.assert_says(server, url__scheme="https", server__address=HERE, server__port=gateway.port)

    def test_a_connection_that_served_before_is_told(self):
        _, clients, _ = self.told(lambda gateway: [gateway.get(USERADD), gateway.get(USERADD)])
        self.assertEqual([span.attributes["mesigate.connection.reused"] for span in clients], [False, True])


class Ends(Spans):
    def assert_as_in_log(self, server, gateway):
        """The label of a request's end is the log's and the metrics'."""
        outcomes = [line["outcome"] for line in gateway.requests()]
        self.assertEqual([server.attributes["error.type"]], outcomes)

    def test_a_refusal_of_the_gateway_is_no_error(self):
        server, clients, gateway = self.one(lambda gateway: gateway.get(INCOMPLETE), more="legacy.token_first = false")
        self.assertEqual((server.status, clients), ("UNSET", []))
        self.assert_says(server, mesigate__outcome="not-sent", mesigate__op="useradd")
        self.assert_as_in_log(server, gateway)

    def test_a_refusal_of_the_api_is_no_error(self):
        nobody = USERADD.replace("sandbox", "nobody")
        server, clients, gateway = self.one(lambda gateway: gateway.get(nobody))
        self.assertEqual([span.status for span in [server, *clients]], ["UNSET", "UNSET"])
        self.assert_says(clients[0], error__type=None, http__response__status_code=200)
        self.assert_as_in_log(server, gateway)

    def test_an_upstream_that_fails_is_an_error_of_both(self):
        self.sandbox.fault("502")
        server, clients, gateway = self.one(lambda gateway: gateway.get(USERADD))
        self.assertEqual([span.status for span in [server, *clients]], ["ERROR", "ERROR"])
        self.assert_says(clients[0], http__response__status_code=502)
        self.assertIn("error.type", clients[0].attributes)
        self.assert_says(server, http__response__status_code=200, mesigate__outcome="unknown")
        self.assert_as_in_log(server, gateway)

    def test_an_upstream_that_breaks_off_has_no_status(self):
        self.sandbox.fault("reset")
        server, clients, gateway = self.one(lambda gateway: gateway.get(USERADD))
        self.assertEqual([span.status for span in [server, *clients]], ["ERROR", "ERROR"])
        self.assert_says(clients[0], http__response__status_code=None)
        self.assertIn("error.type", clients[0].attributes)
        self.assert_as_in_log(server, gateway)

    def test_an_upstream_that_is_not_there_is_an_error_that_sent_nothing(self):
        class Nobody:
            url = f"http://{HERE}:{closed_port()}/backend/"
        server, clients, gateway = self.one(lambda gateway: gateway.get(USERADD), upstream=Nobody, more="retry.most = 0")
        self.assertEqual([span.status for span in [server, *clients]], ["ERROR", "ERROR"])
        self.assert_says(server, mesigate__outcome="not-sent")
        self.assert_says(clients[0], http__response__status_code=None, network__peer__address=None)
        self.assert_as_in_log(server, gateway)

    def test_a_repeat_is_a_span_of_its_own(self):
        self.sandbox.fault("502", times=2)
        server, clients, _ = self.one(lambda gateway: gateway.get(MEMBERS))
        self.assertEqual([span.attributes.get("http.request.resend_count") for span in clients], [None, 1, 2])
        self.assertEqual([span.status for span in clients], ["ERROR", "ERROR", "UNSET"])
        self.assertEqual(server.status, "UNSET", "what counts is how it ended")
        self.assert_says(server, mesigate__outcome="done")


class Own(Spans):
    def test_a_kept_answer_asks_nobody(self):
        def ask(gateway):
            target = members(gateway)
            gateway.get(target), gateway.get(target)
        servers, clients, gateway = self.told(ask)
        servers, clients = servers[-2:], clients[-1:]
        self.assertEqual(clients[0].parent, servers[0].id)
        told = [span.attributes["mesigate.cache"] for span in servers]
        self.assertEqual(told, [line["cache"] for line in gateway.requests()[-2:]])
        self.assertNotEqual(*told)

    def test_of_those_who_wait_for_one_answer_one_has_asked(self):
        def ask(gateway):
            target = members(gateway)
            self.sandbox.fault("latency", ms=500)
            waiting = [threading.Thread(target=gateway.get, args=[target]) for _ in range(5)]
            for thread in waiting:
                thread.start()
            for thread in waiting:
                thread.join()
        servers, clients, _ = self.told(ask)
        servers, asked = servers[-5:], [span for span in clients if span.start >= servers[-5].start]
        self.assertEqual(len(asked), 1)
        self.assertIn((asked[0].trace, asked[0].parent), [(span.trace, span.id) for span in servers])

    def test_a_question_about_a_token_is_a_span_too(self):
        server, clients, _ = self.one(lambda gateway: gateway.get(INCOMPLETE.replace("sandbox", "nobody")))
        self.assertEqual([span.attributes["http.response.status_code"] for span in clients], [200])
        self.assertEqual(server.status, "UNSET")

    def test_a_limit_that_refuses_or_would_is_named(self):
        limit = '{{ name = "few", per = "all", rate = "1/day", burst = 1, mode = "{}" }}'
        for mode, asked in [("enforce", 1), ("shadow", 2)]:
            with self.subTest(mode):
                servers, clients, _ = self.told(
                    lambda gateway: [gateway.get(USERADD), gateway.get(USERADD)], limit=limit.format(mode))
                self.assertEqual([span.attributes.get("mesigate.limit") for span in servers], [None, "few"])
                self.assertEqual((servers[1].status, len(clients)), ("UNSET", asked))

    def test_an_app_is_named_and_its_key_is_not(self):
        app = '[[app]]\nname = "shop"\nkeys = [{ env = "KEY" }]\ntoken = { env = "TOKEN" }'
        server, clients, _ = self.one(
            lambda gateway: gateway.get(USERADD.replace("sandbox", "the-shops-key")),
            more=app, variables={"KEY": "the-shops-key", "TOKEN": "sandbox"})
        self.assert_says(server, mesigate__app="shop", mesigate__outcome="done")
        self.assertEqual(len(clients), 1)

    def test_the_clients_address_is_told_if_that_is_asked_for(self):
        server, _, _ = self.one(lambda gateway: gateway.get(USERADD), trace="client = true")
        self.assert_says(server, client__address=HERE)
        claimed = [("X-Forwarded-For", "203.0.113.9")]
        behind = 'listen.client_address = "x-forwarded-for"\nlisten.trusted_proxies = ["127.0.0.1"]'
        server, _, _ = self.one(
            lambda gateway: gateway.get(USERADD, headers=claimed), trace="client = true", more=behind)
        self.assert_says(server, client__address="203.0.113.9")

    def test_the_resource_is_as_the_settings_and_the_variables_say(self):
        server, _, _ = self.one(lambda gateway: gateway.get(USERADD))
        self.assertEqual(server.resource["service.name"], "mesigate")
        own = 'service = "old door"\nresource = { "deployment.environment.name" = "production", "a" = "file" }'
        server, clients, _ = self.one(
            lambda gateway: gateway.get(USERADD), trace=own,
            variables={"OTEL_RESOURCE_ATTRIBUTES": "a=variable,b=c%2Cd"})
        for span in [server, *clients]:
            told = {name: span.resource.get(name) for name in ["service.name", "deployment.environment.name", "a", "b"]}
            self.assertEqual(told, {
                "service.name": "old door", "deployment.environment.name": "production", "a": "variable", "b": "c,d"})
