//! A gateway on ports of its own, with the shipped settings and what a test lays over them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use mesigate::config::Layers;
use mesigate::config::secret::Environment;
use mesigate::server::Server;
use mesigate::snapshot::reload::{ReloadOutcome, SettingsSource};
use mesigate::snapshot::{Fresh, Snapshot};

use super::client;

/// One worker, free ports, and a shutdown without a wait.
const PORTS: &str = "
listen = { address = '127.0.0.1:0', workers = 1 }
admin.address = '127.0.0.1:0'
log.access = false
stop = { announce = '0s', linger = '0s' }
deadline.drain = '1s'
reload.interval = '0s'
";

/// Without the features that have tests of their own.
const QUIET: &str = "
cache.fresh = '0s'
limit = []
retry.most = 0
breaker.failures = 0
legacy.token_first = false
";

fn fresh(quiet: &str, toml: &str) -> Result<Fresh, Vec<String>> {
    let layers = Layers::shipped()
        .and_then(|layers| layers.text("tests", &format!("{PORTS}{quiet}")))
        .and_then(|layers| layers.text("the test", toml));
    Fresh::read(layers.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?)
}

/// The shipped settings with `toml` over them; limits and the cache are off, since they have tests of their own.
pub fn snapshot(toml: &str) -> Snapshot {
    made(QUIET, toml)
}

fn made(quiet: &str, toml: &str) -> Snapshot {
    let environment = Environment::default();
    fresh(quiet, toml).and_then(|fresh| Snapshot::new(fresh, environment)).expect("sound settings")
}

/// A gateway; it is stopped when it is dropped.
pub struct Gateway {
    server: Option<Server>,
    written: Arc<Mutex<String>>,
    pub address: SocketAddr,
    pub admin: SocketAddr,
}

impl Gateway {
    /// A gateway in front of an upstream at `address`.
    pub fn to(upstream: SocketAddr) -> Self {
        Self::with(upstream, "")
    }

    /// A gateway in front of an upstream, with `toml` over the settings.
    pub fn with(upstream: SocketAddr, toml: &str) -> Self {
        Self::start(&format!("upstream.url = 'http://{upstream}/backend/'\n{toml}"))
    }

    pub fn start(toml: &str) -> Self {
        Self::start_with(QUIET, toml)
    }

    /// A gateway as it is shipped, except for ports and the shutdown.
    pub fn as_shipped(toml: &str) -> Self {
        Self::start_with("", toml)
    }

    fn start_with(quiet: &'static str, toml: &str) -> Self {
        let written = Arc::new(Mutex::new(toml.to_owned()));
        let known = written.clone();
        let read = move || fresh(quiet, &known.lock().expect("a lock"));
        let source = SettingsSource { file: None, read: Box::new(read) };
        let snapshot = made(quiet, toml);
        let server = Server::start(snapshot, source, None).expect("a gateway");
        Self { address: server.address(), admin: server.admin_address(), server: Some(server), written }
    }

    /// Writes other settings over the first, and reloads them.
    pub fn reload(&self, toml: &str) -> ReloadOutcome {
        toml.clone_into(&mut self.written.lock().expect("a lock"));
        self.server.as_ref().expect("it runs").reloader().reload()
    }

    pub fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop(true);
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop(false);
        }
    }
}

/// The value of a gateway's series, such as `workers` or `breaker_open{upstream="127.0.0.1:1"}`.
pub async fn metric(gateway: &Gateway, series: &str) -> u64 {
    client::metric(gateway.admin, &format!("mesigate_{series}")).await
}
