//! Reads the `Forwarded` header (RFC 7239, section 4): elements between commas, pairs between semicolons, and
//! values that may be quoted, with commas and semicolons in them.

use std::net::IpAddr;

use super::plain;

/// The address that each element of a line names, from the last to the first, each read when it is asked for;
/// `None` for an element that names no address, or two. A line with an unclosed quote is one such element,
/// since none of its separators can be trusted.
pub fn hops(line: &[u8]) -> impl Iterator<Item = Option<IpAddr>> {
    let elements = split(line, b',');
    let unclear = elements.is_none().then_some(None);
    elements.unwrap_or_default().into_iter().rev().map(hop).chain(unclear)
}

fn hop(element: &[u8]) -> Option<IpAddr> {
    let parts = split(element, b';')?;
    let mut nodes = parts.into_iter().filter_map(node);
    let node = nodes.next()?;
    if nodes.next().is_some() { None } else { plain(&unquoted(node)?) }
}

/// The value of a pair whose name is `for`.
fn node(part: &[u8]) -> Option<&[u8]> {
    let equals = memchr::memchr(b'=', part)?;
    let (name, value) = (part[..equals].trim_ascii(), part[equals + 1..].trim_ascii());
    name.eq_ignore_ascii_case(b"for").then_some(value)
}

/// Splits a text at the separators outside quotes; `None` if a quote is not closed.
fn split(text: &[u8], separator: u8) -> Option<Vec<&[u8]>> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            byte if *byte == separator && !is_quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (!is_quoted).then_some(parts)
}

/// A value without its quotes and the backslashes of quoted pairs (RFC 9110, section 5.6.4); `None` if a quote
/// stands within it.
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(inside) = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")) else {
        return (!value.contains(&b'"')).then(|| value.to_vec());
    };
    let mut plain = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return None,
            b'\\' => plain.push(*bytes.next()?),
            _ => plain.push(*byte),
        }
    }
    Some(plain)
}
