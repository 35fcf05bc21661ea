//! `[[limit]]`: how much of what for whom.

mod rate;
mod rule;

use std::collections::HashSet;
use std::num::NonZeroU32;

use crate::protocol::document::{Place, Section};

pub use rate::Rate;
pub use rule::{Cost, Mode, Per, Rule};

/// The name of the list of an app's own.
pub const OWN: &str = "limits";

/// One `[[limit]]`.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Where its operations are written; the limit itself, where they are not.
    pub place: Place,
    /// What it says.
    pub rule: Rule,
}

/// What limits say, wherever they stand.
#[must_use]
pub fn rules(limits: &[Limit]) -> Vec<Rule> {
    limits.iter().map(|limit| limit.rule.clone()).collect()
}

/// Reads the limits that stand in `section` under `name`.
pub fn read(section: &Section<'_>, name: &'static str) -> Vec<Limit> {
    let (mut limits, mut names) = (Vec::new(), HashSet::new());
    for line in section.sections(name) {
        let rule = rule(&line);
        line.finish();
        if let Some(rule) = rule {
            if !names.insert(rule.name.clone()) {
                line.fault_at("name", "is the name of another limit already".to_owned());
            }
            if name == OWN && rule.per == Per::Token {
                let what = "is `token`, which counts all who bring one token together, and an app's own limits count the app alone: say `app`, or write it as a [[limit]]";
                line.fault_at("per", what.to_owned());
            }
            let place = line.node("operations").map_or(line.place(), |node| &node.place).clone();
            limits.push(Limit { place, rule });
        }
    }
    limits
}

fn rule(line: &Section<'_>) -> Option<Rule> {
    let name = line.required_text("name").map(str::to_owned);
    if name.as_ref().is_some_and(|name| !is_plain(name)) {
        line.fault_at("name", "is not letters, digits, `-` and `_`: it goes into a header".to_owned());
    }
    let operations = line.texts("operations");
    let per = word(
        line,
        "per",
        [
            ("app", Per::App),
            ("token", Per::Token),
            ("client-address", Per::Client),
            ("app+gid", Per::AppAndGroup),
            ("all", Per::All),
        ],
    );
    let rate = match line.required_text("rate") {
        Some(_) => line.parsed("rate", Rate::parse),
        None => None,
    };
    let burst = match line.integer("burst").map(u32::try_from) {
        None => rate.map(|rate| rate.count),
        Some(Ok(burst)) if burst > 0 => NonZeroU32::new(burst),
        Some(_) => {
            line.fault_at("burst", "must be 1 or more, within 32 bits".to_owned());
            None
        }
    };
    let cost = line
        .node("cost")
        .map_or(Some(Cost::One), |_| word(line, "cost", [("one", Cost::One), ("members", Cost::Members)]));
    let mode = line.node("mode").map_or(Some(Mode::Enforce), |_| {
        word(line, "mode", [("enforce", Mode::Enforce), ("shadow", Mode::Shadow)])
    });
    let on_premise = line.boolean("on_premise").unwrap_or(true);
    let rule = Rule {
        name: name?,
        operations,
        per: per?,
        rate: rate?,
        burst: burst?,
        cost: cost?,
        mode: mode?,
        on_premise,
    };
    if let Some(what) = rule.fault() {
        line.fault_at("burst", what);
    }
    Some(rule)
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn word<T: Copy, const N: usize>(
    line: &Section<'_>,
    key: &'static str,
    words: [(&'static str, T); N],
) -> Option<T> {
    line.required_text(key)?;
    line.parsed(key, |text| {
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        found.ok_or_else(|| format!("`{text}` is none of {}", known.join(", ")))
    })
}
