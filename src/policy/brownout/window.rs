//! One window: whether it is in force, and where it stands.

use crate::config::migration::{Brownout, Moment};

/// A call of the old door, as rules select it.
#[derive(Debug, Clone, Copy)]
pub struct OldCall<'c> {
    /// The caller's app, if it is one.
    pub app: Option<&'c str>,
    /// The operation, if the table has it.
    pub operation: Option<&'c str>,
    /// The program, as [`crate::ledger::program`] names it.
    pub program: &'c str,
}

/// Whether a window is in force for a call: from its first second until before the first one behind it.
#[must_use]
pub fn in_force(brownout: &Brownout, call: &OldCall<'_>, now: Moment) -> bool {
    (brownout.from..brownout.to).contains(&now)
        && brownout.selector.matches(call.app, call.operation, call.program)
}

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowState {
    /// It is to come.
    Upcoming,
    /// It counts or refuses now.
    InForce,
    /// It would refuse now, and is stopped.
    Paused,
    /// It has ended.
    Over,
}

impl WindowState {
    /// The state of a window; a rehearsal refuses nobody, so that a pause does not concern it.
    #[must_use]
    pub fn of(brownout: &Brownout, now: Moment, is_paused: bool) -> Self {
        if now < brownout.from {
            Self::Upcoming
        } else if now >= brownout.to {
            Self::Over
        } else if is_paused && !brownout.rehearse {
            Self::Paused
        } else {
            Self::InForce
        }
    }

    /// The words that a person reads.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::InForce => "in force",
            Self::Paused => "paused",
            Self::Over => "over",
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Brownout, Moment, OldCall, WindowState, in_force};
    use crate::config::migration::Selector;
    use crate::protocol::document::Place;

    pub const fn at(second: u64) -> Moment {
        Moment(1_800_000_000 + second)
    }

    pub fn brownout(name: &str, from: u64, to: u64, rehearse: bool) -> Brownout {
        let (place, selector) = (Place::named("a test"), Selector::default());
        Brownout { place, name: name.to_owned(), selector, from: at(from), to: at(to), rehearse }
    }

    #[test]
    fn a_window_is_in_force_from_its_first_second_until_before_its_end() {
        let (real, rehearsal) = (brownout("a", 10, 20, false), brownout("b", 10, 20, true));
        let call = OldCall { app: None, operation: None, program: "none" };
        for (now, is_in_force, texts) in [
            (9, false, ["upcoming", "upcoming", "upcoming"]),
            (10, true, ["in force", "paused", "in force"]),
            (19, true, ["in force", "paused", "in force"]),
            (20, false, ["over", "over", "over"]),
        ] {
            assert_eq!(in_force(&real, &call, at(now)), is_in_force, "{now}");
            let states = [(&real, false), (&real, true), (&rehearsal, true)]
                .map(|(window, is_paused)| WindowState::of(window, at(now), is_paused).text());
            assert_eq!(states, texts, "{now}");
        }
    }

    #[test]
    fn a_window_is_in_force_for_the_calls_that_it_is_about() {
        let mut window = brownout("a", 0, 9, false);
        window.selector.operations = vec!["useradd".to_owned()];
        window.selector.programs = vec!["okhttp".to_owned()];
        for (operation, program, is_in_force) in [
            (Some("useradd"), "okhttp", true),
            (Some("userdel"), "okhttp", false),
            (Some("useradd"), "none", false),
        ] {
            let call = OldCall { app: None, operation, program };
            assert_eq!(in_force(&window, &call, at(1)), is_in_force, "{operation:?} {program}");
        }
    }
}
