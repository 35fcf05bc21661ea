//! A report as JSON, for programs.

use serde_json::{Value, json};

use super::clients::{Clients, OfClient};
use super::language::of_program;
use super::page::{Context, written};
use super::readiness::FACTS;
use crate::ledger::calendar::{written_day, written_time};
use crate::ledger::facts::{Ending, Facts};
use crate::ledger::row::Shape;

impl Clients {
    /// The report on the clients that are shown.
    #[must_use]
    pub fn json(&self) -> Value {
        let clients: Vec<Value> = self.all.iter().map(|client| of_client(client, self)).collect();
        json!({ "at": self.now, "old_calls": self.doors[0], "json_calls": self.doors[1], "left": self.left(), "unproven_calls": self.nobodys[0], "other_calls": self.nobodys[1], "clients": clients })
    }
}

impl OfClient {
    /// The report on this client, with what replaces each of its calls in a language: that of its program, if none is
    /// named.
    #[must_use]
    pub fn json(&self, clients: &Clients, context: &Context<'_>) -> Value {
        let language = context.language.unwrap_or_else(|| of_program(&self.client.program));
        let mut json = of_client(self, clients);
        for (at, (shape, facts)) in self.old.iter().enumerate() {
            let Some(written) = written(shape, facts, context, language) else { continue };
            let field =
                |(name, to, what): (String, String, String)| json!({ "name": name, "to": to, "as": what });
            json["shapes"][at]["fields"] = written.fields.into_iter().map(field).collect();
            json["shapes"][at]["code"] = written.code.into();
        }
        json
    }
}

fn of_client(client: &OfClient, clients: &Clients) -> Value {
    let (week, before) = client.trend(clients.now);
    let fact = |(says, fact): (&str, &super::readiness::Fact)| json!({ "fact": says, "is_there": fact.is_there(), "lacks": fact.lacks });
    let facts: Vec<Value> = FACTS.into_iter().zip(&client.readiness.facts).map(fact).collect();
    let shapes: Vec<Value> = client.old.iter().map(|(shape, facts)| of_shape(shape, facts)).collect();
    let decision = client
        .readiness
        .decision
        .as_ref()
        .map(|decision| json!({ "at": decision.at, "reason": decision.reason }));
    json!({
        "client": client.client.to_string(),
        "name": client.name,
        "state": client.readiness.state.word(),
        "facts": facts,
        "decision": decision,
        "old_calls": client.all.total(),
        "share": client.share(clients),
        "last_7_days": week,
        "7_days_before": before,
        "first": client.all.first,
        "last": client.all.last,
        "last_time": written_time(client.all.last),
        "longest_silence_days": client.all.active.longest_silence(),
        "shapes": shapes,
    })
}

fn of_shape(shape: &Shape, facts: &Facts) -> Value {
    let endings: Value = Ending::WORDS
        .iter()
        .map(|(word, ending)| ((*word).to_owned(), json!(facts.ended(*ending))))
        .collect();
    let days: Value = facts.days.iter().map(|(day, count)| (written_day(*day), json!(count))).collect();
    json!({
        "operation": shape.operation,
        "params": shape.params,
        "habits": shape.habits.words().collect::<Vec<_>>(),
        "style": shape.style,
        "endings": endings,
        "first": facts.first,
        "last": facts.last,
        "days": days,
    })
}
