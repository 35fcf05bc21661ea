//! The JSON API: one request, one answer, within deadlines and caps.
//!
//! The hosts are those of the settings, upstream's and a proxy's; no redirect is followed and no other
//! host is ever dialled.

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

/// An answer that was taken for one.
pub struct Answered<T> {
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
    /// Where in it the names of gateways before this one go, if any do.
    behind_via: Option<usize>,
    terms: UpstreamTerms,
    counters: Arc<WorkerCounters>,
}

/// What of the settings a way to upstream is made of, beside its site.
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
    /// One worker's way to each site; a site that is there twice has one. Those of
    /// `before` that nothing has changed for are kept, with their connections. Requests are signed with `name`.
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
        // By where its site lies in memory, which the way itself keeps there.
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

    /// Whose server it is.
    #[must_use]
    pub fn kind(&self) -> UpstreamKind {
        self.site.target.kind
    }

    /// When an answer that is asked for at `now` must be there, however often it takes to ask.
    #[must_use]
    pub fn until(&self, now: Instant) -> Instant {
        now + self.terms.total
    }

    /// A request whose body `body` writes, of about `room` bytes, and which has `passed` these gateways;
    /// [`OutgoingRequest::new`], [`Name::passed`].
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

    /// Posts one JSON request, from `now` on, and reads the whole answer, which `read` must take for one; once,
    /// and only if upstream is neither left alone nor busy.
    ///
    /// # Errors
    /// UPSTREAMDOWN, OVERLOAD and CLIENTLEFT when surely nothing was sent; TIMEOUT and BADANSWER when something
    /// was, and nothing came back that is an answer.
    pub async fn ask<T>(
        &self,
        outgoing: &mut OutgoingRequest,
        asker: &Asker<'_>,
        now: Instant,
        until: Instant,
        read: impl FnOnce(&Answer) -> Result<T, Reject>,
    ) -> Result<Answered<T>, Reject> {
        // The breaker is asked twice: before the queue, in which nobody should wait for nothing, and behind it, since
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
            // Whoever leaves too little time to connect proves nothing to others.
            Err(Reject::UpstreamDown(why)) if *why != NO_TIME => pass.unreachable(),
            Err(Reject::ClientLeft) => drop(pass),
            // It is no fault of upstream's: one app's long list must not close the way for all.
            Err(reject) if *reject == Reject::OVERSIZE => drop(pass),
            // Nor is a page of whoever stands before it and does not like the request.
            Err(_) if is_of_request => drop(pass),
            Err(_) => pass.failed(),
        }
        answered
    }
}

/// The API answers 200 whatever the outcome, by public reports. Another status may still carry an answer of its own;
/// a redirect or a server's error page is none.
fn taken<T>(answer: &Answer, read: impl FnOnce(&Answer) -> Result<T, Reject>) -> Result<T, Reject> {
    match answer.status {
        200..=299 | 400..=499 => read(answer),
        _ => Err(Reject::BadAnswer(NO_ANSWER)),
    }
}

/// The head of a request, and where in it, if it is signed, the names of others go before the one's own. An endpoint that
/// no request line or header can carry is a fault of the settings.
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
