//! Who asks upstream: what there is to know so that nobody pays for what another does.

use std::net::IpAddr;
use std::sync::OnceLock;

use crate::http::net::presence::Presence;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::network::network;

/// One request's caller.
///
/// A token that is not known may be an invention: whoever likes may have as many as he likes.
pub struct Asker<'a> {
    /// The caller.
    pub caller: Fingerprint,
    /// The client's address.
    pub client: IpAddr,
    /// The app's name, for logs.
    pub app: Option<&'a str>,
    /// Whether whoever asks is still there.
    pub presence: &'a Presence,
    ask: &'a (dyn Fn() -> bool + Sync),
    is_known: OnceLock<bool>,
}

impl<'a> Asker<'a> {
    /// A caller, of which `ask` tells whether it is known: an app of the settings, or one with a token that upstream
    /// has accepted.
    #[must_use]
    pub const fn new(
        caller: Fingerprint,
        client: IpAddr,
        app: Option<&'a str>,
        ask: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self { caller, client, app, presence: &Presence::NOBODY, ask, is_known: OnceLock::new() }
    }

    /// Whether the caller is known. That costs a look into a table: it is asked where something has failed, or is
    /// full; once, so that a request ends as whom it began, whatever upstream says of its token meanwhile.
    #[must_use]
    pub fn is_known(&self) -> bool {
        *self.is_known.get_or_init(self.ask)
    }

    /// The client's address, or of IPv6 its /64.
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

    /// The caller of this number, who is known.
    pub const fn known(number: u128) -> Asker<'static> {
        Asker::new(fingerprint(number), ADDRESS, None, &|| true)
    }

    /// A caller of this number whom nobody knows.
    pub const fn stranger(number: u128) -> Asker<'static> {
        from(ADDRESS, number)
    }

    /// A caller of this number whom nobody knows, from an address of its own.
    pub const fn from(client: IpAddr, number: u128) -> Asker<'static> {
        Asker::new(fingerprint(number), client, None, &|| false)
    }

    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    /// As spread as one is.
    const fn fingerprint(number: u128) -> Fingerprint {
        Fingerprint(number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
    }
}
