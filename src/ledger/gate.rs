//! Whom the old door is open for: not for the retired, and after a date not for strangers.

use std::collections::{HashMap, HashSet};

use super::book::{Decided, Ledger};
use super::client::Client;
use super::row::Door;

/// What is looked up for each old call while there is something to look up.
#[derive(Debug, Default)]
pub struct Gate {
    /// Retired clients, each with when that was decided.
    retired: HashMap<Client, u64>,
    /// Since when strangers are told from others; `None` while nobody is a stranger.
    since: Option<u64>,
    /// Calls that came before: client, operation and parameters.
    known: HashSet<(Client, String, Vec<String>)>,
    /// Clients that somebody has let in.
    admitted: HashSet<Client>,
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It is open.
    Open,
    /// The client was retired at this time, in seconds since 1970.
    Retired(u64),
    /// No such call of this client came before this time.
    Stranger(u64),
}

impl Gate {
    /// The gate of a ledger; `since` tells strangers from others.
    #[must_use]
    pub fn of(ledger: &Ledger, since: Option<u64>) -> Self {
        let decided = |what: Decided| {
            let all = ledger.decisions.iter().filter(move |(_, decision)| decision.what == what);
            all.map(|(client, decision)| (client.clone(), decision.at))
        };
        let mut gate = Self {
            retired: decided(Decided::Retired).collect(),
            since,
            known: HashSet::new(),
            admitted: decided(Decided::Open).map(|(client, _)| client).collect(),
        };
        if let Some(since) = since {
            let rows = ledger.rows();
            let before =
                rows.into_iter().filter(|(key, facts)| key.shape.door == Door::Old && facts.first < since);
            gate.known = before.map(|(key, _)| (key.client, key.shape.operation, key.shape.params)).collect();
        }
        gate
    }

    /// Whether it is open for all: then no call needs to be looked at.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.retired.is_empty() && self.since.is_none()
    }

    /// What it says about a call.
    #[must_use]
    pub fn passage(&self, client: &Client, operation: &str, params: &[String]) -> Passage {
        if let Some(at) = self.retired.get(client) {
            return Passage::Retired(*at);
        }
        let Some(since) = self.since else { return Passage::Open };
        let call = (client.clone(), operation.to_owned(), params.to_vec());
        if self.known.contains(&call) || self.admitted.contains(client) {
            Passage::Open
        } else {
            Passage::Stranger(since)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, Passage};
    use crate::ledger::book::{Decided, Decision, Ledger, Writer};
    use crate::ledger::client::Client;
    use crate::ledger::facts::Batch;
    use crate::ledger::row::{Door, RowKey, Shape};

    fn client(text: &str) -> Client {
        text.parse().expect("a client")
    }

    fn ledger() -> Ledger {
        let mut writer = Writer::default();
        for (name, at) in [("bot/okhttp", 50), ("new/okhttp", 150)] {
            let shape = Shape {
                operation: "userdel".to_owned(),
                params: vec!["uid".to_owned()],
                ..Shape::others(Door::Old)
            };
            let batch = Batch { first: at, last: at, endings: [1, 0, 0, 0, 0], ..Batch::default() };
            writer.add(RowKey { client: client(name), shape }, &batch);
        }
        let mut ledger = Ledger::default();
        ledger.gateways.insert(1, writer.rows().clone());
        ledger
    }

    #[test]
    fn whoever_or_whatever_did_not_come_before_the_date_is_a_stranger_unless_let_in() {
        let uid = ["uid".to_owned()];
        let mut ledger = ledger();
        let gate = Gate::of(&ledger, Some(100));
        for (name, operation, passage) in [
            ("bot/okhttp", "userdel", Passage::Open),
            ("bot/okhttp", "useradd", Passage::Stranger(100)),
            ("bot/curl", "userdel", Passage::Stranger(100)),
            ("new/okhttp", "userdel", Passage::Stranger(100)),
        ] {
            assert_eq!(gate.passage(&client(name), operation, &uid), passage, "{name} {operation}");
        }
        assert_eq!(gate.passage(&client("bot/okhttp"), "userdel", &[]), Passage::Stranger(100));
        let open = Decision { at: 200, what: Decided::Open, reason: String::new() };
        ledger.decide(client("new/okhttp"), open);
        assert_eq!(
            Gate::of(&ledger, Some(100)).passage(&client("new/okhttp"), "userdel", &uid),
            Passage::Open
        );
        assert!(Gate::of(&ledger, None).is_open());
    }

    #[test]
    fn the_retired_are_refused_until_that_is_taken_back() {
        let mut ledger = ledger();
        let bot = client("bot/okhttp");
        let decide = |ledger: &mut Ledger, at, what| {
            ledger.decide(bot.clone(), Decision { at, what, reason: String::new() });
            Gate::of(ledger, None).passage(&bot, "userdel", &[])
        };
        assert_eq!(decide(&mut ledger, 200, Decided::Retired), Passage::Retired(200));
        assert_eq!(decide(&mut ledger, 201, Decided::Open), Passage::Open);
        assert_eq!(decide(&mut ledger, 202, Decided::Done), Passage::Open);
    }
}
