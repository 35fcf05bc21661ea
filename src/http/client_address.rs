//! The client's address: the socket's peer, or the address that a trusted proxy reports.

use std::net::IpAddr;

use ipnet::IpNet;

mod forwarded;

use crate::config::{ClientAddress, Listen};
use crate::http::proto::fields::Fields;

/// The most proxies that are followed one behind the other. A client may list as many trusted addresses as
/// headers have room for, and reading an address costs a thousand instructions.
const MOST_HOPS: usize = 64;

/// Whether an address is that of a trusted proxy.
#[must_use]
pub fn is_trusted(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// The client's address: from the end of the header towards its front, the first that is not a trusted proxy's.
/// Anybody may have written what stands before it. An unreadable hop ends the walk, since the hops before it
/// are as unknown. `peer` is the socket's peer, or the client that the PROXY protocol named.
#[must_use]
pub fn of(listen: &Listen, fields: &Fields<'_>, peer: IpAddr) -> IpAddr {
    match listen.client_address {
        ClientAddress::Socket | ClientAddress::ProxyProtocol => peer,
        ClientAddress::XForwardedFor => {
            let hops = fields.x_forwarded_for.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
            walk(listen, peer, hops.map(plain))
        }
        ClientAddress::Forwarded => {
            let hops = fields.forwarded.iter().rev().flat_map(|line| forwarded::hops(line));
            walk(listen, peer, hops)
        }
    }
}

/// Follows the hops while the last one is a trusted proxy; what other clients report is not read.
fn walk(listen: &Listen, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
    let (mut client, mut hops) = (peer, hops.take(MOST_HOPS));
    while is_trusted(&listen.trusted_proxies, client)
        && let Some(Some(address)) = hops.next()
    {
        client = address.to_canonical();
    }
    client
}

/// `203.0.113.7`, `203.0.113.7:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn plain(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
    let socket = || text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(socket).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    mod judge;

    use std::net::IpAddr;

    use crate::config::{Layers, Listen};
    use crate::http::proto::fields::Fields;

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
            ("1.1.1.1,203.0.113.7 ", "10.0.0.1", "203.0.113.7"),
            ("::ffff:203.0.113.7", "10.0.0.1", "203.0.113.7"),
            ("1.1.1.1, , 10.2.3.4", "10.0.0.1", "10.2.3.4"),
        ] {
            assert_eq!(client("x-forwarded-for", header, value, peer), expected, "{value} from {peer}");
            assert_eq!(
                client("socket", header, value, peer),
                peer.parse::<IpAddr>().expect("an address").to_string()
            );
        }
    }

    /// A proxy appends an address to the client's own line, whatever the client has put there.
    #[test]
    fn what_is_no_text_takes_nothing_else_of_its_line_away() {
        for lines in [
            &[b"\xff, 203.0.113.7".as_slice()][..],
            &[b"9.9.9.9", b"\xff, 203.0.113.7"],
            &[b"9.9.9.9, 203.0.113.7 , 10.0.0.9"],
            &[b"\xff", b"203.0.113.7"],
        ] {
            let mut fields = Fields::default();
            for line in lines {
                fields.take(b"X-Forwarded-For", line);
            }
            let peer = "10.0.0.1".parse().expect("an address");
            assert_eq!(
                super::of(&listen("x-forwarded-for"), &fields, peer).to_string(),
                "203.0.113.7",
                "{lines:?}"
            );
        }
        for lines in [&[b"9.9.9.9, \xff".as_slice()][..], &[b"9.9.9.9", b"\xff"]] {
            let mut fields = Fields::default();
            for line in lines {
                fields.take(b"X-Forwarded-For", line);
            }
            let peer = "10.0.0.1".parse().expect("an address");
            assert_eq!(super::of(&listen("x-forwarded-for"), &fields, peer), peer, "{lines:?}");
        }
    }

    #[test]
    fn no_more_proxies_are_walked_through_than_anybody_has() {
        for (count, expected) in [(63, "203.0.113.7"), (64, "10.0.0.2")] {
            let hops = "10.0.0.2,".repeat(count);
            let elements = hops.replace("10.", "for=10.");
            let plain = format!("203.0.113.7,{hops}");
            let lists = [
                ("X-Forwarded-For", plain.trim_end_matches(',').to_owned()),
                ("Forwarded", format!("for=203.0.113.7,{}", elements.trim_end_matches(','))),
            ];
            for (header, list) in &lists {
                let mut fields = Fields::default();
                fields.take(header.as_bytes(), list.as_bytes());
                let client = super::of(&listen(&header.to_ascii_lowercase()), &fields, [10, 0, 0, 1].into());
                assert_eq!(client.to_string(), expected, "{header}: {count}");
            }
        }
    }

    #[test]
    fn what_nobody_asks_for_is_not_read() {
        let line = format!("{}for=203.0.113.7", "for=\"10.0.0.1\",".repeat(2000));
        let mut fields = Fields::default();
        fields.take(b"Forwarded", line.as_bytes());
        let listen = listen("forwarded");
        // A trusted proxy's line costs a list of all elements' positions, and reading one element.
        for (peer, most) in [([10, 0, 0, 1].into(), 24), ([198, 51, 100, 1].into(), 0)] {
            let found = allocation_counter::measure(|| _ = super::of(&listen, &fields, peer));
            assert!(found.count_total <= most, "{peer}: {}", found.count_total);
        }
    }

    #[test]
    fn forwarded_is_read_as_its_standard_says() {
        for (value, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"[2001:db8::1]:4711\";proto=https", "2001:db8::1"),
            ("for=1.1.1.1, for=203.0.113.7;by=10.0.0.1", "203.0.113.7"),
            ("for=unknown", "10.0.0.1"),
            ("for=203.0.113.7;host=\"x,for=5.5.5.5\"", "203.0.113.7"),
            ("for=203.0.113.7;host=\"x;for=5.5.5.5\"", "203.0.113.7"),
            ("host=\"x\\\",for=5.5.5.5\";for=203.0.113.7", "203.0.113.7"),
            ("for=\"203\\.0.113.7\"", "203.0.113.7"),
            ("for=203.0.113.7;for=5.5.5.5", "10.0.0.1"),
            ("for=5.5.5.5, host=\"open", "10.0.0.1"),
            ("for=5.5.5.5\"", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(client("forwarded", "forwarded", value, "10.0.0.1"), expected, "{value}");
        }
    }
}
