//! The settings: all layers merged, checked as a whole, as values that are always valid.

mod addresses;
mod apps;
pub mod certificate;
mod console;
mod credentials;
mod kept;
mod layers;
mod ledger;
pub mod limits;
mod log;
pub mod migration;
mod otel;
mod profile;
mod proxy;
mod quantities;
mod read;
mod resilience;
mod rim;
pub mod secret;
pub mod shown;
mod stray;
mod trace;
mod upstream;
mod upstreams;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

pub use apps::{AppConfig, AppUpstream, ClientKey, KeySource, Places, Route};
pub use console::{AdminConfig, ConsoleConfig, ConsoleOn, Logins};
pub use kept::Kept;
pub use layers::{Layers, PREFIX, SHIPPED};
pub use ledger::LedgerConfig;
pub use limits::{Limit, rules};
pub use log::LogConfig;
pub use otel::is_opentelemetry;
pub use profile::Profile;
pub use proxy::Proxy;
pub use trace::{Accept, TraceConfig};
pub use upstream::{Endpoint, Scheme, UpstreamKind};
pub use upstreams::{OwnUpstream, PerUpstream, UpstreamId};

/// Every setting of `config/mesigate.toml`, under the same names.
#[derive(Debug, Clone)]
pub struct Config {
    /// A file of operations that replaces or extends parts of the shipped table.
    pub operations: Option<PathBuf>,
    /// Forms of the JSON API that differ from the default.
    pub profiles: Vec<String>,
    /// Whether a token that is no app's key is refused.
    pub refuse_unknown_tokens: bool,
    /// The apps, with their keys and tokens.
    pub apps: Vec<AppConfig>,
    /// The rate limits.
    pub limits: Vec<Limit>,
    /// The cache for reads.
    pub cache: CacheConfig,
    /// How the state of limits and secrets is maintained.
    pub keys: KeysConfig,
    /// The listener for clients.
    pub listen: Listen,
    /// TLS towards clients.
    pub tls: Option<TlsFiles>,
    /// The listener for probes and metrics.
    pub admin: AdminConfig,
    /// The console on that listener.
    pub console: ConsoleConfig,
    /// The upstream.
    pub upstream: UpstreamConfig,
    /// How often a read is retried.
    pub retry: Retry,
    /// When the breaker of an upstream opens.
    pub breaker: BreakerConfig,
    /// How long an app is held back after upstream has disabled its token.
    pub cool_down: Duration,
    /// How the legacy door answers.
    pub legacy: LegacyConfig,
    /// The way from the old door to JSON.
    pub migration: migration::Migration,
    /// Browser callers.
    pub cors: Cors,
    /// How the gateway shuts down.
    pub stop: StopConfig,
    /// How often the files are checked for changes; zero: never.
    pub reload_interval: Duration,
    /// Limits in time.
    pub deadline: Deadlines,
    /// Limits in size.
    pub cap: Caps,
    /// Who calls by which door, and where that is kept.
    pub ledger: LedgerConfig,
    /// The log's format, level and file.
    pub log: LogConfig,
    /// Which requests leave spans, and where these are posted.
    pub trace: TraceConfig,
}

impl Config {
    /// Every upstream, the general one and those of apps.
    #[must_use]
    pub fn upstreams(&self) -> PerUpstream<AppUpstream> {
        PerUpstream::of(&self.upstream.all, self.apps.iter().flat_map(AppConfig::own_upstreams))
    }
}

/// `[legacy]`
#[derive(Debug, Clone, Copy)]
pub struct LegacyConfig {
    /// Whether refusals have real HTTP status codes; an app may differ.
    pub http_status: bool,
    /// The Content-Type of answers.
    pub content_type: &'static str,
    /// Whether upstream is asked about an unknown token before a request's parameters are refused.
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
    /// The proxies that are trusted to name the client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// The host names by which clients reach the gateway, in lower case; empty: any.
    pub hosts: Vec<String>,
    /// Whether the listener offers HTTP/2.
    pub http2: bool,
}

/// `[tls]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with its chain.
    pub certificate: PathBuf,
    /// The certificate's key.
    pub key: PathBuf,
    /// Whether TLS 1.2 is refused.
    pub only_1_3: bool,
    /// Client certificates.
    pub clients: ClientCertificates,
}

/// Whether clients present certificates, and the file of CA certificates that sign them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// None is requested.
    Off,
    /// A certificate is verified if the client presents one.
    Optional(PathBuf),
    /// A client without a certificate is refused.
    Required(PathBuf),
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
    /// How long answers are cached, and how many.
    pub kept: Kept,
    /// Whether a request's `Cache-Control: no-cache` bypasses the cache.
    pub honour_no_cache: bool,
}

/// `[keys]`
#[derive(Debug, Clone, Copy)]
pub struct KeysConfig {
    /// The most keys of all limits.
    pub most: usize,
    /// How often secret files are read again and idle keys dropped.
    pub interval: Duration,
}

/// `[upstream]`
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// The upstream of all callers without one of their own.
    pub all: AppUpstream,
    /// How each upstream is connected to.
    pub connecting: Connecting,
}

/// How connections to upstream are opened and kept; each number is per worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connecting {
    /// Whether only IPv4 addresses are used.
    pub ipv4_only: bool,
    /// Whether requests carry the names of the gateways that they have passed.
    pub via: bool,
    /// The most connections in use at once.
    pub connections: usize,
    /// The most requests that wait for a connection.
    pub queue: usize,
    /// The most idle connections.
    pub idle_connections: usize,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
    /// The highest age of a connection.
    pub age: Duration,
}

/// `[retry]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How often one read is retried at most.
    pub most: u32,
    /// How many of a hundred calls may be retries.
    pub share: u32,
}

/// `[breaker]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// How many consecutive failures open the breaker; 0: it never opens.
    pub failures: u32,
    /// How long the breaker is open the first time.
    pub wait: Duration,
    /// How long the breaker is open at most.
    pub longest: Duration,
}

/// `[stop]`
#[derive(Debug, Clone, Copy)]
pub struct StopConfig {
    /// How long the gateway reports not ready while it still accepts connections.
    pub announce: Duration,
    /// How long it then waits for requests on open connections, accepting no new ones.
    pub linger: Duration,
}

/// `[cors]`
#[derive(Debug, Clone)]
pub struct Cors {
    /// Origins whose pages may call the API; `*` for all.
    pub origins: Vec<String>,
    /// How long a browser may cache a preflight answer.
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
    /// Between two bytes of an answer that a client takes. The whole answer may take twice that, and once more for each
    /// 64 KiB beyond the first.
    pub write: Duration,
    /// To get one of `upstream.connections`.
    pub queue: Duration,
    /// To reach upstream.
    pub connect: Duration,
    /// Request sent to first byte of the answer.
    pub upstream_first_byte: Duration,
    /// All of upstream's part of a request.
    pub total: Duration,
    /// From SIGTERM to the exit.
    pub drain: Duration,
}

/// `[cap]`, in bytes unless stated otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// The most client connections of each worker.
    pub connections: usize,
    /// What long heads and bodies take together in each worker.
    pub bodies: usize,
    /// The request line.
    pub target: usize,
    /// All headers.
    pub head: usize,
    /// The number of headers.
    pub headers: usize,
    /// The body.
    pub body: usize,
    /// The number of parameters.
    pub pairs: usize,
    /// Upstream's answer.
    pub answer: usize,
}
