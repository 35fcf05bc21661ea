//! The sidecar's container and volumes, as one definition says and the flags have it.

use super::node::{Content, Node};
use super::options::Options;
use super::read;

/// The definition of the native form, which all others are tested equal to.
pub const DEFINITION: &str = include_str!("sidecar.yaml");
/// The container's name.
pub const NAME: &str = "mesigate";
/// The annotation of a pod that has it.
pub const VERSION: &str = "mesigate.io/sidecar-version";
/// The ports: for the app, on loopback; for probes and metrics.
pub const PORTS: [u64; 2] = [18080, 18090];
/// The volume of the settings, and what the names of those of Secrets begin with.
pub const CONFIG_VOLUME: &str = "mesigate-config";
pub const SECRET_VOLUME: &str = "mesigate-secret-";

/// Which list of a pod the container belongs to.
#[must_use]
pub fn list(options: &Options) -> &'static str {
    if options.classic { "containers" } else { "initContainers" }
}

/// # Errors
/// A definition that is no YAML, which its test would have said.
pub fn container(options: &Options) -> Result<Node, String> {
    let documents = read::documents(DEFINITION).map_err(|fault| fault.why)?;
    let mut container =
        documents.into_iter().next().map_or_else(|| Node::map(Vec::new()), |document| document.root);
    if let Some(image) = &options.image {
        put(&mut container, "image", Node::string(image));
    }
    if options.classic {
        make_classic(&mut container);
    }
    for (name, value) in environment(options) {
        add_variable(&mut container, name, value);
    }
    let mounts = mounts(options);
    if !mounts.is_empty() {
        put(&mut container, "volumeMounts", Node::seq(mounts));
    }
    Ok(container)
}

/// It ends with the others, so it has to wait for what they still send.
fn make_classic(container: &mut Node) {
    if let Some(entries) = container.entries_mut() {
        entries.retain(|(key, _)| key.text() != Some("restartPolicy"));
    }
    let command = [NAME, "drain", "--wait", "2s"].map(Node::string).to_vec();
    let exec = Node::map(vec![("exec", Node::map(vec![("command", Node::seq(command))]))]);
    put(container, "lifecycle", Node::map(vec![("preStop", exec)]));
}

fn put(map: &mut Node, key: &str, value: Node) {
    if let Some(own) = map.own_mut(key) {
        *own = value;
    } else if let Some(entries) = map.entries_mut() {
        entries.push((Node::string(key), value));
    }
}

fn environment(options: &Options) -> Vec<(&str, &str)> {
    let config = options.config_map.as_ref().map(|_| ("MESIGATE_CONFIG", "/etc/mesigate/mesigate.toml"));
    let own = options.settings.iter().filter(|setting| setting.container == NAME);
    config.into_iter().chain(own.map(|setting| (setting.name.as_str(), setting.value.as_str()))).collect()
}

fn add_variable(container: &mut Node, name: &str, value: &str) {
    let Some(variables) = container.own_mut("env").and_then(Node::items_mut) else { return };
    let variable = Node::map(vec![("name", Node::string(name)), ("value", Node::string(value))]);
    match variables.iter_mut().find(|variable| variable.name() == Some(name)) {
        Some(known) => *known = variable,
        None => variables.push(variable),
    }
}

fn mounts(options: &Options) -> Vec<Node> {
    let mount = |name: &str, path: &str| {
        let read_only =
            Node::new(Content::Scalar(super::scalar::Scalar { text: "true".to_owned(), plain: true }));
        Node::map(vec![
            ("name", Node::string(name)),
            ("mountPath", Node::string(path)),
            ("readOnly", read_only),
        ])
    };
    let config = options.config_map.as_ref().map(|_| mount(CONFIG_VOLUME, "/etc/mesigate"));
    let secrets = options.secrets.iter().enumerate().map(|(index, secret)| {
        mount(&format!("{SECRET_VOLUME}{}", index + 1), &format!("/run/secrets/mesigate/{}", secret.0))
    });
    config.into_iter().chain(secrets).collect()
}

/// The volumes of what is mounted.
#[must_use]
pub fn volumes(options: &Options) -> Vec<Node> {
    let volume = |name: &str, source: &str, key: &str, object: &str| {
        let source_map = Node::map(vec![(key, Node::string(object))]);
        Node::map(vec![("name", Node::string(name)), (source, source_map)])
    };
    let config = options.config_map.as_ref().map(|map| volume(CONFIG_VOLUME, "configMap", "name", &map.0));
    let secrets = options.secrets.iter().enumerate().map(|(index, secret)| {
        volume(&format!("{SECRET_VOLUME}{}", index + 1), "secret", "secretName", &secret.0)
    });
    config.into_iter().chain(secrets).collect()
}

/// Whether a volume's name is one of ours.
#[must_use]
pub fn is_volume(name: &str) -> bool {
    name == CONFIG_VOLUME
        || name
            .strip_prefix(SECRET_VOLUME)
            .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}
