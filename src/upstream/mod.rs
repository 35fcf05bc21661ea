//! The JSON API: one request, one answer, within deadlines and caps.
//!
//! The hosts are those of the settings, upstream's and a proxy's; no redirect is followed and no other
//! host is ever dialled.

mod breaker;
mod budget;
mod connect;
mod exchange;
mod gate;
mod letter;
mod pool;
mod reading;
mod resolve;
pub mod site;
#[cfg(test)]
mod tests;
pub mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Uri;
use hyper::header::HeaderValue;
use tokio::time::{Instant, timeout_at};

use crate::config::{Config, Connecting, Endpoint, Kind};
use crate::http::net::turn;
use crate::protocol::reject::Reject;
use crate::protocol::retry::Why;
use crate::telemetry::metrics::Cells;
use connect::Connector;
use exchange::{Bounds, Failure};
use gate::Gate;
pub use letter::Letter;
use pool::{Handle, Pool};
use reading::Fault;
use resolve::{Find, Resolver};
use site::Site;

/// A longer request leaves at once: it would have left the processor's cache by the end of the turn.
const MOST_WAITING: usize = 4 * 1024;

const UNREACHABLE: &str = "upstream could not be reached";
const SLOW_CONNECT: &str = "upstream could not be reached in time (deadline.connect)";
const SLOW_FIRST_BYTE: &str = "upstream did not answer in time (deadline.upstream_first_byte)";
const SLOW_TOTAL: &str = "upstream did not finish its answer in time (deadline.total)";
const BROKE_OFF: &str = "upstream broke the connection off without a whole answer";
const TWO_LENGTHS: &str = "upstream's answer says its length in two ways, so its end is not sure";
const ELSEWHERE: &str = "upstream answered with a redirect, and none is followed";
const FAILED: &str = "upstream answered with an HTTP error of its own";

/// Upstream's answer, whole.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Bytes,
}

/// An answer that was taken for one.
pub struct Heard<T> {
    /// The answer.
    pub answer: Answer,
    /// What was read of it.
    pub read: T,
    /// When it was whole.
    pub at: Instant,
}

/// A worker's way to upstream.
pub struct Upstream {
    /// What all workers know of it.
    pub site: Arc<Site>,
    connector: Connector,
    pool: Pool,
    gate: Gate,
    /// The head of every request up to the length of its body: upstream sees the same each time.
    head: Vec<u8>,
    terms: Terms,
    cells: Arc<Cells>,
}

/// What of the settings a way to upstream is made of, beside its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Terms {
    connecting: Connecting,
    queue: Duration,
    connect: Duration,
    first_byte: Duration,
    total: Duration,
    most_answer: usize,
}

impl Terms {
    fn of(config: &Config) -> Self {
        Self {
            connecting: config.upstream.connecting,
            queue: config.deadline.queue,
            connect: config.deadline.connect,
            first_byte: config.deadline.upstream_first_byte,
            total: config.deadline.total,
            most_answer: config.cap.answer,
        }
    }
}

impl Upstream {
    /// One worker's way to each site, in their order; a site that is there twice has one. Those of
    /// `before` that nothing has changed for are kept, with their connections.
    ///
    /// # Errors
    /// A sentence, for an endpoint whose host or path no HTTP header can carry.
    pub fn all(
        sites: &[Arc<Site>],
        config: &Config,
        cells: &Arc<Cells>,
        before: &[Arc<Self>],
    ) -> Result<Vec<Arc<Self>>, String> {
        let terms = Terms::of(config);
        let mut ways: Vec<Arc<Self>> = Vec::new();
        for site in sites {
            let is_same = |way: &&Arc<Self>| Arc::ptr_eq(&way.site, site) && way.terms == terms;
            let way = match ways.iter().chain(before).find(is_same) {
                Some(way) => way.clone(),
                None => Arc::new(Self::new(site.clone(), terms, cells.clone(), Arc::new(resolve::system))?),
            };
            ways.push(way);
        }
        Ok(ways)
    }

    fn new(site: Arc<Site>, terms: Terms, cells: Arc<Cells>, find: Find) -> Result<Self, String> {
        let endpoint = &site.target.url;
        let Terms { connecting, queue, connect, .. } = terms;
        let resolver = Resolver::new(find, connecting.ipv4_only);
        Ok(Self {
            connector: Connector::new(&site.target, site.tls.clone(), resolver, connect, cells.clone())?,
            pool: Pool::new(connecting.idle_connections, connecting.idle_timeout),
            gate: Gate::new(connecting.connections, connecting.queue, queue, cells.clone()),
            head: head(endpoint)?,
            terms,
            cells,
            site,
        })
    }

    /// Whose server it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.site.target.kind
    }

    /// Counts a request that goes to upstream once more.
    pub fn repeated(&self, why: Why) {
        self.cells.upstream_repeated(why);
    }

    /// When an answer that is asked for at `now` must be there, however often it takes to ask.
    #[must_use]
    pub fn until(&self, now: Instant) -> Instant {
        now + self.terms.total
    }

    /// A request whose body `body` writes, of about `room` bytes; [`Letter::new`].
    pub fn letter(&self, may_repeat: bool, room: usize, body: impl FnOnce(&mut Vec<u8>)) -> Letter {
        Letter::new(&self.head, may_repeat, room, body)
    }

    /// Posts one JSON request, from `now` on, and reads the whole answer, which `read` must take for one; once,
    /// and only if upstream is neither left alone nor busy.
    ///
    /// # Errors
    /// UPSTREAMDOWN and OVERLOAD when surely nothing was sent; TIMEOUT and BADANSWER when something
    /// was, and nothing came back that is an answer.
    pub async fn ask<T>(
        &self,
        letter: &mut Letter,
        now: Instant,
        until: Instant,
        read: impl FnOnce(&Answer) -> Result<T, Reject>,
    ) -> Result<Heard<T>, Reject> {
        // Before the queue, which nobody should wait in for nothing, and behind it.
        self.site.breaker.check()?;
        let seat = self.gate.enter(now, until).await?;
        let pass = self.site.breaker.pass()?;
        let answer = self.call(letter, seat.since, until).await;
        let asked = answer.and_then(|(answer, at)| Ok(Heard { read: read(&answer)?, answer, at }));
        match &asked {
            Ok(_) => pass.succeeded(),
            // It is no fault of upstream's: one app's long list must not close the way for all.
            Err(reject) if *reject == Reject::OVERSIZE => drop(pass),
            Err(_) => pass.failed(),
        }
        asked
    }

    /// `now` may be a turn old: its deadlines are a thousand turns long, and to look at the clock takes time too.
    async fn call(
        &self,
        letter: &mut Letter,
        now: Instant,
        until: Instant,
    ) -> Result<(Answer, Instant), Reject> {
        if letter.bytes().len() <= MOST_WAITING {
            // Before a connection is looked at: what comes on it in between must be noticed.
            turn::behind_others().await;
        }
        loop {
            let (mut handle, fresh, now) = match self.pool.take(now) {
                Some(handle) => (handle, false, now),
                None => (self.connected(until.min(now + self.terms.connect)).await?, true, Instant::now()),
            };
            let first_byte = until.min(now + self.terms.first_byte);
            let bounds = Bounds { first_byte, until, most: self.terms.most_answer };
            match handle.connection.exchange(letter, bounds).await {
                Ok(answer) => {
                    let at = Instant::now();
                    self.pool.put(handle, at);
                    return Ok((check_status(answer)?, at));
                }
                // It ended while it rested: then, and only then, the next one gets the request.
                Err(Failure::Unsent) if !fresh => {}
                Err(failure) => return Err(told(failure)),
            }
        }
    }

    /// A fresh connection.
    async fn connected(&self, until: Instant) -> Result<Handle, Reject> {
        // Boxed: connecting is rare and its future large, and every request's future holds it.
        let connected = Box::pin(timeout_at(until, self.connector.connect())).await;
        match connected {
            Ok(Ok(connection)) => Ok(Handle::new(connection, self.terms.connecting.age)),
            // An address may run out of time in the same moment as all of them.
            Ok(Err(error)) if Instant::now() < until => {
                tracing::warn!(upstream = self.site.name, %error, "upstream could not be reached");
                Err(Reject::UpstreamDown(UNREACHABLE))
            }
            Ok(Err(_)) | Err(_) => Err(Reject::UpstreamDown(SLOW_CONNECT)),
        }
    }
}

fn told(failure: Failure) -> Reject {
    match failure {
        Failure::Unsent => Reject::UpstreamDown(UNREACHABLE),
        Failure::SlowFirstByte => Reject::Timeout(SLOW_FIRST_BYTE),
        Failure::SlowTotal => Reject::Timeout(SLOW_TOTAL),
        Failure::Fault(Fault::Broken) => Reject::BadAnswer(BROKE_OFF),
        Failure::Fault(Fault::TwoLengths) => Reject::BadAnswer(TWO_LENGTHS),
        Failure::Fault(Fault::Oversize) => Reject::OVERSIZE,
    }
}

/// The API answers 200 whatever the outcome (contract, section 1). Another status may still carry
/// an answer of its own; a redirect or a server's error page is none.
fn check_status(answer: Answer) -> Result<Answer, Reject> {
    match answer.status {
        200..=299 | 400..=499 => Ok(answer),
        300..=399 => Err(Reject::BadAnswer(ELSEWHERE)),
        _ => Err(Reject::BadAnswer(FAILED)),
    }
}

/// An endpoint that no request line or header can carry is a fault of the settings.
fn head(endpoint: &Endpoint) -> Result<Vec<u8>, String> {
    let path: Uri = endpoint.path.parse().map_err(|error| format!("upstream.url: {error}"))?;
    let host = endpoint.authority();
    HeaderValue::from_str(&host).map_err(|error| format!("upstream.url: {error}"))?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!(
        "POST {path} HTTP/1.1\r\n\
         content-type: application/json\r\n\
         accept: application/json\r\n\
         user-agent: mesigate/{version}\r\n\
         host: {host}\r\n\
         content-length: "
    )
    .into_bytes())
}
