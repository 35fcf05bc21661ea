//! Counts keys in total and by owner, and bounds both.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use crate::config::limits::Per;

/// One part in so many of the room is reserved for owners with few keys.
const KEPT_FREE: usize = 8;
/// An owner with few keys has less than one part in so many of the room.
const LITTLE: usize = 64;

/// The owner of a key, which the key's own bits identify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// An app or a token, whose part of the hash comes first ([`super::key`]).
    Apps,
    /// A network: an IPv4 /24, an IPv6 /48.
    Networks,
}

impl Owners {
    /// The kind of owners of known callers' keys, under a rule.
    pub fn of_known(per: Per) -> Self {
        match per {
            Per::AppAndGroup | Per::App | Per::Token => Self::Apps,
            Per::Client | Per::All => Self::Networks,
        }
    }

    /// The owner of a key.
    pub fn of(self, key: u128) -> u128 {
        const MAPPED: u128 = 0xffff;
        match self {
            Self::Apps => key >> 64,
            Self::Networks if key >> 32 == MAPPED => key >> 8,
            Self::Networks => key >> 80,
        }
    }
}

/// How many keys a store holds and may hold. It is shared with the store, because governor gives no access to a store
/// once it has it.
///
/// Seven eighths are for all. The last one is for owners with less than a sixty-fourth of the whole, so that an owner
/// of many keys leaves room for the first keys of others.
#[derive(Debug, Default)]
pub struct Capacity {
    held: Mutex<Taken>,
    most: AtomicUsize,
}

#[derive(Debug, Default)]
struct Taken {
    /// Keys in the map and those about to be inserted: never fewer than there are.
    keys: usize,
    by_owner: HashMap<u128, usize>,
}

impl Capacity {
    /// Sets how many keys may be held; zero until then. Keys above a lowered number stay until they are pruned.
    pub fn set(&self, most: usize) {
        self.most.store(most, Relaxed);
    }

    /// How many keys are held.
    pub fn held(&self) -> usize {
        self.lock().keys
    }

    /// Counts a key before it is inserted, so that the map never exceeds the cap.
    pub fn reserve(&self, owner: u128) -> bool {
        let most = self.most.load(Relaxed);
        let mut held = self.lock();
        let own = held.by_owner.get(&owner).copied().unwrap_or(0);
        let is_for_anybody = held.keys < most - most.div_ceil(KEPT_FREE);
        if held.keys >= most || !(is_for_anybody || own < most.div_ceil(LITTLE)) {
            return false;
        }
        held.keys += 1;
        held.by_owner.insert(owner, own + 1);
        true
    }

    /// Counts one key less for each of these owners.
    pub fn release(&self, owners: impl IntoIterator<Item = u128>) {
        let mut held = self.lock();
        for owner in owners {
            held.keys = held.keys.saturating_sub(1);
            if let Some(own) = held.by_owner.get_mut(&owner) {
                *own -= 1;
                if *own == 0 {
                    held.by_owner.remove(&owner);
                }
            }
        }
        if held.by_owner.capacity() > 4 * held.by_owner.len() {
            held.by_owner.shrink_to_fit();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Capacity, Owners};

    #[test]
    fn one_owner_fills_seven_eighths_and_others_begin_in_the_last() {
        let room = Capacity::default();
        room.set(640);
        assert_eq!((0..1000).filter(|_| room.reserve(1)).count(), 560);
        assert_eq!((0..1000).filter(|_| room.reserve(2)).count(), 10);
        assert_eq!((3..1000).filter(|owner| room.reserve(*owner)).count(), 70);
        assert_eq!(room.held(), 640);
        room.release([1; 560]);
        assert_eq!((room.held(), (0..20).filter(|_| room.reserve(2)).count()), (80, 20));
    }

    #[test]
    fn a_network_is_a_v4_24_or_a_v6_48_and_an_app_is_its_half() {
        let key = |address: &str| {
            let address: std::net::IpAddr = address.parse().expect("an address");
            match address {
                std::net::IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
                std::net::IpAddr::V6(address) => address.to_bits(),
            }
        };
        let of = |address| Owners::Networks.of(key(address));
        assert_eq!(of("10.0.0.1"), of("10.0.0.255"));
        assert_ne!(of("10.0.0.1"), of("10.0.1.1"));
        assert_eq!(of("2001:db8:1:2::"), of("2001:db8:1:ffff::"));
        assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
        assert_eq!(Owners::Apps.of(7 << 64 | 9), Owners::Apps.of(7 << 64 | 1));
    }
}
