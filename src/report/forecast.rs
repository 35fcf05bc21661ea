//! Whom a pause of the old door would meet, said from the ledger before it comes: nobody has to fail for that.

mod show;

use super::clients::{Clients, OfClient};
use crate::ledger::book::Window;
use crate::ledger::calendar::{DAY, day};
use crate::ledger::days::Days;
use crate::ledger::facts::Facts;
use crate::ledger::rhythm::{ONE, chance, expected, next};
use crate::ledger::row::Shape;

/// A client is known well enough after so many days.
const WELL_KNOWN: u32 = 7;
/// What has not come for so many days has ended, unless it was silent for half as long before; then, what has come on
/// one day alone, which may come once a month.
const ENDED: u32 = 7;
const ONCE_ENDED: u32 = 31;

/// A window to be told of.
#[derive(Debug, Clone)]
pub struct Planned {
    /// When, and which calls it is for; without a name if it is none of the settings'.
    pub window: Window,
    /// Whether it is a rehearsal; `None` if it is none of the settings'.
    pub rehearse: Option<bool>,
}

/// What is to be expected of every client in a window.
#[derive(Debug)]
pub struct Forecast {
    /// The window.
    pub planned: Planned,
    /// When it was made, in seconds since 1970.
    pub now: u64,
    /// Every client: those who would be met first.
    pub clients: Vec<Expected>,
}

/// What is to be expected of a client.
#[derive(Debug)]
pub struct Expected {
    /// Who it is, as the ledger writes it.
    pub client: String,
    /// The same, with the name that the settings have for it.
    pub title: String,
    /// Whether it would be met.
    pub verdict: Verdict,
    /// How many calls, in thousandths.
    pub calls: u64,
    /// How likely there is one, in thousandths.
    pub chance: u64,
    /// Those calls by operation, the most first.
    pub operations: Vec<(String, u64)>,
    /// The first moment of the window in an hour of the week in which it has called.
    pub next: Option<u64>,
}

/// Whether a client would be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It would: a call is more likely than none.
    Met,
    /// It may be: it calls at such hours, and seldom.
    Perhaps,
    /// It has been seen for so many days, or on one day alone: that is no rhythm yet.
    Unknown(u32),
    /// It calls at other hours.
    OtherHours,
    /// It has not called since this day, as it never was silent before.
    Silent(u32),
    /// The window is not for what it does.
    NotForIt,
}

impl Forecast {
    /// What is to be expected of these clients in a window; of one that has begun, in what is left of it.
    #[must_use]
    pub fn of(clients: &Clients, planned: Planned) -> Self {
        let mut all: Vec<_> =
            clients.all.iter().map(|client| expect(client, &planned.window, clients.now)).collect();
        all.sort_by_key(|client| (client.verdict, u64::MAX - client.calls));
        Self { planned, now: clients.now, clients: all }
    }

    /// The clients who would be met, as the ledger writes them.
    pub fn met(&self) -> impl Iterator<Item = &str> {
        self.clients.iter().filter(|client| client.verdict == Verdict::Met).map(|it| it.client.as_str())
    }
}

fn expect(client: &OfClient, window: &Window, now: u64) -> Expected {
    let span = window.from.max(now)..window.to.max(now);
    let is_for = |(shape, _): &&(Shape, Facts)| window.is_for(&client.client) && window.has(&shape.operation);
    let concerned: Vec<_> = client.old.iter().filter(is_for).collect();
    let live: Vec<_> = concerned.iter().filter(|(_, facts)| !has_ended(facts, now)).collect();
    let (mut all, mut days, mut operations) = (Facts::default(), Days::default(), Vec::new());
    for (shape, facts) in &live {
        all.plus(facts);
        days.join(&facts.active);
        add(&mut operations, &shape.operation, expected(facts, &span, now));
    }
    operations.sort_by_key(|(_, calls)| u64::MAX - calls);
    let calls = operations.iter().map(|(_, calls)| calls).sum();
    let chance = chance(&days, all.first, &span, now).min(calls);
    let verdict = if concerned.is_empty() {
        Verdict::NotForIt
    } else if live.is_empty() {
        Verdict::Silent(concerned.iter().map(|(_, facts)| day(facts.last)).max().unwrap_or(0))
    } else if let Some(days) = too_short(client, &days, now) {
        Verdict::Unknown(days)
    } else if calls == 0 {
        Verdict::OtherHours
    } else if chance * 2 >= ONE {
        Verdict::Met
    } else {
        Verdict::Perhaps
    };
    let next = next(&all, &span);
    let (title, client) = (client.title(), client.client.to_string());
    Expected { client, title, verdict, calls, chance, operations, next }
}

fn add(operations: &mut Vec<(String, u64)>, operation: &str, calls: u64) {
    match operations.iter_mut().find(|(known, _)| known == operation) {
        Some((_, all)) => *all += calls,
        None if calls > 0 => operations.push((operation.to_owned(), calls)),
        None => {}
    }
}

/// Whether calls of a row have ended, as far as their own rhythm tells.
fn has_ended(facts: &Facts, now: u64) -> bool {
    let silence = day(now).saturating_sub(facts.active.last().unwrap_or_default());
    match facts.active.longest_silence() {
        0 => silence > ONCE_ENDED,
        longest => silence > ENDED.max(2 * longest),
    }
}

/// For how many days a client has been seen, if that is too few to tell when it calls.
fn too_short(client: &OfClient, days: &Days, now: u64) -> Option<u32> {
    let seen = u32::try_from(now.saturating_sub(client.all.first) / DAY).unwrap_or(u32::MAX);
    (seen < WELL_KNOWN || days.longest_silence() == 0).then_some(seen.min(WELL_KNOWN))
}

#[cfg(test)]
mod tests;
