//! Prints the recorded counts beside the new ones.

use crate::record::Record;

/// Prints a line for each scenario and returns the changes in percent; `None` without a record.
pub fn show(recorded: &Record, now: &Record) -> Vec<Option<f64>> {
    println!("{:36} {:>10} {:>10} {:>8}", "instructions a request", "recorded", "now", "change");
    let line = |(name, count): (&String, &u64)| {
        let before = recorded.instructions.get(name);
        let change = before.map(|before| percent(*before, *count));
        let before = before.map_or("-".to_owned(), u64::to_string);
        let shown = change.map_or("-".to_owned(), |change| format!("{change:+.1} %"));
        println!("{name:36} {before:>10} {count:>10} {shown:>8}");
        change
    };
    now.instructions.iter().map(line).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn percent(before: u64, now: u64) -> f64 {
    (now as f64 - before as f64) / before as f64 * 100.0
}
