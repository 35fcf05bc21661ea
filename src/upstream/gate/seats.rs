//! Who has a seat, who waits for one, and who gets the next: pure, but for calling whoever waits.
//!
//! Known callers are parties of their own. Those whom nobody knows are one party among them, however many tokens
//! they invent, in which each address is one. A seat that gets free is for the party that has fewest; of those with
//! as many, for the one that got one longest ago. When the queue is full, whoever has most in it makes room.

use std::collections::VecDeque;

use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::upstream::asker::Asker;

/// Of so many seats one is kept for known callers that have few, so that they need not wait at all. Where there are
/// not so many, each that is kept would be missed.
const KEPT: usize = 16;
/// Seats are counted in a list that is made at the start, up to so many; nobody has more connections.
const MOST: usize = 65_536;

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// A known caller.
    Known(u128),
    /// All callers of an address that nobody knows.
    Strangers(u128),
}

impl Party {
    /// Whose request it is.
    #[must_use]
    pub fn of(asker: &Asker<'_>) -> Self {
        if asker.is_known() { Self::Known(asker.caller.0) } else { Self::Strangers(asker.network()) }
    }

    const fn is_known(self) -> bool {
        matches!(self, Self::Known(_))
    }
}

/// Who has a seat. Whether a caller is known is asked only once seats are short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Nobody,
    Unasked(u128),
    Party(Party),
}

impl Holder {
    /// The line in which others of its kind wait, if they do.
    fn party(self) -> Option<Party> {
        match self {
            Self::Nobody => None,
            Self::Unasked(caller) => Some(Party::Known(caller)),
            Self::Party(party) => Some(party),
        }
    }
}

/// Those of one party that wait.
struct PartyQueue {
    party: Party,
    /// How many seats the party has.
    seats: usize,
    /// When it got its last seat, or began to wait.
    since: u64,
    waiting: VecDeque<Waiter>,
}

/// One that waits.
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
    /// What all strangers together have, and since when they wait.
    strangers: (usize, u64),
    /// Moves with everyone that comes to wait and everyone that gets a seat.
    clock: u64,
}

impl Seats {
    /// So many, for which so many may wait.
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

    /// A seat that is for anybody.
    #[inline]
    pub fn take(&mut self, caller: u128) -> Option<usize> {
        if self.free.len() <= self.kept {
            return None;
        }
        let number = self.free.pop()?;
        self.holders[number] = Holder::Unasked(caller);
        Some(number)
    }

    /// One of those that are kept.
    pub fn take_kept(&mut self, party: Party) -> Option<usize> {
        if !self.is_for(party, self.held(party)) {
            return None;
        }
        let number = self.free.pop()?;
        self.hold(number, party);
        Some(number)
    }

    /// Whether one of the free seats may be had by a party with so many.
    fn is_for(&self, party: Party, seats: usize) -> bool {
        let is_few = party.is_known() && seats < self.kept;
        self.free.len() > if is_few { 0 } else { self.kept }
    }

    /// Ends with a seat: gives it to the next.
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

    /// Comes to wait; `None` if too many do, of whom nobody has more than the party itself would.
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

    /// Does not wait any more.
    pub fn leave(&mut self, party: Party, ticket: u64) {
        let Some(line) = self.line(party) else {
            return;
        };
        let waiting = &mut self.lines[line].waiting;
        // It may have been dismissed.
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

    /// Which line the next free seat is for, if it is for any that waits.
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

    /// Gives a free seat to the first of a line.
    fn call(&mut self, line: usize) {
        let party = self.lines[line].party;
        let Some(waiter) = self.lines[line].waiting.pop_front() else {
            return;
        };
        self.waiting -= 1;
        // One that has just left has left its place too.
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

    /// Dismisses the last of whoever has most that wait, if that is more than `party` would have.
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
