//! `Via` (RFC 9110, section 7.6.3): a gateway recognizes a request that it has sent itself, whatever names,
//! proxies and other gateways lie between.
//!
//! Each gateway signs with a random name, which tells nothing of its machine, and passes on the names of the
//! gateways before it: no request makes more than one round. The rest of a client's `Via` is dropped.

use std::hash::{BuildHasher as _, RandomState};

use crate::protocol::reject::Reject;

/// The prefix of each gateway's name.
const KIND: &str = "mesigate-";
/// How many hex digits follow the prefix.
const DIGITS: usize = 16;
/// The protocol before a name: always that of the request to upstream, since the client's version is not passed
/// on.
const PROTOCOL: &str = "1.1 ";
/// The most gateways that a request may have passed. Two in a row make sense; a ring in which the names are
/// removed on the way goes unseen.
const MOST: usize = 4;

const BACK: &str = "the request has been through this very gateway: upstream.url, here or in a gateway between, leads back here; give the JSON API's own address, as in https://api.mesibo.com/backend/";
const FAR: &str = "the request has been through 4 gateways already: does upstream.url of one of them lead to another in place of the JSON API?";

/// One gateway's name, which all its workers share until it ends.
pub struct Name {
    text: String,
}

impl Default for Name {
    fn default() -> Self {
        // The standard library's random keys, which protect its hash tables.
        let chance = RandomState::new().hash_one(0_u8);
        Self { text: format!("{KIND}{chance:016x}") }
    }
}

impl Name {
    /// The gateway's entry in a `Via` header.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{PROTOCOL}{}", self.text)
    }

    /// The entries of the gateways that a request has passed, for the next `Via`; empty for none.
    ///
    /// # Errors
    /// LOOP, if the request has passed this gateway, or too many others.
    #[cold]
    pub fn passed(&self, via: &[u8]) -> Result<Vec<u8>, Reject> {
        let names: Vec<&str> = via.split(|byte| *byte == b',').filter_map(gateway).collect();
        let why = if names.contains(&self.text.as_str()) { BACK } else { FAR };
        if why == FAR && names.len() < MOST {
            let signed: Vec<String> = names.iter().map(|name| format!("{PROTOCOL}{name}")).collect();
            return Ok(signed.join(", ").into_bytes());
        }
        Err(Reject::Loop(why))
    }
}

/// The gateway's name in one entry of a list, if it has one: exactly as [`Name::signature`] writes it, except
/// for the protocol and a comment.
fn gateway(entry: &[u8]) -> Option<&str> {
    let entry = str::from_utf8(entry).ok()?;
    let name = entry.split_ascii_whitespace().nth(1)?;
    let digits = name.strip_prefix(KIND)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digits.len() == DIGITS && digits.bytes().all(is_digit)).then_some(name)
}

/// Whether a value of `Via` may name a gateway.
#[must_use]
pub fn may_name(via: &[u8]) -> bool {
    memchr::memmem::find(via, KIND.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::{BACK, FAR, MOST, Name, may_name};
    use crate::protocol::reject::Reject;

    #[test]
    fn a_gateway_knows_its_own_name_and_no_other() {
        let (one, other) = (Name::default(), Name::default());
        let via = format!("1.1 nginx, {} (a comment)", one.signature());
        assert!(may_name(via.as_bytes()) && !may_name(b"1.1 nginx"));
        assert_eq!(one.passed(via.as_bytes()), Err(Reject::Loop(BACK)));
        assert_eq!(other.passed(via.as_bytes()), Ok(one.signature().into_bytes()));
    }

    #[test]
    fn a_row_of_gateways_has_an_end() {
        let own = Name::default();
        let row = |length: usize| {
            let names: Vec<String> = (0..length).map(|_| Name::default().signature()).collect();
            names.join(", ").into_bytes()
        };
        for length in 1..MOST {
            let row = row(length);
            assert_eq!(own.passed(&row), Ok(row));
        }
        for length in [MOST, MOST + 1, 1000] {
            assert_eq!(own.passed(&row(length)), Err(Reject::Loop(FAR)));
        }
        assert!(FAR.contains(&format!("through {MOST} gateways")));
    }
}
