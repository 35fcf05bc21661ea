//! The document of `GET /status`. Names stay as they are; those of numbers have their unit, or say what they count.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Attention, Certificate};

/// A gateway's status. What a gateway of another version does not say is read as nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Whether nothing is wrong.
    pub well: bool,
    /// What somebody should look at: first what is wrong, then what is worth knowing.
    pub attention: Vec<Attention>,
    /// The gateway's version.
    pub version: String,
    /// When this was said, in seconds since 1970.
    pub now_unix_s: u64,
    /// When the gateway started.
    pub started_unix_s: u64,
    /// Whether `/readyz` says yes.
    pub ready: bool,
    /// `serving`, `announced` or `ending`.
    pub stage: String,
    /// For how long its end has been announced.
    pub announced_for_s: Option<u64>,
    /// How many worker threads there are.
    pub workers: usize,
    /// Whether a sandbox is its upstream.
    pub sandbox: bool,
    /// What came within the last minute.
    pub last_minute: Minute,
    /// Every upstream once, by its host.
    pub upstreams: Vec<Upstream>,
    /// Connections and requests as they are now.
    pub connections: Connections,
    /// Cached answers.
    pub cache: Cache,
    /// The limits that have refused something since the start, or would have.
    pub limits: Vec<Limit>,
    /// Who is held back for TOKENBREACH: each app, and tokens without one together.
    pub held_back: Vec<HeldBack>,
    /// The ledger.
    pub ledger: Ledger,
    /// Planned pauses of the old door.
    pub brownouts: Brownouts,
    /// The settings.
    pub settings: Settings,
    /// Every certificate.
    pub certificates: Vec<Certificate>,
    /// The log.
    pub log: Log,
}

/// What came within the last minute, or since the start if that is later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Minute {
    /// How long it is.
    pub length_s: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Of these, in a second.
    pub requests_per_s: f64,
    /// Of these, those by the old door.
    pub legacy: u64,
    /// Of these, those that upstream did.
    pub done: u64,
    /// Of these, those to which upstream said no.
    pub failed: u64,
    /// Of these, those that were refused here, so that nothing was done.
    pub refused: u64,
    /// Of these, those of which it is not known whether they were done.
    pub unknown: u64,
    /// Half of the requests took no longer; nothing where there were none.
    pub p50_us: Option<u64>,
    /// 99 of 100 requests took no longer.
    pub p99_us: Option<u64>,
}

/// An upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Upstream {
    /// Its host.
    pub name: String,
    /// `cloud` or `on-premise`.
    pub kind: String,
    /// `open` while it is left alone, by all or by a caller; else `closed`.
    pub breaker: String,
    /// How many callers are left alone by themselves.
    pub callers_left_alone: usize,
    /// How often that has begun, since the start.
    pub openings: u64,
}

/// Connections and requests as they are now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connections {
    /// Clients' connections that are open.
    pub clients_open: u64,
    /// Clients' connections since the start.
    pub clients_accepted: u64,
    /// Of these, those that were ended to make room for others.
    pub clients_dismissed: u64,
    /// Connections to upstreams that are open.
    pub upstream_open: u64,
    /// Requests under way.
    pub requests: u64,
    /// Of these, those that upstream has.
    pub upstream_calls: u64,
    /// Of these, those that wait for upstream to have fewer.
    pub upstream_waiting: u64,
}

/// Cached answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// What they take.
    pub bytes: u64,
    /// Reads since the start, by where their answer came from.
    pub reads: BTreeMap<String, u64>,
}

/// A limit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// Requests that it has refused since the start.
    pub refused: u64,
    /// Requests that it would have refused, in shadow mode.
    pub would_refuse: u64,
}

/// Who is held back because mesibo has disabled the token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeldBack {
    /// The app; nothing for tokens without one.
    pub app: Option<String>,
    /// How many tokens.
    pub tokens: usize,
    /// How long they still are, of several the last.
    pub left_s: u64,
}

/// The ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// `file`, `memory`, `failing` where its file cannot be used, or `off`.
    pub kept_in: String,
    /// How many rows it has.
    pub rows: usize,
    /// How many programs still need the old door.
    pub programs_left: usize,
}

/// Planned pauses of the old door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brownouts {
    /// Whether they are stopped by hand.
    pub paused: bool,
    /// Those that are not over.
    pub pauses: Vec<Pause>,
}

/// A planned pause.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pause {
    /// Its name.
    pub name: String,
    /// `upcoming`, `in force` or `paused`.
    pub state: String,
    /// Whether it only counts whom it would meet.
    pub rehearsal: bool,
    /// When it begins.
    pub from_unix_s: u64,
    /// When it ends.
    pub to_unix_s: u64,
    /// How many calls it has met since the start.
    pub met: u64,
}

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether the settings as they are written are those in use, as far as the last reload knows.
    pub in_use: bool,
    /// How the last reload ended: `unchanged`, `applied`, `refused` or `needs-restart`; nothing before the first.
    pub last_reload: Option<String>,
    /// When that was.
    pub last_reload_unix_s: Option<u64>,
    /// The keys that need a restart.
    pub needs_restart: Vec<String>,
    /// Whether the apps' secrets could all be read last.
    pub secrets_readable: bool,
}

/// The log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// Lines that had no room in the queue, or could not be written, since the start.
    pub lines_lost: usize,
}
