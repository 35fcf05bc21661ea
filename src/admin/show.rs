//! What the second listener shows.

use super::Admin;
use super::exposition::Format;
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::Request;
use crate::http::shutdown::Stage;
use crate::policy::breach::HeldBack;

/// It depends on nothing else: what answers is alive.
pub fn alive(_: &Admin, _: &Request<'_, '_>) -> Reply {
    plain(200, "alive\n".into(), TEXT)
}

/// Upstream's health is left out: one outage there must not take every replica away.
pub fn ready(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    match admin.stop.stage() {
        Stage::Serving => plain(200, format!("ready\n{}", held_back(admin)).into(), TEXT),
        Stage::Announced | Stage::Ending => plain(503, "not ready: ending\n".into(), TEXT),
    }
}

/// What is wrong and no reason to send clients elsewhere: everywhere else it is the same.
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

pub fn stage(admin: &Admin, _: &Request<'_, '_>) -> Reply {
    plain(200, format!("{}\n", admin.stop.stage().text()).into(), TEXT)
}

/// A line for each that is held back.
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
