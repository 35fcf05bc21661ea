//! The command that notes what somebody has decided about a client.

use std::borrow::Cow;

use super::Admin;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::http::reply::{Reply, TEXT, plain};
use crate::ledger::book::{Decided, Decision};
use crate::ledger::client::Client;
use crate::report::decide::{Asked, FINAL_SECONDS, Undecided};

pub fn decide(admin: &Admin, query: &str) -> Reply {
    let current = admin.current.load();
    let Some(keeper) = &current.ledger else {
        return plain(409, "there is no ledger: the settings have ledger.on = false\n".into(), TEXT);
    };
    let now = since_1970().as_secs();
    let decided = asked(query).and_then(|asked| {
        asked.may(&keeper.ledger(), &current.table, now)?;
        Ok(asked)
    });
    match decided {
        Err(undecided) => refused(undecided),
        Ok(Asked { client, what, reason, .. }) => {
            tracing::warn!(%client, ?what, reason, "somebody has decided about a client");
            keeper.decide(client.clone(), Decision { at: now, what, reason });
            plain(200, told(&client, what, now).into(), TEXT)
        }
    }
}

fn refused(undecided: Undecided) -> Reply {
    let (status, why) = match undecided {
        Undecided::Unread(why) => (400, why),
        Undecided::Nobody(why) => (404, why),
        Undecided::Doubtful(why) => (409, why),
    };
    plain(status, format!("{why}\n").into(), TEXT)
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

fn asked(query: &str) -> Result<Asked, Undecided> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = serde_urlencoded::from_str(query)
        .map_err(|error| Undecided::Unread(format!("the query cannot be read: {error}")))?;
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let client = value("client").ok_or_else(|| Undecided::Unread("`client` is missing".to_owned()))?;
    let (what, reason) = (value("what").unwrap_or_default(), value("reason").unwrap_or_default());
    Asked::read(client, what, reason, value("force").is_some())
}
