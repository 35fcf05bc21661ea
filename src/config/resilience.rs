//! Reads the settings that keep requests from being lost, doubled or stuck: `[upstream]`, `[retry]`, `[breaker]`,
//! `[stop]`.

use super::quantities::{size, time, time_or_none};
use super::{BreakerConfig, Connecting, Retry, StopConfig, UpstreamConfig};
use crate::protocol::document::Section;

/// `[upstream]`
pub fn upstream(section: &Section<'_>) -> Option<UpstreamConfig> {
    let all = super::apps::target(section);
    let [ipv4_only, via] = ["ipv4_only", "via"].map(|name| section.boolean(name));
    let [connections, idle_connections] = ["connections", "idle_connections"].map(|name| size(section, name));
    let queue = section.integer("queue").and_then(|queue| usize::try_from(queue).ok());
    let [idle_timeout, age] = ["idle_timeout", "age"].map(|name| time(section, name));
    let connecting = Connecting {
        ipv4_only: ipv4_only?,
        via: via?,
        connections: connections?,
        queue: queue?,
        idle_connections: idle_connections?,
        idle_timeout: idle_timeout?,
        age: age?,
    };
    Some(UpstreamConfig { all: all?, connecting })
}

/// `[retry]`
pub fn retry(section: &Section<'_>) -> Option<Retry> {
    let [most, share] = ["most", "share"].map(|name| number(section, name));
    if share.is_some_and(|share| share > 100) {
        section.fault_at("share", "is over 100: it is how many of a hundred calls may be repeats".to_owned());
    }
    if most.is_some_and(|most| most > MOST_REPEATS) {
        section.fault_at("most", format!("is over {MOST_REPEATS}: what fails so often is down"));
    }
    Some(Retry { most: most?, share: share? })
}

const MOST_REPEATS: u32 = 10;

/// `[breaker]`
pub fn breaker(section: &Section<'_>) -> Option<BreakerConfig> {
    let failures = number(section, "failures");
    let [wait, longest] = ["wait", "longest"].map(|name| time(section, name));
    let breaker = BreakerConfig { failures: failures?, wait: wait?, longest: longest? };
    if breaker.longest < breaker.wait {
        section.fault_at("longest", "is shorter than `wait`, with which it begins".to_owned());
    }
    Some(breaker)
}

/// `[stop]`
pub fn stop(section: &Section<'_>) -> Option<StopConfig> {
    let [announce, linger] = ["announce", "linger"].map(|name| time_or_none(section, name));
    Some(StopConfig { announce: announce?, linger: linger? })
}

fn number(section: &Section<'_>, name: &'static str) -> Option<u32> {
    let number = section.integer(name)?;
    u32::try_from(number).map_err(|_| section.fault_at(name, "is beyond 32 bits".to_owned())).ok()
}
