//! How often what an app has may have changed: what separates the reads before a write from those
//! after it.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::iter::repeat_with;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::Touches;
use crate::policy::fingerprint::Fingerprint;

const APPS: usize = 1024;
const GROUPS: usize = 8192;

/// One counter for many apps, one for many groups: their number is fixed, and two that share one
/// merely forget more than they must.
pub(super) struct Generations {
    apps: Box<[AtomicU64]>,
    groups: Box<[AtomicU64]>,
    /// The fault that the model must find: counters that nobody reads.
    #[cfg(test)]
    ignored: bool,
}

/// The generations that a read saw at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Generation {
    app: u64,
    group: u64,
}

impl Generations {
    pub(super) fn new() -> Self {
        Self {
            apps: counters(APPS),
            groups: counters(GROUPS),
            #[cfg(test)]
            ignored: false,
        }
    }

    #[cfg(test)]
    pub(super) fn ignored() -> Self {
        Self { ignored: true, ..Self::new() }
    }

    /// The generations now. They are not read at one moment, and need not be: each is at least as
    /// young as any write that ended before this was called.
    pub(super) fn at(&self, app: Fingerprint, group: &str) -> Generation {
        #[cfg(test)]
        if self.ignored {
            return Generation { app: 0, group: 0 };
        }
        Generation {
            app: self.apps[index_of_app(app)].load(SeqCst),
            group: self.groups[index_of_group(app, group)].load(SeqCst),
        }
    }

    fn bump(&self, counter: Counter) {
        match counter {
            Counter::App(index) => self.apps[index].fetch_add(1, SeqCst),
            Counter::Group(index) => self.groups[index].fetch_add(1, SeqCst),
        };
    }
}

#[derive(Clone, Copy)]
enum Counter {
    App(usize),
    Group(usize),
}

/// A write under way. Its end, however it comes about, is seen by every read that starts after it.
#[must_use = "the guard's end is the end of the write"]
pub struct Write {
    generations: Arc<Generations>,
    counter: Counter,
}

impl Write {
    pub(super) fn begin(generations: &Arc<Generations>, app: Fingerprint, touches: &Touches) -> Self {
        let counter = match touches {
            Touches::App => Counter::App(index_of_app(app)),
            Touches::Group(group) => Counter::Group(index_of_group(app, group)),
        };
        generations.bump(counter);
        Self { generations: generations.clone(), counter }
    }
}

impl Drop for Write {
    // Also where the future that held it is dropped: what became of the write is then unknown.
    fn drop(&mut self) {
        self.generations.bump(self.counter);
    }
}

fn counters(number: usize) -> Box<[AtomicU64]> {
    repeat_with(AtomicU64::default).take(number).collect()
}

fn index_of_app(app: Fingerprint) -> usize {
    // It is a hash already.
    index(app.0, APPS)
}

/// The hash has no key of its own: fingerprints have one, so that nobody can aim at another's counter.
fn index_of_group(app: Fingerprint, group: &str) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((app, group));
    index(hash.into(), GROUPS)
}

fn index(hash: u128, counters: usize) -> usize {
    // Both casts are exact: the remainder is below a small usize.
    #[allow(clippy::cast_possible_truncation)]
    let index = (hash % counters as u128) as usize;
    index
}
