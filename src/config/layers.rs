//! Merges the layers of settings: the shipped file, the profile, the owner's file, the environment, the flags.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;

use super::Config;
use crate::protocol::document::{Fault, Node, Place, Section, TomlValue};

/// The lowest layer: every key with its default.
pub const SHIPPED: &str = include_str!("../../config/mesigate.toml");

/// The prefix of environment variables that are settings.
pub const PREFIX: &str = "MESIGATE__";

/// The layers, merged; read with [`Layers::config`].
#[derive(Clone)]
pub struct Layers {
    document: Node,
}

impl Layers {
    /// The shipped defaults alone.
    ///
    /// # Errors
    /// None as long as the shipped file is sound, which a test holds.
    pub fn shipped() -> Result<Self, Vec<Fault>> {
        Ok(Self { document: Node::parse("config/mesigate.toml (shipped)", SHIPPED)? })
    }

    /// Overlays TOML text; `source` names it in faults.
    ///
    /// # Errors
    /// Every syntax error, with its line.
    pub fn text(mut self, source: &str, text: &str) -> Result<Self, Vec<Fault>> {
        self.document.overlay(Node::parse(source, text)?);
        Ok(self)
    }

    /// Overlays a file.
    ///
    /// # Errors
    /// A fault if the file cannot be read; otherwise every syntax error, with its line.
    pub fn file(self, path: &Path) -> Result<Self, Vec<Fault>> {
        let source = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let what = format!("cannot be read: {error}");
            vec![Fault { place: Place::named(&source), key: String::new(), what }]
        })?;
        self.text(&source, &text)
    }

    /// Overlays environment variables: `MESIGATE__DEADLINE__HEAD` is `deadline.head`.
    #[must_use]
    pub fn environment(mut self, variables: impl Iterator<Item = (String, String)>) -> Self {
        for (name, text) in variables {
            if let Some(path) = name.strip_prefix(PREFIX) {
                let path = path.to_ascii_lowercase();
                let keys: Vec<&str> = path.split("__").collect();
                self.document.overlay(Node::single(&keys, TomlValue::Text(text), &Place::named(&name)));
            }
        }
        self
    }

    /// A fault for each variable whose name looks like a setting and is none.
    #[must_use]
    pub fn strays<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<Fault> {
        super::stray::faults(&self.document, names)
    }

    /// Overlays one flag's value.
    #[must_use]
    pub fn flag(mut self, flag: &str, keys: &[&str], text: Option<String>) -> Self {
        if let Some(text) = text {
            self.document.overlay(Node::single(keys, TomlValue::Text(text), &Place::named(flag)));
        }
        self
    }

    /// The value of `admin.address` by itself, whatever else is wrong.
    ///
    /// # Errors
    /// The faults of `[admin]`.
    pub fn admin_address(&self) -> Result<SocketAddr, Vec<Fault>> {
        let faults = RefCell::default();
        let admin =
            Section::new("", &self.document, &faults).section("admin").parsed("address", super::rim::address);
        admin.ok_or_else(|| faults.into_inner())
    }

    pub(super) fn document(&self) -> &Node {
        &self.document
    }

    pub(super) fn document_mut(&mut self) -> &mut Node {
        &mut self.document
    }

    /// The merged document.
    #[must_use]
    pub fn into_document(self) -> Node {
        self.document
    }

    /// The settings as values.
    ///
    /// # Errors
    /// Every fault of every layer, each with its place.
    pub fn config(&self) -> Result<Config, Vec<Fault>> {
        let faults = RefCell::default();
        let config = super::read::config(&Section::new("", &self.document, &faults));
        let faults = faults.into_inner();
        match config {
            Some(config) if faults.is_empty() => Ok(config),
            _ => Err(faults),
        }
    }
}
