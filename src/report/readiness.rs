//! Whether a client needs the old door no more: four facts, in the order in which they are reached.

use super::twin::Twin;
use crate::ledger::book::{Decided, Decision, Ledger, Window};
use crate::ledger::calendar::{day, month, written_day};
use crate::ledger::client::Client;
use crate::ledger::days::Days;
use crate::ledger::facts::{Ending, Facts};
use crate::ledger::row::Shape;
use crate::protocol::ops::Table;

/// The least silence that counts, in days.
const LEAST_SILENCE: u32 = 14;

/// How far a client has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It calls by the old door, and not all that it does has been done in JSON.
    Calling,
    /// Each thing that it does has been done in JSON too.
    Twinned,
    /// Its JSON says what its old calls say.
    Agreeing,
    /// A rehearsal or a brownout has passed without it.
    Rehearsed,
    /// It has been silent for long enough, or somebody has said that it is done.
    Done,
    /// Its old door answers a refusal.
    Retired,
}

impl State {
    /// Every state with its word.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("calling", Self::Calling),
        ("twinned", Self::Twinned),
        ("agreeing", Self::Agreeing),
        ("rehearsed", Self::Rehearsed),
        ("done", Self::Done),
        ("retired", Self::Retired),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, state)| *state == self).map_or("", |(word, _)| word)
    }
}

/// One of the four facts: what is lacking, a sentence each; nothing if the fact is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// What is lacking.
    pub lacks: Vec<String>,
}

impl Fact {
    /// Whether the fact is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.lacks.is_empty()
    }
}

/// The facts, and what follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The four facts in their order.
    pub facts: [Fact; 4],
    /// The last decision of a person.
    pub decision: Option<Decision>,
    /// The state.
    pub state: State,
}

/// What each fact says.
pub const FACTS: [&str; 4] = [
    "all that it does by the old door has been done in JSON, and answered",
    "its JSON says what its old calls say",
    "a rehearsal or a brownout has passed without it",
    "it has been silent for long enough",
];

/// Rows of one door.
pub type Shapes<'r> = [(&'r Shape, &'r Facts)];

impl Readiness {
    /// Judges a client by its old rows, and by the JSON rows of its caller, whatever their program.
    #[must_use]
    pub fn of(
        (client, ledger): (&Client, &Ledger),
        (old, json): (&Shapes<'_>, &Shapes<'_>),
        table: &Table,
        now: u64,
    ) -> Self {
        let (twins, agree) = twins(old, json, table);
        let facts = [twins, agree, passed(client, ledger, old, now), silent(old, now)];
        let decision =
            ledger.decisions.get(client).filter(|decision| decision.what != Decided::Open).cloned();
        let reached = facts.iter().take_while(|fact| fact.is_there()).count();
        let state = match (decision.as_ref().map(|decision| decision.what), reached) {
            (Some(Decided::Retired), _) => State::Retired,
            (Some(Decided::Done), _) | (_, 4) => State::Done,
            (_, reached) => [State::Calling, State::Twinned, State::Agreeing, State::Rehearsed][reached],
        };
        Self { facts, decision, state }
    }
}

/// The first two facts.
fn twins(old: &Shapes<'_>, json: &Shapes<'_>, table: &Table) -> (Fact, Fact) {
    let (mut twins, mut agree) = (Fact::default(), Fact::default());
    // What never succeeded is nothing that has to be moved.
    for (shape, facts) in old.iter().filter(|(_, facts)| facts.ended(Ending::Ok) > 0) {
        let what = called(shape);
        let Some(twin) = Twin::of(table, shape, facts) else {
            twins.lacks.push(format!("{what}: the table has no such call any more"));
            continue;
        };
        match twin.closest(json) {
            Some((closest, its)) if its.ended(Ending::Ok) > 0 => {
                let differences = twin.differences(closest, its);
                agree.lacks.extend(differences.iter().map(|difference| format!("{what}: {difference}")));
            }
            Some(_) => {
                twins.lacks.push(format!("{what}: {} as JSON was sent, and never done", twin.operation));
            }
            None => {
                twins.lacks.push(format!("{what}: no {} as JSON has been sent yet", twin.operation));
            }
        }
    }
    if !twins.is_there() && agree.is_there() {
        agree.lacks.push("not all of it has been sent as JSON yet".to_owned());
    }
    (twins, agree)
}

/// A call as people name it: groupadd (name, flag).
#[must_use]
pub fn called(shape: &Shape) -> String {
    format!("{} ({})", shape.operation, shape.params.join(", "))
}

fn passed(client: &Client, ledger: &Ledger, old: &Shapes<'_>, now: u64) -> Fact {
    let first = old.iter().map(|(_, facts)| facts.first).min().unwrap_or(0);
    let is_for = |window: &Window| window.from >= first && window.to <= now && concerns(window, client, old);
    // The latest counts: a client that was met before has changed since, or has not.
    match ledger.windows.iter().rfind(|(window, _)| is_for(window)) {
        None => Fact { lacks: vec!["no rehearsal or brownout that was for it is over".to_owned()] },
        Some((window, met)) if met.contains(client) => {
            Fact { lacks: vec![format!("`{}` has met it on {}", window.name, written_day(day(window.from)))] }
        }
        Some(_) => Fact::default(),
    }
}

/// Whether a window is for all that a client does.
fn concerns(window: &Window, client: &Client, old: &Shapes<'_>) -> bool {
    window.is_for(client) && old.iter().all(|(shape, _)| window.has(&shape.operation))
}

fn silent(old: &Shapes<'_>, now: u64) -> Fact {
    let mut active = Days::default();
    for (_, facts) in old {
        active.join(&facts.active);
    }
    let Some(last) = active.last() else { return Fact::default() };
    let (today, silence) = (day(now), day(now).saturating_sub(last));
    let needed = LEAST_SILENCE.max(2 * active.longest_silence());
    let mut fact = Fact::default();
    if silence < needed {
        let longest = active.longest_silence();
        let ago = match silence {
            0 => "today".to_owned(),
            1 => "1 day ago".to_owned(),
            _ => format!("{silence} days ago"),
        };
        fact.lacks.push(format!(
            "it called {ago}, and {needed} are needed: {LEAST_SILENCE}, and twice its longest silence, which \
             is {longest}"
        ));
    }
    // A month's last day that is over, and on which it did not call.
    let is_over_an_end = (last + 1..today).any(|day| month(day) != month(day + 1));
    if !is_over_an_end {
        fact.lacks.push("it has not been silent over a month's end".to_owned());
    }
    fact
}
