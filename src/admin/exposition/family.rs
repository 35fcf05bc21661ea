//! What a family of metrics is: what `/metrics` says of it, and what docs/metrics.md says.

use std::fmt::Error;

use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;

/// A family of metrics.
#[derive(Debug)]
pub struct Family {
    /// The name without what a format adds to it, such as the `_total` of counters.
    pub name: &'static str,
    /// Counter, gauge, histogram or info.
    pub kind: MetricType,
    /// What is counted or measured.
    pub unit: &'static str,
    /// The labels of its series.
    pub labels: &'static [Label],
    /// A sentence without its full stop.
    pub help: &'static str,
    /// When it has series, and which of them begin at zero.
    pub when: When,
}

/// A label, with all values that it can have: none that a caller can invent.
#[derive(Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: Values,
}

/// The values of a label.
#[derive(Debug)]
pub enum Values {
    /// These and no others.
    Words(fn() -> Vec<String>),
    /// Names that stand in the settings or the operations table, told in a phrase.
    Names(&'static str),
}

/// When a family has series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From the start on, each of its series.
    Always,
    /// Each series from the moment on that this phrase tells; before it there may be none.
    Since(&'static str),
    /// While this phrase is true, and not else.
    While(&'static str),
}

impl Family {
    /// A counter that is there from the start on.
    pub(super) const fn counter(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { name, kind: MetricType::Counter, unit, labels: &[], help, when: When::Always }
    }

    /// A gauge that is there from the start on.
    pub(super) const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { name, kind: MetricType::Gauge, unit, labels: &[], help, when: When::Always }
    }

    /// A histogram of seconds.
    pub(super) const fn seconds(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: MetricType::Histogram, unit: "seconds", labels: &[], help, when: When::Always }
    }

    /// The same with labels.
    pub(super) const fn by(mut self, labels: &'static [Label]) -> Self {
        self.labels = labels;
        self
    }

    /// The same with other words for when it is there.
    pub(super) const fn there(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    /// Begins its text in the exposition.
    pub(super) fn begin<'e>(
        &self,
        encoder: &'e mut DescriptorEncoder<'_>,
    ) -> Result<MetricEncoder<'e>, Error> {
        // The names live as long as the program, which the encoder cannot know of a shorter borrow.
        let name: &'static str = self.name;
        encoder.encode_descriptor(name, self.help, None, self.kind)
    }

    /// The name of its samples, or of a histogram what they begin with.
    #[must_use]
    pub fn sample(&self) -> String {
        let suffix = match self.kind {
            MetricType::Counter => "_total",
            MetricType::Info => "_info",
            _ => "",
        };
        format!("{}{suffix}", self.name)
    }
}

impl Label {
    /// A label with these values and no others.
    pub(super) const fn words(name: &'static str, values: fn() -> Vec<String>) -> Self {
        Self { name, values: Values::Words(values) }
    }

    /// A label whose values are names of the settings or the table.
    pub(super) const fn names(name: &'static str, what: &'static str) -> Self {
        Self { name, values: Values::Names(what) }
    }
}

/// The texts of a closed set.
pub(super) fn texts<T: Copy>(all: &[T], text: impl Fn(T) -> &'static str) -> Vec<String> {
    all.iter().map(|one| text(*one).to_owned()).collect()
}
