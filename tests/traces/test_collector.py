"""What is posted to a collector, and what becomes of requests and spans where the collector is in trouble."""

import subprocess
import time
from pathlib import Path

from collector import HERE, closed_port
from world import INCOMPLETE, PROGRAM, USERADD, World, environment

# Spans are sent after 5 s, within 2 s.
PATIENCE_SECONDS = 12
# What the end may take: a second for spans, and what the gateway takes without them, on a busy machine.
END_SECONDS = 2
PLAIN = "legacy.token_first = false"


class Posts(World):
    def test_a_post_is_what_collectors_take(self):
        collector = self.collector()
        gateway = self.gateway(collector)
        gateway.get(USERADD)
        gateway.end()
        path, headers, _ = collector.posts[0]
        self.assertEqual((path, headers["content-type"]), ("/v1/traces", "application/x-protobuf"))
        self.assertEqual(headers["host"], f"{HERE}:{collector.port}")
        self.assertTrue(headers["user-agent"].startswith("mesigate/"), headers)
        self.assertEqual(len(collector.posts), 1, "what is left is one post")

    def test_the_url_may_have_a_path_of_its_own(self):
        for variables, path in [
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "{}/otlp"}, "/otlp/v1/traces"),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "{}/api/spans"}, "/api/spans"),
        ]:
            with self.subTest(path):
                collector = self.collector()
                named = {name: value.format(collector.url) for name, value in variables.items()}
                gateway = self.gateway("", variables=named)
                gateway.get(USERADD)
                gateway.end()
                self.assertEqual([post[0] for post in collector.posts], [path])

    def test_spans_come_while_it_serves(self):
        collector = self.collector()
        gateway = self.gateway(collector)
        gateway.get(USERADD)
        collector.wait_for(lambda spans: len(spans) == 2, PATIENCE_SECONDS)
        self.assertEqual(gateway.wait_for_state(lambda states: states["sent"] == 2, PATIENCE_SECONDS),
                         {"sent": 2, "dropped": 0, "failed": 0})

    def test_many_spans_do_not_wait_and_come_in_batches(self):
        collector = self.collector()
        gateway = self.gateway(collector, more=PLAIN)
        for _ in range(1200):
            gateway.get(INCOMPLETE)
        # Two full batches; the rest would come five seconds later.
        collector.wait_for(lambda spans: len(spans) >= 1024, 4)
        gateway.end()
        sizes = [sum(len(scope.spans) for of in message.resource_spans for scope in of.scope_spans)
                 for message in collector.messages()]
        self.assertEqual(sum(sizes), 1200)
        self.assertLessEqual(max(sizes), 520)
        self.assertEqual(len({span.id for span in collector.spans()}), 1200, "none comes twice")

    def test_what_is_left_comes_at_the_end_in_time(self):
        collector = self.collector()
        gateway = self.gateway(collector, more=PLAIN)
        for _ in range(700):
            gateway.get(INCOMPLETE)
        self.assertLess(gateway.end(), END_SECONDS)
        self.assertEqual(len(collector.spans()), 700)


class Trouble(World):
    def served(self, collector, is_so, count=20):
        """Requests are answered as ever, and their spans are counted as is said; returns the gateway."""
        gateway = self.gateway(collector)
        for _ in range(count):
            began = time.monotonic()
            self.assertEqual(gateway.get(USERADD)[0], 200)
            self.assertLess(time.monotonic() - began, 1, "no request waits for a collector")
        gateway.wait_for_state(is_so, PATIENCE_SECONDS)
        return gateway

    def assert_told_once(self, gateway):
        """The log tells of it, and not for each span."""
        self.assertLess(gateway.end(), END_SECONDS)
        told = [line for line in gateway.log() if line["level"] == "WARN" and "spans" in str(line)]
        self.assertEqual(len(told), 1, gateway.log())

    def test_nobody_is_there(self):
        gateway = self.served(f"http://{HERE}:{closed_port()}", lambda states: states["failed"] == 40)
        self.assert_told_once(gateway)

    def test_its_name_leads_nowhere(self):
        gateway = self.served("http://collector.invalid:4318", lambda states: states["failed"] == 40)
        self.assert_told_once(gateway)

    def test_it_is_silent(self):
        gateway = self.served(self.collector("silent"), lambda states: states["failed"] == 40)
        self.assert_told_once(gateway)

    def test_it_is_silent_at_the_end(self):
        gateway = self.gateway(self.collector("silent"))
        gateway.get(USERADD)
        self.assertLess(gateway.end(), END_SECONDS)

    def test_it_answers_with_errors(self):
        for mode in ["500", "garbage", "redirect"]:
            with self.subTest(mode):
                collector = self.collector(mode)
                gateway = self.served(collector, lambda states: states["failed"] == 40)
                self.assertEqual(gateway.spans_by_state()["sent"], 0)
                self.assert_told_once(gateway)
                self.assertEqual({post[0] for post in collector.posts}, {"/v1/traces"}, "no redirect is followed")

    def test_it_rejects_some(self):
        gateway = self.served(self.collector("rejecting"), lambda states: states["failed"] == 1)
        self.assertEqual(gateway.spans_by_state(), {"sent": 39, "dropped": 0, "failed": 1})

    def test_it_is_slow(self):
        collector = self.collector("slow")
        gateway = self.served(collector, lambda states: states["sent"] == 40)
        gateway.end()
        self.assertEqual(len(collector.spans()), 40)

    def test_it_comes_back(self):
        collector = self.collector("500")
        gateway = self.served(collector, lambda states: states["failed"] == 40)
        collector.mode = "good"
        gateway.get(USERADD)
        self.assertEqual(gateway.wait_for_state(lambda states: states["sent"] > 0, PATIENCE_SECONDS),
                         {"sent": 2, "dropped": 0, "failed": 40})

    def test_what_has_no_room_is_dropped_and_counted(self):
        gateway = self.gateway(self.collector("silent"), more=PLAIN)
        asked = 4000
        for _ in range(asked):
            gateway.get(INCOMPLETE)
        states = gateway.wait_for_state(lambda states: states["dropped"] > 0, PATIENCE_SECONDS)
        self.assertEqual(states["sent"], 0)
        self.assertLess(gateway.end(), END_SECONDS)

    def test_all_is_accounted_for(self):
        collector = self.collector("slow")
        gateway = self.gateway(collector, more=PLAIN)
        asked = 4000
        for _ in range(asked):
            gateway.get(INCOMPLETE)
        states = gateway.wait_for_state(lambda states: sum(states.values()) == asked, 4 * PATIENCE_SECONDS)
        gateway.end()
        self.assertEqual(states["sent"], len(collector.spans()))

    def test_without_a_collector_nothing_is_counted(self):
        gateway = self.gateway("")
        gateway.get(USERADD)
        self.assertEqual(gateway.spans_by_state(), {})


class Tls(World):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ["own", "other"]:
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{HERE}", "-keyout", f"{cls.folder}/{name}.key",
                 "-out", f"{cls.folder}/{name}.pem"], check=True, capture_output=True, timeout=30)

    def behind(self, ca):
        collector = self.collector(certificate=(f"{self.folder}/own.pem", f"{self.folder}/own.key"))
        gateway = self.gateway(collector, trace=f'ca_file = "{ca}"')
        gateway.get(USERADD)
        return gateway, collector

    def test_a_collector_of_the_named_ca_gets_spans(self):
        gateway, collector = self.behind(f"{self.folder}/own.pem")
        gateway.end()
        self.assertEqual(len(collector.spans()), 2)

    def test_another_gets_none_and_the_log_names_the_setting(self):
        for ca in [f"{self.folder}/other.pem", ""]:
            gateway, collector = self.behind(ca)
            gateway.end()
            self.assertEqual(collector.posts, [])
            told = [str(line) for line in gateway.log() if line["level"] == "WARN"]
            self.assertEqual(len(told), 1)
            self.assertIn("trace.", told[0])
            self.assertNotIn("upstream.ca_file", told[0])

    def test_a_ca_that_cannot_be_read_is_refused_by_check_and_by_serve(self):
        settings = Path(self.folder) / "without-ca.toml"
        for what, text in [("gone.pem", None), ("empty.pem", "no certificate")]:
            if text:
                (Path(self.folder) / what).write_text(text, encoding="ascii")
            settings.write_text(f'trace.endpoint = "https://{HERE}:1"\ntrace.ca_file = "{what}"\n', encoding="ascii")
            for command in [["check"], ["serve", "--listen", f"{HERE}:0", "--admin", f"{HERE}:0"]]:
                with self.subTest(what, command=command[0]):
                    ended = subprocess.run(
                        [PROGRAM, *command, "--config", settings], capture_output=True, text=True, timeout=20, check=False,
                        env=environment())
                    self.assertNotEqual(ended.returncode, 0)
                    self.assertIn("trace.ca_file", ended.stderr)
                    self.assertNotIn("upstream.", ended.stderr)
