//! The picture: for each scenario a bar for each subject, in proportion to nginx's.
//!
//! The picture has its own background, so that it can be read on light pages and dark ones.

use std::fmt::Write;

use crate::experiment::Outcome;
use crate::results::Results;
use crate::subject::Kind;

const WIDTH: f64 = 960.0;
const PANEL: (f64, f64) = (460.0, 124.0);
const HEAD: f64 = 84.0;
const MARGIN: f64 = 24.0;
const LABELS: f64 = 96.0;
/// The width that labels and values leave for a panel's bars.
const BARS: f64 = 270.0;
const ROW: f64 = 21.0;

/// The text of an SVG file.
pub fn picture(results: &Results) -> String {
    let outcomes: Vec<&Outcome> =
        results.outcomes.iter().filter(|outcome| outcome.experiment.is_plain()).collect();
    let panel_rows = outcomes.len().div_ceil(2);
    let height = HEAD + PANEL.1 * f64::from(u32::try_from(panel_rows).unwrap_or(0)) + MARGIN / 2.0;
    let longest = outcomes.iter().flat_map(|outcome| PROXIES.map(|(kind, _)| to_nginx(outcome, kind)));
    let unit = BARS / longest.fold(1.0, f64::max);
    let mut text = head(height);
    for (place, outcome) in outcomes.iter().enumerate() {
        let column = if place % 2 == 0 { 0.0 } else { 1.0 };
        let row = f64::from(u32::try_from(place / 2).unwrap_or(0));
        panel(&mut text, MARGIN + column * PANEL.0, HEAD + row * PANEL.1, outcome, unit);
    }
    text + "</svg>\n"
}

const PROXIES: [(Kind, &str); 4] = [
    (Kind::Mesigate, "#1d5fd1"),
    (Kind::Nginx, "#5b6472"),
    (Kind::NginxLua, "#b45f06"),
    (Kind::Haproxy, "#0b7a5c"),
];

fn head(height: f64) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="CPU time a request, by scenario and subject" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">
<rect x="0.5" y="0.5" width="{}" height="{}" rx="8" fill="#ffffff" stroke="#c8ccd2"/>
<text x="{MARGIN}" y="34" font-size="18" font-weight="600" fill="#1b1f24">CPU time a request, microseconds</text>
<text x="{MARGIN}" y="56" font-size="12.5" fill="#4a515b">Dark: in the program. Light: in the kernel. The dashed line is nginx, which passes through and translates nothing. Shorter is better.</text>
"##,
        WIDTH - 1.0,
        height - 1.0
    )
}

fn panel(text: &mut String, left: f64, top: f64, outcome: &Outcome, unit: f64) {
    let title = outcome.experiment.title.replace('`', "").replace('&', "&amp;");
    let name = &outcome.experiment.name;
    let _ = writeln!(
        text,
        r##"<text x="{left}" y="{}" font-size="13" font-weight="600" fill="#1b1f24">{name}: {title}</text>"##,
        top + 12.0
    );
    let rows = || (0u32..).zip(PROXIES).map(|(place, proxy)| (top + 20.0 + ROW * f64::from(place), proxy));
    for (top, (kind, colour)) in rows() {
        bar(text, left + LABELS, top, outcome, kind, colour, unit);
    }
    let line = left + LABELS + unit;
    let _ = writeln!(
        text,
        r##"<line x1="{line:.1}" x2="{line:.1}" y1="{:.1}" y2="{:.1}" stroke="#1b1f24" stroke-dasharray="3 3"/>"##,
        top + 18.0,
        top + 20.0 + ROW * 4.0
    );
    for (top, (kind, _)) in rows() {
        words(text, left + LABELS, top + 13.0, outcome, kind, unit);
    }
}

fn bar(text: &mut String, start: f64, top: f64, outcome: &Outcome, kind: Kind, colour: &str, unit: f64) {
    let user = outcome.spread(kind, |sample| sample.user / sample.cpu).map_or(0.0, |spread| spread.median);
    let length = to_nginx(outcome, kind) * unit;
    let dark = length * user;
    let _ = writeln!(
        text,
        r#"<rect x="{start:.1}" y="{top:.1}" width="{dark:.1}" height="16" fill="{colour}"/>
<rect x="{:.1}" y="{top:.1}" width="{:.1}" height="16" fill="{colour}" fill-opacity="0.45"/>"#,
        start + dark,
        length - dark
    );
}

/// The subject before its bar, and the number after it, which the dashed line may not cross.
fn words(text: &mut String, start: f64, base: f64, outcome: &Outcome, kind: Kind, unit: f64) {
    let Some(cpu) = outcome.spread(kind, |sample| sample.cpu) else { return };
    let _ = writeln!(
        text,
        r##"<text x="{:.1}" y="{base:.1}" font-size="12" text-anchor="end" fill="#1b1f24">{}</text>
<text x="{:.1}" y="{base:.1}" font-size="12" fill="#1b1f24" stroke="#ffffff" stroke-width="4" paint-order="stroke">{:.1}</text>"##,
        start - 8.0,
        kind.name(),
        start + to_nginx(outcome, kind) * unit + 6.0,
        cpu.median
    );
}

fn to_nginx(outcome: &Outcome, kind: Kind) -> f64 {
    outcome.to_nginx(kind, |sample| sample.cpu).map_or(0.0, |spread| spread.median)
}
