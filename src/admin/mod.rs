//! The second listener: probes, metrics, and the few things that can be told a running gateway. It
//! never serves the API and never asks upstream.

pub mod exposition;

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
use crate::http::body::Body;
use crate::http::handler::Handler;
use crate::http::listen;
use crate::http::net::clock::since_1970;
use crate::http::proto::head::{Hosts, Rules};
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::Request;
use crate::http::shutdown::{Shutdown, Stage};
use crate::http::terms::Terms;
use crate::http::unsecured::Reason;
use crate::policy::breach::HeldBack;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::{ReloadOutcome, Reloader};
use crate::telemetry::metrics::{Present, WorkerCounters};
use exposition::{Exposition, Format, Sources};

/// Connections that are served at once; probes and a scraper need a few.
const MOST: usize = 16;
/// How long one may take to ask, may take nothing of its answer, and may rest.
const PATIENCE: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_secs(30);
/// The longest request line, the most bytes of headers and their number.
const LINE: usize = 8 * 1024;
const HEADERS: usize = 16 * 1024;
const COUNT: usize = 64;

/// What the second listener shows and is told.
pub struct Admin {
    stop: Arc<Shutdown>,
    current: Arc<ArcSwap<Snapshot>>,
    reloader: Arc<Reloader>,
    metrics: Exposition,
    terms: Arc<ArcSwap<Terms>>,
    counters: Arc<WorkerCounters>,
}

/// Serves until `stop` turns true. It outlives the workers, so that the end of a drain can be seen.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>, stop: watch::Receiver<bool>) {
    listen::serve_until(listener, admin, MOST, stop).await;
}

/// What is in force on the second listener. It takes no bodies, so nothing is long there.
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
    Terms { rules, deadlines, memory: 0, body: 0, http2: false, naming_proxies: None, tls: None }
}

impl Handler for Admin {
    type Open = Present;

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    async fn handle(&self, asked: &Request<'_, '_>, body: Body<'_>) -> Reply {
        let mut reply = self.answer(asked);
        // Nobody here reads one.
        reply.ends |= !body.is_empty();
        reply.at = since_1970();
        reply
    }

    /// It outlives the workers, so that their end can be seen.
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

    /// It speaks no TLS.
    fn not_secured(&self, _peer: IpAddr, _reason: Reason, _error: &(dyn Display + Sync)) {}

    fn refused(&self, peer: IpAddr, refusal: HeadReject, _at: Instant) {
        self.counters.refused_head(refusal);
        tracing::debug!(%peer, status = refusal.status(), why = refusal.why(), "the second listener refused a request");
    }
}

impl Admin {
    /// Shows what these sources have, and tells those of them that can be told: `stop`, `reloader` and what is in use.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self {
            stop: sources.stop.clone(),
            reloader: sources.reloader.clone(),
            terms: Arc::new(ArcSwap::from_pointee(terms(&sources.current.load().config))),
            current: sources.current.clone(),
            counters: sources.admin.clone(),
            metrics: Exposition::new(sources),
        }
    }

    fn answer(&self, asked: &Request<'_, '_>) -> Reply {
        let path = str::from_utf8(asked.path).unwrap_or_default();
        match asked.method {
            Method::GET | Method::HEAD => match route(path, false) {
                Some(AdminRoute::Show(show)) => show(self, asked),
                _ => nowhere(),
            },
            Method::POST if !asked.peer.to_canonical().is_loopback() => {
                plain(403, "what changes something is taken from this host alone\n".into(), TEXT)
            }
            // No page in a browser on this host may tell us anything.
            Method::POST if asked.fields.origin.is_some() => {
                plain(403, "this is not for browsers\n".into(), TEXT)
            }
            Method::POST => match route(path, true) {
                Some(AdminRoute::Tell(tell)) => tell(self, str::from_utf8(asked.query).unwrap_or("?")),
                _ => nowhere(),
            },
            _ => plain(405, "only GET and POST here\n".into(), TEXT),
        }
    }

    /// Upstream's health is left out: one outage there must not take every replica away.
    fn ready(&self, _: &Request<'_, '_>) -> Reply {
        match self.stop.stage() {
            Stage::Serving => plain(200, format!("ready\n{}", self.held_back()).into(), TEXT),
            Stage::Announced | Stage::Ending => plain(503, "not ready: ending\n".into(), TEXT),
        }
    }

    fn metrics(&self, asked: &Request<'_, '_>) -> Reply {
        let format = Format::preferred(asked.fields.accept);
        plain(200, self.metrics.text(format).into(), format.media_type())
    }

    fn stage(&self, _: &Request<'_, '_>) -> Reply {
        plain(200, format!("{}\n", self.stop.stage().text()).into(), TEXT)
    }

    /// What is wrong and no reason to send clients elsewhere: everywhere else it is the same.
    fn held_back(&self) -> String {
        match self.current.load().policies.breaches.list().len() {
            0 => String::new(),
            held => format!(
                "{held} held back because upstream has disabled the token (TOKENBREACH): see /breaches\n"
            ),
        }
    }

    /// A line for each that is held back.
    fn breaches(&self, _: &Request<'_, '_>) -> Reply {
        let held = self.current.load().policies.breaches.list();
        let line = |held: &HeldBack| {
            let app = held
                .app
                .as_ref()
                .map_or_else(|| "a token without an app".to_owned(), |app| format!("app {app}"));
            format!("{app}: {} s left\n", held.seconds)
        };
        let nobody = || "nobody is held back\n".to_owned();
        let lines = if held.is_empty() { nobody() } else { held.iter().map(line).collect() };
        plain(200, lines.into(), TEXT)
    }

    fn announce(&self, _: &str) -> Reply {
        self.stop.announce();
        tracing::info!("the end is announced: not ready, and answers end their connections");
        plain(202, "announced: not ready, and answers end their connections\n".into(), TEXT)
    }

    fn reload(&self, _: &str) -> Reply {
        let outcome = self.reloader.reload_all();
        let status = match outcome {
            ReloadOutcome::Unchanged | ReloadOutcome::Applied | ReloadOutcome::NewSecrets(_) => 200,
            ReloadOutcome::NeedsRestart(_) => 409,
            ReloadOutcome::Refused(_) | ReloadOutcome::NoSecrets(_) => 422,
        };
        plain(status, format!("{outcome}\n").into(), TEXT)
    }

    fn clear(&self, query: &str) -> Reply {
        let current = self.current.load();
        let app = match query.strip_prefix("app=") {
            None if query.is_empty() => None,
            None => return plain(400, "the query is nothing, or app= and an app's name\n".into(), TEXT),
            Some(app) if current.config.apps.iter().any(|known| known.name == app) => Some(app),
            Some(_) => return plain(404, no_app(&current.config).into(), TEXT),
        };
        let cleared = current.policies.breaches.clear(app);
        plain(200, format!("{cleared} no longer held back\n").into(), TEXT)
    }
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum AdminRoute {
    /// With GET: it changes nothing.
    Show(fn(&Admin, &Request<'_, '_>) -> Reply),
    /// With POST: it is told the query.
    Tell(fn(&Admin, &str) -> Reply),
}

/// All that there is here.
const ROUTES: [(&str, AdminRoute); 9] = [
    ("/livez", AdminRoute::Show(alive)),
    ("/readyz", AdminRoute::Show(Admin::ready)),
    ("/startupz", AdminRoute::Show(Admin::ready)),
    ("/metrics", AdminRoute::Show(Admin::metrics)),
    ("/breaches", AdminRoute::Show(Admin::breaches)),
    ("/drain", AdminRoute::Show(Admin::stage)),
    ("/drain", AdminRoute::Tell(Admin::announce)),
    ("/reload", AdminRoute::Tell(Admin::reload)),
    ("/breaches/clear", AdminRoute::Tell(Admin::clear)),
];

/// It depends on nothing else: what answers is alive.
fn alive(_: &Admin, _: &Request<'_, '_>) -> Reply {
    plain(200, "alive\n".into(), TEXT)
}

fn route(path: &str, is_told: bool) -> Option<AdminRoute> {
    let fits = |(known, route): &&(&str, AdminRoute)| {
        *known == path && matches!(route, AdminRoute::Tell(_)) == is_told
    };
    ROUTES.iter().find(fits).map(|(_, route)| *route)
}

fn nowhere() -> Reply {
    let paths = |is_told| {
        let some = ROUTES.iter().filter(move |(_, route)| matches!(route, AdminRoute::Tell(_)) == is_told);
        some.map(|(path, _)| *path).collect::<Vec<_>>().join(", ")
    };
    plain(404, format!("here are GET {}\nand POST {}\n", paths(false), paths(true)).into(), TEXT)
}

fn no_app(config: &Config) -> String {
    let names: Vec<_> = config.apps.iter().map(|app| app.name.as_str()).collect();
    match names[..] {
        [] => "no app has this name: the settings have none\n".to_owned(),
        _ => format!("no app has this name: there are {}\n", names.join(", ")),
    }
}
