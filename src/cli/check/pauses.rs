//! Warnings about planned pauses of the old door that an operator may not mean any more, or not yet.

use crate::config::migration::{Brownout, Moment};
use crate::policy::brownout::WindowState;

/// A sentence for each real window that would refuse at once, and for each window that has ended.
#[must_use]
pub fn of(brownouts: &[Brownout], now: Moment) -> Vec<String> {
    let told = |brownout: &Brownout| {
        let Brownout { place, name, to, rehearse, .. } = brownout;
        match WindowState::of(brownout, now, false) {
            WindowState::InForce if !rehearse => Some(format!(
                "{place}: brownout.{name}: it is real and in force now, until {to}: the old door refuses from the start on"
            )),
            WindowState::Over => {
                Some(format!("{place}: brownout.{name}: it ended at {to}, and can be taken out"))
            }
            _ => None,
        }
    };
    brownouts.iter().filter_map(told).collect()
}
