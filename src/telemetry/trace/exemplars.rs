//! Examples of how long requests take: of each bucket of the histogram the last sampled request, by its trace.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::record::Record;
use crate::telemetry::metrics::{BUCKETS, OTHER, bound, bucket};

/// The last example of each bucket. Only the thread that sends spans adds to it, and only an exposition reads it.
#[derive(Default)]
pub struct Exemplars(Mutex<HashMap<Series, Buckets>>);

/// The door, operation and outcome of a histogram, as its labels have them.
type Series = (&'static str, String, &'static str);
/// The examples of its buckets, in order.
type Buckets = [Option<Exemplar>; BUCKETS];

/// One request.
#[derive(Clone, Copy)]
struct Exemplar {
    trace: u128,
    took: Duration,
    /// When it was answered, since 1970.
    at: Duration,
}

impl Exemplars {
    /// Keeps a request as the example of its bucket.
    pub fn keep(&self, record: &Record) {
        let operation = record.operation.text();
        let operation = if operation.is_empty() { OTHER.to_owned() } else { operation };
        let exemplar = Exemplar { trace: record.own.trace, took: record.took, at: record.at + record.took };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let series = all.entry((record.door.text(), operation, record.label.text())).or_default();
        series[bucket(record.took)] = Some(exemplar);
    }

    /// An exposition in `OpenMetrics` with the examples behind the lines of their buckets (its version 1.0, "Exemplars").
    /// The library that writes the rest makes none for numbers that are summed elsewhere.
    #[must_use]
    pub fn added_to(&self, exposition: &str, histogram: &str) -> String {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() {
            return exposition.to_owned();
        }
        let prefix = format!("{histogram}_bucket{{");
        let mut out = String::with_capacity(exposition.len() + 4096);
        for line in exposition.lines() {
            out.push_str(line);
            if let Some(labels) = line.strip_prefix(&prefix)
                && let Some(exemplar) = of(&all, labels)
            {
                let Exemplar { trace, took, at } = exemplar;
                // Writing to a string cannot fail.
                let _ = write!(
                    out,
                    " # {{trace_id=\"{trace:032x}\"}} {} {:.3}",
                    took.as_secs_f64(),
                    at.as_secs_f64()
                );
            }
            out.push('\n');
        }
        out
    }
}

/// The example for a line with these labels.
fn of(all: &HashMap<Series, Buckets>, labels: &str) -> Option<Exemplar> {
    let label = |name: &str| {
        let begin = format!("{name}=\"");
        let (_, rest) = labels.split_once(begin.as_str())?;
        rest.split_once('"').map(|(value, _)| value)
    };
    let (door, operation, outcome, le) = (label("door")?, label("op")?, label("outcome")?, label("le")?);
    let series =
        all.iter().find(|((known, of, ended), _)| *known == door && of == operation && *ended == outcome)?.1;
    series.iter().enumerate().find(|(number, _)| bound(*number) == le).and_then(|(_, exemplar)| *exemplar)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exemplar, Exemplars, PoisonError, bucket};

    #[test]
    fn an_example_stands_behind_its_own_bucket_alone() {
        let exemplars = Exemplars::default();
        let text = "h_bucket{le=\"0.001\",door=\"legacy\",op=\"useradd\",outcome=\"ok\"} 0\n\
                    h_bucket{le=\"0.0025\",door=\"legacy\",op=\"useradd\",outcome=\"ok\"} 1\n\
                    h_bucket{le=\"0.0025\",door=\"json\",op=\"useradd\",outcome=\"ok\"} 1\n\
                    h_count{door=\"legacy\",op=\"useradd\",outcome=\"ok\"} 1\n";
        assert_eq!(exemplars.added_to(text, "h"), text);
        let took = Duration::from_millis(2);
        let exemplar = Exemplar { trace: 0x2a, took, at: Duration::from_millis(1_790_000_000_500) };
        let mut all = exemplars.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(("legacy", "useradd".to_owned(), "ok")).or_default()[bucket(took)] = Some(exemplar);
        drop(all);
        let expected = text.replacen(
            "\"ok\"} 1\n",
            "\"ok\"} 1 # {trace_id=\"0000000000000000000000000000002a\"} 0.002 1790000000.500\n",
            1,
        );
        assert_eq!(exemplars.added_to(text, "h"), expected);
    }
}
