//! One rule of the rate limits.

use std::num::NonZeroU32;
use std::time::Duration;

use super::Rate;

/// One `[[limit]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name in headers, refusals and metrics.
    pub name: String,
    /// The operations' names; empty: all requests, also those of unknown operations.
    pub operations: Vec<String>,
    /// Who has a budget each.
    pub per: Per,
    /// How fast a budget fills.
    pub rate: Rate,
    /// How much a full budget holds.
    pub burst: NonZeroU32,
    /// What a request takes from a budget.
    pub cost: Cost,
    /// Whether the rule refuses.
    pub mode: Mode,
    /// Whether the rule also holds for on-premise upstreams.
    pub on_premise: bool,
}

/// Who has a budget each, in the order in which rules are asked: the caller's own budgets come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// `app+gid`: each group of each app; requests without a group share one of their app.
    AppAndGroup,
    /// `app`: each app.
    App,
    /// `token`: each token that upstream gets, whoever sends it. Upstream itself counts by it.
    Token,
    /// `client-address`: each IPv4 address, each /64 of IPv6.
    Client,
    /// `all`: one budget for all requests.
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
    /// `members`: the number of members that the request names, at least 1.
    Members,
}

impl Cost {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 2] = [("one", Self::One), ("members", Self::Members)];
}

/// What happens to a request when the budget is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `enforce`: the request is refused.
    Enforce,
    /// `shadow`: the request passes, and the rule is logged and counted.
    Shadow,
}

impl Mode {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 2] = [("enforce", Self::Enforce), ("shadow", Self::Shadow)];
}

/// The longest time in which an empty budget fills: governor counts nanoseconds in 64 bits, which are 584 years, and
/// adds without an overflow check.
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

    /// The largest burst at this rate.
    #[must_use]
    pub fn most_burst(&self) -> NonZeroU32 {
        let most = LONGEST_FILL.as_nanos() / self.rate.interval().as_nanos().max(1);
        u32::try_from(most).map_or(NonZeroU32::MAX, |most| NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
    }
}
