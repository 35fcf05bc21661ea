//! The sidecar is put in.

use super::fields::{Field, open};
use super::{Pod, Slot};
use crate::inject::node::{Content, Node};
use crate::inject::options::Options;
use crate::inject::sidecar;
use crate::inject::undo::ANNOTATION;

impl Pod<'_> {
    /// Puts the sidecar in: where it stood before, else in front of all others. Which settings have found a container is
    /// marked in `found`.
    ///
    /// # Errors
    /// A field that cannot be changed, with what would be right.
    pub fn put_in(
        &mut self,
        options: &Options,
        slot: Option<Slot>,
        found: &mut [bool],
    ) -> Result<(), String> {
        let list = sidecar::list(options);
        let container = sidecar::container(options)?;
        self.set_variables(options, found)?;
        self.add(list, slot.filter(|slot| slot.list == list).map_or(0, |slot| slot.index), vec![container])?;
        self.add("volumes", 0, sidecar::volumes(options))?;
        self.annotate()
    }

    fn add(&mut self, key: &str, index: usize, items: Vec<Node>) -> Result<(), String> {
        if items.is_empty() {
            return Ok(());
        }
        let spec = super::fields::own(self.node, "spec")?.ok_or("spec: is missing")?;
        let field =
            Field { key, name: key.to_owned(), behind: &["initContainers"], empty: Content::Seq(Vec::new()) };
        let list = open(spec, field, self.text, &mut self.undo).map_err(|why| format!("spec.{why}"))?;
        if let Some(all) = list.items_mut() {
            let index = index.min(all.len());
            all.splice(index..index, items);
        }
        Ok(())
    }

    /// Says on the pod which version it has, and what has to be remembered.
    fn annotate(&mut self) -> Result<(), String> {
        let empty = || Content::Map(Vec::new());
        let metadata = Field { key: "metadata", name: "metadata".to_owned(), behind: &[], empty: empty() };
        let metadata = open(self.node, metadata, self.text, &mut self.undo)?;
        let annotations =
            Field { key: "annotations", name: "annotations".to_owned(), behind: &[], empty: empty() };
        let annotations = open(metadata, annotations, self.text, &mut self.undo);
        let annotations = annotations.map_err(|why| format!("metadata.{why}"))?;
        let version = Content::Scalar(crate::inject::scalar::Scalar {
            text: env!("CARGO_PKG_VERSION").to_owned(),
            plain: false,
        });
        let mut ours = vec![(sidecar::VERSION, Node::new(version))];
        ours.extend(self.undo.written().map(|undo| (ANNOTATION, Node::string(&undo))));
        let ours = ours.into_iter().map(|(key, value)| (Node::string(key), value));
        annotations.entries_mut().into_iter().for_each(|entries| drop(entries.splice(0..0, ours.clone())));
        Ok(())
    }
}
