//! Reads the rules of the way there: `[[deprecation]]`, `[[brownout]]`, `[[client]]` and `[migration]`.

use std::collections::HashSet;
use std::time::Duration;

use super::moment::{self, Moment};
use super::{Brownout, Deprecation, NamedClient, Strangers, StrangersMode, selector};
use crate::config::AppConfig;
use crate::protocol::document::Section;

/// The longest window that `for` can name: a longer one is taken for a typing error.
const LONGEST: Duration = Duration::from_hours(24 * 31);
/// The longest name of a window or of a client, in bytes.
const LONGEST_NAME: usize = 64;
/// The longest address of a page, in bytes: it goes into a header of every answer.
const LONGEST_LINK: usize = 1024;

/// Reads every `[[deprecation]]`.
pub fn deprecations(top: &Section<'_>, apps: &[AppConfig]) -> Vec<Deprecation> {
    let lines = top.sections("deprecation");
    let rows = lines.iter().enumerate().map(|(number, line)| {
        let selector = selector::read(line, apps);
        let since = required_moment(line, "since");
        let sunset = moment::read(line, "sunset");
        let [link, successor] = ["link", "successor"].map(|name| link(line, name));
        line.finish();
        if let (Some(since), Some(sunset)) = (since, sunset)
            && sunset < since
        {
            let what =
                format!("is before `since`, {since}: what ends is deprecated first, or at the same moment");
            line.fault_at("sunset", what);
        }
        let place = line.place().clone();
        Some(Deprecation {
            label: (number + 1).to_string(),
            place,
            selector,
            since: since?,
            sunset,
            link,
            successor,
        })
    });
    rows.flatten().collect()
}

/// Reads every `[[brownout]]`.
pub fn brownouts(top: &Section<'_>, apps: &[AppConfig]) -> Vec<Brownout> {
    let (mut rows, mut names) = (Vec::new(), HashSet::new());
    for line in top.sections("brownout") {
        let row = brownout(&line, apps);
        line.finish();
        if let Some(row) = row {
            if !names.insert(row.name.clone()) {
                line.fault_at("name", "is the name of another brownout already".to_owned());
            }
            rows.push(row);
        }
    }
    rows
}

fn brownout(line: &Section<'_>, apps: &[AppConfig]) -> Option<Brownout> {
    let name = line.required_text("name").map(str::to_owned);
    let is_plain = |name: &String| {
        name.len() <= LONGEST_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if !name.as_ref().is_none_or(is_plain) {
        let what = format!("is not up to {LONGEST_NAME} letters, digits, `-` and `_`: it goes into a header");
        line.fault_at("name", what);
    }
    let selector = selector::read(line, apps);
    let from = required_moment(line, "from");
    let to = end(line, from);
    let rehearse = line.boolean("rehearse").unwrap_or(true);
    Some(Brownout { place: line.place().clone(), name: name?, selector, from: from?, to: to?, rehearse })
}

/// The end of a window, as `to` or by `for`.
fn end(line: &Section<'_>, from: Option<Moment>) -> Option<Moment> {
    let to = moment::read(line, "to");
    let length = line.filled_text("for").and_then(|_| line.parsed("for", length));
    let has = |name| line.is_filled(name);
    match (has("to"), has("for")) {
        (true, true) => {
            line.fault_at("for", "stands beside `to`: a window's end is told in one way".to_owned());
            return None;
        }
        (false, false) => {
            line.fault_here("has no end: give `to` = \"2027-03-01T09:00:00Z\", or `for` = \"1h\"".to_owned());
            return None;
        }
        _ => {}
    }
    let from = from?;
    match to {
        Some(to) if to <= from => {
            line.fault_at("to", format!("is not after `from`, {from}: no call can fall into this window"));
            None
        }
        Some(to) => Some(to),
        None => length.map(|length| from.plus(length)),
    }
}

fn length(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.as_secs() > 0 && time <= LONGEST => Ok(time),
        _ => Err(format!(
            "`{text}` is no length of a window: give a second or more with a unit, such as 15m, 1h or 48h, 31 days at most"
        )),
    }
}

/// Reads every `[[client]]`.
pub fn clients(top: &Section<'_>, apps: &[AppConfig]) -> Vec<NamedClient> {
    let read = |line: &Section<'_>| {
        let name = line.required_text("name").map(str::to_owned);
        let [app, program] = ["app", "program"].map(|key| line.filled_text(key).map(str::to_owned));
        line.finish();
        if name.as_ref().is_some_and(|name| name.len() > LONGEST_NAME || name.chars().any(char::is_control)) {
            line.fault_at("name", format!("is over {LONGEST_NAME} bytes, or has a control character"));
        }
        if let Some(app) = &app {
            selector::check_app(line, "app", app, apps);
        }
        if let Some(program) = &program {
            selector::check_program(line, "program", program);
        }
        if app.is_none() && program.is_none() {
            line.fault_here("names no one: say by which `app` or `program` the client is known".to_owned());
        }
        Some(NamedClient { place: line.place().clone(), name: name?, app, program })
    };
    top.sections("client").iter().filter_map(read).collect()
}

/// Reads `[migration]`.
pub fn strangers(section: &Section<'_>) -> Option<Strangers> {
    let mode = section.one_of("strangers", &StrangersMode::WORDS);
    let from = moment::read(section, "strangers_from");
    let is_written = section.is_filled("strangers_from");
    if mode.is_some_and(|mode| mode != StrangersMode::Allow) && !is_written {
        let what = "is not set: say from when on, since all who have called until then are known by then";
        let place = section.node("strangers").map_or(section.place(), |node| &node.place);
        section.fault_in(place, "strangers_from", what.to_owned());
    }
    Some(Strangers { mode: mode?, from })
}

fn required_moment(line: &Section<'_>, name: &'static str) -> Option<Moment> {
    if !line.is_filled(name) {
        line.fault_here(format!("`{name}` is missing; it is required, as in {name} = \"2027-03-01\""));
        return None;
    }
    moment::read(line, name)
}

/// The address of a page, which stands between angle brackets in a header (RFC 8288).
fn link(line: &Section<'_>, name: &'static str) -> Option<String> {
    let text = line.filled_text(name)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte);
    let is_sound = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']));
    if !is_sound || text.len() > LONGEST_LINK || !text.bytes().all(is_plain) {
        line.fault_at(name, format!("is no whole address of a page: write it from its scheme on, percent-encoded where needed, up to {LONGEST_LINK} bytes, such as https://example.com/migrate"));
        return None;
    }
    Some(text.to_owned())
}
