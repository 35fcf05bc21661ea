//! OpenTelemetry's variables: each is a layer above the settings file and below the gateway's own variables, and one that
//! cannot be followed is told instead of dropped.

use std::time::Duration;

use mesigate::config::{Accept, Layers, TraceConfig};

use super::support::program::{err, mesigate, out};

const COLLECTOR: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://10.0.0.9:4318");

/// What is traced with these variables over this file; or every fault.
fn read(file: &str, variables: &[(&str, &str)]) -> Result<TraceConfig, Vec<String>> {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let layers = Layers::shipped().and_then(|layers| layers.text("own.toml", file));
    let layers = layers.and_then(|layers| layers.opentelemetry(&variables));
    let config = layers.and_then(|layers| layers.environment(variables.into_iter()).config());
    config.map(|config| config.trace).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// The same, with a collector that the environment names.
fn traced(variables: &[(&str, &str)]) -> TraceConfig {
    read("", &[&[COLLECTOR], variables].concat()).expect("sound settings")
}

/// The faults of variables beside a collector that the environment names.
fn faults(variables: &[(&str, &str)]) -> Vec<String> {
    read("", &[&[COLLECTOR], variables].concat()).expect_err("it has faults")
}

fn url(trace: &TraceConfig) -> String {
    trace.endpoint.as_ref().map_or_else(String::new, ToString::to_string)
}

// ------------------------------------------------------------------------------------------ the settings themselves

#[test]
fn nothing_is_traced_unless_a_collector_is_named() {
    let shipped = read("", &[]).expect("sound settings");
    assert_eq!((shipped.endpoint, shipped.ca_file, shipped.slow), (None, None, None));
    assert_eq!((shipped.accept, shipped.upstream, shipped.follow), (Accept::Any, None, true));
    assert!(!shipped.errors && !shipped.client && shipped.resource.is_empty());
    assert_eq!((shipped.service.as_str(), shipped.ratio.to_string().as_str()), ("mesigate", "1"));
}

#[test]
fn a_collectors_url_is_completed_by_the_path_of_traces() {
    for (written, whole) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
        ("https://otlp.example.com", "https://otlp.example.com/v1/traces"),
        ("https://otlp.example.com/otlp", "https://otlp.example.com/otlp/v1/traces"),
        ("https://otlp.example.com/otlp/", "https://otlp.example.com/otlp/v1/traces"),
        ("http://[::1]:4318/v1/traces", "http://[::1]:4318/v1/traces"),
        ("https://otlp.example.com/otlp/v1/traces", "https://otlp.example.com/otlp/v1/traces"),
    ] {
        let own = read(&format!("trace.endpoint = '{written}'"), &[]).expect("sound settings");
        let theirs = read("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", written)]).expect("sound settings");
        assert_eq!((url(&own), url(&theirs)), (whole.to_owned(), whole.to_owned()), "{written}");
    }
}

#[test]
fn every_setting_can_be_written_in_a_file() {
    let file = "listen.trusted_proxies = ['10.0.0.0/8']
        [trace]
        endpoint = 'https://otlp.example.com'\nca_file = 'ca.pem'\nratio = 0.25\nfollow = false
        accept = 'trusted'\nupstream = true\nerrors = true\nslow = '1500ms'\nclient = true\nservice = 'old door'
        resource = { 'deployment.environment.name' = 'production', 'service.namespace' = 'shop' }";
    let trace = read(file, &[]).expect("sound settings");
    assert_eq!(trace.ca_file.expect("a file").file_name().expect("a name"), "ca.pem");
    assert_eq!((trace.ratio.to_string().as_str(), trace.service.as_str()), ("0.25", "old door"));
    assert_eq!((trace.accept, trace.upstream), (Accept::Trusted, Some(true)));
    assert_eq!(trace.slow, Some(Duration::from_millis(1500)));
    assert!(!trace.follow && trace.errors && trace.client);
    let mut resource = trace.resource;
    resource.sort();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        resource,
        [pair("deployment.environment.name", "production"), pair("service.namespace", "shop")]
    );
}

#[test]
fn every_setting_can_be_a_variable_of_the_gateways_own() {
    let trace = read(
        "",
        &[
            ("MESIGATE__TRACE__ENDPOINT", "http://10.0.0.9:4318"),
            ("MESIGATE__TRACE__RATIO", "0.5"),
            ("MESIGATE__TRACE__FOLLOW", "false"),
            ("MESIGATE__TRACE__ACCEPT", "none"),
            ("MESIGATE__TRACE__UPSTREAM", "false"),
            ("MESIGATE__TRACE__SLOW", "2s"),
            ("MESIGATE__TRACE__RESOURCE", "service.namespace=a%20b"),
        ],
    );
    let trace = trace.expect("sound settings");
    assert_eq!(
        (url(&trace).as_str(), trace.ratio.to_string().as_str()),
        ("http://10.0.0.9:4318/v1/traces", "0.5")
    );
    assert_eq!((trace.accept, trace.upstream, trace.follow), (Accept::Nobody, Some(false), false));
    assert_eq!(trace.slow, Some(Duration::from_secs(2)));
    assert_eq!(trace.resource, [("service.namespace".to_owned(), "a b".to_owned())]);
    assert_eq!(read("trace.ratio = 1", &[]).expect("sound settings").ratio.to_string(), "1");
    assert_eq!(read("trace.ratio = 0", &[]).expect("sound settings").ratio.to_string(), "0");
}

// ------------------------------------------------------------------------------------------ OpenTelemetry's variables

#[test]
fn the_url_of_traces_alone_is_taken_as_it_is_and_before_that_of_all_signals() {
    for whole in
        ["http://10.0.0.8:4318/v1/traces", "http://10.0.0.8:4318/", "https://c.example/api/v0.2/traces"]
    {
        let trace = traced(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", whole)]);
        assert_eq!(url(&trace), whole);
    }
    let bare = traced(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://10.0.0.8:4318")]);
    assert_eq!(url(&bare), "http://10.0.0.8:4318/", "a URL without a path has the root's");
    let empty = traced(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", " ")]);
    assert_eq!(url(&empty), "http://10.0.0.9:4318/v1/traces", "an empty variable counts as not set");
}

#[test]
fn a_variable_counts_before_the_file_and_the_gateways_own_variable_before_both() {
    let file =
        "[trace]\nendpoint = 'http://10.0.0.1:4318'\nratio = 0.1\nservice = 'file'\nca_file = 'file.pem'
        resource = { 'a' = 'file', 'b' = 'file' }";
    let theirs = [
        COLLECTOR,
        ("OTEL_SERVICE_NAME", "theirs"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=theirs"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.2"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "theirs.pem"),
    ];
    let ours = [
        ("MESIGATE__TRACE__ENDPOINT", "http://10.0.0.3:4318"),
        ("MESIGATE__TRACE__SERVICE", "ours"),
        ("MESIGATE__TRACE__RATIO", "0.3"),
        ("MESIGATE__TRACE__CA_FILE", "ours.pem"),
    ];
    let told = |trace: &TraceConfig| {
        let file = trace.ca_file.as_ref().map(|file| file.display().to_string()).expect("a file");
        format!("{} {} {} {}", url(trace), trace.service, trace.ratio, file)
    };
    let of = |variables: &[(&str, &str)]| told(&read(file, variables).expect("sound settings"));
    assert_eq!(of(&[]), "http://10.0.0.1:4318/v1/traces file 0.1 file.pem");
    assert_eq!(of(&theirs), "http://10.0.0.9:4318/v1/traces theirs 0.2 theirs.pem");
    assert_eq!(of(&[&ours[..], &theirs].concat()), "http://10.0.0.3:4318/v1/traces ours 0.3 ours.pem");
    let mut resource = read(file, &theirs).expect("sound settings").resource;
    resource.sort();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(resource, [pair("a", "theirs"), pair("b", "file")], "attributes are merged by name");
}

#[test]
fn a_services_name_counts_before_the_one_among_the_attributes() {
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=among%20them,service.namespace=a%2Cb");
    let among = traced(&[attributes]);
    assert_eq!(among.service, "among them");
    assert_eq!(among.resource, [("service.namespace".to_owned(), "a,b".to_owned())]);
    assert_eq!(traced(&[attributes, ("OTEL_SERVICE_NAME", "alone")]).service, "alone");
}

#[test]
fn a_sampler_says_who_decides_and_the_ratio() {
    for (sampler, argument, follow, ratio) in [
        ("always_on", "0.5", false, "1"),
        ("always_off", "0.5", false, "0"),
        ("traceidratio", "0.5", false, "0.5"),
        ("traceidratio", "", false, "1"),
        ("parentbased_always_on", "", true, "1"),
        ("parentbased_always_off", "", true, "0"),
        ("parentbased_traceidratio", "0.001", true, "0.001"),
        ("ParentBased_TraceIdRatio", "1", true, "1"),
    ] {
        let trace = traced(&[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)]);
        assert_eq!((trace.follow, trace.ratio.to_string().as_str()), (follow, ratio), "{sampler} {argument}");
    }
    let alone = traced(&[("OTEL_TRACES_SAMPLER_ARG", "0.5")]);
    assert_eq!(
        (alone.follow, alone.ratio.to_string().as_str()),
        (true, "1"),
        "an argument of no sampler is none"
    );
}

#[test]
fn traces_can_be_switched_off() {
    let file = "trace.endpoint = 'http://10.0.0.1:4318'";
    for off in
        [("OTEL_SDK_DISABLED", "true"), ("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_EXPORTER", "none")]
    {
        let trace =
            read(file, &[COLLECTOR, off, ("OTEL_TRACES_SAMPLER", "unknown")]).expect("sound settings");
        assert_eq!(trace.endpoint, None, "{off:?}");
    }
    for on in [("OTEL_SDK_DISABLED", "false"), ("OTEL_SDK_DISABLED", "1"), ("OTEL_TRACES_EXPORTER", "otlp")] {
        assert_eq!(url(&traced(&[on])), "http://10.0.0.9:4318/v1/traces", "{on:?}");
    }
    let own = ("MESIGATE__TRACE__ENDPOINT", "http://10.0.0.3:4318");
    let trace = read(file, &[("OTEL_SDK_DISABLED", "true"), own]).expect("sound settings");
    assert_eq!(
        url(&trace),
        "http://10.0.0.3:4318/v1/traces",
        "the gateway's own variable counts before both"
    );
    let emptied = read(file, &[COLLECTOR, ("MESIGATE__TRACE__ENDPOINT", "")]).expect("sound settings");
    assert_eq!(emptied.endpoint, None, "also where it switches traces off");
}

#[test]
fn what_cannot_be_followed_is_a_fault_that_says_what_can() {
    for (variable, value, said) in [
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "grpc",
            "`grpc` is not spoken: spans are posted as http/protobuf, which",
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "`http/json` is not spoken: "),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "`grpc` is not spoken: "),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=HUSH", "is not sent by the gateway, so that"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=HUSH", "is not sent by the gateway, so that"),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "c.pem", "is not sent by the gateway, so that"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "k.pem", "is not sent by the gateway, so that"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "`zipkin` is none of otlp, none"),
        (
            "OTEL_TRACES_SAMPLER",
            "always_onn",
            "`always_onn` is none of always_on, always_off, traceidratio, parent",
        ),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "`jaeger_remote` is none of always_on, "),
        ("OTEL_RESOURCE_ATTRIBUTES", "HUSH", "has an attribute that is not name=value: give them as in "),
    ] {
        let told = faults(&[(variable, value)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("{variable}: {said}")) && !told[0].contains("HUSH"), "{told:?}");
    }
    let ratio = faults(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "5")]);
    assert_eq!(
        ratio,
        ["OTEL_TRACES_SAMPLER_ARG: `trace.ratio`: is no share: give a number from 0 to 1, such as 0.01"]
    );
    let urls = read("", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "10.0.0.9:4317")]).expect_err("no URL");
    assert!(
        urls[0].starts_with("OTEL_EXPORTER_OTLP_ENDPOINT: `trace.endpoint`: begins with neither"),
        "{urls:?}"
    );
    let two = faults(&[("OTEL_TRACES_SAMPLER", "x"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=b")]);
    assert_eq!(two.len(), 2, "all are told at once: {two:?}");
}

#[test]
fn what_cannot_be_followed_is_no_fault_where_it_is_not_about_the_gateways_traces() {
    let theirs = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=b")];
    assert_eq!(read("", &theirs).expect("no traces").endpoint, None);
    let sampler = ("OTEL_TRACES_SAMPLER", "jaeger_remote");
    assert_eq!(read("", &[sampler]).expect("no traces").endpoint, None);
    let own = [COLLECTOR, ("MESIGATE__TRACE__ENDPOINT", "http://10.0.0.3:4318")];
    let trace =
        read("", &[&theirs[..], &own].concat()).expect("the gateway's own variable has another collector");
    assert_eq!(url(&trace), "http://10.0.0.3:4318/v1/traces");
    let file = "trace.endpoint = 'http://10.0.0.1:4318'";
    assert_eq!(read(file, &theirs).expect_err("a collector that they are about").len(), 2);
    let both = [("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"), theirs[0], COLLECTOR];
    assert!(read("", &both).is_ok(), "the variable of traces alone counts");
}

// ------------------------------------------------------------------------------------------------------ the program

#[test]
fn check_shows_which_variable_a_value_is_from() {
    let mut command = mesigate(&["check", "--show"]);
    command.env(COLLECTOR.0, COLLECTOR.1).env("OTEL_SERVICE_NAME", "old door");
    command.env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio").env("OTEL_TRACES_SAMPLER_ARG", "0.01");
    command.env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=production");
    let output = command.output().expect("the program runs");
    let shown = out(&output);
    for (key, value, place) in [
        ("trace.endpoint", "\"http://10.0.0.9:4318\"", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("trace.service", "\"old door\"", "OTEL_SERVICE_NAME"),
        ("trace.follow", "true", "OTEL_TRACES_SAMPLER"),
        ("trace.ratio", "\"0.01\"", "OTEL_TRACES_SAMPLER_ARG"),
        ("trace.resource.deployment.environment.name", "\"production\"", "OTEL_RESOURCE_ATTRIBUTES"),
    ] {
        let line = shown.lines().find(|line| line.contains(key)).unwrap_or_else(|| panic!("{key}: {shown}"));
        assert!(line.contains(value) && line.ends_with(place), "{line}");
    }
    assert!(
        shown.contains(
            "traces: posted to http://10.0.0.9:4318/v1/traces, as old door, a share of 0.01 sampled"
        )
    );
}

#[test]
fn check_refuses_what_the_gateway_would_and_doubts_what_can_hardly_be_meant() {
    let mut command = mesigate(&["check"]);
    command.env(COLLECTOR.0, COLLECTOR.1).env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=HUSH");
    let output = command.output().expect("the program runs");
    let told = err(&output);
    assert!(!output.status.success() && told.contains("OTEL_EXPORTER_OTLP_HEADERS: is not sent"), "{told}");
    assert!(!told.contains("HUSH"), "{told}");
    let mut command = mesigate(&["check"]);
    command
        .env("MESIGATE__TRACE__ENDPOINT", "http://10.0.0.9:4317")
        .env("MESIGATE__TRACE__CA_FILE", "/nowhere");
    command.env("MESIGATE__TRACE__RATIO", "0").env("MESIGATE__TRACE__FOLLOW", "false");
    let told = err(&command.output().expect("the program runs"));
    for doubt in [
        "trace.endpoint: http://10.0.0.9:4317/v1/traces has the port of OTLP over gRPC",
        "trace.ca_file counts for nothing",
        "trace: no request is ever kept",
    ] {
        assert!(told.contains(&format!("warning: {doubt}")), "{told}");
    }
}
