//! Which hosts a client may ask for, in a Host header or in HTTP/2's authority.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::http::proto::head_reject::HeadReject;

/// The hosts under which a listener answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Any host.
    Any,
    /// These names, in lower case, with a port where it is not the scheme's own.
    These(Vec<String>),
    /// Names that no public DNS resolves, and these names, with any port. A web page whose own name is made to
    /// resolve to this listener (DNS rebinding) has none of them.
    Local(Vec<String>),
}

/// Top-level names that no public DNS has (RFC 6761, RFC 6762; ICANN reserves `internal`), and the one under
/// which Kubernetes has its services.
const NEVER_PUBLIC: [&[u8]; 5] = [b".localhost", b".local", b".internal", b".home.arpa", b".svc"];

impl Hosts {
    /// The hosts of clients' listener; without names in the settings, any host.
    #[must_use]
    pub fn of_clients(names: &[String]) -> Self {
        if names.is_empty() { Self::Any } else { Self::These(names.to_vec()) }
    }

    /// Checks the host of a request. HTTP/1.0 allows requests without a host, which no browser sends.
    ///
    /// # Errors
    /// 421, when the listener does not answer for the host (RFC 9110, section 15.5.20).
    pub fn agree(&self, host: Option<&[u8]>) -> Result<(), HeadReject> {
        let is_ours = match (self, host) {
            (Self::Any, _) | (Self::Local(_), None) => true,
            (Self::These(_), None) => false,
            (Self::These(names), Some(host)) => is_named(names, host),
            (Self::Local(names), Some(host)) => is_local(names, host),
        };
        if is_ours { Ok(()) } else { Err(HeadReject::Misdirected) }
    }
}

/// Whether a host is one of these names. The dot of a fully qualified name (RFC 1034, section 3.1) makes no
/// difference, nor does the scheme's own port, written or left empty (RFC 9110, section 4.2.1).
fn is_named(names: &[String], host: &[u8]) -> bool {
    let (asked, port) = parts(host);
    let is_own = matches!(port, b"" | b":" | b":80" | b":443");
    names.iter().any(|known| {
        let (known, known_port) = parts(known.as_bytes());
        known.eq_ignore_ascii_case(asked) && (known_port == port || known_port.is_empty() && is_own)
    })
}

/// A host without the dot at its end, and its port with the colon.
fn parts(host: &[u8]) -> (&[u8], &[u8]) {
    let behind = memchr::memrchr(b']', host).map_or(0, |bracket| bracket + 1);
    let colon = memchr::memchr(b':', &host[behind..]).map_or(host.len(), |colon| behind + colon);
    let (name, port) = host.split_at(colon);
    (name.strip_suffix(b".").unwrap_or(name), port)
}

fn is_local(names: &[String], host: &[u8]) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    let name = name.strip_suffix(b".").unwrap_or(&name);
    let is_one_word = !name.is_empty() && !name.contains(&b'.') && !name.contains(&b':');
    is_one_word
        || is_address(name)
        || NEVER_PUBLIC.iter().any(|end| name.ends_with(end))
        || names.iter().any(|known| known == "*" || without_port(known.as_bytes()) == name)
}

/// A host without its port and without the brackets of an IPv6 address.
fn without_port(host: &[u8]) -> &[u8] {
    match host.strip_prefix(b"[") {
        Some(rest) => rest.split(|byte| *byte == b']').next().unwrap_or(rest),
        None => host.split(|byte| *byte == b':').next().unwrap_or(host),
    }
}

fn is_address(host: &[u8]) -> bool {
    let text = str::from_utf8(host).unwrap_or_default();
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::Hosts;

    fn are(hosts: &Hosts, asked: &[&str]) -> Vec<bool> {
        asked.iter().map(|host| hosts.agree(Some(host.as_bytes())).is_ok()).collect()
    }

    #[test]
    fn other_names_than_ours_are_misdirected() {
        let hosts = Hosts::of_clients(&["api.example".to_owned(), "a:8080".to_owned()]);
        let ours = ["API.example", "api.example:443", "api.example:80", "api.example:", "a:8080"];
        assert_eq!(are(&hosts, &ours), [true; 5]);
        assert_eq!(are(&hosts, &["a", "b", "api.example.evil", "api.example:8080"]), [false; 4]);
        assert!(hosts.agree(None).is_err() && Hosts::Any.agree(None).is_ok());
    }

    #[test]
    fn a_name_with_the_dot_of_a_whole_name_is_the_same() {
        let hosts = Hosts::of_clients(&["api.example".to_owned(), "a.:8080".to_owned(), "[::1]".to_owned()]);
        let ours = ["api.example.", "API.Example.:443", "a.:8080", "A:8080", "[::1]:80", "[::1]"];
        assert_eq!(are(&hosts, &ours), [true; 6]);
        assert_eq!(are(&hosts, &["api.example..", "api.example.:8080", ".", "a.", "[::1].:1"]), [false; 5]);
    }

    #[test]
    fn a_local_host_has_a_name_that_no_page_can_have() {
        let hosts = Hosts::Local(vec!["metrics.example".to_owned()]);
        let local = [
            "127.0.0.1:18090",
            "[::1]:18090",
            "10.1.2.3",
            "localhost:18090",
            "mesigate:18090",
            "x.localhost",
            "gw.shop.svc:18090",
            "gw.shop.svc.cluster.local.",
            "Metrics.example:1",
        ];
        assert_eq!(are(&hosts, &local), [true; 9]);
        let public =
            ["evil.example:18090", "127.0.0.1.evil.example", "local.example", "metrics.example.evil", ""];
        assert_eq!(are(&hosts, &public), [false; 5]);
        assert!(hosts.agree(None).is_ok());
        assert_eq!(are(&Hosts::Local(vec!["*".to_owned()]), &public[..4]), [true; 4]);
    }
}
