//! The JSON API: one request, one answer, within deadlines and caps.
//!
//! The host is the one of the settings; no redirect is followed and no other host is ever dialled.

mod connect;
mod pool;
pub mod tls;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use tokio::time::{Instant, timeout_at};

use crate::config::{Config, Deadlines, Endpoint, Kind};
use crate::metrics::Cells;
use crate::reject::Reject;
use crate::snapshot::{Snapshot, Way};
use connect::Connector;
use pool::{Handle, Pool};

const UNREACHABLE: &str = "upstream could not be reached";
const SLOW_CONNECT: &str = "upstream could not be reached in time (deadline.connect)";
const SLOW_FIRST_BYTE: &str = "upstream did not answer in time (deadline.upstream_first_byte)";
const SLOW_TOTAL: &str = "upstream did not finish its answer in time (deadline.total)";
const BROKE_OFF: &str = "upstream broke the connection off without a whole answer";
const OVERSIZE: &str = "upstream's answer is over the limit (cap.answer)";
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
    connector: Connector,
    pool: Pool,
    /// The target and headers of every request: upstream sees the same set each time.
    uri: Uri,
    headers: HeaderMap,
    /// Whose server it is.
    pub kind: Kind,
    deadlines: Deadlines,
    most_answer: usize,
    cells: Arc<Cells>,
}

impl Upstream {
    /// A worker's own end of a way.
    ///
    /// # Errors
    /// A sentence, for an endpoint whose host or path no HTTP header can carry.
    pub fn new(config: &Config, way: &Way, cells: Arc<Cells>) -> Result<Self, String> {
        let Way { target, tls, .. } = way;
        let endpoint = &target.url;
        Ok(Self {
            connector: Connector::new(endpoint.clone(), tls.clone()),
            pool: Pool::new(
                config.upstream.connecting.idle_connections,
                config.upstream.connecting.idle_timeout,
            ),
            uri: endpoint.path.parse().map_err(|error| format!("upstream.url: {error}"))?,
            headers: headers(endpoint)?,
            kind: target.kind,
            deadlines: config.deadline,
            most_answer: config.cap.answer,
            cells,
        })
    }

    /// The worker's end of a way after a reload: the one from before, with its connections, where
    /// neither the way nor what it goes by has changed.
    ///
    /// # Errors
    /// The same as [`Upstream::new`].
    pub fn kept_or_new(
        former: &Snapshot,
        before: &[Arc<Self>],
        snapshot: &Snapshot,
        way: &Arc<Way>,
        cells: &Arc<Cells>,
    ) -> Result<Arc<Self>, String> {
        let goes_by = |config: &Config| (config.upstream.connecting, config.deadline, config.cap.answer);
        if goes_by(&former.config) == goes_by(&snapshot.config)
            && let Some(place) = former.ways.iter().position(|known| Arc::ptr_eq(known, way))
        {
            return Ok(before[place].clone());
        }
        Self::new(&snapshot.config, way, cells.clone()).map(Arc::new)
    }

    /// Posts one JSON request and reads the whole answer.
    ///
    /// # Errors
    /// UPSTREAMDOWN when surely nothing was sent; TIMEOUT and BADANSWER when something was, and
    /// nothing came back that is an answer.
    pub async fn call(&self, body: Bytes) -> Result<Answer, Reject> {
        let until = Instant::now() + self.deadlines.total;
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
            let first_byte = until.min(Instant::now() + self.deadlines.upstream_first_byte);
            let sent = timeout_at(first_byte, handle.sender.try_send_request(request)).await;
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
        let until = until.min(Instant::now() + self.deadlines.connect);
        // Boxed: connecting is rare and its future large, and every request's future holds it.
        let connected = Box::pin(timeout_at(until, self.connector.connect())).await;
        let sender = match connected {
            Ok(Ok(sender)) => sender,
            Ok(Err(error)) => {
                tracing::warn!(%error, "upstream could not be reached");
                return Err(Reject::UpstreamDown(UNREACHABLE));
            }
            Err(_) => return Err(Reject::UpstreamDown(SLOW_CONNECT)),
        };
        self.cells.upstream_connected();
        Ok((Handle::new(sender), true))
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
        let mut body = response.into_body();
        if body.size_hint().lower() > self.most_answer as u64 {
            return Err(Reject::BadAnswer(OVERSIZE));
        }
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Reject::BadAnswer(BROKE_OFF))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.most_answer {
                return Err(Reject::BadAnswer(OVERSIZE));
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
