//! A gateway on ports of its own, with the shipped settings and what a test lays over them.

use std::net::SocketAddr;
use std::sync::Arc;

use mesigate::apps::secret::Environment;
use mesigate::breach::Breaches;
use mesigate::config::Layers;
use mesigate::ops::Table;
use mesigate::server::Server;
use mesigate::worker::Snapshot;

/// The shipped settings with `toml` over them; without limits and the cache, which have tests of their own.
pub fn snapshot(toml: &str) -> Snapshot {
    let layers = Layers::shipped()
        .and_then(|layers| layers.text("tests", "listen = { address = '127.0.0.1:0', workers = 1 }\nadmin.address = '127.0.0.1:0'\nlog.access = false\ncache.fresh = '0s'\nlimit = []\nretry.most = 0\nbreaker.failures = 0"))
        .and_then(|layers| layers.text("the test", toml))
        .expect("sound TOML");
    let config = layers.config().expect("sound settings");
    let table = Table::load(None, &config.profiles).expect("a sound table");
    let environment = Environment::new(std::iter::empty());
    Snapshot::new(config, table, environment).expect("secrets that can be read")
}

/// A gateway; it is stopped when it is dropped.
pub struct Gateway {
    server: Option<Server>,
    pub address: SocketAddr,
    pub admin: SocketAddr,
    /// Who is held back for TOKENBREACH.
    pub breaches: Arc<Breaches>,
}

impl Gateway {
    /// In front of an upstream at `address`.
    pub fn to(upstream: SocketAddr) -> Self {
        Self::with(upstream, "")
    }

    /// The same, with `toml` over the settings.
    pub fn with(upstream: SocketAddr, toml: &str) -> Self {
        Self::start(&format!("upstream.url = 'http://{upstream}/backend/'\n{toml}"))
    }

    pub fn start(toml: &str) -> Self {
        let snapshot = snapshot(toml);
        let breaches = snapshot.policies.breaches.clone();
        let server = Server::start(snapshot, None).expect("a gateway");
        Self { address: server.address(), admin: server.admin_address(), server: Some(server), breaches }
    }

    pub fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}
