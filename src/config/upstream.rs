//! The JSON endpoint's URL, parsed once.

use std::fmt;

use hyper::Uri;

/// http or https.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS.
    Https,
}

/// Whose server serves the JSON API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamKind {
    /// mesibo's.
    Cloud,
    /// The owner's own.
    OnPremise,
}

impl UpstreamKind {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 2] = [("cloud", Self::Cloud), ("on-premise", Self::OnPremise)];
}

/// The JSON API's address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// http or https.
    pub scheme: Scheme,
    /// The host's name or address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path that every request is posted to.
    pub path: String,
}

impl Endpoint {
    /// Reads `https://api.mesibo.com/backend/`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|what| {
            format!("{what}: give the whole JSON endpoint, such as https://api.mesibo.com/backend/")
        })
    }

    /// Reads any URL of http or https that requests can be posted to; the error says only what is wrong.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let wrong = |what| Err(what);
        let Ok(uri) = text.parse::<Uri>() else {
            return wrong("is no URL");
        };
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return wrong("begins with neither http:// nor https://"),
        };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return wrong("has no host");
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return wrong("has a user name before the host, which is not sent");
        }
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let has_port = authority.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
        if has_port && uri.port_u16().is_none_or(|port| port == 0) {
            return wrong("has a port that is none from 1 to 65535");
        }
        if text.contains('#') {
            return wrong("has a `#`, which no request carries");
        }
        if uri.query().is_some() {
            return wrong("has a query, which is not sent");
        }
        let port = uri.port_u16().unwrap_or(match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        });
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) if address.parse::<std::net::Ipv6Addr>().is_ok() => address.to_owned(),
            None if !host.contains(['[', ']']) => host.to_owned(),
            _ => return wrong("has brackets around what is no IPv6 address"),
        };
        Ok(Self { scheme, host, port, path: uri.path().to_owned() })
    }

    /// The `Host` header: with the port if it is not the scheme's default (RFC 9110, section 7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.scheme, self.port) {
            (Scheme::Http, 80) | (Scheme::Https, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}
