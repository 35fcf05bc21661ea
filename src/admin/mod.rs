//! The second listener: probes, metrics, and the few things that can be told a running gateway. It
//! never serves the API and never asks upstream.

pub mod exposition;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::http::reply::{Reply, TEXT, plain};
use crate::http::shutdown::{Stage, Stop};
use crate::policy::breach::Held;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::{Outcome, Reloader};
use exposition::Exposition;

/// Prometheus' own name for what `/metrics` serves.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Connections that are served at once; probes and a scraper need a few.
const MOST: usize = 16;
/// How long one may take to ask.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the second listener shows and is told.
pub struct Admin {
    /// How far the end of serving has come.
    pub stop: Arc<Stop>,
    /// What is in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// What reads the settings again.
    pub reloader: Arc<Reloader>,
    /// The counters.
    pub metrics: Exposition,
}

/// Serves until `stop` turns true. It outlives the workers, so that the end of a drain can be seen.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MOST));
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let admin = admin.clone();
        tokio::spawn(async move {
            speak(stream, peer, admin).await;
            drop(place);
        });
    }
}

async fn speak(stream: TcpStream, peer: SocketAddr, admin: Arc<Admin>) {
    let service = service_fn(move |request| {
        let reply = admin.answer(&request, peer.ip()).into_response();
        async move { Ok::<_, Infallible>(reply) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let _ = connection.await;
}

impl Admin {
    fn answer(&self, request: &Request<Incoming>, peer: IpAddr) -> Reply {
        match *request.method() {
            Method::GET | Method::HEAD => self.show(request.uri().path()),
            Method::POST if !peer.to_canonical().is_loopback() => {
                plain(403, "what changes something is taken from this host alone\n".into(), TEXT)
            }
            // No page in a browser on this host may tell us anything.
            Method::POST if request.headers().contains_key(header::ORIGIN) => {
                plain(403, "this is not for browsers\n".into(), TEXT)
            }
            Method::POST => self.told(request.uri().path(), request.uri().query()),
            _ => plain(405, "only GET and POST here\n".into(), TEXT),
        }
    }

    fn show(&self, path: &str) -> Reply {
        match path {
            // It depends on nothing else: what answers is alive.
            "/livez" => plain(200, "alive\n".into(), TEXT),
            // Upstream's health is left out: one outage there must not take every replica away.
            "/readyz" | "/startupz" => match self.stop.stage() {
                Stage::Serving => plain(200, format!("ready\n{}", self.held_back()).into(), TEXT),
                Stage::Announced | Stage::Ending => plain(503, "not ready: ending\n".into(), TEXT),
            },
            "/metrics" => plain(200, self.metrics.text().into(), OPENMETRICS),
            "/breaches" => plain(200, self.breaches().into(), TEXT),
            "/drain" => plain(200, format!("{}\n", self.stop.stage().text()).into(), TEXT),
            _ => plain(
                404,
                "here are /livez, /readyz, /startupz, /metrics, /breaches and /drain\n".into(),
                TEXT,
            ),
        }
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
    fn breaches(&self) -> String {
        let held = self.current.load().policies.breaches.list();
        let line = |held: &Held| {
            let app = held
                .app
                .as_ref()
                .map_or_else(|| "a token without an app".to_owned(), |app| format!("app {app}"));
            format!("{app}: {} s left\n", held.seconds)
        };
        if held.is_empty() { "nobody is held back\n".to_owned() } else { held.iter().map(line).collect() }
    }

    fn told(&self, path: &str, query: Option<&str>) -> Reply {
        match path {
            "/drain" => {
                self.stop.announce();
                tracing::info!("the end is announced: not ready, and answers end their connections");
                plain(202, "announced: not ready, and answers end their connections\n".into(), TEXT)
            }
            "/reload" => {
                let outcome = self.reloader.reload_all();
                let status = match outcome {
                    Outcome::Unchanged | Outcome::Applied => 200,
                    Outcome::NeedsRestart(_) => 409,
                    Outcome::Refused(_) => 422,
                };
                plain(status, format!("{outcome}\n").into(), TEXT)
            }
            "/breaches/clear" => {
                let app = query.map(|query| query.strip_prefix("app=").ok_or(()));
                let Ok(app) = app.transpose() else {
                    return plain(400, "the query is nothing, or app= and an app's name\n".into(), TEXT);
                };
                let cleared = self.current.load().policies.breaches.clear(app);
                plain(200, format!("{cleared} no longer held back\n").into(), TEXT)
            }
            _ => plain(404, "POST takes /drain, /reload and /breaches/clear\n".into(), TEXT),
        }
    }
}
