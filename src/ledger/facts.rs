//! What is known of a row of the ledger: how often, since when, and when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calendar::{HOUR, day, hour_of_week, month};
use super::days::Days;

/// How many daily and monthly counts are remembered, up to the last one.
const MOST_DAYS: u32 = 90;
const MOST_MONTHS: u32 = 24;

/// How requests of a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Upstream did what was asked.
    Ok,
    /// Upstream said no.
    Failed,
    /// The gateway said no, and nothing was sent.
    Refused,
    /// It is not known whether it was done.
    Unsure,
    /// A brownout or a retirement refused it: an old call that is meant to end.
    HeldOff,
}

/// How many endings there are.
pub const ENDINGS: usize = 5;

impl Ending {
    /// Every ending with its word, in the order of its number.
    pub const WORDS: [(&'static str, Self); ENDINGS] = [
        ("ok", Self::Ok),
        ("failed", Self::Failed),
        ("refused", Self::Refused),
        ("unsure", Self::Unsure),
        ("held off", Self::HeldOff),
    ];
}

/// The values of a flag or boolean that have been seen, as bits: those that were ever set, and those that were ever
/// clear. A boolean has one bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bits {
    /// Bits that were 1 in some request.
    pub ones: u64,
    /// Bits that were 0 in some request.
    pub zeros: u64,
}

impl Bits {
    /// The bits of one value, of `width` bits.
    #[must_use]
    pub fn of(value: u64, width: u64) -> Self {
        Self { ones: value & width, zeros: !value & width }
    }

    /// Adds the bits of other values.
    pub fn join(&mut self, other: Self) {
        self.ones |= other.ones;
        self.zeros |= other.zeros;
    }
}

/// For how many days before a row's last request the bits of each day are kept.
const LATELY: u32 = 14;

/// The values of one flag or boolean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Those of all requests.
    pub all: Bits,
    /// Those of the last days with a request, by day since 1970: a program that was mended says nothing wrong any more.
    pub lately: BTreeMap<u32, Bits>,
}

impl Seen {
    /// The values of one day.
    #[must_use]
    pub fn on(day: u32, bits: Bits) -> Self {
        Self { all: bits, lately: [(day, bits)].into() }
    }

    /// The values of the last days.
    #[must_use]
    pub fn lately(&self) -> Bits {
        let mut lately = Bits::default();
        self.lately.values().for_each(|bits| lately.join(*bits));
        lately
    }

    fn join(&mut self, other: &Self) {
        self.all.join(other.all);
        for (day, bits) in &other.lately {
            self.lately.entry(*day).or_default().join(*bits);
        }
        keep_last(&mut self.lately, LATELY);
    }
}

/// Requests of one row within one hour, as a worker counts them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The hour, counted from 1970.
    pub hour: u64,
    /// The first and the last, in seconds since 1970.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// How many, by ending.
    pub endings: [u64; ENDINGS],
    /// The values of flags and booleans, by name.
    pub seen: BTreeMap<String, Bits>,
}

/// The facts of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// How many requests, by ending.
    pub endings: [u64; ENDINGS],
    /// The first, in seconds since 1970.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// How many on each of the last 90 days, by day since 1970.
    pub days: BTreeMap<u32, u64>,
    /// How many in each of the last 24 months, by year × 12 + month − 1.
    pub months: BTreeMap<u32, u64>,
    /// How many in each hour of a week, from Monday's first on.
    pub hours: BTreeMap<u8, u64>,
    /// The days of the last two years that had one.
    pub active: Days,
    /// The values of flags and booleans, by name.
    pub seen: BTreeMap<String, Seen>,
}

impl Facts {
    /// How many requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.endings.iter().sum()
    }

    /// How many requests with this ending.
    #[must_use]
    pub fn ended(&self, ending: Ending) -> u64 {
        self.endings[ending as usize]
    }

    /// Adds requests to these.
    pub fn add(&mut self, batch: &Batch) {
        let (count, its_day) = (batch.endings.iter().sum(), day(batch.hour * HOUR));
        let endings = batch.endings;
        let facts = Self {
            endings,
            first: batch.first,
            last: batch.last,
            days: [(its_day, count)].into(),
            months: [(month(its_day), count)].into(),
            hours: [(hour_of_week(batch.hour), count)].into(),
            active: Days::default(),
            seen: batch.seen.iter().map(|(name, bits)| (name.clone(), Seen::on(its_day, *bits))).collect(),
        };
        self.combine(&facts, |one, other| one + other);
        self.active.add(its_day);
    }

    /// Joins two states of one gateway's facts: an older state adds nothing to a newer one, since counts only grow.
    /// Commutative, associative, idempotent.
    pub fn join(&mut self, other: &Self) {
        self.combine(other, u64::max);
    }

    /// Adds the facts of another gateway.
    pub fn plus(&mut self, other: &Self) {
        self.combine(other, |one, other| one + other);
    }

    fn combine(&mut self, other: &Self, count: impl Fn(u64, u64) -> u64 + Copy) {
        if other.last == 0 {
            return;
        }
        self.first = if self.last == 0 { other.first } else { self.first.min(other.first) };
        self.last = self.last.max(other.last);
        for (one, other) in self.endings.iter_mut().zip(other.endings) {
            *one = count(*one, other);
        }
        combine(&mut self.days, &other.days, count);
        combine(&mut self.months, &other.months, count);
        combine(&mut self.hours, &other.hours, count);
        keep_last(&mut self.days, MOST_DAYS);
        keep_last(&mut self.months, MOST_MONTHS);
        self.active.join(&other.active);
        for (name, seen) in &other.seen {
            self.seen.entry(name.clone()).or_default().join(seen);
        }
    }
}

fn combine<K: Ord + Copy>(
    ours: &mut BTreeMap<K, u64>,
    others: &BTreeMap<K, u64>,
    count: impl Fn(u64, u64) -> u64,
) {
    for (key, other) in others {
        let one = ours.entry(*key).or_default();
        *one = count(*one, *other);
    }
}

/// Forgets what is too long before the last: that depends on the last alone, so the order of joins makes no difference.
fn keep_last<T>(counts: &mut BTreeMap<u32, T>, most: u32) {
    if let Some((last, _)) = counts.last_key_value() {
        let oldest = (last + 1).saturating_sub(most);
        while counts.first_key_value().is_some_and(|(first, _)| *first < oldest) {
            counts.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Batch, Bits, Ending, Facts};
    use crate::ledger::calendar::{DAY, HOUR};

    fn batch(at: u64, count: u64) -> Batch {
        let endings = [count, 0, 0, 0, 0];
        let seen = [("flag".to_owned(), Bits::of(at % 4, 3))].into();
        Batch { hour: at / HOUR, first: at, last: at, endings, seen }
    }

    #[test]
    fn requests_are_counted_by_day_month_and_hour_of_the_week() {
        let mut facts = Facts::default();
        for (at, count) in [(10 * DAY + 5, 2), (10 * DAY + 2 * HOUR, 1), (100 * DAY, 4)] {
            facts.add(&batch(at, count));
        }
        assert_eq!((facts.total(), facts.ended(Ending::Ok), facts.ended(Ending::Failed)), (7, 7, 0));
        assert_eq!((facts.first, facts.last), (10 * DAY + 5, 100 * DAY));
        // 90 days, the last included.
        assert_eq!(facts.days, [(100, 4)].into());
        assert_eq!(facts.months, [(1970 * 12, 3), (1970 * 12 + 3, 4)].into());
        // Day 10 of 1970 was a Sunday, day 100 a Saturday.
        assert_eq!(facts.hours, [(144, 2), (146, 1), (120, 4)].into());
        assert_eq!(facts.active.longest_silence(), 90);
        assert_eq!(facts.seen["flag"].all, Bits { ones: 1, zeros: 3 });
    }

    #[test]
    fn the_values_of_two_weeks_are_told_from_those_before() {
        let mut facts = Facts::default();
        for (day, value) in [(1, 1), (14, 2), (15, 2)] {
            facts.add(&batch(day * DAY + value, 1));
        }
        let (wrong, right) = (Bits { ones: 1, zeros: 2 }, Bits { ones: 2, zeros: 1 });
        assert_eq!(
            (facts.seen["flag"].all, facts.seen["flag"].lately()),
            (Bits { ones: 3, zeros: 3 }, right)
        );
        let mut late = Facts::default();
        late.add(&batch(DAY + 1, 1));
        assert_eq!(late.seen["flag"].lately(), wrong);
        late.join(&facts);
        assert_eq!(late, facts, "and an older state brings nothing back");
    }

    #[test]
    fn an_older_state_of_the_same_gateway_adds_nothing_and_another_gateway_adds_all() {
        let mut newer = Facts::default();
        newer.add(&batch(DAY, 2));
        let older = newer.clone();
        newer.add(&batch(3 * DAY, 1));
        let before = newer.clone();
        newer.join(&older);
        assert_eq!(newer, before);
        newer.plus(&older);
        assert_eq!((newer.total(), newer.days[&1], newer.last), (5, 4, 3 * DAY));
    }
}
