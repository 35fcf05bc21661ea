//! A caller's standing with a rule, and the response headers that report it (the tenth draft of
//! draft-ietf-httpapi-ratelimit-headers).

use std::fmt::Write as _;
use std::sync::Arc;

/// A rule, and what is left of one caller's budget under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The rule's name.
    pub rule: Arc<str>,
    /// How many requests per window, as the rule's rate says.
    pub quota: u32,
    /// The window, in seconds.
    pub window: u64,
    /// How many more would pass now: 0 to the rule's burst, which may exceed `quota`.
    pub remaining: u32,
    /// In how many seconds more is available, at the latest; for a refusal, the value of its `Retry-After`.
    pub reset: u64,
}

/// The value of `RateLimit-Policy`, such as `"members";q=20;w=60`; `None` without a policy, because an empty list is no
/// valid value.
#[must_use]
pub fn policy_header(policies: &[Policy]) -> Option<String> {
    header(policies, |policy, text| {
        // Writing to a String cannot fail.
        let _ = write!(text, ";q={};w={}", policy.quota, policy.window);
    })
}

/// The value of `RateLimit`, such as `"members";r=3;t=17`; `None` without a policy.
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

/// A character of a structured field's string. Settings allow only plain names, but a header must be valid whatever the
/// name.
fn quotable(character: char) -> impl Iterator<Item = char> {
    let character = if matches!(character, ' '..='~') { character } else { '?' };
    let escape = matches!(character, '"' | '\\').then_some('\\');
    escape.into_iter().chain([character])
}
