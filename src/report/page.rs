//! One client on one page: how far it has come, what it still sends, and what it has to write instead.

use super::block::Block;
use super::clients::OfClient;
use super::hours::hours;
use super::language::{fence, of_program};
use super::readiness::{FACTS, Fact, called};
use super::twin::{fields, slots};
use crate::code::{self, Call, Language};
use crate::ledger::calendar::{day, written_day, written_month, written_time};
use crate::ledger::facts::{Ending, Facts};
use crate::ledger::row::Shape;
use crate::protocol::ops::Table;

/// What a page needs to know beside its client.
pub struct Context<'t> {
    /// The operations.
    pub table: &'t Table,
    /// The JSON endpoint.
    pub url: String,
    /// The language of the code; that of the client's program, if none is named.
    pub language: Option<Language>,
}

/// The page of a client.
#[must_use]
pub fn page(client: &OfClient, context: &Context<'_>) -> Vec<Block> {
    let language = context.language.unwrap_or_else(|| of_program(&client.client.program));
    let mut blocks =
        vec![Block::Heading(2, format!("{}: {}", client.title(), client.readiness.state.word()))];
    blocks.extend(state(client));
    blocks.push(Block::Table(
        vec!["call", "times", "since", "last", "how"],
        client.old.iter().map(row).collect(),
    ));
    blocks.push(Block::Sentence(format!("Calls: {} UTC.", hours(&client.all.hours))));
    blocks.push(Block::Sentence(times(&client.all)));
    for (shape, facts) in &client.old {
        blocks.extend(replacement(shape, facts, context, language));
    }
    blocks
}

/// The four facts, and what is lacking of each.
fn state(client: &OfClient) -> Vec<Block> {
    let fact = |(says, fact): (&str, &Fact)| {
        let mark = if fact.is_there() { "yes" } else { "not yet" };
        let lacks = fact.lacks.iter().map(|lack| format!("; {lack}"));
        format!("{mark}: {says}{}", lacks.collect::<String>())
    };
    let facts = FACTS.into_iter().zip(&client.readiness.facts).map(fact).collect();
    let mut blocks = vec![Block::List(facts)];
    if let Some(decision) = &client.readiness.decision {
        let (what, at) = (client.readiness.state.word(), written_time(decision.at));
        let why = if decision.reason.is_empty() { String::new() } else { format!(": {}", decision.reason) };
        blocks.push(Block::Sentence(format!("Somebody has said on {at} UTC that it is {what}{why}")));
    }
    blocks
}

fn row((shape, facts): &(Shape, Facts)) -> Vec<String> {
    let habits: Vec<&str> = shape.habits.words().collect();
    let how = if habits.is_empty() {
        shape.style.clone()
    } else {
        format!("{}; {}", shape.style, habits.join(", "))
    };
    let [since, last] = [facts.first, facts.last].map(|at| written_day(day(at)));
    vec![called(shape), count(facts), since, last, how]
}

/// How many, with those that did not succeed.
fn count(facts: &Facts) -> String {
    let others = Ending::WORDS.iter().filter(|(_, ending)| *ending != Ending::Ok && facts.ended(*ending) > 0);
    let others: Vec<String> =
        others.map(|(word, ending)| format!("{} {word}", facts.ended(*ending))).collect();
    match others[..] {
        [] => facts.total().to_string(),
        _ => format!("{} ({})", facts.total(), others.join(", ")),
    }
}

/// When it calls: by month, its longest silence, and its busiest hour of the week.
fn times(facts: &Facts) -> String {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let months =
        facts.months.iter().rev().take(3).map(|(month, count)| format!("{} {count}", written_month(*month)));
    let months: Vec<String> = months.collect();
    let silence = match facts.active.longest_silence() {
        0 => "it has called on one day alone".to_owned(),
        1 => "no day between its first and last went by without a call".to_owned(),
        days => format!("its longest silence was {days} days"),
    };
    let busiest = facts.hours.iter().max_by_key(|(_, count)| **count).map(|(hour, _)| usize::from(*hour));
    let busiest = busiest.map_or_else(String::new, |hour| {
        format!(", and its busiest hour is {} {:02}:00 UTC", DAYS[hour / 24 % 7], hour % 24)
    });
    format!("By month: {}; {silence}{busiest}.", months.join(", "))
}

/// What replaces a shape: each field explained, the JSON, and code.
fn replacement(shape: &Shape, facts: &Facts, context: &Context<'_>, language: Language) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(3, called(shape))];
    let Some(written) = written(shape, facts, context, language) else {
        blocks.push(Block::Sentence("The table has no such call: it was never passed on.".to_owned()));
        return blocks;
    };
    let fields = written.fields.into_iter().map(|(name, to, what)| vec![name, to, what]).collect();
    blocks.push(Block::Table(vec!["parameter", "in the JSON", "as"], fields));
    blocks.push(Block::Code(fence(language), written.code));
    blocks
}

/// What replaces a shape.
pub(super) struct Written {
    /// Each parameter: its name, where it goes, and as what.
    pub(super) fields: Vec<(String, String, String)>,
    /// A program that makes the call.
    pub(super) code: String,
}

/// What replaces a shape in a language; `None` if the table has no such call.
pub(super) fn written(
    shape: &Shape,
    facts: &Facts,
    context: &Context<'_>,
    language: Language,
) -> Option<Written> {
    let (operation, present) = slots(context.table, shape)?;
    // A flag that was always the same is written as it was.
    let flag = |slot: usize| {
        let bits = facts.seen.get(&operation.plan.params[slot].name)?.all;
        (bits.ones & bits.zeros == 0).then(|| bits.ones.cast_signed())
    };
    let call = Call::of_shape(&context.url, operation, present, &flag);
    Some(Written { fields: fields(operation, present), code: code::program(language, &call) })
}
