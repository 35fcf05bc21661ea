//! What a limit says.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Rate;

/// One `[[limit]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name, as headers, refusals and metrics say it.
    pub name: String,
    /// The operations' names; none: all requests, also those of no known operation.
    pub operations: Vec<String>,
    /// Who has a budget of their own.
    pub per: Per,
    /// How fast a budget fills.
    pub rate: Rate,
    /// How much a full budget holds.
    pub burst: NonZeroU32,
    /// What a request takes from it.
    pub cost: Cost,
    /// Whether it refuses.
    pub mode: Mode,
    /// Whether it also holds for on-premise upstreams.
    pub on_premise: bool,
}

/// Who has a budget of their own, in the order in which rules are asked: what is more the caller's
/// own comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// `app+gid`: each group of each app; requests without a group share one of their app.
    AppAndGroup,
    /// `app`: each app.
    App,
    /// `token`: each token that upstream gets, whoever brings it: what upstream itself counts by.
    Token,
    /// `client-address`: each IPv4 address, each /64 of IPv6.
    Client,
    /// `all`: nobody, it is everybody's.
    All,
}

impl Per {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("app", Self::App),
        ("token", Self::Token),
        ("client-address", Self::Client),
        ("app+gid", Self::AppAndGroup),
        ("all", Self::All),
    ];
}

/// What a request takes from a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// `one`: 1.
    One,
    /// `members`: as many as the members it names, 1 if it names none.
    Members,
}

impl Cost {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 2] = [("one", Self::One), ("members", Self::Members)];
}

/// What comes of an empty budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `enforce`: the request is refused.
    Enforce,
    /// `shadow`: the request goes on, and the rule is named.
    Shadow,
}

impl Mode {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 2] = [("enforce", Self::Enforce), ("shadow", Self::Shadow)];
}

/// An empty budget is full again in ten years at most: governor counts nanoseconds in 64 bits, which
/// are 584 years, and adds without looking.
const LONGEST_FILL: Duration = Duration::from_hours(24 * 3650);

impl Rule {
    /// What is wrong with the rule as a whole, and what would be right; as the end of a sentence that
    /// begins with `burst`.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let most = self.most_burst();
        (self.burst > most).then(|| {
            format!("would take over ten years to fill at this rate: {most} is the most, or raise the rate")
        })
    }

    /// The most that a full budget may hold at this rate.
    #[must_use]
    pub fn most_burst(&self) -> NonZeroU32 {
        let most = LONGEST_FILL.as_nanos() / self.rate.interval().as_nanos().max(1);
        u32::try_from(most).map_or(NonZeroU32::MAX, |most| NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
    }
}
