"""From a line of the log and from a bucket of a histogram to a trace."""

import time

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from world import USERADD, World

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
FAMILY = "mesigate_request_duration_seconds"
PATIENCE_SECONDS = 5
TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER = TRACE.replace("0af7", "1af7")


def exemplars(text):
    """Each exemplar with its family and the bucket that has it."""
    return [(family.name, sample.labels, sample.exemplar)
            for family in text_string_to_metric_families(text) for sample in family.samples if sample.exemplar]


class Links(World):
    def test_a_line_has_the_id_of_the_trace(self):
        servers, _, gateway = self.traced(lambda gateway: [gateway.get(USERADD) for _ in range(3)])
        told = [line["trace_id"] for line in gateway.requests()]
        self.assertEqual(told, [span.trace for span in servers])
        self.assertEqual(len(set(told)), 3)

    def test_a_line_for_people_has_it_too(self):
        servers, _, gateway = self.traced(lambda gateway: gateway.get(USERADD), more='log.format = "text"')
        self.assertIn(f'trace_id="{servers[0].trace}"', (gateway.folder / "log").read_text(encoding="utf-8"))

    def test_a_bucket_has_the_trace_of_a_sampled_request_in_it(self):
        collector = self.collector()
        gateway = self.gateway(collector)
        for _ in range(5):
            gateway.get(USERADD)
        found, until = [], time.monotonic() + PATIENCE_SECONDS
        while not found and time.monotonic() < until:
            found = exemplars(gateway.metrics(OPENMETRICS))
            time.sleep(0.05)
        gateway.end()
        spans = {span.trace: span for span in collector.spans() if span.kind == "SERVER"}
        self.assertEqual({name for name, _, _ in found}, {FAMILY})
        for _, labels, exemplar in found:
            self.assertEqual(list(exemplar.labels), ["trace_id"])
            span = spans[exemplar.labels["trace_id"]]
            self.assertAlmostEqual(exemplar.value, (span.end - span.start) / 1e9, delta=0.001)
            self.assertLessEqual(exemplar.value, float(labels["le"]))
            if exemplar.timestamp is not None:
                self.assertAlmostEqual(float(exemplar.timestamp), span.end / 1e9, delta=1)

    def test_plain_text_has_none(self):
        gateway = self.gateway(self.collector())
        gateway.get(USERADD)
        until = time.monotonic() + PATIENCE_SECONDS
        while not exemplars(gateway.metrics(OPENMETRICS)):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        for accept in ["text/plain", "*/*"]:
            text = gateway.metrics(accept)
            self.assertNotIn("trace_id", text)
            self.assertNotIn(" # {", text)

    def test_what_is_not_sampled_is_no_example(self):
        for headers, trace in [((), "ratio = 0"), ([("traceparent", f"00-{TRACE}-b7ad6b7169203331-00")], "")]:
            gateway = self.gateway(self.collector(), trace=trace)
            gateway.get(USERADD, headers=headers)
            # This one is sampled: once it is told of, the one before would be too.
            gateway.get(USERADD, headers=[("traceparent", f"00-{OTHER}-b7ad6b7169203331-01")])
            until = time.monotonic() + PATIENCE_SECONDS
            while OTHER not in (text := gateway.metrics(OPENMETRICS)) and time.monotonic() < until:
                time.sleep(0.05)
            self.assertEqual([exemplar.labels for _, _, exemplar in exemplars(text)], [{"trace_id": OTHER}])
            self.assertNotIn(TRACE, text)
