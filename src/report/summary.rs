//! All clients as a table.

use super::block::Block;
use super::clients::{Clients, OfClient};
use super::readiness::State;
use crate::ledger::calendar::{day, written_day, written_time};

/// The columns of the table.
const COLUMNS: [&str; 6] = ["client", "state", "old calls", "share", "last 7 days", "last"];

impl Clients {
    /// The report on all clients.
    #[must_use]
    pub fn summary(&self) -> Vec<Block> {
        let title = format!("Who calls by the old door, {} UTC", written_time(self.now));
        let mut blocks = vec![Block::Heading(2, title)];
        if self.all.is_empty() {
            blocks.push(Block::Sentence("Nobody, as far as this ledger knows.".to_owned()));
        } else {
            let rows = self.all.iter().map(|client| cells(client, self)).collect();
            blocks.push(Block::Table(COLUMNS.to_vec(), rows));
            blocks.push(Block::Sentence(self.in_short()));
        }
        let what = ["with tokens that upstream does not take", "of clients for whom the ledger has no room"];
        for (count, what) in self.nobodys.iter().zip(what).filter(|(count, _)| **count > 0) {
            blocks.push(Block::Sentence(format!("{count} more old calls came {what}.")));
        }
        if let Some(first) = self.all.iter().find(|client| client.readiness.state < State::Done) {
            let command = format!("mesigate report --only {}", first.client);
            blocks.push(Block::Sentence(format!(
                "What a client sends, and what it has to write instead: {command}"
            )));
        }
        blocks
    }

    /// A sentence about all of them.
    fn in_short(&self) -> String {
        let [old, json] = self.doors;
        let share = percent(json * 1000 / (old + json).max(1));
        let (left, all) = (self.left(), self.all.len());
        format!(
            "{left} of {all} clients still need the old door. {old} calls came by it, {json} as JSON ({share})."
        )
    }
}

fn cells(client: &OfClient, clients: &Clients) -> Vec<String> {
    let (week, before) = client.trend(clients.now);
    vec![
        client.title(),
        client.readiness.state.word().to_owned(),
        client.all.total().to_string(),
        percent(client.share(clients)),
        format!("{week}, {before} before"),
        written_day(day(client.all.last)),
    ]
}

fn percent(tenths: u64) -> String {
    format!("{}.{} %", tenths / 10, tenths % 10)
}
