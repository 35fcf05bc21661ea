//! Writes the bytes of an answer.

use serde::{Serialize, Serializer};
use serde_json::{Number, Value, json};

use super::refusal::{Refusable, Refusal};

/// The parts of a request that its answer repeats.
#[derive(Default)]
pub(crate) struct Echo {
    pub(crate) op: String,
    /// The caller's own number, as sent.
    pub(crate) id: Option<Number>,
}

/// The members of a success, in the order in which they are written.
#[derive(Default)]
pub(crate) struct Reply(Vec<(&'static str, Value)>);

impl Reply {
    pub(crate) fn with(name: &'static str, value: impl Into<Value>) -> Self {
        Self::default().and(name, value)
    }

    pub(crate) fn and(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Adds the undocumented members that real answers carried, secrets among them, so that tests see a gateway that
    /// passes them on.
    pub(crate) fn with_extras(self, app_token: &str) -> Self {
        self.and("app", app(app_token)).and("account", account()).and("uts", "1700000000").and("disabled", 0)
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A failure, its members in the order of the one that was published in 2023.
#[derive(Serialize)]
struct Failure<'a> {
    error: &'static str,
    code: u16,
    cause: &'a str,
    properties: &'a [String],
    op: &'a str,
    result: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Number>,
}

pub(crate) fn bytes(echo: &Echo, outcome: Refusable<Reply>) -> Vec<u8> {
    match outcome {
        Ok(reply) => success(echo, reply),
        Err(refusal) => failure(echo, &refusal),
    }
}

fn success(echo: &Echo, reply: Reply) -> Vec<u8> {
    let mut reply = reply.and("op", echo.op.as_str()).and("result", true);
    if let Some(id) = &echo.id {
        reply = reply.and("id", id.clone());
    }
    written(&reply)
}

fn failure(echo: &Echo, refusal: &Refusal) -> Vec<u8> {
    written(&Failure {
        error: refusal.reason.name(),
        code: refusal.reason.code(),
        cause: &refusal.cause,
        properties: &refusal.properties,
        op: &echo.op,
        result: false,
        id: echo.id.as_ref(),
    })
}

fn written(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap_or_else(|_| br#"{"result":false}"#.to_vec())
}

fn app(app_token: &str) -> Value {
    json!({
        "aid": "1234",
        "uid": "5678",
        "name": "sandbox",
        "secret": "sandbox-webhook-secret",
        "u_users": "0",
        "u_groups": "0",
        "d_storage": "0",
        "url": "https://webhook.invalid/",
        "server": "0",
        "notify": "0",
        "nrate": "0",
        "ninterval": "0",
        "flag": "0",
        "f_beta": "0",
        "ts": "2020-01-01 00:00:00",
        "uts": "1700000000",
        "fcm_id": "0",
        "fcm_key": "sandbox-push-key",
        "apn_info": "",
        "pushflags": "0",
        "token": app_token,
    })
}

fn account() -> Value {
    json!({
        "uid": "5678",
        "oid": "0",
        "msgs": "0",
        "users": "0",
        "groups": "0",
        "conns": "0",
        "apps": "1",
        "storage": "0",
        "pid": "1",
        "billday": "1",
        "status": "0",
        "flag": "0",
        "expiry": "0",
        "issuetime": "0",
        "name": "sandbox account",
    })
}
