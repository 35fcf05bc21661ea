//! Who sent a request: the socket's word, or that of a proxy whose word counts.

use std::net::IpAddr;

use ipnet::IpNet;

use super::asked::Fields;
use crate::config::{ClientAddress, Listen};

/// Whether an address is a proxy's whose word counts.
#[must_use]
pub fn is_trusted(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// The client's address: from the back of the header towards its front, the first that is no trusted
/// proxy's. What stands in front of it anybody may have written. `peer` is who is on the socket, or
/// whom the PROXY protocol named.
#[must_use]
pub fn of(listen: &Listen, fields: &Fields<'_>, peer: IpAddr) -> IpAddr {
    let (lines, read): (_, fn(&str) -> Option<IpAddr>) = match listen.client_address {
        ClientAddress::Socket | ClientAddress::ProxyProtocol => return peer,
        ClientAddress::XForwardedFor => (&fields.x_forwarded_for, plain),
        ClientAddress::Forwarded => (&fields.forwarded, forwarded),
    };
    let mut client = peer;
    let lines = lines.iter().filter_map(|line| str::from_utf8(line).ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&listen.trusted_proxies, client) {
            break;
        }
        match read(hop.trim()) {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

/// `203.0.113.7`, `203.0.113.7:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn plain(text: &str) -> Option<IpAddr> {
    let socket = || text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(socket).or_else(bracketed)
}

/// The `for` of one element (RFC 7239, section 4): `for="[2001:db8::1]:80";proto=https`.
fn forwarded(element: &str) -> Option<IpAddr> {
    let parts = element.split(';').filter_map(|part| part.split_once('='));
    let node = parts.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?.1;
    plain(node.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use crate::config::{Layers, Listen};
    use crate::http::asked::Fields;

    fn listen(from: &str) -> Listen {
        let text =
            format!("listen = {{ client_address = '{from}', trusted_proxies = ['10.0.0.0/8', '::1'] }}");
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &text)).expect("sound TOML");
        layers.config().expect("sound settings").listen
    }

    fn client(from: &str, header: &'static str, value: &'static str, peer: &str) -> String {
        let mut fields = Fields::default();
        fields.take(header.as_bytes(), value.as_bytes());
        let peer: IpAddr = peer.parse().expect("an address");
        super::of(&listen(from), &fields, peer).to_string()
    }

    #[test]
    fn a_trusted_proxy_says_who_called_and_nobody_else_does() {
        let header = "x-forwarded-for";
        for (value, peer, expected) in [
            ("203.0.113.7", "10.0.0.1", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", "198.51.100.1"),
            ("203.0.113.7", "::ffff:10.0.0.1", "203.0.113.7"),
            ("1.1.1.1, 203.0.113.7, 10.2.3.4", "10.0.0.1", "203.0.113.7"),
            ("203.0.113.7:4711", "10.0.0.1", "203.0.113.7"),
            ("[2001:db8::1]:80", "::1", "2001:db8::1"),
            ("203.0.113.7, nonsense", "10.0.0.1", "10.0.0.1"),
            ("", "10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(client("x-forwarded-for", header, value, peer), expected, "{value} from {peer}");
            assert_eq!(
                client("socket", header, value, peer),
                peer.parse::<IpAddr>().expect("an address").to_string()
            );
        }
    }

    #[test]
    fn forwarded_is_read_as_its_standard_says() {
        for (value, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"[2001:db8::1]:4711\";proto=https", "2001:db8::1"),
            ("for=1.1.1.1, for=203.0.113.7;by=10.0.0.1", "203.0.113.7"),
            ("for=unknown", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(client("forwarded", "forwarded", value, "10.0.0.1"), expected, "{value}");
        }
    }
}
