//! Which party has a seat, which waits, and which gets the next free one. Pure, except that it wakes waiting
//! requests.
//!
//! A known caller is a party of its own. All unknown callers together count as one party among those, however
//! many tokens they invent; within it, each address is one. A free seat goes to the party with the fewest;
//! among equals, to the one that got its last seat longest ago. When the queue is full, the party with the most
//! in it makes room.

use std::collections::VecDeque;

use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::upstream::asker::Asker;

/// One of so many seats is kept for known callers that have few, so that they need not wait. With fewer seats
/// than this none is kept, since it would be missed.
const KEPT: usize = 16;
/// The most seats, whose list is made at the start; no setting allows more connections.
const MOST: usize = 65_536;

/// A caller, or an address of unknown callers, which competes for seats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A known caller.
    Known(u128),
    /// All unknown callers of one address.
    Strangers(u128),
}

impl Party {
    /// The party of a request.
    #[must_use]
    pub fn of(asker: &Asker<'_>) -> Self {
        if asker.is_known() { Self::Known(asker.caller.0) } else { Self::Strangers(asker.network()) }
    }

    const fn is_known(self) -> bool {
        matches!(self, Self::Known(_))
    }
}

/// The holder of a seat. Whether a caller is known is looked up only once seats are short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Nobody,
    Unasked(u128),
    Party(Party),
}

impl Holder {
    /// The party whose queue this holder belongs to.
    fn party(self) -> Option<Party> {
        match self {
            Self::Nobody => None,
            Self::Unasked(caller) => Some(Party::Known(caller)),
            Self::Party(party) => Some(party),
        }
    }
}

/// The waiting requests of one party.
struct PartyQueue {
    party: Party,
    /// How many seats the party has.
    seats: usize,
    /// When the party got its last seat, or began to wait.
    since: u64,
    waiting: VecDeque<Waiter>,
}

/// A waiting request.
struct Waiter {
    ticket: u64,
    seat: Sender<usize>,
}

/// All seats of one gate.
pub struct Seats {
    holders: Vec<Holder>,
    free: Vec<usize>,
    kept: usize,
    most_waiting: usize,
    lines: Vec<PartyQueue>,
    waiting: usize,
    /// How many seats all unknown callers have, and when they got the last one or began to wait.
    strangers: (usize, u64),
    /// Grows with every request that comes to wait and every seat that is given.
    clock: u64,
}

impl Seats {
    /// So many seats, for which `most_waiting` requests may wait.
    #[must_use]
    pub fn new(seats: usize, most_waiting: usize) -> Self {
        let seats = seats.min(MOST);
        Self {
            holders: vec![Holder::Nobody; seats],
            free: (0..seats).rev().collect(),
            kept: seats / KEPT,
            most_waiting,
            lines: Vec::new(),
            waiting: 0,
            strangers: (0, 0),
            clock: 0,
        }
    }

    /// A free seat that is not kept.
    #[inline]
    pub fn take(&mut self, caller: u128) -> Option<usize> {
        if self.free.len() <= self.kept {
            return None;
        }
        let number = self.free.pop()?;
        self.holders[number] = Holder::Unasked(caller);
        Some(number)
    }

    /// A free seat for the party, a kept one if it may have it.
    pub fn take_kept(&mut self, party: Party) -> Option<usize> {
        if !self.is_for(party, self.held(party)) {
            return None;
        }
        let number = self.free.pop()?;
        self.hold(number, party);
        Some(number)
    }

    /// Whether a party with `seats` seats may have one of the free ones.
    fn is_for(&self, party: Party, seats: usize) -> bool {
        let is_few = party.is_known() && seats < self.kept;
        self.free.len() > if is_few { 0 } else { self.kept }
    }

    /// Frees a seat, and gives it to the next waiting request.
    #[inline]
    pub fn give_back(&mut self, number: usize) {
        let holder = std::mem::replace(&mut self.holders[number], Holder::Nobody);
        self.free.push(number);
        if let Holder::Party(Party::Strangers(_)) = holder {
            self.strangers.0 -= 1;
        }
        if self.waiting > 0 {
            self.release(holder);
        }
    }

    #[cold]
    fn release(&mut self, holder: Holder) {
        if let Some(line) = holder.party().and_then(|party| self.line(party)) {
            self.lines[line].seats -= 1;
        }
        while let Some(line) = self.next() {
            self.call(line);
        }
    }

    /// Adds a request to the queue; `None` if it is full, and no party would have more in it than this one.
    pub fn wait(&mut self, party: Party) -> Option<(u64, Receiver<usize>)> {
        if self.waiting >= self.most_waiting && !self.make_room(party) {
            return None;
        }
        self.clock += 1;
        let (seat, called) = channel();
        let line = self.line(party).unwrap_or_else(|| self.begin(party));
        self.lines[line].waiting.push_back(Waiter { ticket: self.clock, seat });
        self.waiting += 1;
        Some((self.clock, called))
    }

    /// Removes a request from the queue.
    pub fn leave(&mut self, party: Party, ticket: u64) {
        let Some(line) = self.line(party) else {
            return;
        };
        let waiting = &mut self.lines[line].waiting;
        // The request may have been dismissed already.
        if let Some(place) = waiting.iter().position(|waiter| waiter.ticket == ticket) {
            waiting.remove(place);
            self.waiting -= 1;
            self.end_if_empty(line);
        }
    }

    fn line(&self, party: Party) -> Option<usize> {
        self.lines.iter().position(|line| line.party == party)
    }

    fn begin(&mut self, party: Party) -> usize {
        if self.waiting_strangers() == 0 && !party.is_known() {
            self.strangers.1 = self.clock;
        }
        let (seats, since) = (self.held(party), self.clock);
        self.lines.push(PartyQueue { party, seats, since, waiting: VecDeque::new() });
        self.lines.len() - 1
    }

    /// How many seats a party has.
    fn held(&self, party: Party) -> usize {
        self.holders.iter().filter(|holder| holder.party() == Some(party)).count()
    }

    /// The party queue that gets the next free seat, if any may have it.
    fn next(&self) -> Option<usize> {
        let lines = self.lines.iter().enumerate();
        let may = lines.filter(|(_, line)| self.is_for(line.party, line.seats));
        may.min_by_key(|(_, line)| {
            let own = (line.seats, line.since);
            match line.party {
                Party::Known(_) => (own, own),
                Party::Strangers(_) => (self.strangers, own),
            }
        })
        .map(|(number, _)| number)
    }

    /// Gives a free seat to the first request of a party queue.
    fn call(&mut self, line: usize) {
        let party = self.lines[line].party;
        let Some(waiter) = self.lines[line].waiting.pop_front() else {
            return;
        };
        self.waiting -= 1;
        // A request whose client has just left does not receive the seat.
        if let Some(number) = self.free.last().copied()
            && waiter.seat.send(number).is_ok()
        {
            self.free.pop();
            self.clock += 1;
            self.lines[line].seats += 1;
            self.lines[line].since = self.clock;
            self.hold(number, party);
        }
        self.end_if_empty(line);
    }

    fn hold(&mut self, number: usize, party: Party) {
        self.holders[number] = Holder::Party(party);
        if !party.is_known() {
            self.strangers = (self.strangers.0 + 1, self.clock);
        }
    }

    fn end_if_empty(&mut self, line: usize) {
        if self.lines[line].waiting.is_empty() {
            self.lines.swap_remove(line);
        }
    }

    fn waiting_strangers(&self) -> usize {
        let strangers = self.lines.iter().filter(|line| !line.party.is_known());
        strangers.map(|line| line.waiting.len()).sum()
    }

    /// Dismisses the last request of the party with the most in the queue, if that is more than `party` would
    /// have.
    fn make_room(&mut self, party: Party) -> bool {
        let strangers = self.waiting_strangers();
        let own = self.line(party).map_or(0, |line| self.lines[line].waiting.len());
        let of_all = |party: Party, own: usize| if party.is_known() { own } else { strangers };
        let among = |line: &PartyQueue| (of_all(line.party, line.waiting.len()), line.waiting.len());
        let Some(line) = (0..self.lines.len()).max_by_key(|line| among(&self.lines[*line])) else {
            return false;
        };
        let most = among(&self.lines[line]);
        let is_same = !party.is_known() && !self.lines[line].party.is_known();
        let is_more = if is_same { most.1 > own + 1 } else { most.0 > of_all(party, own) + 1 };
        if is_more {
            self.lines[line].waiting.pop_back();
            self.waiting -= 1;
            self.end_if_empty(line);
        }
        is_more
    }
}
