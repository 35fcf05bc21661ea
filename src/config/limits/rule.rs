//! What a rule says, and for which requests it holds.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::Quota;

use super::Rate;
use crate::policy::limit::Ask;

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
    /// `client-address`: each IPv4 address, each /64 of IPv6.
    Client,
    /// `all`: nobody, it is everybody's.
    All,
}

/// What a request takes from a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// `one`: 1.
    One,
    /// `members`: as many as the members it names, 1 if it names none.
    Members,
}

/// What comes of an empty budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `enforce`: the request is refused.
    Enforce,
    /// `shadow`: the request goes on, and the rule is named.
    Shadow,
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

    /// The rule as governor takes it, with a burst that [`Rule::fault`] has nothing against.
    pub(crate) fn quota(&self) -> Quota {
        // An interval is never zero, so the second one is never made.
        Quota::with_period(self.rate.interval())
            .unwrap_or(Quota::per_second(NonZeroU32::MIN))
            .allow_burst(self.burst.min(self.most_burst()))
    }

    fn most_burst(&self) -> NonZeroU32 {
        let most = LONGEST_FILL.as_nanos() / self.rate.interval().as_nanos().max(1);
        u32::try_from(most).map_or(NonZeroU32::MAX, |most| NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
    }

    pub(crate) fn holds(&self, ask: &Ask<'_>) -> bool {
        let named = || self.operations.iter().any(|operation| Some(operation.as_str()) == ask.operation);
        (self.on_premise || !ask.on_premise) && (self.operations.is_empty() || named())
    }
}

impl Per {
    /// How many parts of the room for keys it needs: one for the known, one for strangers, none where
    /// nobody has a key.
    pub(crate) fn parts(self) -> usize {
        match self {
            Self::AppAndGroup | Self::App => 2,
            Self::Client => 1,
            Self::All => 0,
        }
    }
}

impl Cost {
    pub(crate) fn of(self, ask: &Ask<'_>) -> NonZeroU32 {
        match self {
            Self::One => NonZeroU32::MIN,
            Self::Members => NonZeroU32::new(ask.members).unwrap_or(NonZeroU32::MIN),
        }
    }
}
