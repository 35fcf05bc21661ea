//! Who comes in: a token for a session, and back.

use std::borrow::Cow;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::Deserialize;
use tokio::time::Instant;

use super::attempts::{Attempts, MOST};
use super::counters::{ConsoleCounters, LoginOutcome};
use super::said::{Refused, Why, done};
use super::sessions::{COOKIE, Role, Sessions, secret};
use crate::config::Logins;
use crate::config::secret::Digest;
use crate::http::reply::Reply;
use crate::http::request::Request;

/// The tokens that open the console, as digests, and who is in.
pub struct Door {
    keys: Vec<(Digest, Role)>,
    attempts: Attempts,
    counters: Arc<ConsoleCounters>,
    /// Who is in.
    pub sessions: Sessions,
}

#[derive(Deserialize)]
struct Asked<'b> {
    #[serde(borrow)]
    token: Cow<'b, str>,
}

impl Door {
    /// The door that the settings' tokens open; without any, one that is made here and returned.
    ///
    /// # Errors
    /// A sentence, if the system has no randomness.
    pub fn new(logins: &Logins, counters: Arc<ConsoleCounters>) -> Result<(Self, Option<String>), String> {
        let of = |login: &Option<Digest>, role| login.clone().map(|digest| (digest, role));
        let mut keys: Vec<_> = [of(&logins.view, Role::View), of(&logins.operate, Role::Operate)]
            .into_iter()
            .flatten()
            .collect();
        let made = keys.is_empty().then(secret).transpose()?;
        keys.extend(made.as_ref().map(|token| (Digest::of(token), Role::Operate)));
        Ok((Self { keys, attempts: Attempts::default(), counters, sessions: Sessions::default() }, made))
    }

    /// Gives a session for a token. Every key is compared with, in a time that tells nothing.
    ///
    /// # Errors
    /// [`Why::Bad`], [`Why::Busy`] for too many wrong tokens, [`Why::Login`] for a wrong one.
    pub fn enter(&self, asked: &Request<'_, '_>, body: &[u8]) -> Result<Reply, Refused> {
        let Asked { token } = serde_json::from_slice(body)
            .map_err(|_| Refused::new(Why::Bad, "the body is { \"token\": \"…\" }"))?;
        let (peer, now) = (asked.peer.to_canonical(), Instant::now());
        if !self.attempts.may(peer, now) {
            self.counters.login(LoginOutcome::Slowed);
            return Err(Refused::new(
                Why::Busy,
                "too many wrong tokens have come from your address: wait a minute, and copy the token whole",
            ));
        }
        let digest = Digest::of(&token);
        let is_key = |key: &Digest| verify_slices_are_equal(key.bytes(), digest.bytes()).is_ok();
        let roles = self.keys.iter().filter(|(key, _)| is_key(key)).map(|(_, role)| *role);
        let Some(role) = roles.fold(None, |_, role| Some(role)) else {
            self.counters.login(LoginOutcome::Wrong);
            let many = self.attempts.wrong(peer, now);
            tracing::warn!(%peer, lately = many, most = MOST, "console: a wrong login token");
            return Err(Refused::new(
                Why::Login,
                "this token opens nothing: take the link that the gateway wrote when it started, or the token of \
                 console.view or console.operate",
            ));
        };
        // Whatever session came along ends: nobody goes on under an id that another may know.
        self.sessions.end(asked.header("cookie"), now);
        let (id, session) = self.sessions.begin(role, now).map_err(|what| Refused::new(Why::Silent, what))?;
        self.counters.login(LoginOutcome::Accepted);
        tracing::info!(%peer, session = session.number, role = role.word(), "console: somebody has logged in");
        let mut reply = done();
        reply.say("Set-Cookie", format!("{COOKIE}={id}; HttpOnly; SameSite=Strict; Path=/console"));
        Ok(reply)
    }

    /// Ends the session of a request.
    pub fn leave(&self, asked: &Request<'_, '_>) -> Reply {
        self.sessions.end(asked.header("cookie"), Instant::now());
        let mut reply = done();
        reply.say("Set-Cookie", format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path=/console; Max-Age=0"));
        reply
    }
}
