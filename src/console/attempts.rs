//! How often somebody may try to log in: wrong tokens are slowed by address, and few addresses are remembered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many wrong tokens in a row an address may send.
pub const MOST: u32 = 10;
/// How long it takes until it may send one more.
pub const PAUSE: Duration = Duration::from_secs(6);
/// How many addresses are remembered. Beyond them, all others count as one.
const ADDRESSES: usize = 256;

/// The wrong tokens that each address has sent lately.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<Option<IpAddr>, Wrong>>);

/// A bucket of wrong tokens that drains with time.
struct Wrong {
    many: u32,
    since: Instant,
}

impl Wrong {
    /// Lets go of what time has forgiven.
    fn drain(&mut self, now: Instant) {
        let forgiven = now.duration_since(self.since).as_secs() / PAUSE.as_secs();
        self.many = self.many.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        self.since += PAUSE * u32::try_from(forgiven).unwrap_or(0);
    }
}

impl Attempts {
    /// Whether a token from this address is looked at; a wrong one is to be told by [`Attempts::wrong`].
    pub fn may(&self, address: IpAddr, now: Instant) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, wrong| {
            wrong.drain(now);
            wrong.many > 0
        });
        all.get(&key(&all, address)).is_none_or(|wrong| wrong.many < MOST)
    }

    /// Counts a wrong token; returns how many there have been lately.
    pub fn wrong(&self, address: IpAddr, now: Instant) -> u32 {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(&all, address);
        let wrong = all.entry(key).or_insert(Wrong { many: 0, since: now });
        wrong.many += 1;
        wrong.many
    }
}

/// The place where an address is counted.
fn key(all: &HashMap<Option<IpAddr>, Wrong>, address: IpAddr) -> Option<IpAddr> {
    let has_room = all.contains_key(&Some(address)) || all.len() < ADDRESSES;
    has_room.then_some(address)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use tokio::time::Instant;

    use super::{ADDRESSES, Attempts, MOST, PAUSE};

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn wrong_tokens_are_slowed_and_forgiven_one_by_one() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let many = (0..2000).filter(|_| {
            let may = attempts.may(address(1), start);
            if may {
                attempts.wrong(address(1), start);
            }
            may
        });
        assert_eq!(many.count(), MOST as usize);
        assert!(attempts.may(address(2), start), "another address is another");
        assert!(!attempts.may(address(1), start + PAUSE / 2));
        assert!(attempts.may(address(1), start + PAUSE));
        attempts.wrong(address(1), start + PAUSE);
        assert!(!attempts.may(address(1), start + PAUSE));
    }

    #[test]
    fn few_addresses_are_remembered() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for number in 0..100_000 {
            if attempts.may(address(number), now) {
                attempts.wrong(address(number), now);
            }
        }
        assert_eq!(attempts.0.lock().expect("a lock").len(), ADDRESSES + 1);
        assert!(!attempts.may(address(200_000), now), "the others count as one");
        assert!(attempts.may(address(200_000), now + PAUSE * MOST));
        assert!(attempts.0.lock().expect("a lock").is_empty());
    }
}
