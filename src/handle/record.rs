//! Gives the ledger what a request has shown: who, by which door, in which shape. Names are looked up only where the
//! row is new.

use std::time::Duration;

use super::brownout::old_call;
use crate::config::migration::Moment;
use crate::http::request::Request;
use crate::ledger::client::{Caller, Client};
use crate::ledger::facts::Ending;
use crate::ledger::naming::{IN_BODY, IN_QUERY, MULTIPART, named};
use crate::ledger::row;
use crate::ledger::sight::Sight;
use crate::ledger::tally::Tally;
use crate::ledger::{program, telling};
use crate::policy::fingerprint::Fingerprint;
use crate::protocol::reject::Label;
use crate::snapshot::worker::View;
use crate::telemetry::trail::{Door, Trail};

/// Records a request that has been answered `at` this time since 1970, and that ended so.
#[inline]
pub fn record(tally: &Tally, view: &View, request: &Request<'_, '_>, trail: &Trail, at: (Duration, Ending)) {
    let asked = match trail.door {
        Door::Legacy => (row::Door::Old, trail.operation),
        Door::Json => (row::Door::Json, trail.json),
        Door::Unread => return,
    };
    if asked.0 == row::Door::Old && !view.snapshot.policies.brownouts.is_empty() {
        meet(tally, view, request, trail, Moment(at.0.as_secs()));
    }
    // A row's name is made of the sight once more, since one that is lent to that would be written to memory each time.
    tally.add(&sight(view, request, trail, asked, at), || {
        named(&view.snapshot.table, caller(view, trail), &sight(view, request, trail, asked, at))
    });
}

/// The request as the ledger sees it.
#[expect(clippy::inline_always, reason = "its parts stay in registers")]
#[inline(always)]
fn sight<'s>(
    view: &View,
    request: &'s Request<'_, '_>,
    trail: &'s Trail,
    (door, operation): (row::Door, Option<usize>),
    (at, ending): (Duration, Ending),
) -> Sight<'s> {
    Sight {
        era: view.snapshot.era,
        caller: number(view, trail),
        agent: telling(request.fields.user_agent),
        door,
        operation,
        shape: trail.understood.then_some(&trail.shape),
        style: (&request.method, request.path, carried(request, trail)),
        at: at.as_secs(),
        ending,
    }
}

/// Notes the windows of brownouts that have met a call.
#[cold]
fn meet(tally: &Tally, view: &View, request: &Request<'_, '_>, trail: &Trail, now: Moment) {
    let operations = view.snapshot.table.operations();
    let operation = trail.operation.and_then(|number| operations.get(number));
    let program = program(request.fields.user_agent);
    let call = old_call(trail.app.as_deref(), operation, program);
    for window in view.snapshot.policies.brownouts.meeting(&call, now) {
        tally.meet(window, Client { caller: caller(view, trail), program: program.to_owned() });
    }
}

/// Who has sent a request.
pub fn caller(view: &View, trail: &Trail) -> Caller {
    match (&trail.app, proven(view, trail)) {
        (Some(app), _) => Caller::App(app.name.clone()),
        (None, Some(fingerprint)) => Caller::Token(half(fingerprint)),
        (None, None) => Caller::Unproven,
    }
}

/// A number for who has sent a request, which is that caller's alone within this process.
fn number(view: &View, trail: &Trail) -> u64 {
    match (&trail.app, proven(view, trail)) {
        // Numbers of apps are small.
        (Some(app), _) => app.number as u64,
        (None, Some(fingerprint)) => half(fingerprint) | 1 << 63,
        (None, None) => u64::MAX >> 1,
    }
}

/// The fingerprint of a token that upstream has taken. All others are one caller: there is no end to them.
fn proven(view: &View, trail: &Trail) -> Option<Fingerprint> {
    let fingerprint = trail.caller?;
    (trail.label == Label::Ok || view.snapshot.policies.known().has(fingerprint)).then_some(fingerprint)
}

/// Half of a fingerprint tells tokens apart well enough, and is short enough to read aloud.
fn half(Fingerprint(number): Fingerprint) -> u64 {
    u64::try_from(number >> 64).unwrap_or_default()
}

fn carried(request: &Request<'_, '_>, trail: &Trail) -> u8 {
    let in_query = if request.query.is_empty() { 0 } else { IN_QUERY };
    if trail.bytes_in <= request.query.len() {
        return in_query;
    }
    let first = request.fields.content_type.and_then(|of| of.first());
    let multipart = if matches!(first, Some(b'm' | b'M')) { MULTIPART } else { 0 };
    in_query | IN_BODY | multipart
}
