//! The JSON API: one request, one answer, within deadlines and caps.
//!
//! The hosts are those of the settings, upstream's and a proxy's; no redirect is followed and no other
//! host is ever dialled.

mod breaker;
mod budget;
mod connect;
mod gate;
mod line;
mod pool;
mod resolve;
pub mod site;
#[cfg(test)]
mod tests;
pub mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use tokio::time::{Instant, timeout_at};

use crate::config::{Config, Connecting, Endpoint, Kind};
use crate::metrics::Cells;
use crate::reject::Reject;
use crate::retry::Why;
use connect::Connector;
use gate::Gate;
use pool::{Handle, Pool};
use resolve::{Find, Resolver};
use site::Site;

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

/// A worker's way to upstream.
pub struct Upstream {
    /// What all workers know of it.
    pub site: Arc<Site>,
    connector: Connector,
    pool: Pool,
    gate: Gate,
    /// The target and headers of every request: upstream sees the same set each time.
    uri: Uri,
    headers: HeaderMap,
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
            connector: Connector::new(
                &site.target,
                site.tls.clone(),
                resolver,
                connect,
                terms.most_answer,
                cells.clone(),
            )?,
            pool: Pool::new(connecting.idle_connections, connecting.idle_timeout),
            gate: Gate::new(connecting.connections, connecting.queue, queue, cells.clone()),
            uri: endpoint.path.parse().map_err(|error| format!("upstream.url: {error}"))?,
            headers: headers(endpoint)?,
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

    /// When an answer that is asked for now must be there, however often it takes to ask.
    #[must_use]
    pub fn until(&self) -> Instant {
        Instant::now() + self.terms.total
    }

    /// Posts one JSON request and reads the whole answer, which `read` must take for one; once, and
    /// only if upstream is neither left alone nor busy.
    ///
    /// # Errors
    /// UPSTREAMDOWN and OVERLOAD when surely nothing was sent; TIMEOUT and BADANSWER when something
    /// was, and nothing came back that is an answer.
    pub async fn ask<T>(
        &self,
        body: Bytes,
        until: Instant,
        read: impl FnOnce(&Answer) -> Result<T, Reject>,
    ) -> Result<(Answer, T), Reject> {
        // Before the queue, which nobody should wait in for nothing, and behind it.
        self.site.breaker.check()?;
        let _seat = self.gate.enter(until).await?;
        let pass = self.site.breaker.pass()?;
        let answer = self.call(body, until).await;
        let asked = answer.and_then(|answer| Ok((read(&answer)?, answer)));
        match &asked {
            Ok(_) => pass.succeeded(),
            // It is no fault of upstream's: one app's long list must not close the way for all.
            Err(reject) if *reject == Reject::OVERSIZE => drop(pass),
            Err(_) => pass.failed(),
        }
        asked.map(|(told, answer)| (answer, told))
    }

    async fn call(&self, body: Bytes, until: Instant) -> Result<Answer, Reject> {
        let (handle, response) = self.send(body, until).await?;
        let answer =
            timeout_at(until, self.read(response)).await.map_err(|_| Reject::Timeout(SLOW_TOTAL))??;
        self.pool.put(handle);
        check_status(answer)
    }

    /// Sends on a connection that rests, or on a fresh one. A connection that turns out to have
    /// ended gives the request back unsent; then, and only then, the next one gets it.
    async fn send(&self, body: Bytes, until: Instant) -> Result<(Handle, Response<Incoming>), Reject> {
        let mut request = self.request(body);
        loop {
            let (mut handle, fresh) = self.handle(until).await?;
            let first_byte = until.min(Instant::now() + self.terms.first_byte);
            let sender = &mut handle.connection.sender;
            let sent = timeout_at(first_byte, sender.try_send_request(request)).await;
            match sent.map_err(|_| Reject::Timeout(SLOW_FIRST_BYTE))? {
                Ok(response) => return Ok((handle, response)),
                Err(mut error) => match error.take_message() {
                    Some(unsent) if !fresh => request = unsent,
                    Some(_) => return Err(Reject::UpstreamDown(UNREACHABLE)),
                    None => return Err(Reject::BadAnswer(BROKE_OFF)),
                },
            }
        }
    }

    /// A connection, and whether it is a fresh one.
    async fn handle(&self, until: Instant) -> Result<(Handle, bool), Reject> {
        if let Some(handle) = self.pool.take() {
            return Ok((handle, false));
        }
        let until = until.min(Instant::now() + self.terms.connect);
        // Boxed: connecting is rare and its future large, and every request's future holds it.
        let connected = Box::pin(timeout_at(until, self.connector.connect())).await;
        match connected {
            Ok(Ok(connection)) => Ok((Handle::new(connection, self.terms.connecting.age), true)),
            // An address may run out of time in the same moment as all of them.
            Ok(Err(error)) if Instant::now() < until => {
                tracing::warn!(upstream = self.site.name, %error, "upstream could not be reached");
                Err(Reject::UpstreamDown(UNREACHABLE))
            }
            Ok(Err(_)) | Err(_) => Err(Reject::UpstreamDown(SLOW_CONNECT)),
        }
    }

    fn request(&self, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }

    async fn read(&self, response: Response<Incoming>) -> Result<Answer, Reject> {
        let status = response.status().as_u16();
        if has_two_lengths(response.headers()) {
            return Err(Reject::BadAnswer(TWO_LENGTHS));
        }
        let mut body = response.into_body();
        if body.size_hint().lower() > self.terms.most_answer as u64 {
            return Err(Reject::OVERSIZE);
        }
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Reject::BadAnswer(BROKE_OFF))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.terms.most_answer {
                return Err(Reject::OVERSIZE);
            }
            if bytes.is_empty() && body.is_end_stream() {
                return Ok(Answer { status, bytes: data });
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Answer { status, bytes: bytes.freeze() })
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

/// Two lengths are the mark of an answer that has another hidden in it (RFC 9112, section 6.3).
fn has_two_lengths(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH)
}

fn headers(endpoint: &Endpoint) -> Result<HeaderMap, String> {
    let host =
        HeaderValue::from_str(&endpoint.authority()).map_err(|error| format!("upstream.url: {error}"))?;
    let fixed = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCEPT, "application/json"),
        (header::USER_AGENT, concat!("mesigate/", env!("CARGO_PKG_VERSION"))),
    ];
    let mut headers: HeaderMap =
        fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    headers.insert(header::HOST, host);
    Ok(headers)
}
