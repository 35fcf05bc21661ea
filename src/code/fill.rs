//! Fills the places of a program's pattern.

/// The name of a place, and its value for lines that begin with a margin.
pub(super) type Place<'v> = (&'v str, &'v dyn Fn(&str) -> String);

/// Puts each value into its place, `«name»`. Lines after a value's first begin where the line of the place begins; a
/// place that is a line of its own and has no value goes with its line. What a value contains is never taken for a
/// place.
pub(super) fn fill(pattern: &str, values: &[Place<'_>]) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    for line in pattern.lines() {
        let margin = &line[..line.len() - line.trim_start().len()];
        let mut rest = line;
        let start = out.len();
        while let Some((before, name, after)) = place(rest) {
            out.push_str(before);
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                out.push_str(&value(margin));
            }
            rest = after;
        }
        out.push_str(rest);
        if out[start..].trim().is_empty() && !line.trim().is_empty() {
            out.truncate(start);
        } else {
            out.push('\n');
        }
    }
    out
}

fn place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('«')?;
    let (name, after) = rest.split_once('»')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_are_put_in_places_and_are_no_places_themselves() {
        let value = |margin: &str| format!("«b»\n{margin}x");
        let none = |_: &str| String::new();
        let filled = fill("  a «a»;\n«b»\n\nend «b»\n", &[("a", &value), ("b", &none)]);
        assert_eq!(filled, "  a «b»\n  x;\n\nend \n");
    }
}
