//! The caller of a request to upstream, as breaker, gate and retry budget see it, so that no caller pays for
//! another.

use std::net::IpAddr;
use std::sync::OnceLock;

use crate::http::net::presence::Presence;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::network::network;

/// One request's caller.
///
/// A token that is not known may be invented: any client may send as many as it likes.
pub struct Asker<'a> {
    /// The caller's fingerprint.
    pub caller: Fingerprint,
    /// The client's address.
    pub client: IpAddr,
    /// The app's name, for logs.
    pub app: Option<&'a str>,
    /// Whether the client is still connected.
    pub presence: &'a Presence,
    ask: &'a (dyn Fn() -> bool + Sync),
    is_known: OnceLock<bool>,
}

impl<'a> Asker<'a> {
    /// A caller; `ask` tells whether it is known: an app of the settings, or a caller with a token that
    /// upstream has accepted.
    #[must_use]
    pub const fn new(
        caller: Fingerprint,
        client: IpAddr,
        app: Option<&'a str>,
        ask: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self { caller, client, app, presence: &Presence::NOBODY, ask, is_known: OnceLock::new() }
    }

    /// Whether the caller is known. The answer costs a look into a table, so only failures and full queues ask
    /// for it; it is kept, so that a request ends as the caller it began as, whatever upstream says of its
    /// token meanwhile.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self.is_known.get_or_init(self.ask)
    }

    /// The client's address, or the /64 of an IPv6 address.
    #[must_use]
    pub fn network(&self) -> u128 {
        network(self.client)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::Asker;
    use crate::policy::fingerprint::Fingerprint;

    /// The known caller of this number.
    pub const fn known(number: u128) -> Asker<'static> {
        Asker::new(fingerprint(number), ADDRESS, None, &|| true)
    }

    /// An unknown caller of this number.
    pub const fn stranger(number: u128) -> Asker<'static> {
        from(ADDRESS, number)
    }

    /// An unknown caller of this number, from an address of its own.
    pub const fn from(client: IpAddr, number: u128) -> Asker<'static> {
        Asker::new(fingerprint(number), client, None, &|| false)
    }

    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    /// A fingerprint, spread as evenly as a real one.
    const fn fingerprint(number: u128) -> Fingerprint {
        Fingerprint(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }
}
