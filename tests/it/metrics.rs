//! The list of metrics: what a gateway serves is in it, what is in it is served, and docs/metrics.md is made from it.

use std::collections::{BTreeMap, BTreeSet};

use mesigate::admin::exposition::family::{Family, Values, When};
use mesigate::admin::exposition::list;
use mesigate::protocol::ops::Table;

use crate::support::client::{ask, get, metric, metrics};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[test]
fn docs_metrics_is_current() {
    let path = format!("{}/docs/metrics.md", env!("CARGO_MANIFEST_DIR"));
    let written = std::fs::read_to_string(path).expect("docs/metrics.md");
    assert_eq!(written, list::markdown(), "make it anew: cargo run -- metrics --markdown > docs/metrics.md");
}

#[test]
fn each_family_stands_once_and_has_a_sentence() {
    let mut seen = BTreeSet::new();
    for family in list::families() {
        assert!(seen.insert(family.name), "{} stands twice", family.name);
        assert!(family.help.len() > 10 && !family.help.ends_with('.'), "{}: {}", family.name, family.help);
        assert!(
            family.name.starts_with("mesigate_") || family.name.starts_with("process_"),
            "{}",
            family.name
        );
        for label in family.labels {
            if let Values::Words(words) = &label.values {
                assert!((1..40).contains(&words().len()), "{} of {}", label.name, family.name);
            }
        }
    }
    assert!(seen.len() > 50, "{}", seen.len());
}

const SETTINGS: &str = "
limit = [{ name = 'trial', per = 'all', rate = '1/min', mode = 'shadow' }]
brownout = [{ name = 'rehearsed', from = 2020-01-01, to = 9000-01-01, rehearse = true }]
trace.endpoint = 'http://127.0.0.1:9'
";

/// Calls of many kinds: both doors, good and bad, known and invented, and one that upstream does not answer.
async fn mixed_traffic(gateway: &Gateway, stub: &Stub) {
    stub.will_say(r#"{"op":"useradd","user":{"uid":1},"result":true}"#);
    get(gateway.address, "/api.php?op=useradd&token=T&addr=ana&appid=a").await;
    get(gateway.address, "/api.php?op=userdel&token=T").await;
    get(gateway.address, "/api.php?op=invented-by-a-caller&token=T").await;
    get(gateway.address, "/nowhere-invented").await;
    stub.will_say(r#"{"op":"invented","result":false,"error":"BADOP"}"#);
    let json = r#"{"op":"invented","token":"T"}"#;
    let post = format!("POST /backend/ HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    ask(gateway.address, post.as_bytes()).await;
    stub.will_send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec());
    get(gateway.address, "/api.php?op=message&token=T&from=a&to=b&msg=Hi").await;
    assert!(stub.take_calls().len() >= 2);
}

/// The series of an exposition: the names of samples with their labels.
fn series(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (series, _) = line.rsplit_once(' ').expect("a number");
            let (name, labels) = series.trim_end_matches('}').split_once('{').unwrap_or((series, ""));
            let pairs = labels.split("\",").filter(|pair| !pair.is_empty());
            let pairs = pairs.map(|pair| pair.trim_end_matches('"').split_once("=\"").expect("a label"));
            (name.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
        })
        .collect()
}

/// The family that a sample's name belongs to.
fn family(sample: &str) -> &'static Family {
    let is_of = |family: &&Family| {
        let own = family.sample();
        own == sample || ["_bucket", "_sum", "_count"].iter().any(|suffix| format!("{own}{suffix}") == sample)
    };
    list::families().find(is_of).unwrap_or_else(|| panic!("{sample} is served and stands in no list"))
}

#[tokio::test]
async fn what_is_served_under_mixed_traffic_is_what_the_list_says() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, SETTINGS);
    mixed_traffic(&gateway, &stub).await;
    let text = metrics(gateway.admin).await;
    let mut served: BTreeMap<&str, usize> = BTreeMap::new();
    for (sample, mut labels) in series(&text) {
        let family = family(&sample);
        *served.entry(family.name).or_default() += 1;
        labels.remove("le");
        let names: BTreeSet<&str> = labels.keys().map(String::as_str).collect();
        assert_eq!(names, family.labels.iter().map(|label| label.name).collect(), "{sample}");
        for label in family.labels {
            if let Values::Words(words) = &label.values {
                assert!(
                    words().contains(&labels[label.name]),
                    "{sample}: {} of {}",
                    labels[label.name],
                    label.name
                );
            }
        }
    }
    for family in list::families() {
        let is_of_tls = matches!(family.when, When::While(phrase) if phrase.contains("ca_file") || phrase.contains("tls."));
        assert_eq!(served.contains_key(family.name), !is_of_tls, "{}", family.name);
    }
    assert!(!text.contains("invented"), "a caller's word is in\n{text}");
}

#[tokio::test]
async fn before_anybody_has_called_each_series_that_is_always_there_is_there() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let text = metrics(gateway.admin).await;
    for family in list::families().filter(|family| family.when == When::Always) {
        let many = family.labels.iter().map(|label| match &label.values {
            Values::Words(words) => words().len(),
            Values::Names(_) => 1,
        });
        let expected: usize = many.product();
        let own: BTreeSet<_> = series(&text)
            .into_iter()
            .filter(|(sample, _)| std::ptr::eq(self::family(sample), family))
            .map(|(_, mut labels)| {
                labels.remove("le");
                labels
            })
            .collect();
        assert_eq!(own.len(), expected, "{}", family.name);
    }
}

#[tokio::test]
async fn the_names_of_operations_are_those_of_the_table() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, SETTINGS);
    mixed_traffic(&gateway, &stub).await;
    let table = Table::shipped().expect("a sound table");
    let known =
        |op: &str| op == "other" || table.operations().iter().any(|operation| operation.row.name == op);
    for (_, labels) in series(&metrics(gateway.admin).await) {
        assert!(labels.get("op").is_none_or(|op| known(op)), "{labels:?}");
    }
}

#[tokio::test]
async fn what_became_of_each_call_is_counted_once() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    mixed_traffic(&gateway, &stub).await;
    let of = async |door: &str, end: &str| {
        metric(gateway.admin, &format!("mesigate_answers_total{{door=\"{door}\",end=\"{end}\"}}")).await
    };
    assert_eq!(of("legacy", "done").await, 1);
    assert_eq!(of("legacy", "unknown").await, 1);
    assert_eq!(of("legacy", "refused").await, 2);
    let text = metrics(gateway.admin).await;
    let sum = |name: &str| -> u64 {
        let own = text.lines().filter(|line| line.starts_with(name));
        own.map(|line| line.rsplit_once(' ').expect("a number").1.parse::<u64>().expect("a count")).sum()
    };
    assert_eq!(sum("mesigate_answers_total"), sum("mesigate_requests_total"));
    assert_eq!(sum("mesigate_answers_total"), 6);
}

#[test]
fn each_alert_leads_to_a_heading_that_says_what_to_do() {
    let read =
        |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path);
    let (rules, guide) = (read("deploy/prometheus/rules.yaml"), read("docs/observing.md"));
    let values = |key: &str| -> Vec<String> {
        rules.lines().filter_map(|line| line.trim().strip_prefix(key)).map(str::to_owned).collect()
    };
    let alerts = values("- alert: ");
    assert!(alerts.len() >= 15, "{alerts:?}");
    let urls: Vec<String> =
        alerts.iter().map(|alert| format!("docs/observing.md#{}", alert.to_lowercase())).collect();
    assert_eq!(values("runbook_url: "), urls);
    for alert in &alerts {
        assert!(guide.contains(&format!("\n### {alert}\n\n")), "docs/observing.md has no heading {alert}");
    }
    assert_eq!(values("summary: ").len(), alerts.len());
    assert_eq!(values("description: ").iter().filter(|text| text.contains('`')).count(), alerts.len());
    let headings = guide.lines().filter_map(|line| line.strip_prefix("### "));
    let unknown: Vec<&str> = headings.filter(|heading| !alerts.contains(&(*heading).to_owned())).collect();
    assert!(unknown.is_empty(), "headings of no alert: {unknown:?}");
}
