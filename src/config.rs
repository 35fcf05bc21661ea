//! The settings: what was written in every layer, checked as a whole, as values that cannot be wrong.

mod apps;
mod layers;
mod limits;
mod read;
mod upstream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::cache::Settings;
use crate::limit::Rule;

pub use apps::{AppConfig, KeySource, Route, Target};
pub use layers::{Layers, PREFIX, SHIPPED};
pub use upstream::{Endpoint, Kind, Scheme};

/// Every setting of `config/mesigate.toml`, under the same names.
#[derive(Debug, Clone)]
pub struct Config {
    /// A file of operations that replace or add to the shipped table.
    pub operations: Option<PathBuf>,
    /// Forms of the JSON side that differ from the default.
    pub profiles: Vec<String>,
    /// Whether a token that is no app's key is refused.
    pub refuse_unknown_tokens: bool,
    /// Who may call as whom.
    pub apps: Vec<AppConfig>,
    /// How much of what for whom.
    pub limits: Vec<Rule>,
    /// What is kept of reads.
    pub cache: CacheConfig,
    /// How the state of limits and secrets is kept.
    pub keys: Keys,
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

impl Config {
    /// Every upstream: the one of all, then each app's own and those of its routes, in their order.
    #[must_use]
    pub fn upstreams(&self) -> Vec<Target> {
        let Upstream { url, kind, ca_file, .. } = &self.upstream;
        let all = Target { url: url.clone(), kind: *kind, ca_file: ca_file.clone() };
        let of_app = |app: &AppConfig| {
            let routes = app.routes.iter().map(|route| route.to.clone());
            app.upstream.clone().into_iter().chain(routes).collect::<Vec<_>>()
        };
        std::iter::once(all).chain(self.apps.iter().flat_map(of_app)).collect()
    }
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
    /// Where a client's address comes from.
    pub client_address: ClientAddress,
    /// The proxies whose word on it counts.
    pub trusted_proxies: Vec<IpNet>,
}

/// Where a client's address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// The socket.
    Socket,
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// The PROXY protocol, version 1 or 2.
    ProxyProtocol,
}

/// `[cache]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheConfig {
    /// How long answers are kept, and how many.
    pub kept: Settings,
    /// Whether `Cache-Control: no-cache` is obeyed.
    pub honour_no_cache: bool,
}

/// `[keys]`
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// The most keys for which a limit keeps count.
    pub most: usize,
    /// How often secret files are looked at and idle counts forgotten.
    pub interval: Duration,
}

/// `[upstream]`
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The JSON endpoint.
    pub url: Endpoint,
    /// Whose server it is.
    pub kind: Kind,
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
