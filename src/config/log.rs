//! The log: its form, its level, its place, and which lines are in it.

use std::path::PathBuf;

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
