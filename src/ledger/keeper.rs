//! Keeps the ledger of a running gateway: sums what the workers have seen, and writes the file.

mod kept;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};

use super::book::{Decision, Ledger, Window, Writer};
use super::client::Client;
use super::gate::Gate;
use super::store::{self, Store};
use super::tally::Tally;
use super::text::{self, Identity};

pub use kept::Kept;

/// How often the file is written while there is something to write.
const OFTEN: Duration = Duration::from_secs(10);

/// The ledger of this gateway.
pub struct Keeper {
    identity: Identity,
    path: Option<PathBuf>,
    tallies: OnceLock<Vec<Arc<Tally>>>,
    kept: Mutex<Holding>,
    gate: ArcSwap<Gate>,
    /// Whether the gate is open for all, which is all that most gateways ever ask.
    is_open: AtomicBool,
}

struct Holding {
    /// Everything but this gateway's rows.
    others: Ledger,
    own: Writer,
    file: FileState,
    /// Whether something has not been written, and whether it is a new client, shape or decision.
    changed: bool,
    news: bool,
    written: Instant,
    /// Since when strangers are told from others.
    since: Option<u64>,
}

enum FileState {
    /// The settings name none.
    None,
    /// It is this gateway's.
    Taken(Store),
    /// Why it is not, or why it could not be written last.
    Failing(String, Option<Store>),
}

impl Keeper {
    /// The ledger that the settings name. `secret` makes the key of fingerprints, so that several gateways know a token
    /// as the same client; without it the key is the file's own. Nothing is changed yet.
    #[must_use]
    pub fn new(path: Option<PathBuf>, secret: Option<u128>) -> Self {
        let former = path.as_deref().and_then(store::identity);
        let chance = || std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0_u8);
        let fresh = || Identity { gateway: chance(), key: u128::from(chance()) << 64 | u128::from(chance()) };
        let identity = former.unwrap_or_else(fresh);
        let identity = Identity { key: secret.unwrap_or(identity.key), ..identity };
        let kept = Holding {
            others: Ledger::default(),
            own: Writer::default(),
            file: FileState::None,
            changed: false,
            news: false,
            written: Instant::now(),
            since: None,
        };
        Self {
            identity,
            path,
            tallies: OnceLock::new(),
            kept: Mutex::new(kept),
            gate: ArcSwap::default(),
            is_open: AtomicBool::new(true),
        }
    }

    /// The key of fingerprints.
    #[must_use]
    pub fn key(&self) -> u128 {
        self.identity.key
    }

    /// Takes the file, reads it, and sums these tallies from now on. A file that cannot be used is no reason not to
    /// serve: it is told, and tried again.
    pub fn start(&self, tallies: Vec<Arc<Tally>>) {
        let _ = self.tallies.set(tallies);
        let mut kept = self.kept();
        self.take(&mut kept);
        self.renew_gate(&kept);
    }

    /// Whether the old door is open for all: then no call needs to be looked at.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Relaxed)
    }

    /// Whom the old door is open for.
    #[must_use]
    pub fn gate(&self) -> Guard<Arc<Gate>> {
        self.gate.load()
    }

    /// Tells strangers from others since this time, in seconds since 1970; `None` for no time.
    pub fn tell_strangers(&self, since: Option<u64>) {
        let mut kept = self.kept();
        if kept.since != since {
            kept.since = since;
            self.renew_gate(&kept);
        }
    }

    fn renew_gate(&self, kept: &Holding) {
        let gate = Gate::of(&kept.ledger(self.identity.gateway), kept.since);
        let is_open = gate.is_open();
        self.gate.store(Arc::new(gate));
        self.is_open.store(is_open, Relaxed);
    }

    /// Notes windows of brownouts that are in force, so that it is known who was not met by them.
    pub fn begin(&self, windows: &[Window]) {
        let mut kept = self.kept();
        for window in windows.iter().filter(|window| window.from > 0) {
            if !kept.others.windows.contains_key(window) {
                kept.others.meet(window, None);
                kept.changed = true;
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Holding> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, kept: &mut Holding) {
        let Some(path) = &self.path else { return };
        let taken = Store::take(path).and_then(|store| {
            let held = || format!("{} is another gateway's: it has the file open", path.display());
            let store = store.ok_or_else(held)?;
            store.read().map(|found| (store, found))
        });
        match taken {
            Ok((store, found)) => {
                for why in &found.damaged {
                    tracing::warn!(why, "a ledger was damaged; the ledger goes on without it");
                }
                kept.join(self.identity.gateway, found.ledger);
                kept.file = FileState::Taken(store);
                self.renew_gate(kept);
            }
            Err(why) => kept.file.fails(why, None),
        }
    }

    /// Sums what the workers have seen since the last time; then writes the file if it is time to. `Instant` is when.
    pub fn tick(&self, now: Instant) {
        let mut kept = self.kept();
        self.gather(&mut kept);
        let since = now.saturating_duration_since(kept.written);
        if kept.changed && (kept.news || since >= OFTEN) || since >= OFTEN && kept.file.is_failing() {
            kept.written = now;
            self.write(&mut kept);
        }
    }

    /// Sums and writes all, at the end.
    pub fn finish(&self) {
        let mut kept = self.kept();
        self.gather(&mut kept);
        if kept.changed {
            self.write(&mut kept);
        }
    }

    fn gather(&self, kept: &mut Holding) {
        for tally in self.tallies.get().into_iter().flatten() {
            let taken = tally.take();
            for (key, batch) in taken.rows {
                kept.changed = true;
                kept.news |= kept.own.add(key, &batch);
            }
            for (window, client) in taken.met {
                kept.changed = true;
                kept.others.meet(&window, Some(client));
            }
        }
    }

    fn write(&self, kept: &mut Holding) {
        if self.path.is_none() {
            (kept.changed, kept.news) = (false, false);
            return;
        }
        if kept.file.is_failing() && !kept.file.has_store() {
            self.take(kept);
        }
        let text = text::write(&kept.ledger(self.identity.gateway), Some(self.identity));
        let written = match &kept.file {
            FileState::None => Ok(()),
            FileState::Taken(store) | FileState::Failing(_, Some(store)) => store.write(&text),
            FileState::Failing(_, None) => return,
        };
        kept.file = match (std::mem::replace(&mut kept.file, FileState::None), written) {
            (FileState::Failing(_, Some(store)), Ok(())) => FileState::Taken(store),
            (FileState::Taken(store) | FileState::Failing(_, Some(store)), Err(error)) => {
                let mut failing = FileState::None;
                failing.fails(format!("the ledger cannot be written: {error}"), Some(store));
                failing
            }
            (file, _) => file,
        };
        if !kept.file.is_failing() {
            (kept.changed, kept.news) = (false, false);
        }
    }

    /// All that is known, up to now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let mut kept = self.kept();
        self.gather(&mut kept);
        kept.ledger(self.identity.gateway)
    }

    /// Notes a decision, and writes it at the next tick.
    pub fn decide(&self, client: Client, mut decision: Decision) {
        let mut kept = self.kept();
        // The last word counts, also where two are said within a second.
        if let Some(before) = kept.others.decisions.get(&client) {
            decision.at = decision.at.max(before.at + 1);
        }
        kept.others.decide(client, decision);
        (kept.changed, kept.news) = (true, true);
        self.renew_gate(&kept);
    }

    /// Why the file is not written; `None` if it is, or if there is none.
    #[must_use]
    pub fn failing(&self) -> Option<String> {
        match &self.kept().file {
            FileState::Failing(why, _) => Some(why.clone()),
            FileState::None | FileState::Taken(_) => None,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> usize {
        let kept = self.kept();
        kept.own.rows().len() + kept.others.gateways.values().map(BTreeMap::len).sum::<usize>()
    }

    /// Where the ledger is kept.
    #[must_use]
    pub fn kept_in(&self) -> Kept {
        match self.path {
            None => Kept::Memory,
            Some(_) if self.kept().file.is_failing() => Kept::Failing,
            Some(_) => Kept::File,
        }
    }
}

impl FileState {
    fn fails(&mut self, why: String, store: Option<Store>) {
        let is_told = matches!(self, Self::Failing(before, _) if *before == why);
        if !is_told {
            tracing::warn!(
                why,
                "the ledger is in memory alone until this is mended; it is tried every ten seconds"
            );
        }
        *self = Self::Failing(why, store);
    }

    fn is_failing(&self) -> bool {
        matches!(self, Self::Failing(..))
    }

    fn has_store(&self) -> bool {
        matches!(self, Self::Failing(_, Some(_)) | Self::Taken(_))
    }
}

impl Holding {
    /// Joins what a file has: what was counted in memory meanwhile is added to it.
    fn join(&mut self, gateway: u64, mut found: Ledger) {
        let mut rows = found.gateways.remove(&gateway).unwrap_or_default();
        for (key, facts) in self.own.rows() {
            Arc::make_mut(rows.entry(key.clone()).or_default()).plus(facts);
        }
        self.own = Writer::new(rows);
        self.others.join(&found);
    }

    fn ledger(&self, gateway: u64) -> Ledger {
        let mut all = self.others.clone();
        if !self.own.rows().is_empty() {
            all.gateways.insert(gateway, self.own.rows().clone());
        }
        all
    }
}

#[cfg(test)]
mod tests;
