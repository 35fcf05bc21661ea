//! Posts to a host that is not the API, such as a collector of traces: one request at a time, on one connection.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

use super::Answer;
use super::call::told;
use super::connect::Connector;
use super::exchange::{Bounds, ExchangeFailure, UpstreamConnection};
use super::outgoing::OutgoingRequest;
use super::resolve::{self, Resolver};
use super::tls::UpstreamTls;
use crate::config::AppUpstream;
use crate::telemetry::metrics::WorkerCounters;

/// The most bytes of an answer.
const MOST: usize = 64 * 1024;
const NO_TIME: &str = "no connection in time";

/// The way to one host.
pub struct Post {
    connector: Connector,
    head: Vec<u8>,
    idle: Option<UpstreamConnection>,
}

impl Post {
    /// The way to `target`, whose requests have bodies of this type.
    ///
    /// # Errors
    /// A sentence that names a setting of `[upstream]`: what is wrong with the URL or the CA file.
    pub fn new(target: &AppUpstream, content_type: &str) -> Result<Self, String> {
        let (path, host, version) = (&target.url.path, target.url.authority(), env!("CARGO_PKG_VERSION"));
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: {content_type}\r\nuser-agent: mesigate/{version}\r\n\
             content-length: "
        );
        // Those who connect have a deadline of their own.
        let deadline = std::time::Duration::from_secs(30);
        let resolver = Resolver::new(Arc::new(resolve::system), false);
        let tls = UpstreamTls::new(target)?;
        let connector =
            Connector::new((target, None), tls, resolver, deadline, Arc::<WorkerCounters>::default())?;
        Ok(Self { connector, head: head.into_bytes(), idle: None })
    }

    /// Sends a body and reads the whole answer, which must be there at `until`. On a connection that has ended meanwhile
    /// nothing was sent, so that a fresh one is taken.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn post(&mut self, body: &[u8], until: Instant) -> Result<Answer, String> {
        let bounds = Bounds { first_byte: until, until, most: MOST };
        loop {
            let (mut connection, is_fresh) = match self.idle.take().map(quiet) {
                Some(Some(connection)) => (connection, false),
                _ => (self.connected(until).await?, true),
            };
            let mut outgoing =
                OutgoingRequest::new(&self.head, false, body.len(), |out| out.extend_from_slice(body));
            match connection.exchange(&mut outgoing, bounds).await {
                Ok((answer, _)) => {
                    self.idle = Some(connection).filter(UpstreamConnection::stays);
                    return Ok(answer);
                }
                Err(ExchangeFailure::Unsent) if !is_fresh => {}
                Err(failure) => return Err(told(failure).cause().clone()),
            }
        }
    }

    async fn connected(&self, until: Instant) -> Result<UpstreamConnection, String> {
        match timeout_at(until, self.connector.connect()).await {
            Ok(connected) => connected.map_err(|error| error.to_string()),
            Err(_) => Err(NO_TIME.to_owned()),
        }
    }
}

/// A connection that is open with nothing unread.
fn quiet(mut connection: UpstreamConnection) -> Option<UpstreamConnection> {
    connection.is_quiet().then_some(connection)
}
