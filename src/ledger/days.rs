//! The days on which something was seen, over two years. Sets of days can be joined, so that the longest silence of a
//! client is known also where several gateways have each seen a part of it.

use serde::{Deserialize, Serialize};

/// How many days are remembered, up to the last one.
const MOST: u32 = 731;

/// A set of days, as runs of days that follow each other: first and last day of each, in order, apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days(Vec<(u32, u32)>);

impl Days {
    /// Adds a day.
    pub fn add(&mut self, day: u32) {
        // The usual case: it is the last day, or the one behind it.
        match self.0.last_mut() {
            Some((_, last)) if *last == day => {}
            Some((_, last)) if last.checked_add(1) == Some(day) => {
                *last = day;
                self.trim();
            }
            _ => self.join(&Self(vec![(day, day)])),
        }
    }

    /// Adds all days of another set.
    pub fn join(&mut self, other: &Self) {
        let mut all: Vec<_> =
            self.0.iter().chain(&other.0).copied().filter(|(first, last)| first <= last).collect();
        all.sort_unstable();
        self.0.clear();
        for (first, last) in all {
            match self.0.last_mut() {
                Some((_, before)) if first <= before.saturating_add(1) => *before = last.max(*before),
                _ => self.0.push((first, last)),
            }
        }
        self.trim();
    }

    /// Forgets days that are too long ago, which depends on the last day alone: so the order in which sets are joined
    /// makes no difference.
    fn trim(&mut self) {
        let Some(oldest) = self.last().map(|last| (last + 1).saturating_sub(MOST)) else { return };
        self.0.retain(|(_, last)| *last >= oldest);
        if let Some((first, _)) = self.0.first_mut() {
            *first = oldest.max(*first);
        }
    }

    /// The last day.
    #[must_use]
    pub fn last(&self) -> Option<u32> {
        self.0.last().map(|(_, last)| *last)
    }

    /// Every day, in order.
    pub fn all(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// The longest time from one day to the next one, in days: 1 where no day was left out, 0 where there are no two.
    #[must_use]
    pub fn longest_silence(&self) -> u32 {
        let between = self.0.windows(2).map(|pair| pair[1].0 - pair[0].1);
        let within = self.0.iter().map(|(first, last)| u32::from(first < last));
        between.chain(within).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Days, MOST};

    fn set(days: &[u32]) -> Days {
        let mut set = Days::default();
        for day in days {
            set.add(*day);
        }
        set
    }

    #[test]
    fn the_longest_silence_is_between_two_days_on_which_something_was_seen() {
        for (days, silence) in
            [(&[][..], 0), (&[7], 0), (&[7, 8, 9], 1), (&[1, 32, 60], 31), (&[60, 1, 32, 60, 2], 30)]
        {
            assert_eq!(set(days).longest_silence(), silence, "{days:?}");
        }
    }

    #[test]
    fn days_beyond_two_years_are_forgotten() {
        let mut days = set(&[10, 20]);
        days.add(20 + MOST);
        assert_eq!(days, set(&[20 + MOST]));
        let all: Vec<u32> = (0..2 * MOST).collect();
        assert_eq!(set(&all).0, [(MOST, 2 * MOST - 1)]);
    }

    proptest! {
        #[test]
        fn the_order_of_days_and_of_joins_makes_no_difference(
            one in proptest::collection::vec(0_u32..2000, 0..40),
            other in proptest::collection::vec(0_u32..2000, 0..40),
        ) {
            let all: Vec<u32> = one.iter().chain(&other).copied().collect();
            let mut backwards = all.clone();
            backwards.reverse();
            prop_assert_eq!(set(&all), set(&backwards));
            let mut joined = set(&one);
            joined.join(&set(&other));
            prop_assert_eq!(&joined, &set(&all));
            joined.join(&set(&other));
            prop_assert_eq!(&joined, &set(&all));
        }
    }
}
