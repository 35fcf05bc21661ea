//! Reads the merged document into a [`Config`]. Defaults are in the shipped file, never here.

use std::time::Duration;

use super::Kept;
use super::quantities::{size, time, time_or_none};
use super::{
    AdminConfig, BreakerConfig, CacheConfig, Caps, Config, Deadlines, KeysConfig, Listen, Retry, TlsFiles,
    UpstreamConfig,
};
use super::{addresses, resilience, rim};
use crate::protocol::document::Section;

/// Reads every section, so that all faults are found, then reports keys that were not read.
pub fn config(top: &Section<'_>) -> Option<Config> {
    let operations = top.path("operations");
    let profiles = top.texts("profiles");
    let refuse_unknown_tokens = top.one_of("unknown_tokens", &[("pass", false), ("refuse", true)]);
    let apps = super::apps::read(top);
    let limits = super::limits::read(top, "limit");
    let cache = read(top, "cache", cache);
    let keys = read(top, "keys", keys);
    let (listen, tls, admin) = listeners(top);
    let console = read(top, "console", super::console::console);
    let (upstream, retry, breaker, cool_down) = upstream(top);
    let legacy = read(top, "legacy", rim::legacy);
    let migration = super::migration::read(top, &apps);
    let cors = read(top, "cors", rim::cors);
    let stop = read(top, "stop", resilience::stop);
    let reload_interval = read(top, "reload", |reload| time_or_none(reload, "interval"));
    let deadline = read(top, "deadline", deadlines);
    let cap = read(top, "cap", caps);
    let ledger = read(top, "ledger", super::ledger::ledger);
    let log = read(top, "log", super::log::log);
    let trace = read(top, "trace", super::trace::trace);
    top.finish();
    if let (Some(listen), Some(admin), Some(upstream)) = (&listen, &admin, &upstream) {
        addresses::check(top, [listen.address, admin.address], &upstream.all, &apps);
    }
    if let (Some(trace), Some(listen)) = (&trace, &listen) {
        super::trace::check(top, trace, listen);
    }
    if let (Some(console), Some(admin)) = (&console, &admin) {
        super::console::check(top, console, admin);
    }
    Some(Config {
        operations,
        profiles,
        refuse_unknown_tokens: refuse_unknown_tokens?,
        apps,
        limits,
        cache: cache?,
        keys: keys?,
        listen: listen?,
        tls: tls?,
        admin: admin?,
        console: console?,
        upstream: upstream?,
        retry: retry?,
        breaker: breaker?,
        cool_down: cool_down?,
        legacy: legacy?,
        migration: migration?,
        cors: cors?,
        stop: stop?,
        reload_interval: reload_interval?,
        deadline: deadline?,
        cap: cap?,
        ledger: ledger?,
        log: log?,
        trace: trace?,
    })
}

/// Reads the two listeners: clients' and the second one.
#[allow(clippy::option_option)] // outside: whether `[tls]` is sound; inside: whether there is TLS
fn listeners(top: &Section<'_>) -> (Option<Listen>, Option<Option<TlsFiles>>, Option<AdminConfig>) {
    let listen = read(top, "listen", rim::listen);
    let tls = read(top, "tls", rim::tls);
    let admin = read(top, "admin", rim::admin);
    (listen, tls, admin)
}

/// Reads the upstream, its retries, its breaker and the cool-down.
fn upstream(
    top: &Section<'_>,
) -> (Option<UpstreamConfig>, Option<Retry>, Option<BreakerConfig>, Option<Duration>) {
    let upstream = read(top, "upstream", resilience::upstream);
    let retry = read(top, "retry", resilience::retry);
    let breaker = read(top, "breaker", resilience::breaker);
    let cool_down = read(top, "breach", |breach| time(breach, "cool_down"));
    (upstream, retry, breaker, cool_down)
}

fn read<T>(top: &Section<'_>, name: &'static str, read: impl FnOnce(&Section<'_>) -> Option<T>) -> Option<T> {
    let section = top.section(name);
    let value = read(&section);
    section.finish();
    value
}

fn cache(section: &Section<'_>) -> Option<CacheConfig> {
    let [fresh, stale_while_revalidate, stale_if_error] =
        ["fresh", "stale_while_revalidate", "stale_if_error"].map(|name| time_or_none(section, name));
    let bytes = size(section, "bytes");
    let entry_bytes = size(section, "entry_bytes");
    let honour_no_cache = section.boolean("honour_no_cache");
    let kept = Kept {
        fresh: fresh?,
        stale_while_revalidate: stale_while_revalidate?,
        stale_if_error: stale_if_error?,
        bytes: bytes? as u64,
        entry_bytes: entry_bytes?,
    };
    Some(CacheConfig { kept, honour_no_cache: honour_no_cache? })
}

fn keys(section: &Section<'_>) -> Option<KeysConfig> {
    let most = size(section, "most");
    let interval = time(section, "interval");
    Some(KeysConfig { most: most?, interval: interval? })
}

fn deadlines(section: &Section<'_>) -> Option<Deadlines> {
    let [tls, first_byte, head, body, idle] =
        ["tls", "first_byte", "head", "body", "idle"].map(|name| time(section, name));
    let [write, queue] = ["write", "queue"].map(|name| time(section, name));
    let [connect, upstream_first_byte, total, drain] =
        ["connect", "upstream_first_byte", "total", "drain"].map(|name| time(section, name));
    Some(Deadlines {
        tls: tls?,
        first_byte: first_byte?,
        head: head?,
        body: body?,
        idle: idle?,
        write: write?,
        queue: queue?,
        connect: connect?,
        upstream_first_byte: upstream_first_byte?,
        total: total?,
        drain: drain?,
    })
}

fn caps(section: &Section<'_>) -> Option<Caps> {
    let [connections, bodies] = ["connections", "bodies"].map(|name| size(section, name));
    let [target, head, headers] = ["target", "head", "headers"].map(|name| size(section, name));
    let [body, pairs, answer] = ["body", "pairs", "answer"].map(|name| size(section, name));
    if head.is_some_and(|head| head < LEAST_HEAD) {
        section.fault_at("head", format!("is below {LEAST_HEAD}: programs send heads of up to that size"));
    }
    Some(Caps {
        connections: connections?,
        bodies: bodies?,
        target: target?,
        head: head?,
        headers: headers?,
        body: body?,
        pairs: pairs?,
        answer: answer?,
    })
}

/// The least value of `cap.head`, in bytes: the default of nginx and Apache, on which programs rely.
const LEAST_HEAD: usize = 8192;
