//! The definition in its other forms: the page, the kustomize component. tests/deploy/inject has real tools say the same.

use std::path::Path;

use mesigate::inject::{DEFINITION, Options};
use serde_json::{Value, json};

use super::fixtures::manifest;
use super::oracle::read;
use super::properties::run;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn definition() -> Value {
    read(DEFINITION).remove(0)
}

/// The blocks of YAML in docs/sidecar.md.
fn blocks() -> Vec<Value> {
    let page = text("docs/sidecar.md");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(read).collect()
}

#[test]
fn the_page_shows_the_definition() {
    let pod = &blocks()[0]["spec"]["template"];
    assert_eq!(pod["spec"]["initContainers"], json!([definition()]));
    assert_eq!(
        pod["metadata"]["annotations"],
        json!({"mesigate.io/sidecar-version": env!("CARGO_PKG_VERSION")})
    );
}

#[test]
fn the_page_shows_what_the_flags_add() {
    let options = Options {
        config_map: Some("mesigate".parse().expect("a name")),
        secrets: vec!["mesibo".parse().expect("a name")],
        ..Options::default()
    };
    let made = read(&run(&manifest("kubectl-create.yaml"), &options).expect("a manifest"))[0]["spec"]["template"]["spec"].clone();
    let shown = &blocks()[1]["spec"]["template"]["spec"];
    for field in ["env", "volumeMounts"] {
        assert_eq!(shown["initContainers"][0][field], made["initContainers"][0][field], "{field}");
    }
    assert_eq!(shown["volumes"], made["volumes"]);
    let classic = Options { classic: true, ..Options::default() };
    let made = read(&run(&manifest("kubectl-create.yaml"), &classic).expect("a manifest"))[0]["spec"]["template"]["spec"].clone();
    assert_eq!(
        blocks()[2]["spec"]["template"]["spec"]["containers"][0]["lifecycle"],
        made["containers"][0]["lifecycle"]
    );
}

#[test]
fn the_page_shows_a_volume_for_the_ledger_and_a_file_in_it() {
    let shown = &blocks()[3]["spec"]["template"]["spec"];
    let (container, volume) = (&shown["initContainers"][0], &shown["volumes"][0]);
    assert_eq!(container["name"], definition()["name"]);
    assert_eq!(container["env"][0], definition()["env"][0]);
    assert_eq!(container["env"][1]["name"], "MESIGATE__LEDGER__FILE");
    let file = container["env"][1]["value"].as_str().expect("a path");
    let folder = container["volumeMounts"][0]["mountPath"].as_str().expect("a path");
    assert_eq!(Path::new(file).parent(), Some(Path::new(folder)));
    assert_eq!(container["volumeMounts"][0]["name"], volume["name"]);
    assert_eq!(volume["emptyDir"], json!({}));
}

#[test]
fn the_component_and_the_patches_have_the_definition() {
    let pod = json!({
        "metadata": {"annotations": {"mesigate.io/sidecar-version": env!("CARGO_PKG_VERSION")}},
        "spec": {"initContainers": [definition()]},
    });
    for (name, is_named) in
        [("workload", true), ("cronjob", true), ("kubectl-workload", false), ("kubectl-cronjob", false)]
    {
        let patch = read(&text(&format!("deploy/kustomize/sidecar/{name}.yaml"))).remove(0);
        let template = json!({"template": pod});
        let spec =
            if name.ends_with("cronjob") { json!({"jobTemplate": {"spec": template}}) } else { template };
        assert_eq!(patch["spec"], spec, "{name}");
        assert_eq!(patch.as_object().expect("a map").len(), if is_named { 3 } else { 1 }, "{name}");
    }
}

#[test]
fn the_definition_keeps_off_the_ports_and_rights_that_others_need() {
    let definition = definition();
    assert_eq!(definition["image"], json!(format!("mesigate:{}", env!("CARGO_PKG_VERSION"))));
    assert_eq!(definition["lifecycle"], Value::Null, "a hook would run as soon as the pod is deleted");
    assert_eq!(definition["ports"], json!([{"name": "mesigate-admin", "containerPort": 18090}]));
    assert_eq!(
        definition["resources"]["limits"].as_object().expect("a map").keys().collect::<Vec<_>>(),
        ["memory"]
    );
    let plugin = read(&text("deploy/helm-plugin/plugin.yaml")).remove(0);
    assert_eq!(plugin["version"], json!(env!("CARGO_PKG_VERSION")));
}
