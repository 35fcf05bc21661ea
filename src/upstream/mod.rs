//! The way to the JSON API: one request, one answer, within deadlines and caps. `handle` and the commands ask
//! through it.
//!
//! Only the hosts of the settings are dialled, upstream's and a proxy's; no redirect is followed.

pub mod along;
mod breaker;
mod budget;
mod call;
mod connect;
mod decoding;
mod dial;
mod exchange;
mod gate;
mod head;
pub mod jitter;
mod outgoing;
mod no_answer;
mod pool;
pub mod post;
mod reading;
mod resolve;
mod retry;
pub mod site;
#[cfg(test)]
mod tests;
pub mod tls;
mod traced;
pub mod trial;
mod tunnel;
pub mod asker;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::{Config, Connecting, PerUpstream, UpstreamKind};
use crate::http::via::Name;
use crate::protocol::reject::Reject;
use crate::protocol::retry::speaks_of_request;
use crate::telemetry::metrics::WorkerCounters;
use crate::telemetry::trace::span::Host;
use along::{Along, Told};
use asker::Asker;
use call::NO_TIME;
use connect::Connector;
use gate::Gate;
use head::Head;
pub use outgoing::OutgoingRequest;
use pool::Pool;
use resolve::{Find, Resolver};
use site::Site;
use traced::Traced;

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
    head: Head,
    /// What it is told of requests.
    told: Told,
    /// Whom spans name as the one who is asked.
    host: Arc<Host>,
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
    /// Whether upstream is told of traces; `None`: servers of the owner's own are.
    tells_trace: Option<bool>,
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
            tells_trace: config.trace.upstream,
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
        let is_own = site.target.kind == UpstreamKind::OnPremise;
        let url = endpoint.to_string();
        Ok(Self {
            head: Head::new(endpoint, connecting.via.then_some(name))?,
            told: Told { number: is_own, trace: terms.tells_trace.unwrap_or(is_own) },
            host: Arc::new(Host { url, name: endpoint.host.clone(), port: endpoint.port }),
            connector: {
                let to = (&site.target, site.login.clone());
                Connector::new(to, site.tls.clone(), resolver, connect, counters.clone())?
            },
            pool: Pool::new(connecting.idle_connections, connecting.idle_timeout),
            gate: Gate::new(connecting.connections, connecting.queue, queue, counters.clone()),
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

    /// A request whose body `body` writes, of about `room` bytes, and with which this goes `along`; see
    /// [`OutgoingRequest::new`].
    pub fn outgoing(
        &self,
        along: &Along<'_>,
        may_repeat: bool,
        room: usize,
        body: impl FnOnce(&mut Vec<u8>),
    ) -> OutgoingRequest {
        if along.is_silent(self.told) {
            return OutgoingRequest::new(self.head.plain(), may_repeat, room, body);
        }
        let (head, digits) = self.head.with(along, self.told);
        let mut outgoing = OutgoingRequest::new(&head, may_repeat, room, body);
        outgoing.traced = along.span.as_ref().map(|span| Traced::new(span.clone(), digits));
        outgoing
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
        let begun = outgoing.begin();
        let answer = self.call(outgoing, asker, &seat, until).await;
        let status = answer.as_ref().ok().map(|(answer, _, _)| answer.status);
        let is_of_request = matches!(&answer, Ok((answer, _, _)) if speaks_of_request(answer.status));
        let answered = answer.and_then(|(answer, manner, at)| match taken(&answer, read) {
            Ok(read) => Ok(Answered { answer, read, at }),
            Err(reject) => Err(no_answer::told(&self.site, &answer, &manner, reject)),
        });
        if let (Some(begun), Some(traced)) = (begun, &outgoing.traced) {
            traced.end(begun, status, answered.as_ref().err(), (outgoing.asked.is_reused, &self.host));
        }
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
