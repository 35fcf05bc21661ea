//! Who calls by the old door, and what is decided about whom.

use serde::Deserialize;
use serde_json::Value;

use super::explain::language;
use super::said::{Refused, Why};
use super::{Call, parsed};
use crate::http::net::clock::since_1970;
use crate::ledger::book::Decision;
use crate::ledger::keeper::Keeper;
use crate::report::decide::{Asked, Undecided};
use crate::report::{Clients, Context, Selection};
use crate::snapshot::Snapshot;

fn keeper(snapshot: &Snapshot) -> Result<&Keeper, Refused> {
    snapshot.ledger.as_deref().ok_or_else(|| {
        Refused::new(
            Why::Off,
            "nobody is remembered: the settings have ledger.on = false; set ledger.on = true",
        )
    })
}

fn known(snapshot: &Snapshot) -> Result<Clients, Refused> {
    let mut clients = Clients::of(&keeper(snapshot)?.ledger(), &snapshot.table, since_1970().as_secs());
    clients.name(|client| snapshot.config.migration.name_of(client));
    Ok(clients)
}

pub fn clients(call: &Call<'_>) -> Result<Value, Refused> {
    let snapshot = call.console.current();
    let mut json = known(&snapshot)?.json();
    json["ledger"] = keeper(&snapshot)?.kept_in().word().into();
    Ok(json)
}

pub fn client(call: &Call<'_>) -> Result<Value, Refused> {
    let snapshot = call.console.current();
    let name =
        call.parameter("name").ok_or_else(|| Refused::new(Why::Bad, "the query is ?name=CALLER/PROGRAM"))?;
    let language = call.parameter("as").map(|word| language(&word)).transpose()?;
    let mut clients = known(&snapshot)?;
    clients
        .select(&Selection { since: None, only: vec![name] })
        .map_err(|what| Refused::new(Why::Unknown, what))?;
    let url = snapshot.config.upstream.all.url.to_string();
    let context = Context { table: &snapshot.table, url, language };
    let mut json = clients.json();
    json["clients"] = clients.all.iter().map(|client| client.json(&clients, &context)).collect();
    Ok(json)
}

pub fn decide(call: &Call<'_>, body: &[u8]) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Words {
        client: String,
        what: String,
        #[serde(default)]
        reason: String,
        #[serde(default)]
        force: bool,
    }
    let words: Words =
        parsed(body, "{ \"client\": \"CALLER/PROGRAM\", \"what\": \"done\", \"reason\": \"…\" }")?;
    let snapshot = call.console.current();
    let (keeper, now) = (keeper(&snapshot)?, since_1970().as_secs());
    let asked = Asked::read(&words.client, &words.what, &words.reason, words.force).map_err(refused)?;
    asked.may(&keeper.ledger(), &snapshot.table, now).map_err(refused)?;
    call.audit("decide", &format!("{} is {}", asked.client, words.what));
    keeper.decide(asked.client, Decision { at: now, what: asked.what, reason: asked.reason });
    Ok(())
}

fn refused(undecided: Undecided) -> Refused {
    match undecided {
        Undecided::Unread(what) => Refused::new(Why::Bad, what),
        Undecided::Nobody(what) => Refused::new(Why::Unknown, what),
        Undecided::Doubtful(what) => Refused::new(Why::Sure, what),
    }
}

pub fn clear(call: &Call<'_>, body: &[u8]) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Whose {
        app: Option<String>,
    }
    let Whose { app } = parsed(body, "{ \"app\": a name, or null for all }")?;
    let snapshot = call.console.current();
    let is_known = |name: &String| snapshot.config.apps.iter().any(|app| app.name == *name);
    if app.as_ref().is_some_and(|name| !is_known(name)) {
        return Err(Refused::new(Why::Unknown, "no app has this name: the settings have all of them"));
    }
    call.audit("breaches/clear", app.as_deref().unwrap_or("all"));
    snapshot.policies.breaches.clear(app.as_deref());
    Ok(())
}
