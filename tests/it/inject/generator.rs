//! Manifests of every kind and shape, and flags to go with them.

use mesigate::inject::Options;
use serde_json::{Map, Value, json};

use super::emitter::{Choices, Emitter};

/// The kinds with pods, and the way to them.
pub const KINDS: [(&str, &str, &[&str]); 10] = [
    ("Deployment", "apps/v1", &["spec", "template"]),
    ("Pod", "v1", &[]),
    ("StatefulSet", "apps/v1", &["spec", "template"]),
    ("DaemonSet", "apps/v1", &["spec", "template"]),
    ("ReplicaSet", "apps/v1", &["spec", "template"]),
    ("ReplicationController", "v1", &["spec", "template"]),
    ("Job", "batch/v1", &["spec", "template"]),
    ("CronJob", "batch/v1", &["spec", "jobTemplate", "spec", "template"]),
    ("PodTemplate", "v1", &["template"]),
    ("Rollout", "argoproj.io/v1alpha1", &["spec", "template"]),
];

/// A stream of manifests and what was generated into it.
pub struct Case {
    pub text: String,
    /// The texts of documents that nothing may touch.
    pub untouched: Vec<String>,
}

pub fn case(choices: &mut Choices) -> Case {
    let json = choices.seldom(6);
    let is_list = choices.seldom(4);
    let mut objects = vec![workload(choices)];
    for _ in 0..choices.below(3) {
        objects.push(if choices.seldom(2) { other(choices) } else { workload(choices) });
    }
    if is_list {
        objects = vec![json!({"apiVersion": "v1", "items": objects, "kind": "List"})];
    }
    if json {
        let write = |object: &Value| match choices.below(2) {
            0 => serde_json::to_string_pretty(object),
            _ => serde_json::to_string(object),
        };
        let texts: Vec<String> = objects.iter().map(write).map(|text| text.expect("JSON")).collect();
        return Case { text: texts.join("\n") + "\n", untouched: Vec::new() };
    }
    stream(choices, &objects)
}

fn stream(choices: &mut Choices, objects: &[Value]) -> Case {
    let newline = if choices.seldom(5) { "\r\n" } else { "\n" };
    let mut text = if choices.seldom(3) { "---\n".to_owned() } else { String::new() };
    let mut untouched = Vec::new();
    let mut count = 0;
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            let separator =
                ["---\n", "---\n# Source: a/b.yaml\n", "...\n---\n", "--- # next\n", "---\n---\n"];
            text.push_str(separator[choices.below(5)]);
        }
        let (document, last) = Emitter::new(choices, count).document(object);
        count = last;
        if object["kind"] == "ConfigMap" {
            untouched.push(document.replace('\n', newline));
        }
        text.push_str(&document);
    }
    if choices.seldom(8) {
        text.push_str("...\n");
    }
    if choices.seldom(6) && !text.ends_with("\n\n") {
        text.pop();
    }
    let text = text.replace('\n', newline);
    Case { text: if choices.seldom(9) { format!("\u{feff}{text}") } else { text }, untouched }
}

fn other(choices: &mut Choices) -> Value {
    let texts =
        ["a\n---\nkind: Deployment\n", "containers:\n- name: app\n\n\n", "plain", "{\"kind\": \"Pod\"}"];
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "files"},
        "data": {"one": texts[choices.below(4)], "two": texts[choices.below(4)]},
    })
}

fn workload(choices: &mut Choices) -> Value {
    let (kind, version, way) = KINDS[choices.below(KINDS.len())];
    let asks = [("labels", "mesigate.io/sidecar"), ("annotations", "mesigate.io/inject")][choices.below(2)];
    let on_pod = way.is_empty() || choices.below(3) > 0;
    let mut pod = pod(choices, on_pod.then_some(asks), kind == "CronJob" || kind == "Job");
    if way.is_empty() {
        pod["metadata"]["name"] = json!("single");
    }
    let mut object = pod;
    for key in way.iter().rev() {
        let mut holder = Map::new();
        if *key == "template" && choices.seldom(3) {
            holder.insert("replicas".to_owned(), json!(2));
        }
        holder.insert((*key).to_owned(), object);
        object = Value::Object(holder);
    }
    let mut whole = json!({"apiVersion": version, "kind": kind});
    if !way.is_empty() {
        whole["metadata"] = json!({"name": "web", "creationTimestamp": null});
        if !on_pod {
            whole["metadata"][asks.0] = json!({asks.1: "true", "z": ""});
        }
    }
    for (key, value) in object.as_object().expect("a map") {
        whole[key] = value.clone();
    }
    if choices.seldom(4) {
        whole["status"] = json!({});
    }
    whole
}

fn pod(choices: &mut Choices, asks: Option<(&str, &str)>, ends: bool) -> Value {
    let mut metadata = json!({});
    maybe_empty(choices, &mut metadata, "annotations", json!({"prometheus.io/scrape": "true"}));
    maybe_empty(choices, &mut metadata, "labels", json!({"app": "web", "version": "1.0"}));
    if let Some((field, key)) = asks {
        if !metadata[field].is_object() {
            metadata[field] = json!({});
        }
        metadata[field][key] = json!("true");
    }
    let mut spec = json!({});
    if choices.seldom(2) {
        spec["restartPolicy"] = json!(if ends { "Never" } else { "Always" });
    }
    maybe_empty(choices, &mut spec, "volumes", json!([{"name": "data", "emptyDir": {}}]));
    let first = container(choices, "app");
    spec["containers"] =
        if choices.seldom(3) { json!([container(choices, "log"), first]) } else { json!([first]) };
    maybe_empty(choices, &mut spec, "initContainers", json!([{"name": "migrate", "image": "m:1"}]));
    match choices.below(4) {
        0 if metadata == json!({}) => json!({"spec": spec}),
        1 => json!({"spec": spec, "metadata": metadata}),
        _ => json!({"metadata": metadata, "spec": spec}),
    }
}

fn container(choices: &mut Choices, name: &str) -> Value {
    let mut container = json!({"name": name, "image": "registry.example.com/app:1"});
    if choices.seldom(3) {
        container = json!({"args": ["--", "x: y", "#"], "image": "app", "name": name});
    }
    let texts = ["exec app", "set -e\n---\ncontainers:\n- name: x\n", "a\n\n\n", "a\nb"];
    if choices.seldom(3) {
        container["command"] = json!(["sh", "-c", texts[choices.below(4)]]);
    }
    let known =
        json!([{"name": "MESIBO_API", "value": "https://api.mesibo.com/"}, {"name": "N", "value": "1"}]);
    let env = if choices.seldom(2) { known } else { json!([{"name": "N", "value": "é"}]) };
    maybe_empty(choices, &mut container, "env", env);
    if choices.seldom(4) {
        container["ports"] = json!([{"containerPort": 8080, "name": "http"}]);
        container["resources"] = json!({});
    }
    container
}

/// There, empty in one of the ways, or not there.
fn maybe_empty(choices: &mut Choices, map: &mut Value, key: &str, value: Value) {
    let empty = if value.is_array() { json!([]) } else { json!({}) };
    match choices.below(5) {
        0 => {}
        1 => map[key] = Value::Null,
        2 => map[key] = empty,
        _ => map[key] = value,
    }
}

pub fn options(choices: &mut Choices) -> Options {
    let mut options = Options::default();
    if choices.seldom(2) {
        options.settings.push("app.env.MESIBO_API=http://127.0.0.1:18080".parse().expect("a setting"));
    }
    if choices.seldom(4) {
        options.settings.push("*.env.EXTRA=true".parse().expect("a setting"));
    }
    if choices.seldom(3) {
        options.config_map = Some("settings".parse().expect("a name"));
    }
    for name in ["token", "key.two"].iter().take(choices.below(3)) {
        options.secrets.push(name.parse().expect("a name"));
    }
    if choices.seldom(3) {
        options.image = Some("registry.example.com:5000/mesigate@sha256:00".to_owned());
    }
    options
}
