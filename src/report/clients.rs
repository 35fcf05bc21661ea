//! The clients of a ledger, each with its rows and its state.

use std::collections::BTreeMap;

use super::readiness::{Readiness, State};
use crate::ledger::book::{Ledger, Rows};
use crate::ledger::calendar::day;
use crate::ledger::client::{Caller, Client};
use crate::ledger::facts::Facts;
use crate::ledger::row::{Door, Shape};
use crate::protocol::ops::Table;

/// All clients that have called by the old door.
#[derive(Debug)]
pub struct Clients {
    /// The clients, those with the most old calls first.
    pub all: Vec<OfClient>,
    /// When the report was made, in seconds since 1970.
    pub now: u64,
    /// How many calls by each door.
    pub doors: [u64; 2],
    /// How many old calls came with tokens that upstream does not take, and how many had no room in the ledger.
    pub nobodys: [u64; 2],
}

/// A client.
#[derive(Debug)]
pub struct OfClient {
    /// Who it is.
    pub client: Client,
    /// What the settings call it.
    pub name: Option<String>,
    /// Its shapes by the old door, those with the most calls first.
    pub old: Vec<(Shape, Facts)>,
    /// All shapes of its caller by the JSON door.
    pub json: Vec<(Shape, Facts)>,
    /// All of its calls by the old door as one.
    pub all: Facts,
    /// How far it has come.
    pub readiness: Readiness,
}

/// Which clients are shown.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Those that called by the old door on this day or later.
    pub since: Option<u32>,
    /// Clients, callers or states, by their names; all if none is named.
    pub only: Vec<String>,
}

impl Clients {
    /// The clients of a ledger as they are `now`, in seconds since 1970.
    #[must_use]
    pub fn of(ledger: &Ledger, table: &Table, now: u64) -> Self {
        let rows = ledger.rows();
        let doors = [Door::Old, Door::Json].map(|door| total(&rows, door));
        let mut old = BTreeMap::<&Client, Vec<(&Shape, &Facts)>>::new();
        let mut json = BTreeMap::<&Caller, Vec<(&Shape, &Facts)>>::new();
        for (key, facts) in &rows {
            match key.shape.door {
                Door::Old => old.entry(&key.client).or_default().push((&key.shape, facts)),
                Door::Json => json.entry(&key.client.caller).or_default().push((&key.shape, facts)),
            }
        }
        let of = |(client, old): (&Client, Vec<(&Shape, &Facts)>)| {
            let json = json.get(&client.caller).map(Vec::as_slice).unwrap_or_default();
            let readiness = Readiness::of((client, ledger), (&old, json), table, now);
            let mut all = Facts::default();
            for (_, facts) in &old {
                all.plus(facts);
            }
            OfClient {
                client: client.clone(),
                name: None,
                old: sorted(&old),
                json: sorted(json),
                all,
                readiness,
            }
        };
        let nobodys = [Caller::Unproven, Caller::Others].map(|caller| {
            let of =
                rows.iter().filter(|(key, _)| key.client.caller == caller && key.shape.door == Door::Old);
            of.map(|(_, facts)| facts.total()).sum()
        });
        let mut all: Vec<OfClient> = old.into_iter().filter(|(client, _)| client.is_one()).map(of).collect();
        all.sort_by_key(|client| u64::MAX - client.all.total());
        Self { all, now, doors, nobodys }
    }

    /// Gives clients the names that the settings have for them.
    pub fn name(&mut self, name: impl Fn(&Client) -> Option<String>) {
        for client in &mut self.all {
            client.name = name(&client.client);
        }
    }

    /// Leaves out what was not selected.
    ///
    /// # Errors
    /// A sentence, if a name of the selection is nobody's.
    pub fn select(&mut self, selection: &Selection) -> Result<(), String> {
        for name in &selection.only {
            let is_state = State::WORDS.iter().any(|(word, _)| word == name);
            if !is_state && !self.all.iter().any(|client| client.is_called(name)) {
                return Err(format!(
                    "nobody who has called by the old door is called `{name}`: give CALLER/PROGRAM, a caller, or a state \
                     ({}); `mesigate report` has all names",
                    State::WORDS.map(|(word, _)| word).join(", ")
                ));
            }
        }
        self.all.retain(|client| {
            let is_named = selection.only.is_empty()
                || selection
                    .only
                    .iter()
                    .any(|name| client.is_called(name) || client.readiness.state.word() == name);
            is_named && selection.since.is_none_or(|since| day(client.all.last) >= since)
        });
        Ok(())
    }

    /// How many of the clients shown still need the old door.
    #[must_use]
    pub fn left(&self) -> usize {
        self.all.iter().filter(|client| client.readiness.state < State::Done).count()
    }
}

impl OfClient {
    fn is_called(&self, name: &str) -> bool {
        self.client.to_string() == name
            || self.client.caller.to_string() == name
            || self.name.as_deref() == Some(name)
    }

    /// The client, with the name that the settings have for it.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.client),
            None => self.client.to_string(),
        }
    }

    /// Old calls within the seven days up to `now`, and within the seven days before.
    #[must_use]
    pub fn trend(&self, now: u64) -> (u64, u64) {
        let today = day(now);
        let within = |from: u32, to: u32| self.all.days.range(from..to).map(|(_, count)| count).sum();
        let (week, before) = (today.saturating_sub(6), today.saturating_sub(13));
        (within(week, today + 1), within(before, week))
    }

    /// The share of all old calls, in tenths of a percent.
    #[must_use]
    pub fn share(&self, clients: &Clients) -> u64 {
        self.all.total() * 1000 / clients.doors[0].max(1)
    }
}

fn total(rows: &Rows, door: Door) -> u64 {
    rows.iter().filter(|(key, _)| key.shape.door == door).map(|(_, facts)| facts.total()).sum()
}

fn sorted(rows: &[(&Shape, &Facts)]) -> Vec<(Shape, Facts)> {
    let mut rows: Vec<_> = rows.iter().map(|(shape, facts)| ((*shape).clone(), (*facts).clone())).collect();
    rows.sort_by_key(|(_, facts)| u64::MAX - facts.total());
    rows
}
