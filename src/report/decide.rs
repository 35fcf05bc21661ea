//! What somebody may decide about a client, whether a command or the console asks.

use super::clients::{Clients, OfClient};
use super::readiness::State;
use crate::ledger::book::{Decided, Decision, Ledger};
use crate::ledger::calendar::written_time;
use crate::ledger::client::Client;
use crate::protocol::ops::Table;

/// How long a retirement is taken back without a second word.
pub const FINAL_SECONDS: u64 = 72 * 3600;
/// The longest reason, in characters.
const LONGEST: usize = 500;

/// A decision that is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// About whom.
    pub client: Client,
    /// What.
    pub what: Decided,
    /// Why, in somebody's own words.
    pub reason: String,
    /// Whether doubts do not count.
    pub force: bool,
}

/// Why a decision is not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Undecided {
    /// What is asked for cannot be read.
    Unread(String),
    /// The client is not known.
    Nobody(String),
    /// A second word is needed.
    Doubtful(String),
}

impl Asked {
    /// Reads words; a reason is cut where it is too long.
    ///
    /// # Errors
    /// [`Undecided::Unread`].
    pub fn read(client: &str, what: &str, reason: &str, force: bool) -> Result<Self, Undecided> {
        let client = client.parse().map_err(Undecided::Unread)?;
        let known = Decided::WORDS.iter().find(|(known, _)| *known == what);
        let (_, what) =
            *known.ok_or_else(|| Undecided::Unread("`what` is done, retired or open".to_owned()))?;
        Ok(Self { client, what, reason: reason.chars().take(LONGEST).collect(), force })
    }

    /// Whether the client is one who calls by the old door, and whether this may be decided without a second word.
    ///
    /// # Errors
    /// [`Undecided::Nobody`] and [`Undecided::Doubtful`].
    pub fn may(&self, ledger: &Ledger, table: &Table, now: u64) -> Result<(), Undecided> {
        let clients = Clients::of(ledger, table, now);
        let client = &self.client;
        let Some(known) = clients.all.iter().find(|known| known.client == *client) else {
            let why = format!(
                "`{client}` is no client that has called by the old door: `mesigate report` has all of them"
            );
            return Err(Undecided::Nobody(why));
        };
        self.may_of(known, ledger.decisions.get(client), now)
    }

    fn may_of(&self, known: &OfClient, before: Option<&Decision>, now: u64) -> Result<(), Undecided> {
        let client = &self.client;
        let is_final = |before: &&Decision| {
            before.what == Decided::Retired && now.saturating_sub(before.at) > FINAL_SECONDS
        };
        if let (Some(before), false) = (before.filter(is_final), self.force) {
            let why = format!(
                "{client} was retired on {} UTC, and that is final: --force takes it back all the same",
                written_time(before.at)
            );
            return Err(Undecided::Doubtful(why));
        }
        if self.what == Decided::Retired && !self.force && known.readiness.state < State::Done {
            let why = format!(
                "{client} is not done: `mesigate report --only {client}` says what is lacking; `mesigate done {client} \
                 --reason TEXT` if you know better, or --force"
            );
            return Err(Undecided::Doubtful(why));
        }
        Ok(())
    }
}
