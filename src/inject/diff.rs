//! What would change, as a unified diff.

use similar::TextDiff;

/// The diff of two texts; empty if they are equal.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}
