//! A second reader of these headers, short and slow; the tests check that both find the same client.

use std::net::IpAddr;

use proptest::prelude::*;

use crate::config::{Layers, Listen};
use crate::http::client_address::{self, is_trusted};
use crate::http::proto::fields::Fields;

fn listen(from: &str) -> Listen {
    let text = format!("listen = {{ client_address = '{from}', trusted_proxies = ['10.0.0.0/8', '::1'] }}");
    let layers = Layers::shipped().and_then(|layers| layers.text("test", &text)).expect("sound TOML");
    layers.config().expect("sound settings").listen
}

/// The last of all hops that a trusted proxy has named.
fn client(peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
    let listen = listen("socket");
    match hops.split_last() {
        Some((Some(last), before)) if is_trusted(&listen.trusted_proxies, peer) => {
            client(last.to_canonical(), before)
        }
        _ => peer,
    }
}

/// An address with or without brackets and port; all of it must be read.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.contains(':').then_some(())?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("0"))?)
        }
        None => text.split_once(':').filter(|(host, _)| host.contains('.'))?,
    };
    port.bytes().all(|digit| digit.is_ascii_digit()).then(|| port.parse::<u16>().ok()).flatten()?;
    host.parse().ok()
}

fn x_forwarded_for(lines: &[Vec<u8>]) -> Vec<Option<IpAddr>> {
    let all = lines.join(&b',');
    let hops = all.split(|byte| *byte == b',');
    hops.map(|hop| str::from_utf8(hop).ok().and_then(address)).collect()
}

/// Reads one letter after the other. Quoted text is put aside first, so that all commas and semicolons left separate.
fn forwarded(line: &[u8]) -> Vec<Option<IpAddr>> {
    const QUOTE: u16 = 0x100;
    let (mut letters, mut is_quoted, mut bytes) = (Vec::<u16>::new(), false, line.iter());
    while let Some(byte) = bytes.next() {
        match (byte, is_quoted) {
            (b'"', _) => {
                is_quoted = !is_quoted;
                letters.push(QUOTE);
            }
            (b'\\', true) => match bytes.next() {
                Some(next) => letters.push(0x200 | u16::from(*next)),
                None => return vec![None],
            },
            (_, true) => letters.push(0x200 | u16::from(*byte)),
            (_, false) => letters.push(u16::from(*byte)),
        }
    }
    if is_quoted {
        return vec![None];
    }
    let element = |element: &[u16]| {
        let mut nodes = Vec::new();
        for pair in element.split(|letter| *letter == u16::from(b';')) {
            let equals = pair.iter().position(|letter| *letter & 0xff == u16::from(b'=') && *letter != QUOTE);
            let Some(equals) = equals else { continue };
            let plain = |letters: &[u16]| letters.iter().map(|it| it.to_le_bytes()[0]).collect::<Vec<_>>();
            let is_node = !pair[..equals].iter().any(|letter| *letter >= QUOTE)
                && plain(&pair[..equals]).trim_ascii().eq_ignore_ascii_case(b"for");
            if is_node {
                let blank = |letter: &&u16| **letter < 0x80 && plain(&[**letter])[0].is_ascii_whitespace();
                let value = &pair[equals + 1..];
                let start = value.iter().take_while(blank).count();
                let end = value.len() - value[start..].iter().rev().take_while(blank).count();
                nodes.push(value[start..end].to_vec());
            }
        }
        let [node] = &nodes[..] else { return None };
        let quotes = node.iter().filter(|letter| **letter == QUOTE).count();
        let is_whole = quotes == 0
            || quotes == 2 && node.len() > 1 && node.first() == Some(&QUOTE) && node.last() == Some(&QUOTE);
        let text: Vec<u8> =
            node.iter().filter(|letter| **letter != QUOTE).map(|it| it.to_le_bytes()[0]).collect();
        is_whole.then(|| String::from_utf8(text).ok().and_then(|text| address(&text))).flatten()
    };
    letters.split(|letter| *letter == u16::from(b',')).map(element).collect()
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "203.0.113.7", "10.0.0.9", "10.1.2.3:80", "::1", "[::1]:4711", "[2001:db8::1]", "::ffff:10.0.0.2", "5.5.5.5",
            "for=", "For=", "host=", ",", ", ", ";", "\"", "\\", " ", "unknown", "for=\"", "\"[::1]\"", "proto=https",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(piece(), 0..9).prop_map(|pieces| pieces.concat()), 0..3)
}

proptest! {
    #[test]
    fn both_readers_find_the_same_client(lines in lines(), trusted in any::<bool>()) {
        let peer = if trusted { [10, 0, 0, 1].into() } else { [198, 51, 100, 1].into() };
        let mut fields = Fields::default();
        for line in &lines {
            fields.take(b"x-forwarded-for", line);
            fields.take(b"forwarded", line);
        }
        let of = |from| client_address::of(&listen(from), &fields, peer);
        prop_assert_eq!(of("x-forwarded-for"), client(peer, &x_forwarded_for(&lines)));
        let all: Vec<_> = lines.iter().flat_map(|line| forwarded(line)).collect();
        prop_assert_eq!(of("forwarded"), client(peer, &all));
    }
}
