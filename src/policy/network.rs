//! Which addresses are one customer's.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address as it is, also where it came mapped into IPv6; of IPv6 the /64, which is the least
/// that one customer has, so that who owns one cannot be many.
#[must_use]
pub fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        // As the mapped address: `::ffff:0:0/96` is no network's /64.
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & NETWORK,
    }
}

const NETWORK: u128 = Ipv6Addr::new(0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 0, 0).to_bits();
