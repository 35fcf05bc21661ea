//! What somebody should look at, each with what to do. What is wrong makes `mesigate status` exit with 1; the rest is worth
//! knowing.

use serde::{Deserialize, Serialize};

use super::{Status, certificates, figures};
use crate::config::migration::Moment;
use crate::http::shutdown::Stage;
use crate::ledger::keeper::Kept;
use crate::policy::brownout::WindowState;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::ReloadOutcome;

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// What it is about.
    pub topic: Topic,
    /// Whether it is wrong.
    pub wrong: bool,
    /// What is so.
    pub what: String,
    /// What to do about it.
    pub todo: String,
    /// The console's page where it is seen.
    pub page: String,
}

/// What can need somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Whether the gateway takes new clients.
    Ready,
    /// How requests end.
    Outcomes,
    /// Upstreams and their breakers.
    Upstream,
    /// Apps whose token is disabled.
    HeldBack,
    /// The settings as they are written.
    Settings,
    /// The apps' secrets.
    Secrets,
    /// Certificates near their end.
    Certificates,
    /// The ledger's file.
    Ledger,
    /// Programs that still call by the old door.
    OldDoor,
    /// Planned pauses of the old door.
    Brownouts,
    /// The log.
    Log,
    /// What only a newer gateway knows.
    #[serde(other)]
    Other,
}

/// For how long after a loss of log lines something is wrong, in seconds.
const LATELY: u64 = 15 * 60;

/// Pages of the console.
const NOW: &str = "/console/now";
const MIGRATION: &str = "/console/migration";
const REFERENCE: &str = "/console/reference";
const TRAFFIC: &str = "/console/traffic";

/// The list under construction.
#[derive(Default)]
struct List(Vec<Attention>);

impl List {
    fn add(&mut self, wrong: bool, topic: Topic, what: String, (todo, page): (&str, &str)) {
        self.0.push(Attention { topic, wrong, what, todo: todo.to_owned(), page: page.to_owned() });
    }

    fn wrong(&mut self, topic: Topic, what: String, todo: (&str, &str)) {
        self.add(true, topic, what, todo);
    }
}

/// Everything that somebody should look at now.
pub(super) fn all(status: &Status, now: u64) -> Vec<Attention> {
    let snapshot = status.sources.current.load_full();
    let mut list = List::default();
    ending(status, &mut list);
    upstreams(&snapshot, &mut list);
    held_back(&snapshot, &mut list);
    settings(status, &snapshot, &mut list);
    ends_of_certificates(&snapshot, now, &mut list);
    ledger(&snapshot, &mut list);
    outcomes(status, now, &mut list);
    log(status, now, &mut list);
    migration(status, &snapshot, now, &mut list);
    list.0.sort_by_key(|one| !one.wrong);
    list.0
}

fn ending(status: &Status, list: &mut List) {
    let todo = "it serves until SIGTERM, and then finishes what is under way; once it has ended, start it anew, as by \
                `systemctl restart mesigate`";
    let what = match status.sources.stop.stage() {
        Stage::Serving => return,
        Stage::Announced => "not ready: its end is announced, as by SIGTERM or `mesigate drain`",
        Stage::Ending => "not ready: it ends, and finishes what is under way",
    };
    list.wrong(Topic::Ready, what.to_owned(), (todo, NOW));
}

fn upstreams(snapshot: &Snapshot, list: &mut List) {
    for upstream in figures::upstreams(snapshot).iter().filter(|upstream| upstream.breaker == "open") {
        let (name, callers) = (&upstream.name, upstream.callers_left_alone);
        let todo = "it has failed again and again; one request at a time tries whether it is back. Run `mesigate check \
                    --connect`, which tries its name, TCP, TLS and a request";
        let what = match callers {
            0 => format!("upstream {name} is left alone"),
            1 => format!("upstream {name} is left alone for 1 caller, whom it has failed"),
            _ => format!("upstream {name} is left alone for {callers} callers, whom it has failed"),
        };
        list.wrong(Topic::Upstream, what, (todo, NOW));
    }
}

fn held_back(snapshot: &Snapshot, list: &mut List) {
    for held in figures::held_back(snapshot) {
        let who = match (&held.app, held.tokens) {
            (Some(app), _) => format!("app {app} is"),
            (None, 1) => "a token without an app is".to_owned(),
            (None, tokens) => format!("{tokens} tokens without an app are"),
        };
        let minutes = held.left_s.div_ceil(60);
        let todo = "mesibo has disabled the token: make a new one in mesibo's console, put it into the app's token \
                    file, then run `mesigate breaches --clear`";
        list.wrong(
            Topic::HeldBack,
            format!("{who} held back (TOKENBREACH, {minutes} min left)"),
            (todo, NOW),
        );
    }
}

fn settings(status: &Status, snapshot: &Snapshot, list: &mut List) {
    let reloader = &status.sources.reloader;
    let latest = reloader.last_one().filter(|_| reloader.last() == 0);
    match latest.map(|latest| latest.outcome) {
        Some(ReloadOutcome::Refused(_)) => {
            let todo = "run `mesigate check --config FILE`, which lists every fault; mend them, then run `mesigate reload`";
            let what = "the settings as they are written were refused: those from before are in use";
            list.wrong(Topic::Settings, what.to_owned(), (todo, REFERENCE));
        }
        Some(ReloadOutcome::NeedsRestart(keys)) => {
            let todo = "start it anew, as by `systemctl restart mesigate`; or take the change back, then run `mesigate \
                        reload`";
            let what = format!(
                "the settings as they are written need a start: {} can change at none else",
                keys.join(", ")
            );
            list.wrong(Topic::Settings, what, (todo, REFERENCE));
        }
        // Secrets that cannot be read are told below.
        _ => {}
    }
    if !snapshot.policies.apps.secrets_are_read() {
        let todo = "run `mesigate check --config FILE`, which names each that cannot be read; the next start would fail";
        let what = "secrets of apps cannot be read: those from before are in use";
        list.wrong(Topic::Secrets, what.to_owned(), (todo, REFERENCE));
    }
}

fn ends_of_certificates(snapshot: &Snapshot, now: u64, list: &mut List) {
    for certificate in certificates::all(snapshot, now).iter().filter(|certificate| certificate.is_wrong()) {
        let (name, settings) = (certificate.name(), certificate.settings());
        let what = match certificate.left_days {
            ..0 => format!("{name} has ended"),
            0 => format!("{name} ends within a day"),
            1 => format!("{name} ends in 1 day"),
            days => format!("{name} ends in {days} days"),
        };
        let todo = format!(
            "put a new one where {settings} says; it is in use some seconds later, or at once after `mesigate reload`"
        );
        list.wrong(Topic::Certificates, what, (&todo, REFERENCE));
    }
}

fn ledger(snapshot: &Snapshot, list: &mut List) {
    if snapshot.ledger.as_ref().map(|keeper| keeper.kept_in()) == Some(Kept::Failing) {
        let todo = "its file cannot be used: the log says why, and it is tried again every ten seconds. Until then save \
                    it by hand: `curl ADMIN/ledger > FILE`, which `mesigate report --merge FILE` reads";
        list.wrong(Topic::Ledger, "the ledger is kept in memory only".to_owned(), (todo, MIGRATION));
    }
}

fn outcomes(status: &Status, now: u64, list: &mut List) {
    let unknown = figures::minute(status, now).unknown;
    if unknown > 0 {
        let (requests, were) = if unknown == 1 { ("request", "it was") } else { ("requests", "they were") };
        let todo = "upstream did not answer in time, or not as the API does: the log's lines with \"upstream\":\"unknown\" \
                    say which; run `mesigate check --connect`";
        let what = format!("of {unknown} {requests} of the last minute it is not known whether {were} done");
        list.wrong(Topic::Outcomes, what, (todo, TRAFFIC));
    }
}

/// Lines that were lost long ago are worth knowing; whoever looks now can do nothing about them.
fn log(status: &Status, now: u64, list: &mut List) {
    let losses = (status.sources.lines_lost)();
    if losses.lines > 0 {
        let is_wrong = losses.last + LATELY > now;
        let what = match losses.lines {
            1 => "1 line of the log was lost since the start".to_owned(),
            lines => format!("{lines} lines of the log were lost since the start"),
        };
        let todo = "they could not be written, or not as fast as they came: see by `df` that the disk is not full and that \
                    what reads the log keeps up, or set log.sample";
        list.add(is_wrong, Topic::Log, what, (todo, NOW));
    }
}

/// What is worth knowing and not wrong.
fn migration(status: &Status, snapshot: &Snapshot, now: u64, list: &mut List) {
    for window in snapshot.policies.brownouts.shown(Moment(now)) {
        if window.state == WindowState::InForce && !window.brownout.rehearse {
            let (name, to) = (&window.brownout.name, window.brownout.to);
            let what = format!("the pause {name} closes the old door until {to}");
            let todo = "if it does harm, run `mesigate brownout --pause`, which stops it at once";
            list.add(false, Topic::Brownouts, what, (todo, MIGRATION));
        }
    }
    let left = status.left.of(snapshot, now);
    if left > 0 {
        let programs =
            if left == 1 { "1 program still calls" } else { &format!("{left} programs still call") };
        let todo = "see which, and what each has to write: run `mesigate report`";
        list.add(false, Topic::OldDoor, format!("the old door: {programs} by it"), (todo, MIGRATION));
    }
}
