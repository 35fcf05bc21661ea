//! Which objects make pods, and where in them the pod is described.

use super::node::{Content, Node};

/// The kinds that make pods: their groups, and the way to the map that holds the pod's `metadata` and `spec`.
const KINDS: [(&str, &[&str], &[&str]); 10] = [
    ("Pod", &[""], &[]),
    ("PodTemplate", &[""], &["template"]),
    ("ReplicationController", &[""], &["spec", "template"]),
    ("Deployment", &["apps", "extensions"], &["spec", "template"]),
    ("ReplicaSet", &["apps", "extensions"], &["spec", "template"]),
    ("DaemonSet", &["apps", "extensions"], &["spec", "template"]),
    ("StatefulSet", &["apps"], &["spec", "template"]),
    ("Job", &["batch"], &["spec", "template"]),
    ("CronJob", &["batch"], &["spec", "jobTemplate", "spec", "template"]),
    ("Rollout", &["argoproj.io"], &["spec", "template"]),
];

/// An object in a document.
pub struct Object<'n> {
    pub node: &'n Node,
    /// The indexes that lead to it through lists.
    pub path: Vec<usize>,
    pub kind: String,
    pub name: String,
    pub pods: Pods,
}

/// What an object has of pods.
pub enum Pods {
    /// It makes pods of what is described there.
    At(&'static [&'static str]),
    /// It makes none, as far as one can see.
    None,
    /// Something that looks like a pod, in a kind that nobody here knows: at this field.
    Unknown(String),
}

/// The objects of a document, each list's items in its place.
#[must_use]
pub fn objects(root: &Node) -> Vec<Object<'_>> {
    let mut found = Vec::new();
    gather(root, Vec::new(), "", &mut found);
    found
}

fn gather<'n>(node: &'n Node, path: Vec<usize>, default: &str, found: &mut Vec<Object<'n>>) {
    let kind = node.get("kind").and_then(Node::text).unwrap_or(default).to_owned();
    let items = node.get("items").filter(|items| matches!(items.content, Content::Seq(_)));
    if let Some((items, item)) = items.zip(kind.strip_suffix("List")) {
        for (index, node) in items.items().iter().enumerate() {
            gather(node, [path.as_slice(), &[index]].concat(), item, found);
        }
        return;
    }
    let name = ["name", "generateName"].iter().find_map(|key| node.find(&["metadata", key])?.text());
    let name = name.filter(|name| !name.is_empty()).unwrap_or("without a name").to_owned();
    let version = node.get("apiVersion").and_then(Node::text);
    let pods = pods(node, version, &kind);
    found.push(Object { node, path, kind, name, pods });
}

fn pods(node: &Node, version: Option<&str>, kind: &str) -> Pods {
    // The items of a typed list may leave both out.
    let group = version.map(|version| version.split_once('/').map_or("", |(group, _)| group));
    let known = KINDS
        .iter()
        .find(|(name, groups, _)| *name == kind && group.is_none_or(|group| groups.contains(&group)));
    match known {
        Some((_, _, way)) if node.find(way).is_some() => Pods::At(way),
        Some(_) => Pods::None,
        None => look_for_pod(node, "").map_or(Pods::None, Pods::Unknown),
    }
}

/// A map whose `spec` has a list of containers with names.
fn look_for_pod(node: &Node, field: &str) -> Option<String> {
    let containers = node.find(&["spec", "containers"]).map(Node::items).unwrap_or_default();
    if containers.iter().any(|container| container.name().is_some()) {
        return Some(field.to_owned());
    }
    match &node.content {
        Content::Map(entries) => entries.iter().find_map(|(key, value)| {
            let key = key.text()?;
            look_for_pod(value, &if field.is_empty() { key.to_owned() } else { format!("{field}.{key}") })
        }),
        Content::Seq(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| look_for_pod(item, &format!("{field}[{index}]"))),
        _ => None,
    }
}

/// The node at a field that `look_for_pod` has found.
#[must_use]
pub fn at<'n>(node: &'n Node, field: &str) -> Option<&'n Node> {
    let mut parts = field.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts.try_fold(node, |node, part| match &node.content {
        Content::Seq(items) => items.get(part.parse::<usize>().ok()?),
        _ => node.get(part),
    })
}
