//! The settings in force on one listener's connections: rules, deadlines and caps, as one value that is swapped
//! whole. A connection may last for days, so it looks them up anew for each request.

use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};
use ipnet::IpNet;

use crate::config::{ClientAddress, Config, Deadlines};
use crate::http::proto::head::Rules;
use crate::http::tls::ServerTls;

/// The settings in force.
#[derive(Clone)]
pub struct Terms {
    /// The limits of a request's head.
    pub rules: Rules,
    /// The deadlines.
    pub deadlines: Deadlines,
    /// The memory that the requests of one worker may take beyond each connection's own, in bytes.
    pub memory: usize,
    /// The longest body, in bytes.
    pub body: usize,
    /// Whether clients may speak HTTP/2.
    pub http2: bool,
    /// The proxies that send a PROXY header; `None` if the setting is another one.
    pub naming_proxies: Option<Vec<IpNet>>,
    /// TLS, if there is any.
    pub tls: Option<ServerTls>,
}

impl Terms {
    /// The terms of clients' listener, from the settings.
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

/// The terms as one connection sees them: reading them costs a comparison unless they have changed.
pub struct Current(Cache<Arc<ArcSwap<Terms>>, Arc<Terms>>);

impl Current {
    /// Follows a listener's terms.
    #[must_use]
    pub fn of(terms: &Arc<ArcSwap<Terms>>) -> Self {
        Self(Cache::new(terms.clone()))
    }

    /// The terms in force now.
    pub fn now(&mut self) -> &Terms {
        self.0.load()
    }
}
