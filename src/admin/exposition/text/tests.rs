use super::Format::{OpenMetrics, Plain};
use super::{Format, plain};

fn preferred(accept: &str) -> Format {
    Format::preferred(Some(accept.as_bytes()))
}

#[test]
fn plain_text_is_for_whoever_does_not_ask_for_more() {
    assert_eq!(Format::preferred(None), Plain);
    for accept in [
        "",
        "*/*",
        "text/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/plain;version=0.0.4;q=1,*/*;q=0.1",
        "text/plain;version=0.0.4, application/openmetrics-text;q=0.5",
        "text/*, application/openmetrics-text;q=0.5",
        "application/*",
        "application/json",
        "application/openmetrics-text;q=0",
        "application/openmetrics-text;q=x",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text-x",
        "\u{fffd},;q=,=;",
    ] {
        assert_eq!(preferred(accept), Plain, "{accept}");
    }
}

#[test]
fn openmetrics_is_for_whoever_prefers_it() {
    for accept in [
        "application/openmetrics-text",
        "Application/OpenMetrics-Text; Version=1.0.0",
        "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
        "text/plain, application/openmetrics-text",
        // Prometheus 2.42.
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
         text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        // Prometheus 3.
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
         application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
         text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        // The exact name counts more than a wildcard.
        "*/*, text/plain;q=0.2, application/openmetrics-text;q=0.3",
    ] {
        assert_eq!(preferred(accept), OpenMetrics, "{accept}");
    }
}

#[test]
fn plain_text_types_what_its_samples_are_called() {
    let openmetrics = "# HELP a_build The version.\n# TYPE a_build info\na_build_info{version=\"1\"} 1\n\
                       # HELP a_calls Calls\n# TYPE a_calls counter\n# UNIT a_calls calls\n\
                       a_calls_total{why=\"# TYPE x counter\"} 2\n\
                       # TYPE a_open gauge\na_open 3\n\
                       # HELP a_s How long\n# TYPE a_s histogram\na_s_sum 1.5\na_s_count 2\n\
                       a_s_bucket{le=\"0.5\"} 1\na_s_bucket{le=\"+Inf\"} 2\n# EOF\n";
    assert_eq!(
        plain(openmetrics),
        "# HELP a_build_info The version.\n# TYPE a_build_info gauge\na_build_info{version=\"1\"} 1\n\
         # HELP a_calls_total Calls\n# TYPE a_calls_total counter\na_calls_total{why=\"# TYPE x counter\"} 2\n\
         # TYPE a_open gauge\na_open 3\n\
         # HELP a_s How long\n# TYPE a_s histogram\na_s_sum 1.5\na_s_count 2\n\
         a_s_bucket{le=\"0.5\"} 1\na_s_bucket{le=\"+Inf\"} 2\n"
    );
}
