//! The command that notes what somebody has decided about a client.

use std::borrow::Cow;

use super::Admin;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::http::reply::{Reply, TEXT, plain};
use crate::ledger::book::{Decided, Decision};
use crate::ledger::client::Client;
use crate::report::{Clients, OfClient, State};

/// How long a retirement is taken back without a second word.
const FINAL_SECONDS: u64 = 72 * 3600;
/// The longest reason, in characters.
const LONGEST: usize = 500;

/// What is asked for.
struct Asked {
    client: Client,
    what: Decided,
    reason: String,
    force: bool,
}

pub fn decide(admin: &Admin, query: &str) -> Reply {
    let current = admin.current.load();
    let Some(keeper) = &current.ledger else {
        return plain(409, "there is no ledger: the settings have ledger.on = false\n".into(), TEXT);
    };
    let now = since_1970().as_secs();
    let ledger = keeper.ledger();
    let decided = asked(query).and_then(|asked| {
        let clients = Clients::of(&ledger, &current.table, now);
        let known = clients.all.iter().find(|known| known.client == asked.client);
        may(&asked, ledger.decisions.get(&asked.client), known, now)?;
        Ok(asked)
    });
    match decided {
        Err((status, why)) => plain(status, format!("{why}\n").into(), TEXT),
        Ok(Asked { client, what, reason, .. }) => {
            tracing::warn!(%client, ?what, reason, "somebody has decided about a client");
            keeper.decide(client.clone(), Decision { at: now, what, reason });
            plain(200, told(&client, what, now).into(), TEXT)
        }
    }
}

fn told(client: &Client, what: Decided, now: u64) -> String {
    match what {
        Decided::Open => format!("{client}: the old door is open for it, and the facts count\n"),
        Decided::Done => format!("{client} is done\n"),
        Decided::Retired => format!(
            "{client} is retired: its old calls are refused; until {} `mesigate retire --undo {client}` takes it back\n",
            Moment(now + FINAL_SECONDS)
        ),
    }
}

fn asked(query: &str) -> Result<Asked, (u16, String)> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = serde_urlencoded::from_str(query)
        .map_err(|error| (400, format!("the query cannot be read: {error}")))?;
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let client = value("client").ok_or((400, "`client` is missing".to_owned()))?;
    let client = client.parse().map_err(|why| (400, why))?;
    let what = value("what").and_then(|word| Decided::WORDS.iter().find(|(known, _)| *known == word));
    let (_, what) = *what.ok_or((400, "`what` is done, retired or open".to_owned()))?;
    let reason: String = value("reason").unwrap_or_default().chars().take(LONGEST).collect();
    Ok(Asked { client, what, reason, force: value("force").is_some() })
}

/// Whether the client is one who calls by the old door, and whether this may be decided without a second word.
fn may(
    asked: &Asked,
    before: Option<&Decision>,
    known: Option<&OfClient>,
    now: u64,
) -> Result<(), (u16, String)> {
    let client = &asked.client;
    let Some(known) = known else {
        let why = format!(
            "`{client}` is no client that has called by the old door: `mesigate report` has all of them"
        );
        return Err((404, why));
    };
    let is_final =
        |before: &&Decision| before.what == Decided::Retired && now.saturating_sub(before.at) > FINAL_SECONDS;
    if let (Some(before), false) = (before.filter(is_final), asked.force) {
        let why = format!(
            "{client} was retired on {}, and that is final: --force takes it back all the same",
            Moment(before.at)
        );
        return Err((409, why));
    }
    if asked.what == Decided::Retired && !asked.force && known.readiness.state < State::Done {
        let why = format!(
            "{client} is not done: `mesigate report --only {client}` says what is lacking; `mesigate done {client} --reason TEXT` \
             if you know better, or --force"
        );
        return Err((409, why));
    }
    Ok(())
}
