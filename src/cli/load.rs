//! The one loader: `serve` runs what it gives, `check` shows what it says.

use std::path::Path;

use super::Failure;
use crate::config::{Config, Layers};
use crate::document::Fault;
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
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Ok(written.environment(std::env::vars_os().filter_map(text)))
}

/// Settings and table, whole and checked, with every fault of both.
pub fn snapshot(layers: &Layers) -> Result<Snapshot, Failure> {
    let config = layers.config()?;
    let table = table(&config);
    let tls = Tls::new(&config.upstream);
    match (table, tls) {
        (Ok(table), Ok(_)) => Ok(Snapshot::new(config, table)),
        (table, tls) => {
            let mut sentences = table.err().map_or_else(Vec::new, |Failure(sentences)| sentences);
            sentences.extend(tls.err());
            Err(Failure(sentences))
        }
    }
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
