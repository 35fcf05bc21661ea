//! How the gateway is: what stands at the top of every page.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::{Value, json};

use super::Call;
use crate::snapshot::Snapshot;
use crate::status::{Document, Upstream};

pub fn state(call: &Call<'_>) -> Value {
    let (console, snapshot) = (call.console, call.console.current());
    let (sources, status) = (&console.sources, console.sources.status.document());
    json!({
        "name": "mesigate",
        "version": status.version,
        "sandbox": status.sandbox,
        "stage": status.stage,
        "workers": status.workers,
        "started": status.started_unix_s,
        "now": status.now_unix_s,
        "role": call.role().word(),
        "api": api(&snapshot, sources.address),
        "may_send_upstream": console.may_send_upstream(),
        "connections": status.connections.upstream_open,
        "certificate": snapshot.tls.as_ref().and_then(|tls| tls.expiry),
        "upstreams": upstreams(&status, &snapshot),
        "attention": status.attention,
        "ledger": status.ledger.kept_in,
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
fn upstreams(status: &Document, snapshot: &Snapshot) -> Vec<Value> {
    let url = |name: &str| {
        let site = snapshot.sites.iter().find(|site| site.name == name);
        site.map_or_else(String::new, |site| site.target.url.to_string())
    };
    let shown = |upstream: &Upstream| {
        json!({
            "name": upstream.name,
            "url": url(&upstream.name),
            "kind": upstream.kind,
            "breaker": upstream.breaker,
            "connections": null,
        })
    };
    let mut all: Vec<Value> = status.upstreams.iter().map(shown).collect();
    if let [only] = &mut all[..] {
        only["connections"] = status.connections.upstream_open.into();
    }
    all
}
