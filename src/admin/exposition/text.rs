//! Both formats that scrapers read: `OpenMetrics` 1.0.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>)
//! and Prometheus' own 0.0.4 (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

/// A format of `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text, version 0.0.4.
    Plain,
    /// `OpenMetrics`, version 1.0.0.
    OpenMetrics,
}

/// The name of `OpenMetrics` in `Accept`, and the version that is written here.
const OPENMETRICS: (&str, &str) = ("application/openmetrics-text", "1.0.0");
/// The name of plain text in `Accept`, and the version that is written here.
const PLAIN: (&str, &str) = ("text/plain", "0.0.4");
/// Ranges in `Accept` that include plain text; the exact name counts more (RFC 9110, section 12.5.1).
const WILDCARDS: [&str; 2] = ["text/*", "*/*"];

impl Format {
    /// The format that an `Accept` prefers; plain text where it names neither, since a scraper that reads
    /// `OpenMetrics` says so, and others cannot read it. A wildcard therefore means plain text.
    #[must_use]
    pub fn preferred(accept: Option<&[u8]>) -> Self {
        let accept = accept.map(String::from_utf8_lossy).unwrap_or_default();
        let openmetrics = weight(&accept, OPENMETRICS).unwrap_or(0);
        let mut wildcards = WILDCARDS.iter().filter_map(|range| weight(&accept, (range, "")));
        let plain = weight(&accept, PLAIN).or_else(|| wildcards.next()).unwrap_or(0);
        if openmetrics > 0 && openmetrics >= plain { Self::OpenMetrics } else { Self::Plain }
    }

    /// The format's media type, with its version.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The greatest weight, in thousandths, that a list gives a type in this version or without one; `None` for a type that
/// the list does not name.
fn weight(list: &str, (name, version): (&str, &str)) -> Option<u32> {
    let weights = list.split(',').filter_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next()?.eq_ignore_ascii_case(name);
        let mut weight = 1000;
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.trim().to_ascii_lowercase().as_str() {
                "q" => weight = thousandths(value.trim()),
                "version" if value.trim().trim_matches('"') != version => return None,
                _ => {}
            }
        }
        is_named.then_some(weight)
    });
    weights.max()
}

/// A weight such as `0.75`, in thousandths; 0 for text that is no weight.
fn thousandths(text: &str) -> u32 {
    let weight = text.parse().unwrap_or(0.0_f64).clamp(0.0, 1.0) * 1000.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 1000
    let thousandths = weight.round() as u32;
    thousandths
}

/// Turns `OpenMetrics` into 0.0.4. Samples stay as they are; but a TYPE line of 0.0.4 has the sample's own name, for a
/// counter with its `_total`, and 0.0.4 has no `info`, no unit and no mark of the end.
#[must_use]
pub fn plain(openmetrics: &str) -> String {
    let mut out = String::with_capacity(openmetrics.len() + openmetrics.len() / 16);
    // A family's TYPE line follows its HELP line, and decides the name in both.
    let mut about = None;
    for written in openmetrics.lines() {
        if let Some(help) = written.strip_prefix("# HELP ") {
            about = help.split_once(' ').map(|(_, about)| about);
        } else if let Some((name, kind)) =
            written.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                other => ("", other),
            };
            if let Some(about) = about.take() {
                line(&mut out, &["# HELP ", name, suffix, " ", about]);
            }
            line(&mut out, &["# TYPE ", name, suffix, " ", kind]);
        } else if !written.starts_with('#') {
            line(&mut out, &[written]);
        }
    }
    out
}

fn line(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied().chain(["\n"]));
}

#[cfg(test)]
mod tests;
