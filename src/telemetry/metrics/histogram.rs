//! Histograms of durations: counted by each worker, summed when metrics are read.

use std::collections::HashMap;
use std::fmt::Error;
use std::time::Duration;

use prometheus_client::encoding::MetricEncoder;
use prometheus_client::metrics::exemplar::Exemplar;

use super::Count;

/// A metric without labels.
pub type NoLabels = [(&'static str, &'static str); 0];
const NO_EXEMPLARS: Option<&HashMap<usize, Exemplar<NoLabels, f64>>> = None;

/// The upper bounds of the latency histogram, in seconds; slower requests fall into the last bucket.
const BOUNDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How many buckets there are.
pub const BUCKETS: usize = BOUNDS.len() + 1;

/// The time that so many percent of these durations do not exceed, in microseconds, as if those of a bucket were spread
/// over it; nothing where there are none.
#[must_use]
pub fn quantile(buckets: &[u64; BUCKETS], percent: u64) -> Option<u64> {
    let micros = |bound: f64| u64::try_from(Duration::from_secs_f64(bound).as_micros()).unwrap_or(u64::MAX);
    let rank = (buckets.iter().sum::<u64>() * percent).div_ceil(100);
    let mut below = 0;
    for (number, count) in buckets.iter().enumerate().filter(|(_, count)| **count > 0) {
        if below + count >= rank {
            let from = number.checked_sub(1).map_or(0, |before| micros(BOUNDS[before]));
            // What is beyond the last bound is told as the bound.
            let to = BOUNDS.get(number).map_or(from, |bound| micros(*bound));
            return Some(from + (to - from) * (rank - below) / count);
        }
        below += count;
    }
    None
}

/// The number of the bucket of a duration.
#[inline]
#[must_use]
pub fn bucket(took: Duration) -> usize {
    let seconds = took.as_secs_f64();
    BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len())
}

/// A bucket's upper bound, as its label says it.
#[must_use]
pub fn bound(bucket: usize) -> String {
    BOUNDS.get(bucket).map_or_else(|| "+Inf".to_owned(), |bound| format!("{bound:?}"))
}

/// One worker's histogram.
#[derive(Default)]
pub struct Histogram {
    buckets: [Count; BOUNDS.len() + 1],
    nanoseconds: Count,
}

impl Histogram {
    /// Counts one duration; the number of its bucket.
    pub fn add(&self, took: Duration) -> usize {
        let bucket = bucket(took);
        self.buckets[bucket].add(1);
        // At least one, so that this alone says whether anything was counted.
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
        self.nanoseconds.add(nanoseconds);
        bucket
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nanoseconds.get() == 0
    }
}

/// The sum of all workers' histograms.
#[derive(Debug, Clone)]
pub struct Sum {
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl Default for Sum {
    fn default() -> Self {
        Self { buckets: [0; BOUNDS.len() + 1], seconds: 0.0 }
    }
}

impl Sum {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        for (total, bucket) in self.buckets.iter_mut().zip(other.buckets) {
            *total += bucket;
        }
        self.seconds += other.seconds;
    }

    /// The sum of these histograms.
    pub fn of<'a>(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let mut sum = Self::default();
        for histogram in histograms {
            for (total, bucket) in sum.buckets.iter_mut().zip(&histogram.buckets) {
                *total += bucket.get();
            }
            let nanoseconds = histogram.nanoseconds.get();
            sum.seconds += Duration::from_nanos(nanoseconds).as_secs_f64();
        }
        sum
    }

    /// How many durations were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The time that so many percent of the durations do not exceed, in microseconds: as [`quantile`].
    #[must_use]
    pub fn quantile(&self, percent: u64) -> Option<u64> {
        quantile(&self.buckets, percent)
    }

    /// Writes the sum as a metric.
    ///
    /// # Errors
    /// The encoder's error.
    pub fn encode(&self, mut metric: MetricEncoder<'_>) -> Result<(), Error> {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(self.buckets).collect();
        metric.encode_histogram(self.seconds, self.count(), &buckets, NO_EXEMPLARS)
    }
}
