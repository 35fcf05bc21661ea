//! Where a caller stands with a rule, and the response headers that say so (the tenth draft of
//! draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;
use std::sync::Arc;

/// A rule, and what is left of one caller's budget under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The rule's name.
    pub rule: Arc<str>,
    /// How many in each window, as the rule's rate was written.
    pub quota: u32,
    /// The window, in seconds.
    pub window: u64,
    /// How many more would pass now: 0 to the rule's burst, which may be over `quota`.
    pub remaining: u32,
    /// In how many seconds there is more, at the latest; of a refusal, when it would have passed: the
    /// same as its `Retry-After`, which must not be earlier.
    pub reset: u64,
}

/// The value of `RateLimit-Policy`, such as `"members";q=20;w=60`; none without a policy, for an empty
/// list is no value.
#[must_use]
pub fn policy_header(policies: &[Policy]) -> Option<String> {
    header(policies, |policy, text| {
        // Writing to a String cannot fail.
        let _ = write!(text, ";q={};w={}", policy.quota, policy.window);
    })
}

/// The value of `RateLimit`, such as `"members";r=3;t=17`; none without a policy.
#[must_use]
pub fn state_header(policies: &[Policy]) -> Option<String> {
    header(policies, |policy, text| {
        let _ = write!(text, ";r={};t={}", policy.remaining, policy.reset);
    })
}

fn header(policies: &[Policy], rest: impl Fn(&Policy, &mut String)) -> Option<String> {
    let mut text = String::new();
    for policy in policies {
        text.push_str(if text.is_empty() { "\"" } else { ", \"" });
        text.extend(policy.rule.chars().flat_map(quotable));
        text.push('"');
        rest(policy, &mut text);
    }
    (!text.is_empty()).then_some(text)
}

/// A character of a structured field's string: the settings let only plain names in, but a header must
/// be sound whatever the name.
fn quotable(character: char) -> impl Iterator<Item = char> {
    let character = if matches!(character, ' '..='~') { character } else { '?' };
    let escape = matches!(character, '"' | '\\').then_some('\\');
    escape.into_iter().chain([character])
}
