//! Requests by operation. A table has its own counters; when another takes its place, what was counted
//! is summed by the operations' names.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::histogram::{Histogram, Sum};
use crate::protocol::ops::Table;
use crate::protocol::reject::Label;
use crate::telemetry::trail::{Door, Trail};

/// The label for operations that the table does not have.
const OTHER: &str = "other";

/// One worker's counters of one table's operations.
pub struct Requests {
    operations: usize,
    series: Vec<Histogram>,
}

impl Requests {
    /// For a table of so many operations.
    #[must_use]
    pub fn new(operations: usize) -> Self {
        // One more for requests whose operation the table does not have.
        let series = Door::ALL.len() * (operations + 1) * Label::ALL.len();
        Self { operations, series: std::iter::repeat_with(Histogram::default).take(series).collect() }
    }

    /// One request has its answer.
    pub fn count(&self, trail: &Trail, took: Duration) {
        let operation = trail.operation.unwrap_or(self.operations);
        self.series[self.place(trail.door, operation, trail.label)].add(took);
    }

    fn place(&self, door: Door, operation: usize, label: Label) -> usize {
        (door as usize * (self.operations + 1) + operation) * Label::ALL.len() + label as usize
    }
}

/// The counters of the table in use, and of those before it.
pub struct Eras {
    workers: usize,
    inner: Mutex<Inner>,
}

struct Inner {
    names: Vec<String>,
    requests: Vec<Arc<Requests>>,
    former: Vec<(Vec<String>, Vec<Arc<Requests>>)>,
    /// What was counted by tables that no request uses any more.
    past: Sums,
}

/// Door, operation and outcome of a series.
pub type Labels = (&'static str, String, &'static str);
type Sums = BTreeMap<Labels, Sum>;

impl Eras {
    /// Begins with a table, for so many workers.
    #[must_use]
    pub fn new(table: &Table, workers: usize) -> Self {
        let names = names(table);
        let requests = fresh(&names, workers);
        let inner = Inner { names, requests, former: Vec::new(), past: Sums::new() };
        Self { workers, inner: Mutex::new(inner) }
    }

    /// The counters for a table, one for each worker: those in use, if its operations are the same.
    #[must_use]
    pub fn of(&self, table: &Table) -> Vec<Arc<Requests>> {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        let names = names(table);
        if names != inner.names {
            let requests = fresh(&names, self.workers);
            let former = (
                std::mem::replace(&mut inner.names, names),
                std::mem::replace(&mut inner.requests, requests),
            );
            inner.former.push(former);
            inner.bury();
        }
        inner.requests.clone()
    }

    /// Every series that has counted something, of all workers together.
    #[must_use]
    pub fn sums(&self) -> BTreeMap<Labels, Sum> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sums = inner.past.clone();
        let former = inner.former.iter().map(|(names, requests)| (names, requests));
        for (names, requests) in former.chain([(&inner.names, &inner.requests)]) {
            add(&mut sums, names, requests);
        }
        sums
    }
}

impl Inner {
    /// Sums what nobody counts with any more, so that old tables take no room.
    fn bury(&mut self) {
        for (names, requests) in std::mem::take(&mut self.former) {
            if requests.iter().all(|requests| Arc::strong_count(requests) == 1) {
                add(&mut self.past, &names, &requests);
            } else {
                self.former.push((names, requests));
            }
        }
    }
}

fn names(table: &Table) -> Vec<String> {
    table.operations().iter().map(|operation| operation.row.name.clone()).collect()
}

fn fresh(names: &[String], workers: usize) -> Vec<Arc<Requests>> {
    std::iter::repeat_with(|| Arc::new(Requests::new(names.len()))).take(workers).collect()
}

fn add(sums: &mut Sums, names: &[String], requests: &[Arc<Requests>]) {
    for (operation, name) in names.iter().map(String::as_str).chain([OTHER]).enumerate() {
        for door in Door::ALL {
            for label in Label::ALL {
                let series = |requests: &'_ Arc<Requests>| requests.place(door, operation, label);
                let sum = Sum::of(requests.iter().map(|requests| &requests.series[series(requests)]));
                if sum.count() > 0 {
                    sums.entry((door.text(), name.to_owned(), label.text())).or_default().add(&sum);
                }
            }
        }
    }
}
