//! Generations count how often a token's data may have changed: they separate reads before a write from reads after it.
//!
//! A known token has counters of its own, which last as long as it is known without a break ([`Tenure`]). Unknown
//! tokens, which may be invented, share counters: they join each other's fills, and their answers are not cached. A
//! token may be proven, refused or pushed out at any moment, also while one of its writes is under way, and a read that
//! began before the write's end must not be found after it all the same:
//!
//! - At its end, a write moves the strangers' counters **first**, then looks whether its token is known, and moves the
//!   known token's counters too. So a read that sees the strangers' counters unmoved has looked before the write did,
//!   and finds its token known only if the write will find it known as well.
//! - A token may be an app's and proven besides: reads see one tenure, and writes move both.
//! - Two reads that see one tenure were both within it, and so was every write that ended between them.
//! - A stranger's fill is cached for the tenure that its answer has begun, under counters that were read **before** the
//!   strangers' counters were seen unmoved since the fill's start.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::iter::repeat_with;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::Touches;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::known::{KnownTokens, Tenure};

const APPS: usize = 1024;
const GROUPS: usize = 8192;

/// The counters of all tokens.
pub(super) struct Generations {
    known: Arc<KnownTokens>,
    strangers: Strangers,
    /// The planted fault that the model must find.
    #[cfg(test)]
    fault: Option<PlantedFault>,
    /// The first tenure of each token, for [`PlantedFault::TenureReturns`].
    #[cfg(test)]
    first: std::sync::Mutex<std::collections::HashMap<Fingerprint, Arc<Tenure>>>,
}

/// Faults of generations that a test can plant.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlantedFault {
    /// Reads ignore the counters.
    Ignored,
    /// A write's end does not move the counters of a token that was proven meanwhile.
    ProvenMissed,
    /// A write's end does not move the strangers' counters if its token is known.
    StrangersMissed,
    /// A token that was unknown for a while gets its former tenure again.
    TenureReturns,
    /// A stranger's fill is cached whatever was written since.
    KeptUnseen,
}

/// The generations that a read saw at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Generation {
    /// The number of the token's tenure; 0 if it was not known.
    tenure: u64,
    app: u64,
    group: u64,
}

impl Generation {
    /// Whether an answer may be cached under this generation.
    pub(super) fn is_known(self) -> bool {
        self.tenure != 0
    }
}

impl Generations {
    pub(super) fn new(known: Arc<KnownTokens>) -> Self {
        Self {
            known,
            strangers: Strangers::new(),
            #[cfg(test)]
            fault: None,
            #[cfg(test)]
            first: std::sync::Mutex::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn with_fault(known: Arc<KnownTokens>, fault: PlantedFault) -> Self {
        Self { fault: Some(fault), ..Self::new(known) }
    }

    #[cfg(test)]
    fn has(&self, fault: PlantedFault) -> bool {
        self.fault == Some(fault)
    }

    #[cfg(not(test))]
    fn tenure(&self, app: Fingerprint) -> Option<Arc<Tenure>> {
        self.known.tenure(app)
    }

    #[cfg(not(test))]
    fn tenures(&self, app: Fingerprint) -> Tenures {
        self.known.tenures(app)
    }

    #[cfg(test)]
    fn tenures(&self, app: Fingerprint) -> Tenures {
        match self.fault {
            Some(PlantedFault::TenureReturns) => [self.tenure(app), None],
            _ => self.known.tenures(app),
        }
    }

    #[cfg(test)]
    fn tenure(&self, app: Fingerprint) -> Option<Arc<Tenure>> {
        let tenure = self.known.tenure(app)?;
        if !self.has(PlantedFault::TenureReturns) {
            return Some(tenure);
        }
        Some(self.first.lock().unwrap().entry(app).or_insert(tenure).clone())
    }

    /// The current generations. They are not read at one moment, and need not be: each is at least as young as any
    /// write that ended before this call.
    pub(super) fn at(&self, app: Fingerprint, group: &str) -> Generation {
        let hash = hash_of(app, group);
        #[cfg(test)]
        if self.has(PlantedFault::Ignored) {
            let tenure = self.tenure(app).map_or(0, |tenure| tenure.number());
            return Generation { tenure, app: 0, group: 0 };
        }
        match self.tenure(app) {
            Some(tenure) => {
                let (all, group) = tenure.at(hash);
                Generation { tenure: tenure.number(), app: all, group }
            }
            None => self.strangers.at(app, hash),
        }
    }

    /// The generation under which an answer may be cached that was begun under `began`; `None` if its token is not
    /// known by now, or may have written since.
    pub(super) fn to_keep(&self, app: Fingerprint, group: &str, began: Generation) -> Option<Generation> {
        if began.is_known() {
            return Some(began);
        }
        let now = self.at(app, group);
        let is_unmoved = self.strangers.at(app, hash_of(app, group)) == began;
        #[cfg(test)]
        let is_unmoved = is_unmoved || self.has(PlantedFault::KeptUnseen) || self.has(PlantedFault::Ignored);
        (now.is_known() && is_unmoved).then_some(now)
    }
}

/// The counters of unknown tokens. Their number is fixed, however many tokens are invented; two tokens that share a
/// counter merely invalidate each other's reads.
struct Strangers {
    apps: Box<[AtomicU64]>,
    groups: Box<[AtomicU64]>,
}

impl Strangers {
    fn new() -> Self {
        let counters = |number| repeat_with(AtomicU64::default).take(number).collect();
        Self { apps: counters(APPS), groups: counters(GROUPS) }
    }

    fn at(&self, app: Fingerprint, group: u64) -> Generation {
        let app = self.apps[index(app.0, APPS)].load(SeqCst);
        Generation { tenure: 0, app, group: self.groups[index(group.into(), GROUPS)].load(SeqCst) }
    }

    fn bump(&self, app: Fingerprint, touched: Touched) {
        match touched {
            // A fingerprint is a hash already.
            Touched::All => self.apps[index(app.0, APPS)].fetch_add(1, SeqCst),
            Touched::Group(group) => self.groups[index(group.into(), GROUPS)].fetch_add(1, SeqCst),
        };
    }
}

#[derive(Clone, Copy)]
enum Touched {
    All,
    /// A group, by its hash.
    Group(u64),
}

impl Touched {
    fn bump(self, tenure: &Tenure) {
        match self {
            Self::All => tenure.move_all(),
            Self::Group(group) => tenure.move_group(group),
        }
    }
}

/// A write under way. However it ends, every read that starts afterwards sees the end.
#[must_use = "the guard's end is the end of the write"]
pub struct Write {
    generations: Arc<Generations>,
    app: Fingerprint,
    touched: Touched,
    /// The tenures of a token that was known at the start.
    tenures: Tenures,
}

type Tenures = [Option<Arc<Tenure>>; 2];

impl Write {
    pub(super) fn begin(generations: &Arc<Generations>, app: Fingerprint, touches: &Touches) -> Self {
        let moved = match touches {
            Touches::App => Touched::All,
            Touches::Group(group) => Touched::Group(hash_of(app, group)),
        };
        let tenures = generations.tenures(app);
        tenures.iter().flatten().for_each(|tenure| moved.bump(tenure));
        if tenures.iter().all(Option::is_none) {
            generations.strangers.bump(app, moved);
        }
        Self { generations: generations.clone(), app, touched: moved, tenures }
    }

    fn had(&self, tenure: &Tenure) -> bool {
        self.tenures.iter().flatten().any(|had| had.number() == tenure.number())
    }
}

impl Drop for Write {
    // A dropped future ends the write too, though its outcome is unknown then. The order matters: see the head of this
    // file.
    fn drop(&mut self) {
        let Self { generations, app, touched, tenures } = &*self;
        #[cfg(test)]
        let is_left_out =
            generations.has(PlantedFault::StrangersMissed) && generations.tenure(*app).is_some();
        #[cfg(not(test))]
        let is_left_out = false;
        if !is_left_out {
            generations.strangers.bump(*app, *touched);
        }
        tenures.iter().flatten().for_each(|tenure| touched.bump(tenure));
        #[cfg(test)]
        if generations.has(PlantedFault::ProvenMissed) {
            return;
        }
        let now = generations.tenures(*app);
        now.iter().flatten().filter(|now| !self.had(now)).for_each(|now| touched.bump(now));
    }
}

/// The hash needs no key of its own: fingerprints are keyed, so no caller can aim at another's counter.
fn hash_of(app: Fingerprint, group: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one((app, group))
}

fn index(hash: u128, counters: usize) -> usize {
    // Both casts are exact: the remainder is below a small usize.
    #[allow(clippy::cast_possible_truncation)]
    let index = (hash % counters as u128) as usize;
    index
}
