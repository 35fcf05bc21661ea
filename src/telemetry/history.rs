//! What the last quarter of an hour was like by the second, and the last day by the minute, in rings of a fixed size:
//! about 100 KB, however long the gateway runs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::ledger::facts::{ENDINGS, Ending};
use crate::telemetry::metrics::{Glimpse, WorkerCounters, quantile};

/// How many seconds are kept, and how many minutes.
const SECONDS: usize = 15 * 60;
const MINUTES: usize = 24 * 60;
/// How many seconds the last minute has.
const MINUTE: u64 = 60;

/// The history of a running gateway.
pub struct History {
    workers: Vec<Arc<WorkerCounters>>,
    inner: Mutex<Inner>,
}

struct Inner {
    seconds: Ring,
    minutes: Ring,
    /// What was counted at each look of the last minute, the oldest first.
    looks: VecDeque<(u64, Glimpse)>,
}

/// Points of one length, one behind the other.
struct Ring {
    /// The length of a point, in seconds.
    step: u64,
    most: usize,
    /// The number of the point that is being made, in steps since 1970; nothing before the first look.
    current: Option<u64>,
    /// What was counted when it began.
    began: Glimpse,
    points: VecDeque<Point>,
}

/// What came within one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Point {
    legacy: u32,
    endings: [u32; ENDINGS],
    /// In microseconds; nothing where no request was answered.
    p50: Option<u32>,
    p99: Option<u32>,
}

/// The points of a ring, the oldest first, a list for each number.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The length of a point, in seconds.
    pub step: u64,
    /// When the first began, in seconds since 1970.
    pub from: u64,
    /// The numbers.
    pub series: Numbers,
}

/// Lists of equal length.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Numbers {
    /// Requests that were answered.
    pub requests: Vec<u32>,
    /// Of these, those by the old door.
    pub legacy: Vec<u32>,
    /// Of these, those that upstream did.
    pub done: Vec<u32>,
    /// Of these, those to which upstream said no.
    pub failed: Vec<u32>,
    /// Of these, those that were refused here, so that nothing was sent.
    pub refused: Vec<u32>,
    /// Of these, those of which it is not known whether they were done.
    pub unknown: Vec<u32>,
    /// Half of the requests took no longer, in microseconds.
    pub p50_us: Vec<Option<u32>>,
    /// 99 of 100 requests took no longer.
    pub p99_us: Vec<Option<u32>>,
}

impl History {
    /// The history of what these workers count from now on, a time since 1970.
    #[must_use]
    pub fn new(workers: Vec<Arc<WorkerCounters>>, now: u64) -> Self {
        let (seconds, minutes) = (Ring::new(1, SECONDS), Ring::new(60, MINUTES));
        let inner = Inner { seconds, minutes, looks: VecDeque::new() };
        let history = Self { workers, inner: Mutex::new(inner) };
        history.tick(now);
        history
    }

    /// Notes what has come, once a second, at this time since 1970.
    pub fn tick(&self, now: u64) {
        let all = self.glimpse();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.seconds.tick(now, &all);
        inner.minutes.tick(now, &all);
        inner.look(now, all);
    }

    /// What has come within the last minute up to this time, or since the first look if that is later; and how many
    /// seconds that is.
    #[must_use]
    pub fn last_minute(&self, now: u64) -> (u64, Glimpse) {
        let all = self.glimpse();
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let first = inner.looks.iter().rev().find(|(at, _)| at + MINUTE <= now).or(inner.looks.front());
        first.map_or((0, Glimpse::default()), |(at, began)| (now.saturating_sub(*at), all.since(began)))
    }

    fn glimpse(&self) -> Glimpse {
        let mut all = Glimpse::default();
        self.workers.iter().for_each(|worker| worker.glance.add_to(&mut all));
        all
    }

    /// The last quarter of an hour by the second.
    #[must_use]
    pub fn seconds(&self) -> Series {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).seconds.series()
    }

    /// The last day by the minute.
    #[must_use]
    pub fn minutes(&self) -> Series {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).minutes.series()
    }
}

impl Inner {
    /// Keeps a look, and of those before the last minute the last. A clock that is set back begins anew.
    fn look(&mut self, now: u64, all: Glimpse) {
        match self.looks.back() {
            Some((at, _)) if *at == now => return,
            Some((at, _)) if *at > now => self.looks.clear(),
            _ => {}
        }
        self.looks.push_back((now, all));
        while self.looks.get(1).is_some_and(|(at, _)| at + MINUTE <= now) {
            self.looks.pop_front();
        }
    }
}

impl Ring {
    fn new(step: u64, most: usize) -> Self {
        Self { step, most, current: None, began: Glimpse::default(), points: VecDeque::with_capacity(most) }
    }

    /// Ends the points that are over at this time. What came while nobody looked is in the first of them.
    fn tick(&mut self, now: u64, all: &Glimpse) {
        let number = now / self.step;
        let Some(current) = self.current else {
            (self.current, self.began) = (Some(number), *all);
            return;
        };
        // A clock that is set back makes no points until it is where it was.
        if number <= current {
            return;
        }
        self.push(Point::of(&all.since(&self.began)));
        let idle = usize::try_from(number - current - 1).unwrap_or(usize::MAX).min(self.most);
        (0..idle).for_each(|_| self.push(Point::default()));
        (self.current, self.began) = (Some(number), *all);
    }

    fn push(&mut self, point: Point) {
        if self.points.len() == self.most {
            self.points.pop_front();
        }
        self.points.push_back(point);
    }

    fn series(&self) -> Series {
        let mut numbers = Numbers::default();
        self.points.iter().for_each(|point| numbers.push(point));
        let end = self.current.unwrap_or_default();
        let from = end.saturating_sub(self.points.len() as u64) * self.step;
        Series { step: self.step, from, series: numbers }
    }
}

impl Point {
    fn of(came: &Glimpse) -> Self {
        let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let time = |percent| quantile(&came.buckets, percent).map(number);
        Self { legacy: number(came.legacy), endings: came.endings.map(number), p50: time(50), p99: time(99) }
    }
}

impl Numbers {
    fn push(&mut self, point: &Point) {
        let of = |ending: Ending| point.endings[ending as usize];
        self.requests.push(point.endings.iter().sum());
        self.legacy.push(point.legacy);
        self.done.push(of(Ending::Ok));
        self.failed.push(of(Ending::Failed));
        self.refused.push(of(Ending::Refused) + of(Ending::HeldOff));
        self.unknown.push(of(Ending::Unsure));
        self.p50_us.push(point.p50);
        self.p99_us.push(point.p99);
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MINUTES, SECONDS};
    use crate::ledger::facts::Ending;
    use crate::telemetry::metrics::WorkerCounters;
    use crate::telemetry::trail::{Door, Trail};
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;

    fn asked(counters: &WorkerCounters, door: Door, ending: Ending, times: usize) {
        let mut trail = Trail::new(IpAddr::V4(Ipv4Addr::LOCALHOST), false);
        trail.door = door;
        (0..times).for_each(|_| counters.glance.count(&trail, ending, 1));
    }

    #[test]
    fn each_second_has_what_came_in_it_and_each_minute_too() {
        let counters = Arc::new(WorkerCounters::default());
        asked(&counters, Door::Legacy, Ending::Ok, 5);
        let history = History::new(vec![counters.clone()], 600);
        assert!(
            history.seconds().series.requests.is_empty(),
            "what was before the first look is of no second"
        );
        asked(&counters, Door::Legacy, Ending::Ok, 3);
        asked(&counters, Door::Json, Ending::Unsure, 1);
        history.tick(601);
        asked(&counters, Door::Json, Ending::HeldOff, 2);
        history.tick(603);
        let seconds = history.seconds();
        assert_eq!((seconds.step, seconds.from), (1, 600));
        let of = &seconds.series;
        assert_eq!((&of.requests[..], &of.legacy[..]), (&[4, 2, 0][..], &[3, 0, 0][..]));
        assert_eq!(
            (&of.done[..], &of.refused[..], &of.unknown[..]),
            (&[3, 0, 0][..], &[0, 2, 0][..], &[1, 0, 0][..])
        );
        // The second bucket is from 0.5 ms to 1 ms.
        assert_eq!((of.p50_us[0], of.p99_us[0], of.p50_us[2]), (Some(750), Some(1000), None));
        history.tick(660);
        let minutes = history.minutes();
        assert_eq!((minutes.step, minutes.from, &minutes.series.requests[..]), (60, 600, &[6][..]));
    }

    #[test]
    fn the_last_minute_is_what_came_within_sixty_seconds_or_since_the_start() {
        let counters = Arc::new(WorkerCounters::default());
        asked(&counters, Door::Legacy, Ending::Ok, 5);
        let history = History::new(vec![counters.clone()], 600);
        let came = |now| {
            let (length, came) = history.last_minute(now);
            (length, came.endings.iter().sum::<u64>(), came.legacy)
        };
        assert_eq!(came(600), (0, 0, 0));
        asked(&counters, Door::Json, Ending::Refused, 2);
        assert_eq!(came(601), (1, 2, 0), "also what came since the last look");
        history.tick(602);
        asked(&counters, Door::Legacy, Ending::Ok, 1);
        (603..=661).for_each(|now| history.tick(now));
        assert_eq!(came(661), (61, 3, 1), "the last look before the minute");
        assert_eq!(came(662), (60, 1, 1));
        assert_eq!(came(663), (60, 0, 0));
        history.tick(1000);
        asked(&counters, Door::Legacy, Ending::Ok, 3);
        assert_eq!(came(1001), (340, 3, 3), "nobody looked meanwhile");
        history.tick(10);
        assert_eq!(came(11), (1, 0, 0), "the clock was set back");
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for_and_a_clock_that_jumps_harms_nothing() {
        let history = History::new(vec![Arc::new(WorkerCounters::default())], 0);
        for now in (0..200_000).step_by(7).chain([100, 199_990, 10_000_000_000]) {
            history.tick(now);
        }
        assert_eq!(history.seconds().series.requests.len(), SECONDS);
        assert_eq!(history.minutes().series.requests.len(), MINUTES);
        assert_eq!(history.seconds().from + SECONDS as u64, 10_000_000_000);
    }
}
