//! The one loader: `serve` runs what it gives, `check` shows what it says.

use std::ffi::OsString;
use std::path::Path;

use super::Failure;
use crate::apps::secret::Environment;
use crate::config::{Config, Layers, PREFIX};
use crate::document::{Fault, Place};
use crate::ops::Table;
use crate::upstream::tls::Tls;
use crate::worker::Snapshot;

/// The defaults, the owner's file and the environment. This is the only place that reads the
/// environment.
pub fn layers(file: Option<&Path>) -> Result<Layers, Vec<Fault>> {
    let shipped = Layers::shipped()?;
    let written = match file {
        Some(file) => shipped.file(file)?,
        None => shipped,
    };
    let (mut own, mut faults) = (Vec::new(), Vec::new());
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

/// Settings and table, whole and checked, with every fault of both.
pub fn snapshot(layers: &Layers) -> Result<Snapshot, Failure> {
    let config = layers.config()?;
    let mut sentences: Vec<String> =
        config.upstreams().iter().filter_map(|upstream| Tls::new(upstream).err()).collect();
    let snapshot =
        table(&config).and_then(|table| Snapshot::new(config, table, environment()).map_err(Failure));
    match snapshot {
        Ok(snapshot) if sentences.is_empty() => Ok(snapshot),
        Ok(_) => Err(Failure(sentences)),
        Err(Failure(more)) => {
            sentences.splice(0..0, more);
            Err(Failure(sentences))
        }
    }
}

/// The variables that may hold secrets.
fn environment() -> Environment {
    Environment::new(variables().filter_map(|(name, value)| Some((name, value.ok()?))))
}

fn table(config: &Config) -> Result<Table, Failure> {
    let Some(path) = &config.operations else {
        return Ok(Table::load(None, &config.profiles)?);
    };
    let source = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("`operations`: {source} cannot be read: {error}"))?;
    Ok(Table::load(Some((&source, &text)), &config.profiles)?)
}
