//! The settings: what was written in every layer, checked as a whole, as values that cannot be wrong.

mod layers;
mod read;
mod upstream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use layers::{Layers, PREFIX, SHIPPED};
pub use upstream::{Endpoint, Scheme};

/// Every setting of `config/mesigate.toml`, under the same names.
#[derive(Debug, Clone)]
pub struct Config {
    /// A file of operations that replace or add to the shipped table.
    pub operations: Option<PathBuf>,
    /// Forms of the JSON side that differ from the default.
    pub profiles: Vec<String>,
    /// Where clients are served.
    pub listen: Listen,
    /// Where probes and metrics are served.
    pub admin: SocketAddr,
    /// Where requests go.
    pub upstream: Upstream,
    /// Whether refusals have real HTTP status codes on the legacy door.
    pub http_status: bool,
    /// Browser callers.
    pub cors: Cors,
    /// Limits in time.
    pub deadline: Deadlines,
    /// Limits in size.
    pub cap: Caps,
    /// What is written where.
    pub log: Log,
}

/// `[listen]`
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address.
    pub address: SocketAddr,
    /// The API's paths.
    pub paths: Vec<String>,
    /// How many workers; 1 or more.
    pub workers: usize,
}

/// `[upstream]`
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The JSON endpoint.
    pub url: Endpoint,
    /// CA certificates to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Idle connections of each worker.
    pub idle_connections: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
}

/// `[cors]`
#[derive(Debug, Clone)]
pub struct Cors {
    /// Origins whose pages may call; `*` for all.
    pub origins: Vec<String>,
    /// How long a browser may remember it.
    pub max_age: Duration,
}

/// `[deadline]`: see the comments of the shipped file.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// Connection to first byte.
    pub first_byte: Duration,
    /// First byte to end of headers.
    pub head: Duration,
    /// Headers to end of body.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// To reach upstream.
    pub connect: Duration,
    /// Request sent to first byte of the answer.
    pub upstream_first_byte: Duration,
    /// All of upstream's part.
    pub total: Duration,
    /// SIGTERM to the end.
    pub drain: Duration,
}

/// `[cap]`, in bytes where nothing else is said.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// The request line.
    pub target: usize,
    /// All headers.
    pub head: usize,
    /// How many headers.
    pub headers: usize,
    /// The body.
    pub body: usize,
    /// How many parameters.
    pub pairs: usize,
    /// Upstream's answer.
    pub answer: usize,
}

/// `[log]`
#[derive(Debug, Clone)]
pub struct Log {
    /// JSON lines rather than text.
    pub json: bool,
    /// The least severe level that is written.
    pub level: tracing::Level,
    /// Whether each request has a line.
    pub access: bool,
    /// A file to append to, rather than standard output.
    pub file: Option<PathBuf>,
}
