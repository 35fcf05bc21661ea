//! Finds the known name that is closest to a misspelt one.

/// The known name that is closest to a misspelt one. A name whose length differs too much is not compared, so the known
/// names bound the cost, whatever was written.
#[must_use]
pub fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().filter_map(|name| Some((distance(written, name)?, name))).min().map(|(_, name)| name)
}

/// How many typing errors lie between two names, if they are few.
fn distance(written: &str, name: &str) -> Option<usize> {
    let most = 1 + name.len() / 4;
    let length = name.chars().count();
    // One letter beyond that already is too many, so the rest is not counted.
    let enough = written.chars().take(length + most + 1).count();
    if enough.abs_diff(length) > most {
        return None;
    }
    Some(strsim::damerau_levenshtein(written, name)).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::closest;

    const KNOWN: [&str; 3] = ["useradd", "groupgetmembers", "otp"];

    #[test]
    fn a_slip_of_the_hand_is_known_by_its_distance() {
        for (written, understood) in [
            ("useradd", Some("useradd")),
            ("useadd", Some("useradd")),
            ("usreadd", Some("useradd")),
            ("groupgetmember", Some("groupgetmembers")),
            ("groupgetmembers1234", Some("groupgetmembers")),
            ("groupgetmembers12345", None),
            ("\u{fc}seradd", Some("useradd")),
            ("op", Some("otp")),
            ("o", None),
            ("", None),
        ] {
            assert_eq!(closest(written, KNOWN), understood, "{written}");
        }
    }

    #[test]
    fn a_long_name_is_compared_with_none() {
        let long = "groupgetmembers".repeat(70_000);
        let work = allocation_counter::measure(|| assert_eq!(closest(&long, KNOWN), None));
        assert_eq!(work.bytes_total, 0, "every comparison makes a table");
    }
}
