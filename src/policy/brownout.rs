//! Planned pauses of the old door: which windows are in force for a call, and the switch that stops them at once.
//!
//! Shared by all workers. The switch and the counts are kept across reloads.

mod window;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use smallvec::SmallVec;

use crate::config::migration::{Brownout, Moment};
use crate::ledger::book::Window;
use crate::protocol::reject::{BrownoutEnd, Reject};

pub use window::{OldCall, WindowState, in_force};

/// The windows of the settings, and what has become of calls in them.
#[derive(Default)]
pub struct Brownouts {
    windows: Vec<CountedWindow>,
    paused: Arc<AtomicBool>,
}

/// A window, and how many calls it has met.
struct CountedWindow {
    name: Arc<str>,
    brownout: Brownout,
    met: Arc<AtomicU64>,
    /// The state that the log knows, as a number; `UNTOLD` if none.
    told: Arc<AtomicU8>,
}

/// No state that a window has.
const UNTOLD: u8 = u8::MAX;

/// A window as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownWindow {
    /// The window.
    pub brownout: Brownout,
    /// Where it stands.
    pub state: WindowState,
    /// How many calls it has refused, or in a rehearsal would have refused, since the start.
    pub met: u64,
}

/// The rehearsals that would have refused a call, by name.
pub type Rehearsed = SmallVec<[Arc<str>; 1]>;

impl Brownouts {
    /// The windows of the settings, with nothing counted and the switch on.
    #[must_use]
    pub fn new(brownouts: &[Brownout]) -> Self {
        Self::default().reloaded(brownouts)
    }

    /// The windows of new settings, under the same switch; those whose name stays keep their counts.
    #[must_use]
    pub fn reloaded(&self, brownouts: &[Brownout]) -> Self {
        let window = |brownout: &Brownout| {
            let former = self.windows.iter().find(|former| *former.name == *brownout.name);
            let met = former.filter(|former| former.brownout.rehearse == brownout.rehearse);
            let same = former.filter(|former| former.brownout == *brownout);
            CountedWindow {
                name: brownout.name.as_str().into(),
                met: met.map_or_else(Arc::default, |former| former.met.clone()),
                told: same.map_or_else(|| Arc::new(AtomicU8::new(UNTOLD)), |former| former.told.clone()),
                brownout: brownout.clone(),
            }
        };
        Self { windows: brownouts.iter().map(window).collect(), paused: self.paused.clone() }
    }

    /// Whether there are none: then no call needs to be looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// Counts a call in the windows that are in force for it, and adds the rehearsals among them to `rehearsed`. Of real
    /// ones, the one that ends last refuses: a client that comes again at its end is not refused by another.
    ///
    /// # Errors
    /// BROWNOUT.
    pub fn check(&self, call: &OldCall<'_>, now: Moment, rehearsed: &mut Rehearsed) -> Result<(), Reject> {
        let is_paused = self.is_paused();
        let mut last: Option<&CountedWindow> = None;
        for window in self.windows.iter().filter(|window| in_force(&window.brownout, call, now)) {
            if window.brownout.rehearse {
                window.met.fetch_add(1, Relaxed);
                rehearsed.push(window.name.clone());
            } else if !is_paused && last.is_none_or(|last| window.brownout.to > last.brownout.to) {
                last = Some(window);
            }
        }
        let Some(window) = last else {
            return Ok(());
        };
        window.met.fetch_add(1, Relaxed);
        let Moment(end) = window.brownout.to;
        Err(Reject::Brownout(Box::new(BrownoutEnd {
            name: window.name.clone(),
            operation: call.operation.map(str::to_owned),
            until: window.brownout.to.to_string(),
            wait: end.saturating_sub(now.0).max(1),
        })))
    }

    /// The windows that count or refuse now, as the ledger knows them.
    #[must_use]
    pub fn running(&self, now: Moment) -> Vec<Window> {
        let is_paused = self.is_paused();
        let windows = self.windows.iter().map(|window| &window.brownout);
        let running =
            windows.filter(|brownout| WindowState::of(brownout, now, is_paused) == WindowState::InForce);
        running.map(of_ledger).collect()
    }

    /// Those of them that are about a call.
    #[must_use]
    pub fn meeting(&self, call: &OldCall<'_>, now: Moment) -> Vec<Window> {
        let is_paused = self.is_paused();
        let windows = self.windows.iter().map(|window| &window.brownout);
        let meeting = windows.filter(|brownout| {
            in_force(brownout, call, now) && WindowState::of(brownout, now, is_paused) == WindowState::InForce
        });
        meeting.map(of_ledger).collect()
    }

    /// Tells the log of windows that have begun or ended since it was last told.
    pub fn tell(&self, now: Moment) {
        let is_paused = self.is_paused();
        for window in &self.windows {
            let state = WindowState::of(&window.brownout, now, is_paused);
            let before = window.told.swap(state as u8, Relaxed);
            if before != state as u8 {
                window.tell(state, before != UNTOLD);
            }
        }
    }

    /// Stops real windows from refusing, or lets them refuse again; returns whether that is new.
    #[must_use]
    pub fn pause(&self, pause: bool) -> bool {
        self.paused.swap(pause, Relaxed) != pause
    }

    /// Whether real windows are stopped.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused.load(Relaxed)
    }

    /// Every window with its state, in the order of the settings.
    #[must_use]
    pub fn shown(&self, now: Moment) -> Vec<ShownWindow> {
        let is_paused = self.is_paused();
        let shown = |window: &CountedWindow| ShownWindow {
            state: WindowState::of(&window.brownout, now, is_paused),
            brownout: window.brownout.clone(),
            met: window.met.load(Relaxed),
        };
        self.windows.iter().map(shown).collect()
    }
}

fn of_ledger(brownout: &Brownout) -> Window {
    let selector = &brownout.selector;
    let selects = [&selector.apps, &selector.operations, &selector.programs].map(Clone::clone);
    Window { from: brownout.from.0, to: brownout.to.0, name: brownout.name.clone(), selects }
}

impl CountedWindow {
    /// Tells the log of a state; of an end only if the gateway has seen the window before.
    fn tell(&self, state: WindowState, is_seen: bool) {
        let (brownout, until) = (&*self.name, self.brownout.to);
        match state {
            WindowState::InForce if self.brownout.rehearse => {
                tracing::info!(brownout, %until, "a rehearsal of a brownout is in force: it counts, and refuses nobody");
            }
            WindowState::InForce => {
                tracing::warn!(brownout, %until, "a brownout is in force: the old door refuses the calls that it is about");
            }
            WindowState::Over if is_seen => {
                tracing::info!(brownout, calls = self.met.load(Relaxed), "a brownout has ended");
            }
            WindowState::Over | WindowState::Upcoming | WindowState::Paused => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::window::tests::{at, brownout};
    use super::{Brownouts, OldCall, Rehearsed};
    use crate::protocol::reject::Reject;

    const CALL: OldCall<'static> = OldCall { app: None, operation: Some("useradd"), program: "okhttp" };

    /// The seconds to wait and the window's name, or the rehearsals.
    fn checked(brownouts: &Brownouts, now: u64) -> Result<Vec<String>, (u64, String)> {
        let mut rehearsed = Rehearsed::default();
        match brownouts.check(&CALL, at(now), &mut rehearsed) {
            Ok(()) => Ok(rehearsed.iter().map(ToString::to_string).collect()),
            Err(Reject::Brownout(end)) => Err((end.wait, end.name.to_string())),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_real_window_that_ends_last_refuses_and_rehearsals_refuse_nobody() {
        let rows = [brownout("a", 10, 20, false), brownout("b", 15, 30, false), brownout("c", 0, 40, true)];
        let brownouts = Brownouts::new(&rows);
        for (now, met) in [
            (9, Ok(vec!["c".to_owned()])),
            (10, Err((10, "a".to_owned()))),
            (19, Err((11, "b".to_owned()))),
            (29, Err((1, "b".to_owned()))),
            (30, Ok(vec!["c".to_owned()])),
            (40, Ok(vec![])),
        ] {
            assert_eq!(checked(&brownouts, now), met, "{now}");
        }
        let met: Vec<u64> = brownouts.shown(at(0)).into_iter().map(|window| window.met).collect();
        assert_eq!(met, [1, 2, 5]);
    }

    #[test]
    fn a_pause_and_counts_outlive_new_settings() {
        let brownouts = Brownouts::new(&[brownout("a", 0, 9, false)]);
        assert!(checked(&brownouts, 1).is_err());
        assert!(brownouts.pause(true));
        assert!(!brownouts.pause(true));
        let brownouts = brownouts.reloaded(&[brownout("b", 0, 9, false), brownout("a", 0, 99, false)]);
        assert_eq!(checked(&brownouts, 1), Ok(vec![]));
        assert!(brownouts.pause(false));
        assert_eq!(checked(&brownouts, 1), Err((98, "a".to_owned())));
        let met: Vec<u64> = brownouts.shown(at(0)).into_iter().map(|window| window.met).collect();
        assert_eq!(met, [0, 2]);
    }
}
