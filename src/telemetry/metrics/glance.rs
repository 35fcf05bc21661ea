//! The few numbers that tell how a gateway does, for its history by the second: a sum of all labels would take too long.

use super::Count;
use super::histogram::BUCKETS;
use crate::ledger::facts::{ENDINGS, Ending};
use crate::telemetry::trail::{Door, Trail};

/// One worker's numbers since its start.
#[derive(Default)]
pub struct Glance {
    legacy: Count,
    endings: [Count; ENDINGS],
    buckets: [Count; BUCKETS],
}

/// The same of all workers, at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// Requests by the old door.
    pub legacy: u64,
    /// Requests by how they ended.
    pub endings: [u64; ENDINGS],
    /// Requests by the time that they took.
    pub buckets: [u64; BUCKETS],
}

impl Glance {
    /// Counts a request that has been answered, whose time is in this bucket.
    #[inline]
    pub fn count(&self, trail: &Trail, ending: Ending, bucket: usize) {
        self.legacy.add(u64::from(trail.door == Door::Legacy));
        self.endings[ending as usize].add(1);
        self.buckets[bucket].add(1);
    }

    /// Adds these numbers to others.
    pub fn add_to(&self, all: &mut Glimpse) {
        all.legacy += self.legacy.get();
        for (sum, one) in all.endings.iter_mut().zip(&self.endings) {
            *sum += one.get();
        }
        for (sum, one) in all.buckets.iter_mut().zip(&self.buckets) {
            *sum += one.get();
        }
    }
}

impl Glimpse {
    /// What has come since an earlier time.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let mut since = *self;
        since.legacy -= before.legacy;
        for (now, then) in since.endings.iter_mut().zip(before.endings) {
            *now -= then;
        }
        for (now, then) in since.buckets.iter_mut().zip(before.buckets) {
            *now -= then;
        }
        since
    }
}
