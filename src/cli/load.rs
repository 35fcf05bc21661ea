//! The one loader of settings: `serve` runs and reloads what is loaded, `check` shows it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::proxies::Proxies;
use crate::config::secret::Environment;
use crate::config::{Layers, PREFIX};
use crate::protocol::document::{Fault, Place, sentences};
use crate::snapshot::reload::SettingsSource;
use crate::snapshot::{Fresh, Snapshot};

/// Where the settings come from, beside defaults and environment.
#[derive(Clone)]
pub struct Settings {
    /// The owner's file.
    pub file: Option<PathBuf>,
    /// Flags, each with its key and, if it was given, its text.
    pub flags: Vec<Flag>,
}

/// A flag's name, the key that it sets, and its text.
pub type Flag = (&'static str, &'static [&'static str], Option<String>);

impl Settings {
    /// Settings with a file, if one is given, and without flags.
    pub fn of(file: Option<&Path>) -> Self {
        Self { file: file.map(Path::to_path_buf), flags: Vec::new() }
    }

    /// Reads settings and table as they are written now; or lists every fault of either.
    pub fn read(&self) -> Result<Fresh, Vec<String>> {
        let mut layers = layers(self.file.as_deref()).map_err(|faults| sentences(&faults))?;
        for (flag, keys, text) in &self.flags {
            layers = layers.flag(flag, keys, text.clone());
        }
        Fresh::read(layers)
    }

    /// The snapshot that the settings ask for; or every fault of it.
    pub fn snapshot(&self) -> Result<Snapshot, Vec<String>> {
        Snapshot::new(self.read()?, environment())
    }

    /// These settings, to be read anew at each reload.
    pub fn source(self) -> SettingsSource {
        SettingsSource { file: self.file.clone(), read: Box::new(move || self.read()) }
    }
}

/// The defaults, the owner's file and the environment. This is the only place that reads the
/// environment.
fn layers(file: Option<&Path>) -> Result<Layers, Vec<Fault>> {
    let shipped = Layers::shipped()?;
    let written = match file {
        Some(file) => shipped.file(file)?,
        None => shipped,
    };
    let names: Vec<String> = variables().map(|(name, _)| name).collect();
    let (mut own, mut faults) = (Vec::new(), written.strays(names.iter().map(String::as_str)));
    for (name, value) in variables().filter(|(name, _)| name.starts_with(PREFIX)) {
        match value {
            Ok(value) => own.push((name, value)),
            Err(_) => faults.push(not_text(&name)),
        }
    }
    if faults.is_empty() { Ok(written.environment(own.into_iter())) } else { Err(faults) }
}

/// The variables of the environment whose names are text.
fn variables() -> impl Iterator<Item = (String, Result<String, OsString>)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string())))
}

fn not_text(name: &str) -> Fault {
    Fault { place: Place::named(name), key: String::new(), what: "is not UTF-8 text".to_owned() }
}

/// The variables that may hold secrets.
fn environment() -> Environment {
    Environment::new(texts())
}

/// The proxies that the environment names.
pub fn proxies() -> Proxies {
    Proxies::of(texts())
}

/// The variables that are text.
fn texts() -> impl Iterator<Item = (String, String)> {
    variables().filter_map(|(name, value)| Some((name, value.ok()?)))
}
