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

/// One worker's histogram.
#[derive(Default)]
pub struct Histogram {
    buckets: [Count; BOUNDS.len() + 1],
    nanoseconds: Count,
}

impl Histogram {
    /// Counts one duration.
    pub fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].add(1);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.add(nanoseconds);
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
