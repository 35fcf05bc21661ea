//! Which addresses count as one customer's.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address itself, also if it is mapped into IPv6; of an IPv6 address its /64, the smallest network of one
/// customer, so that an owner of many addresses counts once.
#[must_use]
pub fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        // The mapped form `::ffff:0:0/96` collides with no network's /64.
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() & NETWORK,
    }
}

const NETWORK: u128 = Ipv6Addr::new(0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 0, 0).to_bits();
