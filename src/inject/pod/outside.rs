//! The sidecar is taken out.

use super::fields::{close, own, own_way};
use super::{Pod, Slot, has_sidecar};
use crate::inject::node::Node;
use crate::inject::sidecar;
use crate::inject::undo::{ANNOTATION, Form, Undo};

impl Pod<'_> {
    /// Takes all that is ours out, and puts back what stood in its place. `None` where there was no sidecar.
    ///
    /// # Errors
    /// A field that cannot be changed, with what would be right.
    pub fn take_out(&mut self) -> Result<Option<Slot>, String> {
        let undo = Undo::read(self.node.find(&["metadata", "annotations"]))?;
        self.unset_variables(&undo)?;
        if !has_sidecar(self.node) {
            self.forget()?;
            return Ok(None);
        }
        let form = self.form;
        let mut slot = None;
        let mut mounted = Vec::new();
        for list in ["initContainers", "containers"] {
            let Some(containers) = own_way(self.node, &["spec", list])?.and_then(Node::items_mut) else {
                continue;
            };
            let Some(index) = containers.iter().position(|each| each.name() == Some(sidecar::NAME)) else {
                continue;
            };
            let container = containers.remove(index);
            let mounts = container.get("volumeMounts").map(Node::items).unwrap_or_default();
            mounted.extend(mounts.iter().filter_map(|mount| Some(mount.name()?.to_owned())));
            slot = slot.or(Some(Slot { list, index }));
            self.closed("spec", list, &undo, form)?;
        }
        let ours = |volume: &Node| {
            volume
                .name()
                .is_some_and(|name| sidecar::is_volume(name) && mounted.iter().any(|own| own == name))
        };
        if mounted.iter().any(|name| sidecar::is_volume(name)) {
            if let Some(volumes) = own_way(self.node, &["spec", "volumes"])?.and_then(Node::items_mut) {
                volumes.retain(|volume| !ours(volume));
            }
            self.closed("spec", "volumes", &undo, form)?;
        }
        self.forget()?;
        Ok(slot)
    }

    fn closed(&mut self, holder: &str, key: &str, undo: &Undo, form: Form) -> Result<(), String> {
        if let Some(holder) = own(self.node, holder)? {
            close(holder, key, key, undo, form);
        }
        Ok(())
    }

    /// Takes our annotations away.
    fn forget(&mut self) -> Result<(), String> {
        let ours = [sidecar::VERSION, ANNOTATION];
        let annotations = self.node.find(&["metadata", "annotations"]);
        if !annotations.is_some_and(|all| ours.iter().any(|key| all.get(key).is_some())) {
            return Ok(());
        }
        let undo = Undo::read(annotations)?;
        let form = self.form;
        let annotations = own_way(self.node, &["metadata", "annotations"])?;
        if let Some(entries) = annotations.and_then(Node::entries_mut) {
            entries.retain(|(key, _)| key.text().is_none_or(|key| !ours.contains(&key)));
        }
        self.closed("metadata", "annotations", &undo, form)?;
        close(self.node, "metadata", "metadata", &undo, form);
        Ok(())
    }
}
