//! How the gateway is: what stands at the top of every page.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::Call;
use crate::config::UpstreamKind;
use crate::http::net::clock::since_1970;
use crate::ledger::keeper::Kept;
use crate::report::Clients;
use crate::snapshot::Snapshot;

/// How long a count of programs is good for: counting reads the whole ledger, and pages ask every second.
const GOOD: u64 = 10;

/// How many programs still need the old door, counted now and then.
#[derive(Default)]
pub struct Left(Mutex<Option<(u64, usize)>>);

impl Left {
    /// The number, at most [`GOOD`] seconds old.
    fn of(&self, snapshot: &Snapshot, now: u64) -> usize {
        let Some(keeper) = &snapshot.ledger else { return 0 };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, left)) = *known
            && now.saturating_sub(at) < GOOD
        {
            return left;
        }
        let left = Clients::of(&keeper.ledger(), &snapshot.table, now).left();
        *known = Some((now, left));
        left
    }
}

pub fn state(call: &Call<'_>) -> Value {
    let (console, snapshot) = (call.console, call.console.current());
    let sources = &console.sources;
    let now = since_1970().as_secs();
    let kept = snapshot.ledger.as_ref().map(|keeper| keeper.kept_in());
    json!({
        "name": "mesigate",
        "version": env!("CARGO_PKG_VERSION"),
        "sandbox": sources.sandbox.is_some(),
        "stage": sources.stop.stage().text(),
        "workers": sources.counters.len(),
        "started": console.started,
        "now": now,
        "role": call.role().word(),
        "api": api(&snapshot, sources.address),
        "may_send_upstream": console.may_send_upstream(),
        "connections": sources.counters.iter().map(|counters| counters.open_upstream()).sum::<u64>(),
        "certificate": snapshot.tls.as_ref().and_then(|tls| tls.expiry),
        "upstreams": upstreams(call, &snapshot),
        "attention": attention(&snapshot, kept, console.left.of(&snapshot, now)),
        "ledger": kept.map_or("off", Kept::word),
    })
}

/// Where an old program finds the gateway, from this host.
fn api(snapshot: &Snapshot, address: SocketAddr) -> String {
    let scheme = if snapshot.config.tls.is_some() { "https" } else { "http" };
    let paths = &snapshot.config.listen.paths;
    let path = paths.iter().find(|path| path.contains(".php")).or(paths.first());
    format!("{scheme}://{}{}", reachable(address), path.map_or("/", String::as_str))
}

/// An address of this host at which a listener on `address` is reached.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let here: IpAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(here, address.port())
}

/// Every upstream once. Connections are counted for all of them together, so one alone has them all.
fn upstreams(call: &Call<'_>, snapshot: &Snapshot) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    for site in &snapshot.sites {
        if names.contains(&site.name.as_str()) {
            continue;
        }
        names.push(&site.name);
        let kind = UpstreamKind::WORDS.iter().find(|(_, kind)| *kind == site.target.kind);
        let breaker = if site.breaker.is_open() { "open" } else { "closed" };
        all.push(json!({
            "name": site.name,
            "url": site.target.url.to_string(),
            "kind": kind.map_or("", |(word, _)| word),
            "breaker": breaker,
            "connections": null,
        }));
    }
    if let [only] = &mut all[..] {
        let counters = &call.console.sources.counters;
        only["connections"] = counters.iter().map(|counters| counters.open_upstream()).sum::<u64>().into();
    }
    all
}

/// What somebody should look at, each with what to do and the page where it is done.
fn attention(snapshot: &Snapshot, kept: Option<Kept>, left: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut add = |what: String, todo: &str, page: &str| {
        all.push(json!({ "what": what, "todo": todo, "page": page }));
    };
    for held in snapshot.policies.breaches.list() {
        let who = held.app.map_or_else(|| "a token without an app".to_owned(), |app| format!("app {app}"));
        let minutes = held.seconds.div_ceil(60);
        let todo = "mesibo has disabled the token: make a new one in mesibo's console, put it into the app's token \
                    file, then run `mesigate breaches --clear`";
        add(format!("{who} is held back (TOKENBREACH, {minutes} min left)"), todo, "/console/now");
    }
    let mut open: Vec<&str> =
        snapshot.sites.iter().filter(|site| site.breaker.is_open()).map(|site| &*site.name).collect();
    open.dedup();
    for name in open {
        let todo = "it has failed again and again; one request at a time tries whether it is back";
        add(format!("upstream {name} is left alone"), todo, "/console/now");
    }
    if kept == Some(Kept::Failing) {
        let todo = "its file cannot be used: the log says why";
        add("the ledger is kept in memory only".to_owned(), todo, "/console/migration");
    }
    if left > 0 {
        let programs =
            if left == 1 { "1 program still calls" } else { &format!("{left} programs still call") };
        add(
            format!("the old door: {programs} by it"),
            "see which, and what each has to write",
            "/console/migration",
        );
    }
    all
}
