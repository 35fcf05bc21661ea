//! Counts requests by operation and app. Each table with its list of apps has counters of its own; after a reload,
//! former counts are summed by the names of operations and apps.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::Count;
use super::histogram::{Histogram, Sum};
use crate::config::Config;
use crate::policy::breach::NO_APP;
use crate::protocol::ops::Table;
use crate::protocol::reject::Label;
use crate::telemetry::trail::{Door, Trail};

/// The label for operations that the table does not have, and for apps beyond [`MOST_APPS`].
pub const OTHER: &str = "other";
/// How many apps have a label of their own: the first of the settings. Each has as many series as it uses.
const MOST_APPS: usize = 1000;

/// One worker's counters of one table's operations and one list of apps.
pub struct Requests {
    operations: usize,
    series: Vec<Histogram>,
    /// How many of each series had no key, came from each app, and from all other apps. Allocated on first use: most
    /// apps use few workers.
    apps: Vec<OnceLock<Box<[Count]>>>,
}

impl Requests {
    fn new(names: &Names) -> Self {
        let operations = names.operations.len();
        // One more, for requests whose operation is not in the table.
        let series = Door::ALL.len() * (operations + 1) * Label::ALL.len();
        let series = std::iter::repeat_with(Histogram::default).take(series).collect();
        let apps = std::iter::repeat_with(OnceLock::new).take(names.apps.len()).collect();
        Self { operations, series, apps }
    }

    /// Counts a request that has been answered; the number of the bucket of the time that it took.
    #[must_use]
    pub fn count(&self, trail: &Trail, took: Duration) -> usize {
        let operation = trail.operation.unwrap_or(self.operations);
        let place = self.place(trail.door, operation, trail.label);
        let bucket = self.series[place].add(took);
        let app = trail.app.as_ref().map_or(0, |app| (app.number + 1).min(self.apps.len() - 1));
        self.apps[app].get_or_init(|| fresh(self.series.len()))[place].add(1);
        bucket
    }

    fn place(&self, door: Door, operation: usize, label: Label) -> usize {
        (door as usize * (self.operations + 1) + operation) * Label::ALL.len() + label as usize
    }

    /// What has this place.
    fn at(&self, place: usize) -> (Door, usize, Label) {
        let (rest, label) = (place / Label::ALL.len(), place % Label::ALL.len());
        (Door::ALL[rest / (self.operations + 1)], rest % (self.operations + 1), Label::ALL[label])
    }
}

#[cold]
fn fresh<T: Default, A: FromIterator<T>>(count: usize) -> A {
    std::iter::repeat_with(T::default).take(count).collect()
}

/// The counters of the current settings, and of former ones.
pub struct RequestCounters {
    workers: usize,
    inner: Mutex<Eras>,
}

struct Eras {
    names: Names,
    requests: Vec<Arc<Requests>>,
    former: Vec<(Names, Vec<Arc<Requests>>)>,
    /// The sums of counters that no request uses any more.
    past: Sums,
}

#[derive(PartialEq, Eq)]
struct Names {
    operations: Vec<String>,
    apps: Vec<String>,
}

/// The door, operation and outcome of a series.
pub type Labels = (&'static str, String, &'static str);

/// Every series that is not zero, summed over all workers.
#[derive(Default, Clone)]
pub struct Sums {
    /// The durations.
    pub times: BTreeMap<Labels, Sum>,
    /// The number of requests of each app.
    pub counts: BTreeMap<(String, Labels), u64>,
}

impl RequestCounters {
    /// Counters for a table and the apps of the settings, for so many workers.
    #[must_use]
    pub fn new(table: &Table, config: &Config, workers: usize) -> Self {
        let names = Names::of(table, config);
        let requests = names.requests(workers);
        let inner = Eras { names, requests, former: Vec::new(), past: Sums::default() };
        Self { workers, inner: Mutex::new(inner) }
    }

    /// The counters for a table and apps, one for each worker; the current ones if all names are the same.
    #[must_use]
    pub fn of(&self, table: &Table, config: &Config) -> Vec<Arc<Requests>> {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        let names = Names::of(table, config);
        if names != inner.names {
            let requests = names.requests(self.workers);
            let former = (
                std::mem::replace(&mut inner.names, names),
                std::mem::replace(&mut inner.requests, requests),
            );
            inner.former.push(former);
            inner.bury();
        }
        inner.requests.clone()
    }

    /// Every series that is not zero, summed over all workers.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sums = inner.past.clone();
        let former = inner.former.iter().map(|(names, requests)| (names, requests));
        for (names, requests) in former.chain([(&inner.names, &inner.requests)]) {
            sums.add(names, requests);
        }
        sums
    }
}

impl Eras {
    /// Sums counters that no request uses any more, and frees them.
    fn bury(&mut self) {
        for (names, requests) in std::mem::take(&mut self.former) {
            if requests.iter().all(|requests| Arc::strong_count(requests) == 1) {
                self.past.add(&names, &requests);
            } else {
                self.former.push((names, requests));
            }
        }
    }
}

impl Names {
    fn of(table: &Table, config: &Config) -> Self {
        let operations = table.operations().iter().map(|operation| operation.row.name.clone()).collect();
        let beyond = (config.apps.len() > MOST_APPS).then_some(OTHER);
        let own = config.apps.iter().take(MOST_APPS).map(|app| app.name.as_str());
        let apps = std::iter::once(NO_APP).chain(own).chain(beyond).map(str::to_owned).collect();
        Self { operations, apps }
    }

    fn requests(&self, workers: usize) -> Vec<Arc<Requests>> {
        std::iter::repeat_with(|| Arc::new(Requests::new(self))).take(workers).collect()
    }
}

impl Sums {
    fn add(&mut self, names: &Names, requests: &[Arc<Requests>]) {
        let Some(first) = requests.first() else { return };
        // Most series are never used, and an exposition asks for all of them.
        let is_used = |place: &usize| requests.iter().any(|requests| !requests.series[*place].is_empty());
        for place in (0..first.series.len()).filter(is_used) {
            let (door, operation, label) = first.at(place);
            let name = names.operations.get(operation).map_or(OTHER, String::as_str);
            let labels = || (door.text(), name.to_owned(), label.text());
            let sum = Sum::of(requests.iter().map(|requests| &requests.series[place]));
            self.times.entry(labels()).or_default().add(&sum);
            self.add_apps(names, requests, place, &labels);
        }
    }

    fn add_apps(
        &mut self,
        names: &Names,
        requests: &[Arc<Requests>],
        place: usize,
        labels: &impl Fn() -> Labels,
    ) {
        for (app, name) in names.apps.iter().enumerate() {
            let counts = requests.iter().filter_map(|requests| requests.apps[app].get());
            let count: u64 = counts.map(|counts| counts[place].get()).sum();
            if count > 0 {
                *self.counts.entry((name.clone(), labels())).or_default() += count;
            }
        }
    }
}
