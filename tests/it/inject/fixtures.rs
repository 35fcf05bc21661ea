//! tests/manifests: manifests in the shapes in which tools print them.

use std::path::PathBuf;

use mesigate::inject::Options;
use serde_json::{Value, json};

use super::oracle::{injected, read, without_undo};
use super::properties::run;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/manifests")
}

pub fn manifest(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn all() -> Vec<(String, String)> {
    let entries =
        std::fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("an entry").path());
    let files = entries.filter(|path| path.is_file());
    let mut found: Vec<_> = files
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .map(|name| (manifest(&name), name))
        .map(|(text, name)| (name, text))
        .collect();
    found.sort();
    assert!(found.len() >= 20, "{} manifests", found.len());
    found
}

/// Flags of several kinds, none of which is a fault in any of the manifests.
fn flags() -> Vec<Options> {
    let plain = Options { quiet: true, ..Options::default() };
    let mut many = plain.clone();
    many.config_map = Some("settings".parse().expect("a name"));
    many.secrets = vec!["token".parse().expect("a name")];
    many.settings = vec!["*.env.MESIBO_API=http://127.0.0.1:18080".parse().expect("a setting")];
    vec![plain, many]
}

fn ok(name: &str, text: &str, options: &Options) -> String {
    run(text, options).unwrap_or_else(|faults| panic!("{name}: {}", faults.join("\n")))
}

fn out() -> Options {
    Options { uninject: true, quiet: true, ..Options::default() }
}

/// Lines that an injection may change: what is empty is filled, and what `--set` names has another value.
fn may_change(line: &str) -> bool {
    let words = [
        "annotations:",
        "initContainers:",
        "volumes:",
        "env:",
        "metadata:",
        "https://api.mesibo.com",
        "[]",
        "{",
        "null",
    ];
    words.iter().any(|word| line.contains(word))
}

#[test]
fn the_shapes_of_every_tool_take_the_sidecar_and_give_it_back() {
    for (name, text) in all().iter().filter(|(name, _)| name != "older.yaml") {
        for options in flags() {
            let once = ok(name, text, &options);
            assert_eq!(once, ok(name, &once, &options), "{name}: a second run changes something");
            assert_eq!(*text, ok(name, &once, &out()), "{name}: the way back");
            let mut lines = once.lines();
            for line in text.lines().filter(|line| !may_change(line)) {
                let same = |other: &str| other.trim_end_matches(',') == line.trim_end_matches(',');
                assert!(lines.any(same), "{name}: this line is lost, or out of order: {line}");
            }
        }
    }
}

#[test]
fn what_comes_out_says_what_another_reader_would_have_made_of_it() {
    // The tabs and the `yes` of YAML 1.1 are not for that reader.
    for (name, text) in
        all().iter().filter(|(name, _)| !["odd.yaml", "flow.yaml", "older.yaml"].contains(&name.as_str()))
    {
        for options in flags() {
            let wanted: Vec<Value> = read(text).iter().map(|document| injected(document, &options)).collect();
            let got: Vec<Value> = read(&ok(name, text, &options)).into_iter().map(without_undo).collect();
            assert_eq!(got, wanted, "{name}");
        }
    }
}

#[test]
fn every_manifest_but_that_of_other_kinds_gets_a_sidecar() {
    for (name, text) in all() {
        let options = &flags()[0];
        let is_changed = ok(&name, &text, options) != text;
        assert_eq!(is_changed, name != "argocd-application.yaml", "{name}");
    }
    let everything = Options { all: true, ..flags()[0].clone() };
    let applications = manifest("argocd-application.yaml");
    assert_eq!(ok("applications", &applications, &everything), applications);
}

#[test]
fn lines_end_as_they_did() {
    let once = ok("crlf.yaml", &manifest("crlf.yaml"), &flags()[1]);
    assert_eq!(once.matches('\n').count(), once.matches("\r\n").count());
    let lines = |text: &str| text.replace("\r\n", "\n");
    assert_eq!(lines(&once), ok("helm-template.yaml", &manifest("helm-template.yaml"), &flags()[1]));
}

#[test]
fn an_older_sidecar_is_replaced_where_it_stands() {
    let once = ok("older.yaml", &manifest("older.yaml"), &flags()[0]);
    let spec = &read(&once)[0]["spec"]["template"]["spec"];
    let names: Vec<&Value> =
        spec["initContainers"].as_array().expect("a list").iter().map(|each| &each["name"]).collect();
    assert_eq!(names, [&json!("vault"), &json!("mesigate"), &json!("migrate")]);
    assert_eq!(spec["initContainers"][1], read(mesigate::inject::DEFINITION)[0]);
    for comment in ["# another sidecar, which has to come first", "# ours, of last year", "# the app's own"] {
        assert!(once.contains(comment), "{comment}");
    }
    assert_eq!(once, ok("older.yaml", &once, &flags()[0]));
    let out = ok("older.yaml", &once, &out());
    assert!(!out.contains("mesigate:") && out.contains("team: chat"), "{out}");
}

#[test]
fn a_change_between_the_two_forms_leaves_one_of_them() {
    let text = manifest("kustomize-build.yaml");
    let (native, classic) = (flags()[0].clone(), Options { classic: true, ..flags()[0].clone() });
    let changed = ok("native to classic", &ok("native", &text, &native), &classic);
    assert_eq!(changed, ok("classic", &text, &classic));
    assert_eq!(ok("classic to native", &changed, &native), ok("native", &text, &native));
    assert_eq!(
        read(&changed).into_iter().map(without_undo).collect::<Vec<_>>(),
        read(&text).iter().map(|document| injected(document, &classic)).collect::<Vec<_>>()
    );
}

#[test]
fn ten_thousand_lines_are_no_matter() {
    let document = manifest("kustomize-build.yaml");
    let text: String = (0..400)
        .map(|number| document.replace("name: node", &format!("name: node-{number}")) + "---\n")
        .collect();
    assert!(text.lines().count() > 10_000);
    let once = ok("many", &text, &flags()[0]);
    assert_eq!(once.matches("mesigate.io/sidecar-version").count(), 400);
    assert_eq!(text, ok("many", &once, &out()));
}

#[test]
fn what_was_remembered_is_put_back_also_where_another_tool_has_written_the_manifest_anew() {
    let options = &flags()[1];
    let text = manifest("helm-template.yaml");
    let once = ok("helm", &text, options);
    let deep = once.replace('\n', "\n            ");
    let moved = format!(
        "kind: List\napiVersion: v1\nitems:\n          - {}",
        &deep[deep.find("apiVersion: apps").expect("it")..]
    );
    let moved = moved.split("---").next().expect("a part").trim_end().to_owned() + "\n";
    let back = read(&ok("moved", &moved, &out()))[0]["items"][0].clone();
    let before = read(&text).into_iter().find(|document| document["kind"] == "Deployment");
    assert_eq!(Some(back), before);
    let as_json: Vec<String> =
        read(&once).iter().filter(|document| !document.is_null()).map(Value::to_string).collect();
    let back = read(&ok("JSON", &as_json.join("\n"), &out()));
    let before: Vec<Value> = read(&text).into_iter().filter(|document| !document.is_null()).collect();
    assert_eq!(back, before);
}

#[test]
fn a_hash_within_a_value_is_no_comment() {
    let text = "{kind: Pod, apiVersion: v1, metadata: {name: a}, spec: {containers: [{name: app, env: [{name: N, value: '#'}]}]}}\n";
    let mut options = Options { all: true, ..Options::default() };
    options.settings.push("app.env.V=#".parse().expect("a setting"));
    let once = ok("hash", text, &options);
    assert_eq!(ok("hash", &once, &out()), text);
}
