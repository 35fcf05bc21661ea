//! Tries one upstream step by step, for `mesigate check --connect`: name, TCP, TLS, and a request that does
//! nothing.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout};

use super::along::ALONE;
use super::call::told;
use super::exchange::Bounds;
use super::{Answer, Upstream, no_answer, resolve, taken, tunnel};
use crate::config::Scheme;
use crate::config::certificate::{CertificateFacts, date};
use crate::http::net::stream::Stream;
use crate::protocol::ops::AnswerPlan;
use crate::protocol::translate::response;

/// An object without an operation and a token: no API does anything for it, and the answer says why.
const NOTHING: &[u8] = b"{}";

const NO_NAME: &str =
    "is the name in upstream.url right (or upstream.proxy), and does this host know a name server?";
const NO_TCP: &str = "is the port right, does the server run, and does no firewall stand between? Where only a proxy leads out, name it in upstream.proxy";
const SILENT: &str = "nothing came in time: a firewall that drops what it does not like? Where only a proxy leads out, name it in upstream.proxy";

/// One step and its result, a sentence either way.
pub struct Step {
    /// The step's name.
    pub name: &'static str,
    /// What was found, or what the operator has to do.
    pub came: Result<String, String>,
}

impl Upstream {
    /// Goes as far as it can: only the last step can have failed. Each step has the deadlines of the settings.
    pub async fn try_out(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let _ = self.walk(&mut steps).await;
        steps
    }

    /// `None` ends the walk.
    async fn walk(&self, steps: &mut Vec<Step>) -> Option<()> {
        let mut step = |name, came: Result<String, String>| {
            let is_well = came.is_ok();
            steps.push(Step { name, came });
            is_well.then_some(())
        };
        step("name", self.find().await)?;
        let dialled = self.timed(self.connector.dial(), NO_TCP).await;
        let way = self.site.target.proxy.as_ref().map_or("", |_| ", through the proxy");
        step(
            "tcp",
            dialled
                .as_ref()
                .map(|_| format!("port {}{way}", self.site.target.url.port))
                .map_err(Clone::clone),
        )?;
        let mut stream = dialled.ok()?;
        if self.site.target.url.scheme == Scheme::Https {
            let shaken = self.timed(self.connector.shake_hands(stream), "").await;
            step("tls", shaken.as_ref().map(agreed).map_err(Clone::clone))?;
            stream = shaken.ok()?;
        }
        step("api", self.ask_nothing(stream).await)
    }

    async fn find(&self) -> Result<String, String> {
        let host = self.connector.host().to_owned();
        if host.parse::<std::net::IpAddr>().is_ok() {
            return Ok(format!("{host} is an address"));
        }
        let mut addresses = self.timed(resolve::system(host.clone()), NO_NAME).await?;
        addresses.retain(|address| address.is_ipv4() || !self.terms.connecting.ipv4_only);
        let mut texts: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        texts.dedup();
        if texts.is_empty() {
            return Err(format!("{host} has no address that may be used (upstream.ipv4_only): {NO_NAME}"));
        }
        Ok(format!("{host} is {}", texts.join(", ")))
    }

    async fn timed<T>(&self, doing: impl Future<Output = io::Result<T>>, hint: &str) -> Result<T, String> {
        let done = Box::pin(timeout(self.terms.connect, doing)).await;
        let Ok(done) = done else {
            return Err(format!("{SILENT} (deadline.connect)"));
        };
        // A proxy's refusal already says what to do.
        let hint =
            |error: &io::Error| Some(hint).filter(|hint| !hint.is_empty() && tunnel::told(error).is_none());
        done.map_err(|error| {
            hint(&error).map_or_else(|| error.to_string(), |hint| format!("{error}: {hint}"))
        })
    }

    async fn ask_nothing(&self, stream: Stream) -> Result<String, String> {
        let mut outgoing = self.outgoing(&ALONE, false, NOTHING.len(), |out| out.extend_from_slice(NOTHING));
        let now = Instant::now();
        let until = now + self.terms.total;
        let first_byte = until.min(now + self.terms.first_byte);
        let bounds = Bounds { first_byte, until, most: self.terms.most_answer };
        let mut connection = self.connector.connection(stream);
        let exchanged = connection.exchange(&mut outgoing, bounds).await;
        let (answer, manner) = exchanged.map_err(|failure| told(failure).cause())?;
        let envelope = AnswerPlan::envelope();
        let read = taken(&answer, |answer: &Answer| response::verdict(&answer.bytes, &envelope));
        match read {
            Ok(_) => Ok(format!("it answers as the API does (HTTP {})", answer.status)),
            Err(reject) => Err(no_answer::told(&self.site, &answer, &manner, reject).cause()),
        }
    }
}

/// What both sides of TLS agreed on, and until when the certificate is valid.
fn agreed(stream: &Stream) -> String {
    let Stream::Tls(tls) = stream else {
        return String::new();
    };
    let state = tls.get_ref().1;
    let version = match state.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "1.3",
        _ => "1.2",
    };
    let chain = state.peer_certificates().unwrap_or_default();
    let facts = chain.first().and_then(|first| CertificateFacts::of(first));
    let until = facts.map_or_else(String::new, |facts| {
        let left = facts.until.saturating_sub(now()) / DAY;
        format!(", holds until {} ({left} days)", date(facts.until))
    });
    format!("version {version}, a chain of {}{until}", chain.len())
}

const DAY: i64 = 86_400;

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
