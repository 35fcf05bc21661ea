//! Reads `[log]`.

use std::path::PathBuf;

use super::quantities::share;
use crate::protocol::document::{Section, none_of};

/// `[log]`
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// JSON lines instead of text.
    pub json: bool,
    /// The least severe level that is logged.
    pub level: tracing::Level,
    /// Whether each request is logged.
    pub access: bool,
    /// The share of requests that is logged, of those that ended well.
    pub sample: f64,
    /// A file to append to instead of standard output.
    pub file: Option<PathBuf>,
}

/// The levels of the log, as people write them.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// `[log]`
pub fn log(section: &Section<'_>) -> Option<LogConfig> {
    let json = section.one_of("format", &[("json", true), ("text", false)]);
    let level = section.parsed("level", |text| text.parse().map_err(|_| none_of(text, LEVELS)));
    let access = section.boolean("access");
    let sample = share(section, "sample");
    let file = section.path("file");
    Some(LogConfig { json: json?, level: level?, access: access?, sample: sample?, file })
}
