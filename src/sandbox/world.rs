//! All apps of a sandbox; dispatches a request to its app.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::app::App;
use super::fields::PlainFields;
use super::ids::Ids;
use super::json;
use super::message::Delivery;
use super::read::ApiCall;
use super::refusal::{Refusable, Refusal, RefusalReason};
use super::reply::{self, Echo, Reply};
use super::user::LoginRefused;

const APP_PREFIX: &str = "sandbox";
/// The token of an app that was disabled because its token leaked.
const BREACHED: &str = "sandbox-breached";

/// The state of all apps, by token.
#[derive(Default)]
pub(crate) struct World {
    apps: BTreeMap<String, App>,
    ids: Ids,
}

impl World {
    pub(crate) fn answer(&mut self, now: Duration, body: &[u8]) -> Vec<u8> {
        let mut echo = Echo::default();
        let outcome = self.perform(now, body, &mut echo);
        reply::bytes(&echo, outcome)
    }

    fn perform(&mut self, now: Duration, body: &[u8], echo: &mut Echo) -> Refusable<Reply> {
        let mut top = PlainFields::top(json::object(body)?);
        let op = top.need_text("op");
        let id = top.integer("id");
        // Both are repeated even if one of them is at fault.
        echo.op = op.as_ref().map_or_else(|_| String::new(), String::clone);
        echo.id = id.as_ref().ok().cloned().flatten();
        let op = op?;
        id?;
        let token = top.need_text("token")?;
        check(&token)?;
        let call = ApiCall::read(&op, top)?;
        let app = self.apps.entry(token.clone()).or_default();
        let reply = app.carry_out(&mut self.ids, now, call)?;
        Ok(reply.with_extras(&token))
    }

    /// Logs a device in with an access token of any app.
    pub(crate) fn login(&mut self, now: Duration, secret: &str, appid: &str) -> Result<u64, LoginRefused> {
        self.apps
            .values_mut()
            .find_map(|app| app.login(now, secret, appid))
            .unwrap_or(Err(LoginRefused::UnknownToken))
    }

    /// The messages that a user of an app received; none for an unknown user.
    pub(crate) fn inbox(&mut self, now: Duration, app: &str, address: &str) -> Vec<Delivery> {
        let app = self.apps.get_mut(app);
        app.map(|app| app.inbox(now, address)).unwrap_or_default()
    }

    /// The state of an app; an app that was never used is empty.
    pub(crate) fn shown(&mut self, now: Duration, app: &str) -> Value {
        match self.apps.get_mut(app) {
            Some(app) => app.shown(now),
            None => App::default().shown(now),
        }
    }
}

/// Checked before the operation, as the published `AUTHFAIL` suggests, so that strangers learn nothing else.
fn check(token: &str) -> Refusable<()> {
    if token == BREACHED {
        let cause = "the app is disabled: its token leaked, or was used from more than five IP addresses";
        return Err(Refusal::new(RefusalReason::TokenBreach, "token", cause));
    }
    if !token.starts_with(APP_PREFIX) {
        let cause = "the app token is invalid or expired";
        return Err(Refusal::new(RefusalReason::AuthFail, "token", cause));
    }
    Ok(())
}
