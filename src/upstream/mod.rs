//! The way to the JSON API: one request, one answer, within deadlines and caps. `handle` and the commands ask
//! through it.
//!
//! Only the hosts of the settings are dialled, upstream's and a proxy's; no redirect is followed.

mod breaker;
mod budget;
mod call;
mod connect;
mod decoding;
mod dial;
mod exchange;
mod gate;
pub mod jitter;
mod outgoing;
mod no_answer;
mod pool;
mod reading;
mod resolve;
mod retry;
pub mod site;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod trial;
mod tunnel;
pub mod asker;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Uri;
use hyper::header::HeaderValue;
use tokio::time::Instant;

use crate::config::{Config, Connecting, Endpoint, PerUpstream, UpstreamKind};
use crate::http::via::Name;
use crate::protocol::reject::Reject;
use crate::protocol::retry::speaks_of_request;
use crate::telemetry::metrics::WorkerCounters;
use asker::Asker;
use call::NO_TIME;
use connect::Connector;
use gate::Gate;
pub use outgoing::OutgoingRequest;
use pool::Pool;
use resolve::{Find, Resolver};
use site::Site;

const NO_ANSWER: &str = "upstream's status says that it has no answer";

/// Upstream's answer, whole.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Bytes,
}

/// A valid answer, as its caller has read it.
pub struct Answered<T> {
    /// The answer.
    pub answer: Answer,
    /// What was read from it.
    pub read: T,
    /// When the answer was whole.
    pub at: Instant,
}

/// One worker's way to one upstream.
pub struct Upstream {
    /// The part that all workers share.
    pub site: Arc<Site>,
    connector: Connector,
    pool: Pool,
    gate: Gate,
    /// The head of every request up to the length of its body: always the same.
    head: Vec<u8>,
    /// Where in the head the names of earlier gateways go, if `Via` is sent.
    behind_via: Option<usize>,
    terms: UpstreamTerms,
    counters: Arc<WorkerCounters>,
}

/// The settings that a way to upstream depends on, beside its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct UpstreamTerms {
    connecting: Connecting,
    queue: Duration,
    connect: Duration,
    first_byte: Duration,
    total: Duration,
    most_answer: usize,
}

impl UpstreamTerms {
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
    /// One worker's ways, one for each site, however often the site is listed. Ways of `before` for which
    /// nothing has changed are kept, with their connections. Requests are signed with `name`.
    ///
    /// # Errors
    /// A sentence, for an endpoint whose host or path no HTTP header can carry.
    pub fn all(
        sites: &PerUpstream<Arc<Site>>,
        name: &Name,
        config: &Config,
        counters: &Arc<WorkerCounters>,
        before: Option<&PerUpstream<Arc<Self>>>,
    ) -> Result<PerUpstream<Arc<Self>>, String> {
        let terms = UpstreamTerms::of(config);
        // The key is the site's address in memory, which lasts while the way holds the site.
        let same = before.into_iter().flatten().filter(|way| way.terms == terms);
        let mut known: HashMap<_, _> = same.map(|way| (Arc::as_ptr(&way.site), way.clone())).collect();
        let way = |site: &Arc<Site>| match known.entry(Arc::as_ptr(site)) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(free) => {
                let way = Self::new(site.clone(), name, terms, counters.clone(), Arc::new(resolve::system))?;
                Ok(free.insert(Arc::new(way)).clone())
            }
        };
        sites.try_map(way)
    }

    fn new(
        site: Arc<Site>,
        name: &Name,
        terms: UpstreamTerms,
        counters: Arc<WorkerCounters>,
        find: Find,
    ) -> Result<Self, String> {
        let endpoint = &site.target.url;
        let UpstreamTerms { connecting, queue, connect, .. } = terms;
        let resolver = Resolver::new(find, connecting.ipv4_only);
        let (head, behind_via) = head(endpoint, connecting.via.then_some(name))?;
        Ok(Self {
            connector: {
                let to = (&site.target, site.login.clone());
                Connector::new(to, site.tls.clone(), resolver, connect, counters.clone())?
            },
            pool: Pool::new(connecting.idle_connections, connecting.idle_timeout),
            gate: Gate::new(connecting.connections, connecting.queue, queue, counters.clone()),
            head,
            behind_via,
            terms,
            counters,
            site,
        })
    }

    /// Whether this is mesibo's own server or a self-hosted one.
    #[must_use]
    pub fn kind(&self) -> UpstreamKind {
        self.site.target.kind
    }

    /// When an answer that is asked for at `now` must be there, retries included.
    #[must_use]
    pub fn until(&self, now: Instant) -> Instant {
        now + self.terms.total
    }

    /// A request whose body `body` writes, of about `room` bytes, and which has `passed` these gateways; see
    /// [`OutgoingRequest::new`] and [`Name::passed`].
    pub fn outgoing(
        &self,
        passed: &[u8],
        may_repeat: bool,
        room: usize,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> OutgoingRequest {
        if passed.is_empty() {
            return OutgoingRequest::new(&self.head, may_repeat, room, body);
        }
        OutgoingRequest::new(&self.head_behind(passed), may_repeat, room, body)
    }

    #[cold]
    fn head_behind(&self, passed: &[u8]) -> Vec<u8> {
        match self.behind_via.map(|at| self.head.split_at(at)) {
            Some((before, behind)) => [before, passed, b", ", behind].concat(),
            None => self.head.clone(),
        }
    }

    /// Posts one JSON request, from `now` on, and reads the whole answer, which `read` must accept. Sends it
    /// once, and only if the breaker is closed and a seat is free in time.
    ///
    /// # Errors
    /// UPSTREAMDOWN, OVERLOAD and CLIENTLEFT when nothing was sent, for certain; TIMEOUT and BADANSWER when
    /// something was, and no valid answer came.
    pub async fn ask<T>(
        &self,
        outgoing: &mut OutgoingRequest,
        asker: &Asker<'_>,
        now: Instant,
        until: Instant,
        read: impl FnOnce(&Answer) -> Result<T, Reject>,
    ) -> Result<Answered<T>, Reject> {
        // The breaker is asked twice: before queueing, so that no request waits in vain, and again after, since
        // it may have opened meanwhile.
        self.site.breaker.check(asker)?;
        let seat = self.gate.enter(asker, now, until).await?;
        let pass = self.site.breaker.pass(asker)?;
        let answer = self.call(outgoing, asker, &seat, until).await;
        let is_of_request = matches!(&answer, Ok((answer, _, _)) if speaks_of_request(answer.status));
        let answered = answer.and_then(|(answer, manner, at)| match taken(&answer, read) {
            Ok(read) => Ok(Answered { answer, read, at }),
            Err(reject) => Err(no_answer::told(&self.site, &answer, &manner, reject)),
        });
        match &answered {
            Ok(_) => pass.succeeded(),
            // A request that leaves too little time to connect proves nothing for others.
            Err(Reject::UpstreamDown(why)) if *why != NO_TIME => pass.unreachable(),
            Err(Reject::ClientLeft) => drop(pass),
            // An answer that is too long is no fault of upstream's: one app's long list must not stop all
            // others.
            Err(reject) if *reject == Reject::OVERSIZE => drop(pass),
            // Nor is an error page of a proxy before upstream that refuses this request.
            Err(_) if is_of_request => drop(pass),
            Err(_) => pass.failed(),
        }
        answered
    }
}

/// Accepts an answer by its status, then by `read`. The API answers 200 whatever the outcome, by public
/// reports. Other statuses may carry an answer too, but not a redirect or a server's error.
fn taken<T>(answer: &Answer, read: impl FnOnce(&Answer) -> Result<T, Reject>) -> Result<T, Reject> {
    match answer.status {
        200..=299 | 400..=499 => read(answer),
        _ => Err(Reject::BadAnswer(NO_ANSWER)),
    }
}

/// The head of a request, and where in it the names of earlier gateways go, if it is signed. An endpoint that
/// no request line or header can carry is an error of the settings.
fn head(endpoint: &Endpoint, name: Option<&Name>) -> Result<(Vec<u8>, Option<usize>), String> {
    let path: Uri = endpoint.path.parse().map_err(|error| format!("upstream.url: {error}"))?;
    let host = endpoint.authority();
    HeaderValue::from_str(&host).map_err(|error| format!("upstream.url: {error}"))?;
    let version = env!("CARGO_PKG_VERSION");
    let mut head = format!(
        "POST {path} HTTP/1.1\r\n\
         content-type: application/json\r\n\
         accept: application/json\r\n\
         accept-encoding: identity\r\n\
         user-agent: mesigate/{version}\r\n"
    );
    let behind_via = name.map(|name| {
        head.push_str("via: ");
        let at = head.len();
        head.extend([&name.signature(), "\r\n"]);
        at
    });
    head.extend(["host: ", &host, "\r\ncontent-length: "]);
    Ok((head.into_bytes(), behind_via))
}
