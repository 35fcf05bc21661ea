//! One user: profile, access tokens and received messages.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::message::Message;
use super::read::user::{Edit, Issue, TokenEdit};

/// How many messages a user keeps, the newest, so that a long load test does not fill the memory.
const INBOX_KEEPS: usize = 1_000;

/// Why a login with an access token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginRefused {
    /// No user has this access token: never issued, replaced by a newer one, or deleted.
    UnknownToken,
    /// The token was issued for another app name.
    OtherApp,
    /// The token has expired.
    Expired,
    /// The user was set inactive.
    Inactive,
}

impl fmt::Display for LoginRefused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownToken => "no user has this access token",
            Self::OtherApp => "the access token is for another appid",
            Self::Expired => "the access token has expired",
            Self::Inactive => "the user is not active",
        })
    }
}

impl Error for LoginRefused {}

/// A token with which a user's device logs in.
struct AccessToken {
    secret: String,
    apps: Vec<String>,
    expires: Duration,
    logged_in: bool,
}

pub(crate) struct User {
    pub(crate) uid: u64,
    pub(crate) address: String,
    pub(crate) active: bool,
    /// Fields that are stored without effect, under their JSON names.
    said: Map<String, Value>,
    tokens: Vec<AccessToken>,
    inbox: VecDeque<Arc<Message>>,
}

impl User {
    /// An active user without tokens or messages.
    pub(crate) fn new(uid: u64, address: String) -> Self {
        Self { uid, address, active: true, said: Map::new(), tokens: Vec::new(), inbox: VecDeque::new() }
    }

    /// Applies `edit`, and returns the new access token if one was requested.
    pub(crate) fn apply(
        &mut self,
        now: Duration,
        edit: Edit,
        secret: impl FnOnce() -> String,
    ) -> Option<String> {
        self.active = edit.active.unwrap_or(self.active);
        let said = [
            ("name", edit.name.map(Value::from)),
            ("flags", edit.flags.map(Value::from)),
            ("otp", edit.otp.map(Value::from)),
            ("groups", edit.groups.map(Value::from)),
            ("restrictions", edit.restrictions.map(Value::from)),
            ("permissions", edit.permissions.map(Value::from)),
            ("profile", edit.profile.map(Value::from)),
        ];
        for (name, value) in said {
            self.said.extend(value.map(|value| (name.to_owned(), value)));
        }
        match edit.token? {
            TokenEdit::Remove => {
                self.tokens.clear();
                None
            }
            TokenEdit::Issue(issue) => Some(self.issue(now, issue, secret())),
        }
    }

    /// Issues a token, which replaces the former one for the same apps, as "regenerate" says; tokens for other apps
    /// stay.
    fn issue(&mut self, now: Duration, issue: Issue, secret: String) -> String {
        self.tokens.retain(|token| token.apps != issue.apps);
        self.tokens.push(AccessToken {
            secret: secret.clone(),
            apps: issue.apps,
            expires: now.saturating_add(issue.lives),
            logged_in: false,
        });
        secret
    }

    /// Whether a device of the user is logged in with a token that has not expired.
    pub(crate) fn online(&self, now: Duration) -> bool {
        self.tokens.iter().any(|token| token.logged_in && token.expires > now)
    }

    /// Logs a device in; `None` if the token is not this user's.
    pub(crate) fn login(
        &mut self,
        now: Duration,
        secret: &str,
        appid: &str,
    ) -> Option<Result<u64, LoginRefused>> {
        let token = self.tokens.iter_mut().find(|token| token.secret == secret)?;
        let refused = if !token.apps.iter().any(|app| app == appid) {
            LoginRefused::OtherApp
        } else if token.expires <= now {
            LoginRefused::Expired
        } else if !self.active {
            LoginRefused::Inactive
        } else {
            token.logged_in = true;
            return Some(Ok(self.uid));
        };
        Some(Err(refused))
    }

    pub(crate) fn receive(&mut self, message: &Arc<Message>) {
        if self.inbox.len() == INBOX_KEEPS {
            self.inbox.pop_front();
        }
        self.inbox.push_back(Arc::clone(message));
    }

    /// The messages that have not expired, oldest first.
    pub(crate) fn inbox(&self, now: Duration) -> impl Iterator<Item = &Arc<Message>> {
        self.inbox.iter().filter(move |message| message.expires > now)
    }

    /// The user as the control state shows it.
    pub(crate) fn shown(&self, now: Duration) -> Value {
        let mut shown = self.said.clone();
        let tokens = self.tokens.iter().map(|token| {
            json!({
                "token": token.secret,
                "apps": token.apps,
                "expires": token.expires.as_secs(),
                "online": token.logged_in && token.expires > now,
            })
        });
        shown.insert("uid".to_owned(), self.uid.into());
        shown.insert("address".to_owned(), self.address.as_str().into());
        shown.insert("active".to_owned(), self.active.into());
        shown.insert("online".to_owned(), self.online(now).into());
        shown.insert("tokens".to_owned(), tokens.collect());
        Value::Object(shown)
    }
}
