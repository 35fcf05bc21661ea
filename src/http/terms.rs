//! What is in force on one listener's connections: rules, deadlines and caps, as one value that is swapped
//! whole. A connection may last for days, and asks for it anew with each request.

use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};
use ipnet::IpNet;

use crate::config::{ClientAddress, Config, Deadlines};
use crate::http::proto::head::Rules;
use crate::http::tls::ServerTls;

/// What is in force.
#[derive(Clone)]
pub struct Terms {
    /// What a request's head may be.
    pub rules: Rules,
    /// Limits in time.
    pub deadlines: Deadlines,
    /// What the requests of one worker may take of its memory beyond what each connection has of its own, in
    /// bytes.
    pub memory: usize,
    /// The longest body that is taken, in bytes.
    pub body: usize,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
    /// The proxies that name the client in front of its first byte; none: the socket does.
    pub naming_proxies: Option<Vec<IpNet>>,
    /// TLS, if there is any.
    pub tls: Option<ServerTls>,
}

impl Terms {
    /// Of clients' listener, as the settings have them.
    #[must_use]
    pub fn of(config: &Config, tls: Option<ServerTls>) -> Self {
        let listen = &config.listen;
        let is_named = listen.client_address == ClientAddress::ProxyProtocol;
        Self {
            rules: Rules::of(config),
            deadlines: config.deadline,
            memory: config.cap.bodies,
            body: config.cap.body,
            http2: listen.http2,
            naming_proxies: is_named.then(|| listen.trusted_proxies.clone()),
            tls,
        }
    }
}

/// The terms as one connection sees them: a look costs a comparison unless they have changed.
pub struct Current(Cache<Arc<ArcSwap<Terms>>, Arc<Terms>>);

impl Current {
    /// Follows a listener's terms.
    #[must_use]
    pub fn of(terms: &Arc<ArcSwap<Terms>>) -> Self {
        Self(Cache::new(terms.clone()))
    }

    /// Those in force now.
    pub fn now(&mut self) -> &Terms {
        self.0.load()
    }
}
