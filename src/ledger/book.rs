//! The ledger itself: the rows of each gateway that has written it, and what people have decided about clients.
//!
//! Each gateway has rows of its own, whose counts only grow, so that there is one way to join ledgers: after a restart,
//! of several gateways, and of files. It does not matter in which order, nor how often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::client::{Caller, Client};
use super::facts::{Batch, Facts};
use super::row::{RowKey, Shape};

/// The most clients, the most shapes of a client by each door, and the most rows of a gateway.
pub const MOST_CLIENTS: usize = 4096;
/// The most shapes of a client, by each door.
pub const MOST_SHAPES: usize = 32;
/// The most programs of a caller.
pub const MOST_PROGRAMS: usize = 64;
/// The most rows of a gateway. A new one takes 1 KiB, one that was called at all hours for two years 8 KiB: all of them
/// no more than 64 MiB, and twice that while a file is read.
pub const MOST_ROWS: usize = 8_192;

/// The rows of one gateway. A copy of them shares their facts.
pub type Rows = BTreeMap<RowKey, Arc<Facts>>;

/// What somebody has decided about a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// When, in seconds since 1970.
    pub at: u64,
    /// What.
    pub what: Decided,
    /// Why, in that person's words.
    pub reason: String,
}

/// The decisions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// The client is as any other: an earlier decision is taken back.
    Open,
    /// The client needs the old door no more, whatever the facts say.
    Done,
    /// The client's old door answers a refusal.
    Retired,
}

impl Decided {
    /// Every decision with its word.
    pub const WORDS: [(&'static str, Self); 3] =
        [("open", Self::Open), ("done", Self::Done), ("retired", Self::Retired)];
}

/// A window of a brownout or of its rehearsal, and who called by the old door within.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The first moment, in seconds since 1970.
    pub from: u64,
    /// The moment at which it is over.
    pub to: u64,
    /// Its name in the settings.
    pub name: String,
    /// The apps, operations and programs that it is for; none: all.
    pub selects: [Vec<String>; 3],
}

impl Window {
    /// Whether it is for calls of this client, of whichever operation; programs are compared without case.
    #[must_use]
    pub fn is_for(&self, client: &Client) -> bool {
        let [apps, _, programs] = &self.selects;
        let app = match &client.caller {
            Caller::App(name) => Some(name),
            Caller::Token(_) | Caller::Unproven | Caller::Others => None,
        };
        (apps.is_empty() || app.is_some_and(|app| apps.contains(app)))
            && (programs.is_empty()
                || programs.iter().any(|program| program.eq_ignore_ascii_case(&client.program)))
    }

    /// Whether it is for calls of this operation.
    #[must_use]
    pub fn has(&self, operation: &str) -> bool {
        let [_, operations, _] = &self.selects;
        operations.is_empty() || operations.iter().any(|known| known == operation)
    }
}

/// The most windows that are remembered: the latest.
const MOST_WINDOWS: usize = 64;

/// All that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The rows of each gateway, by the gateway's number.
    pub gateways: BTreeMap<u64, Rows>,
    /// The last decision about each client.
    pub decisions: BTreeMap<Client, Decision>,
    /// Windows that have begun, each with the clients that it met.
    pub windows: BTreeMap<Window, BTreeSet<Client>>,
}

impl Ledger {
    /// Joins another ledger, or another state of this one. Commutative, associative, idempotent.
    pub fn join(&mut self, other: &Self) {
        for (gateway, rows) in &other.gateways {
            let ours = self.gateways.entry(*gateway).or_default();
            for (key, facts) in rows {
                match ours.get_mut(key) {
                    Some(known) => Arc::make_mut(known).join(facts),
                    None => {
                        ours.insert(key.clone(), facts.clone());
                    }
                }
            }
        }
        for (client, decision) in &other.decisions {
            self.decide(client.clone(), decision.clone());
        }
        for (window, met) in &other.windows {
            self.windows.entry(window.clone()).or_default().extend(met.iter().cloned());
        }
        self.forget_windows();
    }

    /// Notes a decision, unless there is a later one.
    pub fn decide(&mut self, client: Client, decision: Decision) {
        let last = self.decisions.entry(client).or_insert_with(|| decision.clone());
        if *last < decision {
            *last = decision;
        }
    }

    /// Notes a window, and a client that it meets.
    pub fn meet(&mut self, window: &Window, client: Option<Client>) {
        self.windows.entry(window.clone()).or_default().extend(client);
        self.forget_windows();
    }

    fn forget_windows(&mut self) {
        while self.windows.len() > MOST_WINDOWS {
            self.windows.pop_first();
        }
    }

    /// Every row, summed over all gateways.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let mut all = Rows::new();
        for (key, facts) in self.gateways.values().flatten() {
            match all.get_mut(key) {
                Some(sum) => Arc::make_mut(sum).plus(facts),
                None => drop(all.insert(key.clone(), facts.clone())),
            }
        }
        all
    }
}

/// Adds to the rows of one gateway, within their bounds.
#[derive(Debug, Default)]
pub struct Writer {
    rows: Rows,
    /// How many shapes each client has by each door.
    shapes: BTreeMap<Client, [usize; 2]>,
}

impl Writer {
    /// A writer that goes on with these rows.
    #[must_use]
    pub fn new(rows: Rows) -> Self {
        let mut shapes = BTreeMap::<Client, [usize; 2]>::new();
        for key in rows.keys() {
            shapes.entry(key.client.clone()).or_default()[key.shape.door as usize] += 1;
        }
        Self { rows, shapes }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Adds requests of a client and shape. What has no room is added to a row of all others, so that no request is left
    /// out. Whether the row is new.
    pub fn add(&mut self, key: RowKey, batch: &Batch) -> bool {
        let key = self.within_bounds(key);
        let is_new = !self.rows.contains_key(&key);
        if is_new {
            self.shapes.entry(key.client.clone()).or_default()[key.shape.door as usize] += 1;
        }
        Arc::make_mut(self.rows.entry(key).or_default()).add(batch);
        is_new
    }

    fn within_bounds(&self, mut key: RowKey) -> RowKey {
        if self.rows.contains_key(&key) {
            return key;
        }
        let door = key.shape.door;
        if !self.shapes.contains_key(&key.client) {
            if self.programs(&key.client) >= MOST_PROGRAMS {
                "other".clone_into(&mut key.client.program);
            }
            if !self.shapes.contains_key(&key.client) && self.shapes.len() >= MOST_CLIENTS {
                key.client = Client::others();
            }
        }
        let shapes = self.shapes.get(&key.client).map_or(0, |shapes| shapes[door as usize]);
        if shapes >= MOST_SHAPES || key.client == Client::others() {
            key.shape = Shape::others(door);
        }
        if self.rows.len() >= MOST_ROWS && !self.rows.contains_key(&key) {
            key = RowKey { client: Client::others(), shape: Shape::others(door) };
        }
        key
    }

    /// How many programs the caller of a client has.
    fn programs(&self, client: &Client) -> usize {
        let first = Client { caller: client.caller.clone(), program: String::new() };
        self.shapes.range(first..).take_while(|(known, _)| known.caller == client.caller).count()
    }
}

#[cfg(test)]
mod tests;
