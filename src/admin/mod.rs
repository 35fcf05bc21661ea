//! The second listener: probes, metrics, and the few commands that a running gateway takes. This listener never serves
//! the API and never asks upstream.

mod decide;
pub mod exposition;
pub mod routes;
mod show;
mod tell;

use std::fmt::Display;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hyper::Method;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::config::{Config, Deadlines};
use crate::console::{self, Console};
use crate::http::body::Body;
use crate::http::handler::Handler;
use crate::http::listen;
use crate::http::net::clock::since_1970;
use crate::http::proto::head::{Hosts, Rules};
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::Request;
use crate::http::shutdown::Shutdown;
use crate::http::terms::Terms;
use crate::http::unsecured::Reason;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::status::Status;
use crate::telemetry::metrics::{Present, WorkerCounters};
use exposition::{Exposition, Sources};
use routes::Action;
pub use show::KEPT;
pub use tell::OF_APP;

/// The most connections that are served at once: probes and a scraper need a few, those who look on eight, and each
/// browser up to six. Answers take long to make, so that each more is a longer wait where all of them ask at once.
const MOST: usize = 24;
/// How long a client may take to ask, and may take nothing of its answer; then how long its connection may rest.
const PATIENCE: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_secs(30);
/// The longest request line, the most bytes of headers and their number.
const LINE: usize = 8 * 1024;
const HEADERS: usize = 16 * 1024;
const COUNT: usize = 64;
/// How much of a host's name is repeated to whoever has sent it, in characters.
const LONGEST_HOST: usize = 253;

/// The handler of the second listener's requests.
pub struct Admin {
    stop: Arc<Shutdown>,
    current: Arc<ArcSwap<Snapshot>>,
    reloader: Arc<Reloader>,
    metrics: Exposition,
    terms: Arc<ArcSwap<Terms>>,
    counters: Arc<WorkerCounters>,
    status: Arc<Status>,
    console: Arc<Console>,
}

/// Serves until `stop` turns true, which is after the workers' end, so that the end of a drain can be seen.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>, stop: watch::Receiver<bool>) {
    listen::serve_until(listener, admin, MOST, stop).await;
}

/// The second listener's deadlines and caps. Requests have short bodies there or none, so all deadlines are short.
fn terms(config: &Config) -> Terms {
    let all = config.deadline;
    let deadlines = Deadlines {
        first_byte: all.first_byte.min(PATIENCE),
        head: all.head.min(PATIENCE),
        body: all.body.min(PATIENCE),
        write: all.write.min(PATIENCE),
        idle: all.idle.min(REST),
        ..all
    };
    let hosts = Hosts::Local(config.admin.hosts.clone());
    let rules = Rules { line: LINE, headers: HEADERS, count: COUNT, hosts };
    Terms {
        rules,
        deadlines,
        memory: console::BODIES,
        body: console::BODY,
        http2: false,
        naming_proxies: None,
        tls: None,
    }
}

impl Handler for Admin {
    type Open = Present;

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    async fn handle(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let mut reply = if Console::is_for(asked.path) {
            self.console.answer(asked, body).await
        } else {
            // No other route reads a body; a connection that brings one ends with the reply.
            self.answer(asked)
        };
        reply.at = since_1970();
        reply
    }

    /// Never: this listener outlives the workers, so that their end can be seen.
    fn is_leaving(&self) -> bool {
        false
    }

    fn opened(&self) -> Present {
        self.counters.connection()
    }

    fn not_accepted(&self, error: &io::Error) {
        self.counters.not_accepted(error);
    }

    fn dismissed(&self) {
        self.counters.dismissed();
    }

    /// Counts nothing: this listener speaks no TLS.
    fn not_secured(&self, _peer: IpAddr, _reason: Reason, _error: &(dyn Display + Sync)) {}

    /// Names the host, so that nobody has to guess which one the browser has sent.
    fn misdirected(&self, host: &str) -> Option<String> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let shown = |text: &str| text.chars().take(LONGEST_HOST).collect::<String>();
        Some(format!(
            "{} is no name under which this listener is known. If it should be: set admin.hosts = [\"{}\"], then start the \
             gateway anew. By an address, or by localhost, it is always known.\n",
            shown(host),
            shown(name)
        ))
    }

    fn refused(&self, peer: IpAddr, refusal: HeadReject, _at: Instant) {
        self.counters.refused_head(refusal);
        tracing::debug!(%peer, status = refusal.status(), why = refusal.why(), "the second listener refused a request");
    }
}

impl Admin {
    /// Shows these sources, and passes commands to `stop`, to `reloader` and to the snapshot in use.
    #[must_use]
    pub fn new(sources: Sources, status: Arc<Status>) -> Self {
        Self {
            stop: sources.stop.clone(),
            reloader: sources.reloader.clone(),
            terms: Arc::new(ArcSwap::from_pointee(terms(&sources.current.load().config))),
            current: sources.current.clone(),
            counters: sources.admin.clone(),
            status,
            console: sources.console.clone(),
            metrics: Exposition::new(sources),
        }
    }

    fn answer(&self, asked: &Request<'_, '_>) -> Reply {
        if let Some(why) = barred(asked) {
            return plain(403, why.into(), TEXT);
        }
        match routes::find(&asked.method, str::from_utf8(asked.path).unwrap_or_default()) {
            Ok(Action::Show(show)) => show(self, asked),
            Ok(Action::Tell(tell)) => tell(self, str::from_utf8(asked.query).unwrap_or("?")),
            Err(reply) => reply,
        }
    }
}

/// Why a request that would change something is refused.
fn barred(asked: &Request<'_, '_>) -> Option<&'static str> {
    if asked.method != Method::POST {
        None
    } else if !asked.peer.to_canonical().is_loopback() {
        Some("what changes something is taken from this host alone\n")
    } else if asked.fields.origin.is_some() {
        // A page in a browser on this host must not command the gateway.
        Some("this is not for browsers\n")
    } else {
        None
    }
}
