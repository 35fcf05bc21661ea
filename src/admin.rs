//! The second listener: probes and metrics. It never serves the API and never asks upstream.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http::reply::{Reply, plain};
use crate::metrics::Exposition;

/// Prometheus' own name for what `/metrics` serves.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What the second listener shows.
pub struct Admin {
    /// Whether requests are taken: every listener is bound, and the process is not ending.
    pub ready: Arc<AtomicBool>,
    /// The counters.
    pub metrics: Exposition,
}

/// Serves until `stop` turns true. It outlives the workers, so that the end of a drain can be seen.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>, mut stop: watch::Receiver<bool>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = stream else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let admin = admin.clone();
        let service = service_fn(move |request| {
            let reply = admin.answer(&request);
            async move { Ok::<_, Infallible>(reply) }
        });
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}

impl Admin {
    fn answer(&self, request: &Request<Incoming>) -> Reply {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return plain(405, "only GET here\n".into(), TEXT);
        }
        match request.uri().path() {
            // It depends on nothing else: what answers is alive.
            "/livez" => plain(200, "alive\n".into(), TEXT),
            // Upstream's health is left out: one outage there must not take every replica away.
            "/readyz" | "/startupz" if self.ready.load(Relaxed) => plain(200, "ready\n".into(), TEXT),
            "/readyz" | "/startupz" => plain(503, "not ready: starting or ending\n".into(), TEXT),
            "/metrics" => plain(200, self.metrics.text().into(), OPENMETRICS),
            _ => plain(404, "here are /livez, /readyz, /startupz and /metrics\n".into(), TEXT),
        }
    }
}
