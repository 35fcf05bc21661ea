//! What one worker has seen since the last sum: a bounded table that only its thread adds to. Housekeeping empties it,
//! for which it holds the lock as long as a move of the table takes.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;

#[cfg(test)]
use super::book::Rows;
use super::book::{MOST_CLIENTS, Window};
use super::calendar::HOUR;
use super::client::Client;
use super::facts::{Batch, Bits, ENDINGS, Ending};
use super::row::{Door, RowKey, Shape};
use super::sight::Sight;
use crate::protocol::ops::MOST_FLAGS;
use crate::protocol::translate::shape::{CallShape, slots};

/// The most rows that a worker has between two sums.
const MOST: usize = MOST_CLIENTS;

/// The names that belong to a sight: what a row is called outside of this process.
#[derive(Debug, Clone)]
pub struct Named {
    /// The row.
    pub key: RowKey,
    /// The names of bit fields, in the order of the table.
    pub flags: Vec<String>,
    /// The booleans among the parameters that were sent, by slot.
    pub booleans: Vec<(usize, String)>,
}

/// The table.
#[derive(Debug, Default)]
pub struct Tally {
    state: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    rows: HashMap<u64, Row, BuildHasherDefault<Hashed>>,
    /// Requests by each door for which there was no room.
    others: [Counted; 2],
    /// Clients that a window of a brownout has met.
    met: Vec<(Window, Client)>,
}

/// The hash of a number that is a hash: the number itself.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[derive(Debug)]
struct Row {
    named: Named,
    counted: Counted,
    hour: u64,
    /// Whether the shape has booleans or bit fields, of which there is more to count.
    has_bits: bool,
    flags: [Bits; MOST_FLAGS],
    trues: u64,
    falses: u64,
}

#[derive(Debug, Clone, Default)]
struct Counted {
    first: u64,
    last: u64,
    endings: [u64; ENDINGS],
}

impl Counted {
    fn add(&mut self, at: u64, ending: Ending) {
        if self.first == 0 {
            self.first = at;
        }
        self.last = at;
        self.endings[ending as usize] += 1;
    }
}

impl Tally {
    /// Counts a request. `name` is asked for names only where the row is new since the last sum.
    #[inline]
    pub fn add(&self, sight: &Sight<'_>, name: impl FnOnce() -> Named) {
        let (key, hour) = (sight.key(&self.state), sight.at / HOUR);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let row = match seen.rows.get_mut(&key) {
            Some(row) => row,
            None => match seen.room(key, hour, name) {
                Some(row) => row,
                None => return seen.others[sight.door as usize].add(sight.at, sight.ending),
            },
        };
        row.counted.add(sight.at, sight.ending);
        if let Some(shape) = sight.shape.filter(|_| row.has_bits) {
            row.look(shape);
        }
    }

    /// Notes that a window of a brownout has met a client.
    pub fn meet(&self, window: Window, client: Client) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.met.len() < MOST
            && !seen.met.iter().any(|(known, other)| *known == window && *other == client)
        {
            seen.met.push((window, client));
        }
    }

    /// Takes all that was counted since the last time.
    #[must_use]
    pub fn take(&self) -> Taken {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let mut rows: Vec<(RowKey, Batch)> = seen.rows.into_values().map(Row::batch).collect();
        for (door, counted) in [Door::Old, Door::Json].into_iter().zip(seen.others) {
            if counted.first > 0 {
                let key = RowKey { client: Client::others(), shape: Shape::others(door) };
                rows.push((key, counted.batch(counted.last / HOUR, BTreeMap::new())));
            }
        }
        Taken { rows, met: seen.met }
    }
}

/// What a worker has counted.
#[derive(Debug, Default)]
pub struct Taken {
    /// Requests by row.
    pub rows: Vec<(RowKey, Batch)>,
    /// Clients that a window of a brownout has met.
    pub met: Vec<(Window, Client)>,
}

impl Seen {
    #[cold]
    fn room(&mut self, key: u64, hour: u64, name: impl FnOnce() -> Named) -> Option<&mut Row> {
        if self.rows.len() >= MOST {
            return None;
        }
        let named = name();
        let row = Row {
            has_bits: named.has_bits(),
            named,
            counted: Counted::default(),
            hour,
            flags: [Bits::default(); MOST_FLAGS],
            trues: 0,
            falses: 0,
        };
        Some(self.rows.entry(key).or_insert(row))
    }
}

impl Row {
    fn look(&mut self, shape: &CallShape) {
        self.trues |= shape.trues;
        self.falses |= shape.present & !shape.trues;
        for (bits, value) in self.flags.iter_mut().zip(shape.flags) {
            bits.join(Bits::of(value, u64::MAX));
        }
    }

    fn batch(self) -> (RowKey, Batch) {
        let mut seen = BTreeMap::new();
        for (name, bits) in self.named.flags.into_iter().zip(self.flags) {
            if self.named.key.shape.params.contains(&name) {
                seen.insert(name, bits);
            }
        }
        for (slot, name) in self.named.booleans {
            let [ones, zeros] = [self.trues, self.falses].map(|mask| mask >> slot & 1);
            seen.insert(name, Bits { ones, zeros });
        }
        (self.named.key, self.counted.batch(self.hour, seen))
    }
}

impl Counted {
    fn batch(&self, hour: u64, seen: BTreeMap<String, Bits>) -> Batch {
        Batch { hour, first: self.first, last: self.last, endings: self.endings, seen }
    }
}

impl Named {
    /// The names of a form's parameters or of a JSON request's members: `params` are those in the shape, by slot.
    #[must_use]
    pub fn new(key: RowKey, flags: Vec<String>, booleans: u64, params: &[(usize, String)]) -> Self {
        let is_boolean = |slot: &usize| booleans >> *slot & 1 == 1;
        let booleans = params.iter().filter(|(slot, _)| is_boolean(slot)).cloned().collect();
        Self { key, flags, booleans }
    }

    fn has_bits(&self) -> bool {
        !self.booleans.is_empty() || self.flags.iter().any(|flag| self.key.shape.params.contains(flag))
    }
}

/// The parameters of a shape by slot, from the names of all.
pub fn params<'n>(present: u64, name: impl Fn(usize) -> Option<&'n str>) -> Vec<(usize, String)> {
    slots(present).filter_map(|slot| Some((slot, name(slot)?.to_owned()))).collect()
}

/// Adds what was taken to rows, without bounds: for tests.
#[cfg(test)]
pub fn sum(rows: &mut Rows, taken: Taken) {
    for (key, batch) in taken.rows {
        std::sync::Arc::make_mut(rows.entry(key).or_default()).add(&batch);
    }
}

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::{MOST, Named, Tally, sum};
    use crate::ledger::book::Rows;
    use crate::ledger::client::{Caller, Client};
    use crate::ledger::facts::{Bits, Ending};
    use crate::ledger::row::{Door, RowKey, Shape};
    use crate::ledger::sight::Sight;
    use crate::protocol::translate::shape::CallShape;

    fn named(program: &str) -> Named {
        let client = Client { caller: Caller::App("bot".to_owned()), program: program.to_owned() };
        let shape =
            Shape { params: vec!["flag".to_owned(), "active".to_owned()], ..Shape::others(Door::Old) };
        let params = [(0, "flag".to_owned()), (1, "active".to_owned())];
        Named::new(RowKey { client, shape }, vec!["flag".to_owned()], 0b10, &params)
    }

    fn sight(program: &str, at: u64) -> Sight<'_> {
        Sight {
            era: 1,
            caller: 7,
            agent: program.as_bytes(),
            door: Door::Old,
            operation: Some(1),
            shape: None,
            style: (&Method::GET, b"/api.php", 1),
            at,
            ending: Ending::Ok,
        }
    }

    #[test]
    fn requests_of_one_shape_within_an_hour_are_one_row_and_names_are_asked_for_once() {
        let tally = Tally::default();
        let mut asked = 0;
        for at in [7200, 7201, 7203, 10_800] {
            let shape =
                CallShape { present: 0b11, trues: at % 2 * 2, flags: [at, 0], ..CallShape::default() };
            tally.add(&Sight { shape: Some(&shape), ..sight("okhttp", at) }, || {
                asked += 1;
                named("okhttp")
            });
        }
        assert_eq!(asked, 2, "once an hour");
        let taken = tally.take();
        let batch = taken.rows.iter().map(|(_, batch)| batch).find(|batch| batch.hour == 2).expect("a row");
        assert_eq!((batch.first, batch.last, batch.endings[0]), (7200, 7203, 3));
        assert_eq!(batch.seen["active"], Bits { ones: 1, zeros: 1 });
        assert_eq!(batch.seen["flag"].ones, 0x1c20 | 0x1c21 | 0x1c23);
        assert!(tally.take().rows.is_empty());
    }

    #[test]
    fn what_has_no_room_is_counted_in_a_row_of_its_own() {
        let (tally, mut rows) = (Tally::default(), Rows::new());
        let programs: Vec<String> = (0..MOST + 10).map(|number| format!("p{number}")).collect();
        for program in &programs {
            tally.add(&sight(program, 9), || named(program));
        }
        sum(&mut rows, tally.take());
        assert_eq!(rows.len(), MOST + 1);
        let others = RowKey { client: Client::others(), shape: Shape::others(Door::Old) };
        assert_eq!(rows[&others].total(), 10);
        assert_eq!(rows.values().map(|facts| facts.total()).sum::<u64>(), (MOST + 10) as u64);
    }
}
