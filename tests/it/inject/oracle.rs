//! What an injection has to come to, said again on plain values, by other code and read by another reader.

use mesigate::inject::{DEFINITION, Options};
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

use super::generator::KINDS;

/// All documents of a stream, aliases and merge keys resolved.
pub fn read(text: &str) -> Vec<Value> {
    if let Ok(values) = serde_json::Deserializer::from_str(text).into_iter().collect() {
        return values;
    }
    let mut done = Vec::new();
    let mut open: Vec<(usize, Value, Option<String>)> = Vec::new();
    let mut anchors = std::collections::BTreeMap::new();
    for event in Parser::new_from_str(text.trim_start_matches('\u{feff}')) {
        let (event, _) = event.unwrap_or_else(|error| panic!("{error}:\n{text}"));
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style)),
            Event::Alias(anchor) => (0, anchors.get(&anchor).cloned().expect("an anchor")),
            Event::SequenceStart(anchor, _) => {
                open.push((anchor, json!([]), None));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push((anchor, json!({}), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop().map(|(anchor, value, _)| (anchor, value)).expect("open")
            }
            _ => continue,
        };
        anchors.insert(anchor, value.clone());
        match open.last_mut() {
            None => done.push(value),
            Some((_, Value::Array(items), _)) => items.push(value),
            Some((_, Value::Object(entries), key)) => match key.take() {
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Some(key) => enter(entries, key, value),
            },
            Some(_) => unreachable!("only collections are open"),
        }
    }
    done
}

fn enter(entries: &mut Map<String, Value>, key: String, value: Value) {
    if key == "<<" {
        for (key, value) in value.as_object().into_iter().flatten() {
            entries.entry(key).or_insert(value.clone());
        }
        return;
    }
    entries.insert(key, value);
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => json!(text),
        "" | "~" | "null" => Value::Null,
        "true" | "false" => json!(text == "true"),
        _ => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}

/// What a document has to say after an injection; `None` where it must not change.
pub fn injected(document: &Value, options: &Options) -> Value {
    let mut document = document.clone();
    if let Some(items) = document.get_mut("items").and_then(Value::as_array_mut) {
        for item in items.iter_mut() {
            *item = injected(item, options);
        }
        return document;
    }
    let Some((_, _, way)) = KINDS.iter().find(|(kind, ..)| document["kind"] == *kind) else {
        return document;
    };
    let asks = |holder: &Value| {
        let keys = ["mesigate.io/sidecar", "mesigate.io/inject"];
        ["labels", "annotations"]
            .iter()
            .any(|field| keys.iter().any(|key| holder["metadata"][*field][*key] == "true"))
    };
    let asked = asks(&document) || options.all;
    let pod = way.iter().fold(&mut document, |at, key| &mut at[*key]);
    if asked || asks(pod) {
        put_in(pod, options);
    }
    document
}

fn put_in(pod: &mut Value, options: &Options) {
    let spec = &mut pod["spec"];
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            set(container, options);
        }
    }
    let list = if options.classic { "containers" } else { "initContainers" };
    front(spec, list, vec![container(options)]);
    let mut volumes = Vec::new();
    if let Some(map) = &options.config_map {
        volumes.push(json!({"name": "mesigate-config", "configMap": {"name": map.0}}));
    }
    for (index, secret) in options.secrets.iter().enumerate() {
        volumes.push(
            json!({"name": format!("mesigate-secret-{}", index + 1), "secret": {"secretName": secret.0}}),
        );
    }
    front(spec, "volumes", volumes);
    tidy(pod);
    pod["metadata"]["annotations"]["mesigate.io/sidecar-version"] = json!(env!("CARGO_PKG_VERSION"));
}

fn front(spec: &mut Value, list: &str, mut items: Vec<Value>) {
    if items.is_empty() {
        return;
    }
    items.extend(spec[list].as_array().cloned().unwrap_or_default());
    spec[list] = Value::Array(items);
}

fn set(container: &mut Value, options: &Options) {
    let name = container["name"].clone();
    for setting in
        options.settings.iter().rev().filter(|setting| setting.container == "*" || name == *setting.container)
    {
        let mut variables = container["env"].as_array().cloned().unwrap_or_default();
        match variables.iter_mut().find(|variable| variable["name"] == *setting.name) {
            Some(known) => known["value"] = json!(setting.value),
            None => variables.insert(0, json!({"name": setting.name, "value": setting.value})),
        }
        container["env"] = Value::Array(variables);
    }
}

fn container(options: &Options) -> Value {
    let mut container = read(DEFINITION).remove(0);
    if let Some(image) = &options.image {
        container["image"] = json!(image);
    }
    let mut mounts = Vec::new();
    if options.config_map.is_some() {
        container["env"]
            .as_array_mut()
            .expect("a list")
            .push(json!({"name": "MESIGATE_CONFIG", "value": "/etc/mesigate/mesigate.toml"}));
        mounts.push(json!({"name": "mesigate-config", "mountPath": "/etc/mesigate", "readOnly": true}));
    }
    for (index, secret) in options.secrets.iter().enumerate() {
        let path = format!("/run/secrets/mesigate/{}", secret.0);
        mounts.push(
            json!({"name": format!("mesigate-secret-{}", index + 1), "mountPath": path, "readOnly": true}),
        );
    }
    if !mounts.is_empty() {
        container["volumeMounts"] = Value::Array(mounts);
    }
    if options.classic {
        container.as_object_mut().expect("a map").remove("restartPolicy");
        container["lifecycle"] =
            json!({"preStop": {"exec": {"command": ["mesigate", "drain", "--wait", "2s"]}}});
    }
    container
}

/// Null has become a map where one was needed.
fn tidy(pod: &mut Value) {
    for field in ["/metadata", "/metadata/annotations"] {
        if let Some(value) = pod.pointer_mut(field).filter(|value| value.is_null()) {
            *value = json!({});
        }
    }
}

/// Without what an injection remembers for itself.
pub fn without_undo(mut document: Value) -> Value {
    match &mut document {
        Value::Object(entries) => {
            entries.remove("mesigate.io/sidecar-undo");
            entries.values_mut().for_each(|value| *value = without_undo(value.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_undo(item.take())),
        _ => {}
    }
    document
}
