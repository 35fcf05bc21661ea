//! A pod's description, and what an injection changes in it.

mod environment;
mod fields;
mod inside;
mod outside;

pub use fields::{own, own_way};

use super::node::Node;
use super::sidecar;
use super::text::Text;
use super::undo::{Form, Undo};

/// A pod's description: the map that holds `metadata` and `spec`.
pub struct Pod<'d> {
    pub node: &'d mut Node,
    pub text: Text<'d>,
    pub form: Form,
    undo: Undo,
}

/// Where the sidecar stood among the containers.
#[derive(Clone, Copy)]
pub struct Slot {
    list: &'static str,
    index: usize,
}

impl<'d> Pod<'d> {
    #[must_use]
    pub fn new(node: &'d mut Node, text: Text<'d>, form: Form) -> Self {
        Self { node, text, form, undo: Undo::default() }
    }
}

/// Whether a pod has our sidecar: the container, and the annotation that says so.
#[must_use]
pub fn has_sidecar(pod: &Node) -> bool {
    let is_marked = pod.find(&["metadata", "annotations", sidecar::VERSION]).is_some();
    let lists = ["initContainers", "containers"].iter().filter_map(|list| pod.find(&["spec", list]));
    is_marked && lists.flat_map(Node::items).any(|container| container.name() == Some(sidecar::NAME))
}
