//! The way from the old door to JSON: what is deprecated since when, planned pauses, strangers, names of clients.

mod moment;
mod reach;
mod rows;
mod selector;

use super::AppConfig;
use crate::ledger::client::{Caller, Client};
use crate::protocol::document::{Place, Section};
use crate::protocol::ops::Table;

pub use moment::Moment;
pub use selector::Selector;

/// Every setting of the way there.
#[derive(Debug, Clone)]
pub struct Migration {
    /// `[[deprecation]]`: the first that matches a call counts.
    pub deprecations: Vec<Deprecation>,
    /// `[[brownout]]`
    pub brownouts: Vec<Brownout>,
    /// `[[client]]`: the first that matches a client counts.
    pub clients: Vec<NamedClient>,
    /// `[migration]`
    pub strangers: Strangers,
}

impl Migration {
    /// What the settings call a client.
    #[must_use]
    pub fn name_of(&self, client: &Client) -> Option<String> {
        let is_app = |app: &String| client.caller == Caller::App(app.clone());
        let is_program = |program: &String| client.program.eq_ignore_ascii_case(program);
        let mut rows = self.clients.iter();
        let row = rows
            .find(|row| row.app.as_ref().is_none_or(is_app) && row.program.as_ref().is_none_or(is_program));
        row.map(|row| row.name.clone())
    }
}

/// One `[[deprecation]]`: what the headers of an answer say of the old door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    /// Its number among them, from 1 on.
    pub label: String,
    /// Where it is written.
    pub place: Place,
    /// Which calls it is about.
    pub selector: Selector,
    /// Since when the calls are deprecated.
    pub since: Moment,
    /// When they will be refused; not before `since`.
    pub sunset: Option<Moment>,
    /// The owner's page about it.
    pub link: Option<String>,
    /// The page about what replaces it.
    pub successor: Option<String>,
}

/// One `[[brownout]]`: a window in which calls of the old door are refused, or counted as in a rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brownout {
    /// Where it is written.
    pub place: Place,
    /// Its name in headers, refusals and metrics.
    pub name: String,
    /// Which calls it is about.
    pub selector: Selector,
    /// Its first second.
    pub from: Moment,
    /// The first second behind it.
    pub to: Moment,
    /// Whether calls are counted and answered all the same.
    pub rehearse: bool,
}

/// `[migration]`: what becomes of clients that the ledger does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strangers {
    /// What becomes of them.
    pub mode: StrangersMode,
    /// From when on; set unless they are allowed.
    pub from: Option<Moment>,
}

/// What becomes of clients that the ledger does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrangersMode {
    /// `allow`: they are served.
    Allow,
    /// `warn`: they are served, and the log tells of them.
    Warn,
    /// `refuse`: their calls of the old door are refused.
    Refuse,
}

impl StrangersMode {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 3] =
        [("allow", Self::Allow), ("warn", Self::Warn), ("refuse", Self::Refuse)];
}

/// One `[[client]]`: a name for whoever calls as this app or with this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedClient {
    /// Where it is written.
    pub place: Place,
    /// The name in reports.
    pub name: String,
    /// The app as which it calls; any, if there is none.
    pub app: Option<String>,
    /// Its program; any, if there is none.
    pub program: Option<String>,
}

/// Reads all of it; `apps` are those that rules may name.
pub fn read(top: &Section<'_>, apps: &[AppConfig]) -> Option<Migration> {
    let deprecations = rows::deprecations(top, apps);
    let brownouts = rows::brownouts(top, apps);
    let clients = rows::clients(top, apps);
    let section = top.section("migration");
    let strangers = rows::strangers(&section);
    section.finish();
    Some(Migration { deprecations, brownouts, clients, strangers: strangers? })
}

impl Migration {
    /// A sentence for each rule that can be about no call of this table and these apps.
    #[must_use]
    pub fn faults(&self, apps: &[AppConfig], table: &Table) -> Vec<String> {
        reach::faults(self, apps, table)
    }

    /// The deprecation that counts for a call.
    #[must_use]
    pub fn deprecation(
        &self,
        app: Option<&str>,
        operation: Option<&str>,
        program: &str,
    ) -> Option<&Deprecation> {
        self.deprecations.iter().find(|row| row.selector.matches(app, operation, program))
    }
}
