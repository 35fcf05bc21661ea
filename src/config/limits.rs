//! Reads `[[limit]]`: the rate limits, general ones and those of an app.

mod rate;
mod rule;

use std::collections::HashSet;
use std::num::NonZeroU32;

use crate::protocol::document::{Place, Section};

pub use rate::Rate;
pub use rule::{Cost, Mode, Per, Rule};

/// The key of an app's own limits.
pub const OWN: &str = "limits";

/// One `[[limit]]`.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Where its operations are written; the limit itself if they are not.
    pub place: Place,
    /// The rule.
    pub rule: Rule,
}

/// The rules of these limits.
#[must_use]
pub fn rules(limits: &[Limit]) -> Vec<Rule> {
    limits.iter().map(|limit| limit.rule.clone()).collect()
}

/// Reads the limits in `section` under `name`.
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
    let per = line.required_text("per").and_then(|_| line.one_of("per", &Per::WORDS));
    let rate = match line.required_text("rate") {
        Some(_) => line.parsed("rate", Rate::parse),
        None => None,
    };
    let burst = burst(line, rate);
    let cost = line.one_of("cost", &Cost::WORDS).unwrap_or(Cost::One);
    let mode = line.one_of("mode", &Mode::WORDS).unwrap_or(Mode::Enforce);
    let on_premise = line.boolean("on_premise").unwrap_or(true);
    let rule =
        Rule { name: name?, operations, per: per?, rate: rate?, burst: burst?, cost, mode, on_premise };
    if let Some(what) = rule.fault() {
        line.fault_at("burst", what);
    }
    Some(rule)
}

/// The written burst; by default, the rate's count.
fn burst(line: &Section<'_>, rate: Option<Rate>) -> Option<NonZeroU32> {
    match line.integer("burst").map(u32::try_from) {
        None => rate.map(|rate| rate.count),
        Some(Ok(burst)) if burst > 0 => NonZeroU32::new(burst),
        Some(_) => {
            line.fault_at("burst", "must be 1 or more, within 32 bits".to_owned());
            None
        }
    }
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
