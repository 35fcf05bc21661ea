//! The settings: what was written in every layer, checked as a whole, as values that cannot be wrong.

mod addresses;
mod apps;
pub mod certificate;
mod kept;
mod layers;
pub mod limits;
mod proxy;
mod quantities;
mod read;
mod resilience;
mod rim;
pub mod secret;
mod stray;
mod upstream;
mod upstreams;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

pub use apps::{AppConfig, AppUpstream, ClientKey, KeySource, Places, Route};
pub use kept::Kept;
pub use layers::{Layers, PREFIX, SHIPPED};
pub use limits::{Limit, rules};
pub use proxy::Proxy;
pub use upstream::{Endpoint, Scheme, UpstreamKind};
pub use upstreams::{OwnUpstream, PerUpstream, UpstreamId};

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
    pub limits: Vec<Limit>,
    /// What is kept of reads.
    pub cache: CacheConfig,
    /// How the state of limits and secrets is kept.
    pub keys: KeysConfig,
    /// Where clients are served.
    pub listen: Listen,
    /// TLS towards clients.
    pub tls: Option<TlsFiles>,
    /// Where probes and metrics are served.
    pub admin: AdminConfig,
    /// Where requests go.
    pub upstream: UpstreamConfig,
    /// How often a read is asked again.
    pub retry: Retry,
    /// When an upstream is left alone.
    pub breaker: BreakerConfig,
    /// For how long an app is held back whose token upstream has disabled.
    pub cool_down: Duration,
    /// How the legacy door answers.
    pub legacy: LegacyConfig,
    /// Browser callers.
    pub cors: Cors,
    /// How serving ends.
    pub stop: StopConfig,
    /// How often the files are looked at; zero: never.
    pub reload_interval: Duration,
    /// Limits in time.
    pub deadline: Deadlines,
    /// Limits in size.
    pub cap: Caps,
    /// What is written where.
    pub log: LogConfig,
}

impl Config {
    /// Every upstream.
    #[must_use]
    pub fn upstreams(&self) -> PerUpstream<AppUpstream> {
        PerUpstream::of(&self.upstream.all, self.apps.iter().flat_map(AppConfig::own_upstreams))
    }
}

/// `[legacy]`
#[derive(Debug, Clone, Copy)]
pub struct LegacyConfig {
    /// Whether refusals have real HTTP status codes, unless an app has a setting of its own.
    pub http_status: bool,
    /// The type of its answers.
    pub content_type: &'static str,
    /// Whether upstream is asked about a token that it has never taken, before a request's parameters are refused.
    pub token_first: bool,
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
    /// The names under which clients reach the gateway, in lower case; none: any.
    pub hosts: Vec<String>,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
}

/// `[tls]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with its chain.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Whether TLS 1.3 is the least.
    pub only_1_3: bool,
    /// Certificates of clients' own.
    pub clients: ClientCertificates,
}

/// Whether clients show certificates, and the CA certificates that they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// None is asked for.
    Off,
    /// One that is shown is checked.
    Optional(PathBuf),
    /// Nobody is served without one.
    Required(PathBuf),
}

/// `[admin]`
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// The address.
    pub address: SocketAddr,
    /// The names that it answers to beside those that no public DNS has, in lower case; `*`: any.
    pub hosts: Vec<String>,
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

impl ClientAddress {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("socket", Self::Socket),
        ("x-forwarded-for", Self::XForwardedFor),
        ("forwarded", Self::Forwarded),
        ("proxy-protocol", Self::ProxyProtocol),
    ];
}

/// `[cache]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheConfig {
    /// How long answers are kept, and how many.
    pub kept: Kept,
    /// Whether `Cache-Control: no-cache` is obeyed.
    pub honour_no_cache: bool,
}

/// `[keys]`
#[derive(Debug, Clone, Copy)]
pub struct KeysConfig {
    /// The most keys for which a limit keeps count.
    pub most: usize,
    /// How often secret files are looked at and idle counts forgotten.
    pub interval: Duration,
}

/// `[upstream]`
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// The upstream of all who have none of their own.
    pub all: AppUpstream,
    /// How each of them is connected to.
    pub connecting: Connecting,
}

/// How connections to upstream are opened and kept; each number is one worker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connecting {
    /// Whether only IPv4 addresses are used.
    pub ipv4_only: bool,
    /// Whether requests name the gateways that they have been through.
    pub via: bool,
    /// Connections in use at once.
    pub connections: usize,
    /// Requests that may wait for one.
    pub queue: usize,
    /// Idle connections.
    pub idle_connections: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
    /// How old a connection gets.
    pub age: Duration,
}

/// `[retry]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often one read is asked again.
    pub most: u32,
    /// How many of a hundred calls may be repeats.
    pub share: u32,
}

/// `[breaker]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// The failures in a row that open it; 0: none do.
    pub failures: u32,
    /// How long it is open at first.
    pub wait: Duration,
    /// How long it is open at most.
    pub longest: Duration,
}

/// `[stop]`
#[derive(Debug, Clone, Copy)]
pub struct StopConfig {
    /// Un-ready, and still taking requests.
    pub announce: Duration,
    /// Taking no more connections, and still waiting for requests on those that there are.
    pub linger: Duration,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Connection to the end of the TLS handshake.
    pub tls: Duration,
    /// Connection to first byte.
    pub first_byte: Duration,
    /// First byte to end of headers.
    pub head: Duration,
    /// Headers to end of body.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// Between two bytes of an answer that a client takes; twice that, and once more for each 64 KiB beyond the
    /// first, for all of it.
    pub write: Duration,
    /// To get a connection of those there may be.
    pub queue: Duration,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// How many connections of clients each worker holds.
    pub connections: usize,
    /// What long heads and bodies take together, in each worker.
    pub bodies: usize,
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
pub struct LogConfig {
    /// JSON lines rather than text.
    pub json: bool,
    /// The least severe level that is written.
    pub level: tracing::Level,
    /// Whether each request has a line.
    pub access: bool,
    /// A file to append to, rather than standard output.
    pub file: Option<PathBuf>,
}
