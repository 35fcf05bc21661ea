//! The head of a request to upstream: what every request has, and where in it goes what only some have.

use hyper::Uri;
use hyper::header::HeaderValue;

use super::along::{Along, Told};
use crate::config::Endpoint;
use crate::http::via::Name;

/// The head of every request up to the length of its body.
pub struct Head {
    bytes: Vec<u8>,
    /// Where the names of earlier gateways go, if `Via` is sent.
    via: Option<usize>,
    /// Where further lines go.
    lines: usize,
}

impl Head {
    /// The head of requests to an endpoint, signed with `name` if there is one.
    ///
    /// # Errors
    /// A sentence, for an endpoint that no request line or header can carry.
    pub fn new(endpoint: &Endpoint, name: Option<&Name>) -> Result<Self, String> {
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
        let via = name.map(|name| {
            head.push_str("via: ");
            let at = head.len();
            head.extend([&name.signature(), "\r\n"]);
            at
        });
        let lines = head.len();
        head.extend(["host: ", &host, "\r\ncontent-length: "]);
        Ok(Self { bytes: head.into_bytes(), via, lines })
    }

    /// What every request has.
    #[must_use]
    pub fn plain(&self) -> &[u8] {
        &self.bytes
    }

    /// The same with what goes along, and where in it the digits of the asking span stand, if they are told.
    #[cold]
    #[must_use]
    pub fn with(&self, along: &Along<'_>, told: Told) -> (Vec<u8>, Option<usize>) {
        let mut head = Vec::with_capacity(self.bytes.len() + along.passed.len() + along.room());
        let mut rest = 0;
        if let Some(via) = self.via.filter(|_| !along.passed.is_empty()) {
            head.extend_from_slice(&self.bytes[..via]);
            head.extend_from_slice(&along.passed);
            head.extend_from_slice(b", ");
            rest = via;
        }
        head.extend_from_slice(&self.bytes[rest..self.lines]);
        let digits = along.write(told, &mut head);
        head.extend_from_slice(&self.bytes[self.lines..]);
        (head, digits)
    }
}
