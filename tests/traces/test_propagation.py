"""Whose trace a request is part of, and what upstream is told of it (W3C Trace Context)."""

from collector import HERE
from world import MEMBERS, USERADD, World

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{CALLER}-01"

# Trace Context, sections 3.2 and 4, and the cases of its working group's own test suite. Each value is of the trace and the
# caller above, and is sampled, if it is valid.
VALID = [
    SAMPLED,
    f"00-{TRACE}-{CALLER}-03",
    f"00-{TRACE}-{CALLER}-ff",
    f" \t{SAMPLED}\t ",
    f"01-{TRACE}-{CALLER}-01",
    f"cc-{TRACE}-{CALLER}-01",
    f"cc-{TRACE}-{CALLER}-01-what-the-future-will-be-like",
    f"fe-{TRACE}-{CALLER}-01-",
]
INVALID = [
    "",
    "-",
    SAMPLED[:-1],
    f"{SAMPLED}1",
    f"{SAMPLED}-more",
    f"{SAMPLED}.",
    f"ff-{TRACE}-{CALLER}-01",
    f"ff-{TRACE}-{CALLER}-01-more",
    f"cc-{TRACE}-{CALLER}-01.what-the-future-will-not-be-like",
    f"0-{TRACE}-{CALLER}-01",
    f"000-{TRACE}-{CALLER}-01",
    f".0-{TRACE}-{CALLER}-01",
    f"0.-{TRACE}-{CALLER}-01",
    f"00-{'0' * 32}-{CALLER}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE.upper()}-{CALLER}-01",
    f"00-{TRACE}-{CALLER.upper()}-01",
    f"00-{TRACE}-{CALLER}-0A",
    f"00-.{TRACE[1:]}-{CALLER}-01",
    f"00-{TRACE[:-1]}.-{CALLER}-01",
    f"00-{TRACE}0-{CALLER}-01",
    f"00-{TRACE[:-1]}-{CALLER}-01",
    f"00-{TRACE}-.{CALLER[1:]}-01",
    f"00-{TRACE}-{CALLER[:-1]}.-01",
    f"00-{TRACE}-{CALLER}0-01",
    f"00-{TRACE}-{CALLER[:-1]}-01",
    f"00-{TRACE}-{CALLER}-.0",
    f"00-{TRACE}-{CALLER}-0.",
    f"00-{TRACE}-{CALLER}-001",
    f"00-{TRACE}-{CALLER}-1",
    f"00_{TRACE}_{CALLER}_01",
    f"00-{TRACE}-{CALLER}",
    f"{TRACE}-{CALLER}-1",
]


def head(traceparent=SAMPLED, *states):
    return [("traceparent", traceparent), *(("tracestate", state) for state in states)]


class Caller(World):
    def test_a_callers_span_is_the_parent_and_its_trace_goes_on(self):
        servers, clients, _ = self.traced(lambda gateway: gateway.get(USERADD, headers=head()))
        self.assertEqual([(span.trace, span.parent) for span in servers], [(TRACE, CALLER)])
        self.assertEqual([(span.trace, span.parent) for span in clients], [(TRACE, servers[0].id)])
        self.assertNotEqual(servers[0].id, CALLER)

    def test_what_is_valid_is_taken_and_what_is_not_counts_as_none(self):
        def ask(gateway):
            for value in VALID + INVALID:
                self.assertEqual(gateway.get(USERADD, headers=head(value))[0], 200, value)
        servers, _, _ = self.traced(ask)
        self.assertEqual(len(servers), len(VALID + INVALID))
        for value, span in zip(VALID, servers):
            with self.subTest(value):
                self.assertEqual((span.trace, span.parent), (TRACE, CALLER))
        fresh = servers[len(VALID):]
        for value, span in zip(INVALID, fresh):
            with self.subTest(value):
                self.assertNotEqual(span.trace, TRACE)
                self.assertEqual(span.parent, "")
        self.assertEqual(len({span.trace for span in fresh}), len(fresh), "each begins a trace of its own")

    def test_the_headers_name_is_read_in_any_case(self):
        servers, _, _ = self.traced(lambda gateway: gateway.get(USERADD, headers=[("TraceParent", SAMPLED)]))
        self.assertEqual(servers[0].trace, TRACE)

    def test_two_of_them_count_as_none(self):
        twice = head() + head(SAMPLED.replace("0af7", "1af7"))
        servers, _, _ = self.traced(lambda gateway: gateway.get(USERADD, headers=twice))
        self.assertEqual([span.parent for span in servers], [""])
        self.assertNotIn(servers[0].trace, [TRACE, TRACE.replace("0af7", "1af7")])

    def test_nobody_is_joined_where_none_is_accepted(self):
        upstream = self.upstream()
        servers, _, _ = self.traced(
            lambda gateway: gateway.get(USERADD, headers=head(SAMPLED, "a=b")), upstream=upstream, trace='accept = "none"')
        self.assertEqual([span.parent for span in servers], [""])
        self.assertNotEqual(servers[0].trace, TRACE)
        self.assertNotIn("tracestate", upstream.heads[0])

    def test_of_trusted_ones_the_sockets_address_counts(self):
        for proxies, more, is_taken in [
            (HERE, "", True),
            ("10.0.0.0/8", "", False),
            ("10.0.0.0/8", 'listen.client_address = "x-forwarded-for"', False),
        ]:
            with self.subTest(proxies, more=more):
                claimed = head() + [("X-Forwarded-For", "10.0.0.1")]
                servers, _, _ = self.traced(
                    lambda gateway: gateway.get(USERADD, headers=claimed), trace='accept = "trusted"',
                    more=f'listen.trusted_proxies = ["{proxies}"]\n{more}')
                self.assertEqual(servers[0].trace == TRACE, is_taken)


class Upstream(World):
    def asked(self, headers=(), target=USERADD, failures=0, **more):
        """The CLIENT spans, and what upstream was sent."""
        upstream = self.upstream(failures)
        _, clients, _ = self.traced(lambda gateway: gateway.get(target, headers=headers), upstream=upstream, **more)
        return clients, upstream.heads

    def test_upstream_is_told_the_span_that_asked_it(self):
        for headers in [(), head()]:
            clients, heads = self.asked(headers)
            self.assertEqual(len(clients), 1)
            self.assertEqual([span["traceparent"] for span in heads], [f"00-{clients[0].trace}-{clients[0].id}-01"])

    def test_each_repeat_names_itself(self):
        clients, heads = self.asked(head(), target=MEMBERS, failures=1)
        self.assertEqual(len(clients), 2)
        told = [f"00-{TRACE}-{span.id}-01" for span in clients]
        self.assertEqual([sent["traceparent"] for sent in heads], told)
        self.assertEqual(len(set(told)), 2)

    def test_mesibos_cloud_is_told_nothing_unless_that_is_asked_for(self):
        for kind, setting, is_told in [
            ("on-premise", "", True),
            ("on-premise", "upstream = false", False),
            ("cloud", "", False),
            ("cloud", "upstream = true", True),
            ("on-premise", 'upstream = "auto"', True),
        ]:
            with self.subTest(kind, setting=setting):
                clients, heads = self.asked(head(SAMPLED, "a=b"), kind=kind, trace=setting)
                self.assertEqual(len(clients), 1, "it is traced all the same")
                self.assertEqual(["traceparent" in heads[0], "tracestate" in heads[0]], [is_told, is_told])

    def test_a_callers_state_goes_along_as_it_came(self):
        for states, told in [
            (["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"], ["rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE"]),
            (["rojo=1", "congo=2"], ["rojo=1", "congo=2"]),
            (["rojo=1,congo=2", "a@b=3"], ["rojo=1", "congo=2", "a@b=3"]),
        ]:
            with self.subTest(states):
                _, heads = self.asked(head(SAMPLED, *states))
                members = ",".join(heads[0].get_all("tracestate")).split(",")
                self.assertEqual([member.strip() for member in members], told)

    def test_a_state_without_a_valid_trace_goes_nowhere(self):
        for headers in [[("tracestate", "rojo=1")], head(INVALID[6], "rojo=1")]:
            _, heads = self.asked(headers)
            self.assertNotIn("tracestate", heads[0])

    def test_a_trace_goes_on_where_nothing_is_sampled(self):
        clients, heads = self.asked(head(f"00-{TRACE}-{CALLER}-00", "rojo=1"))
        self.assertEqual(clients, [])
        version, trace, span, flags = heads[0]["traceparent"].split("-")
        self.assertEqual((version, trace, flags, heads[0]["tracestate"]), ("00", TRACE, "00", "rojo=1"))
        self.assertRegex(span, "^(?!0+$)[0-9a-f]{16}$")

    def test_without_a_collector_nobody_is_told_anything(self):
        upstream = self.upstream()
        gateway = self.gateway("", upstream)
        gateway.get(USERADD, headers=head(SAMPLED, "a=b"))
        gateway.end()
        self.assertNotIn("traceparent", upstream.heads[0])
        self.assertNotIn("tracestate", upstream.heads[0])
        self.assertNotIn("trace_id", gateway.requests()[0])
