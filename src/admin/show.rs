//! Replies of the second listener that change nothing.

use super::Admin;
use super::exposition::Format;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::http::reply::{JSON, Reply, TEXT, plain};
use crate::http::request::Request;
use crate::http::shutdown::Stage;
use crate::ledger::text;
use crate::policy::breach::HeldBack;
use crate::policy::brownout::{ShownWindow, WindowState};
use crate::protocol::catalogue;

/// The header that says where the ledger is kept: `file`, `memory`, or `failing` where its file cannot be used.
pub const KEPT: &str = "X-Mesigate-Ledger";

/// The reply depends on nothing: a process that answers is alive.
pub fn alive(_: &Admin, _: &Request<'_, '_>) -> Reply {
    plain(200, "alive\n".into(), TEXT)
}

/// Upstream's health does not count: one outage there must not take every replica out of service.
pub fn ready(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    match admin.stop.stage() {
        Stage::Serving => plain(200, format!("ready\n{}", held_back(admin)).into(), TEXT),
        Stage::Announced | Stage::Ending => plain(503, "not ready: ending\n".into(), TEXT),
    }
}

/// How many apps and tokens are held back. The gateway stays ready: their tokens are disabled on every replica.
fn held_back(admin: &Admin) -> String {
    match admin.current.load().policies.breaches.list().len() {
        0 => String::new(),
        held => {
            format!("{held} held back because upstream has disabled the token (TOKENBREACH): see /breaches\n")
        }
    }
}

pub fn metrics(admin: &Admin, asked: &Request<'_, '_>) -> Reply {
    let format = Format::preferred(asked.fields.accept);
    plain(200, admin.metrics.text(format).into(), format.media_type())
}

/// Both doors by the table in use, made anew for each request: few ask, and a reload may change it.
pub fn openapi(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    let current = admin.current.load();
    plain(200, catalogue::openapi(&current.table, &current.config.listen.paths).into(), JSON)
}

/// Says how the gateway is; 200 also where something is wrong, since the answer itself is well.
pub fn status(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    // A document of numbers and texts can always be written.
    let document = serde_json::to_string(&admin.status.document()).unwrap_or_default();
    plain(200, format!("{document}\n").into(), JSON)
}

pub fn stage(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    plain(200, format!("{}\n", admin.stop.stage().text()).into(), TEXT)
}

/// A line for each app or token that is held back.
pub fn breaches(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    let held = admin.current.load().policies.breaches.list();
    let line = |held: &HeldBack| {
        let app =
            held.app.as_ref().map_or_else(|| "a token without an app".to_owned(), |app| format!("app {app}"));
        format!("{app}: {} s left\n", held.seconds)
    };
    let nobody = || "nobody is held back\n".to_owned();
    let lines = if held.is_empty() { nobody() } else { held.iter().map(line).collect() };
    plain(200, lines.into(), TEXT)
}

/// All that is known of clients, in the form of the ledger's file.
pub fn ledger(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    match &admin.current.load().ledger {
        Some(keeper) => {
            let mut reply = plain(200, text::write(&keeper.ledger(), None).into(), TEXT);
            reply.say(KEPT, keeper.kept_in().word());
            reply
        }
        None => plain(404, "there is no ledger: the settings have ledger.on = false\n".into(), TEXT),
    }
}

/// A line for each planned pause of the old door, in the order of the settings.
pub fn brownouts(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    let current = admin.current.load();
    let brownouts = &current.policies.brownouts;
    let line = |ShownWindow { brownout, state, met }: &ShownWindow| {
        let (kind, what) =
            if brownout.rehearse { ("rehearsal", "would have refused") } else { ("real", "refused") };
        let (name, from, to) = (&brownout.name, brownout.from, brownout.to);
        format!("{name}: {from} to {to}, {}, {kind}, {what} {met}\n", state.text())
    };
    let shown = brownouts.shown(Moment(since_1970().as_secs()));
    let lines = if shown.is_empty() {
        "no brownout is planned\n".to_owned()
    } else {
        shown.iter().map(line).collect()
    };
    let is_left = |window: &ShownWindow| window.state != WindowState::Over;
    let hint = if shown.iter().any(is_left) {
        "whom those that are not over would meet: mesigate brownout --forecast\n"
    } else {
        ""
    };
    let paused =
        if brownouts.is_paused() { "paused: none refuses until --resume, or the next start\n" } else { "" };
    plain(200, format!("{paused}{lines}{hint}").into(), TEXT)
}
