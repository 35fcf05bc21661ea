"""Which requests are sampled, and which are kept although they were not."""

import http.client
import secrets

from collector import HERE
from world import INCOMPLETE, MEMBERS, USERADD, World, send

MANY = 2000
# Five standard deviations of a fair coin, thrown so often: a sound gateway is outside once in a million runs.
BOUND = 5 * (MANY * 0.5 * 0.5) ** 0.5
PLAIN = "legacy.token_first = false"


def traceparent(trace, flags):
    return [("traceparent", f"00-{trace}-b7ad6b7169203331-{flags}")]


class Ratio(World):
    def kept(self, ratio, heads, more=""):
        """The traces kept of requests with these heads, of which none may be lost on the way."""
        collector = self.collector()
        gateway = self.gateway(collector, trace=f"ratio = {ratio}\n{more}", more=PLAIN)
        connection = http.client.HTTPConnection(HERE, gateway.port, timeout=30)
        for headers in heads:
            send(gateway.port, INCOMPLETE, headers=headers, connection=connection)
        connection.close()
        self.assertEqual(gateway.spans_by_state()["dropped"], 0)
        gateway.end()
        return [span.trace for span in collector.spans()]

    def test_of_all_requests_the_ratio_is_kept(self):
        self.assertEqual(self.kept("0", [()] * 200), [])
        self.assertEqual(self.kept("0.0", [()] * 200), [])
        self.assertEqual(len(set(self.kept("1", [()] * 200))), 200)
        half = self.kept("0.5", [()] * MANY)
        self.assertEqual(len(set(half)), len(half))
        self.assertAlmostEqual(len(half), MANY / 2, delta=BOUND)

    def test_a_callers_flag_decides_before_the_ratio(self):
        wanted, unwanted = ([secrets.token_hex(16) for _ in range(50)] for _ in range(2))
        heads = [traceparent(trace, "01") for trace in wanted] + [traceparent(trace, "00") for trace in unwanted]
        for ratio in ["0", "1", "0.5"]:
            with self.subTest(ratio):
                self.assertEqual(self.kept(ratio, heads), wanted)

    def test_without_following_the_ratio_decides_alike_everywhere_and_by_the_traces_id(self):
        traces = [secrets.token_hex(16) for _ in range(400)]
        one = self.kept("0.5", [traceparent(trace, "01") for trace in traces], "follow = false")
        other = self.kept("0.5", [traceparent(trace, "00") for trace in traces], "follow = false")
        self.assertEqual(one, other)
        self.assertTrue(100 < len(one) < 300, len(one))
        more = self.kept("0.75", [traceparent(trace, "01") for trace in traces], "follow = false")
        self.assertLess(set(one), set(more), "what a smaller ratio keeps, a greater one keeps too")
        self.assertEqual(self.kept("0", [traceparent(trace, "01") for trace in traces[:50]], "follow = false"), [])

    def test_samplers_of_the_environment_are_heeded(self):
        for sampler, argument, kept in [("always_off", "", 0), ("always_on", "", 2), ("parentbased_always_off", "", 1),
                                        ("traceidratio", "0", 0), ("parentbased_traceidratio", "0", 1)]:
            with self.subTest(sampler):
                collector = self.collector()
                gateway = self.gateway("", more=PLAIN, variables={
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_SAMPLER": sampler,
                    "OTEL_TRACES_SAMPLER_ARG": argument})
                gateway.get(INCOMPLETE)
                gateway.get(INCOMPLETE, headers=traceparent(secrets.token_hex(16), "01"))
                gateway.end()
                self.assertEqual(len(collector.spans()), kept)


class Afterwards(World):
    def test_what_upstream_fails_is_kept_with_all_that_was_asked(self):
        def ask(gateway):
            gateway.get(USERADD)
            gateway.get(INCOMPLETE)
            gateway.get(USERADD.replace("sandbox", "nobody"))
            self.sandbox.fault("502")
            gateway.get(USERADD)
            self.sandbox.fault("502")
            gateway.get(MEMBERS)
        servers, clients, gateway = self.traced(ask, trace="ratio = 0\nerrors = true", more=PLAIN)
        self.assertEqual([span.status for span in servers], ["ERROR"])
        self.assertEqual([(span.parent, span.status) for span in clients], [(servers[0].id, "ERROR")])
        self.assertEqual(servers[0].trace, gateway.requests()[3]["trace_id"])

    def test_what_was_slow_is_kept(self):
        def ask(gateway):
            gateway.get(USERADD)
            self.sandbox.fault("latency", ms=700)
            gateway.get(USERADD)
            gateway.get(USERADD)
        servers, clients, _ = self.traced(ask, trace='ratio = 0\nslow = "500ms"')
        self.assertEqual([len(servers), len(clients)], [1, 1])
        self.assertGreaterEqual(servers[0].end - servers[0].start, 500_000_000)
        self.assertEqual(servers[0].status, "UNSET")

    def test_it_is_kept_also_where_its_caller_did_not_want_it(self):
        trace = secrets.token_hex(16)
        def ask(gateway):
            self.sandbox.fault("502")
            gateway.get(USERADD, headers=traceparent(trace, "00"))
        servers, _, _ = self.traced(ask, trace="errors = true")
        self.assertEqual([(span.trace, span.parent) for span in servers], [(trace, "b7ad6b7169203331")])

    def test_nothing_is_kept_twice(self):
        def ask(gateway):
            self.sandbox.fault("502")
            gateway.get(USERADD)
        servers, clients, _ = self.traced(ask, trace='errors = true\nslow = "1ms"')
        self.assertEqual([len(servers), len(clients)], [1, 1])
