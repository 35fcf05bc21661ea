//! The control routes, by which a test or a person controls the sandbox itself.

use std::str::FromStr;
use std::time::Duration;

use hyper::{Method, StatusCode};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::http::respond::{self, Answer};
use super::{InjectedFault, Sandbox};

const HELP: &str = "\
mesigate sandbox: behaves as mesibo's JSON API is publicly known to. For development and tests only.

POST a JSON request with Content-Type: application/json to /backend/ (or /api/). The app token `sandbox`,
or any other that begins so, is an app of its own; `sandbox-breached` is a disabled one.

GET  /sandbox/state?app=TOKEN                        users, groups, messages and otps of an app
GET  /sandbox/inbox?app=TOKEN&address=ADDRESS        what a user received
POST /sandbox/login?token=ACCESS_TOKEN&appid=APPID   logs a user's device in
POST /sandbox/clock?advance=SECONDS                  moves the clock forward
POST /sandbox/fault?kind=KIND[&times=N][&ms=M]       lets the next N API requests (1) suffer a fault

Faults: ";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateQuery {
    app: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InboxQuery {
    app: String,
    address: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginQuery {
    token: String,
    appid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockQuery {
    #[serde(deserialize_with = "seconds")]
    advance: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultQuery {
    kind: String,
    #[serde(default = "once", deserialize_with = "times")]
    times: u32,
    #[serde(default, deserialize_with = "millis")]
    ms: Option<u64>,
}

/// Takes the query; the error is the sentence of a 400.
type ControlRoute = fn(&Sandbox, &str) -> Result<Answer, String>;

/// Answers one control request. `query` is the part after the question mark, without it.
pub(crate) fn answer(sandbox: &Sandbox, method: &Method, path: &str, query: &str) -> Answer {
    let (right, route): (_, ControlRoute) = match path {
        "/sandbox" | "/sandbox/" => ("GET", |_, _| Ok(help())),
        "/sandbox/state" => ("GET", state),
        "/sandbox/inbox" => ("GET", inbox),
        "/sandbox/login" => ("POST", login),
        "/sandbox/clock" => ("POST", clock),
        "/sandbox/fault" => ("POST", fault),
        _ => {
            let sentence = "no such route; GET /sandbox/ names them all\n";
            return respond::text(StatusCode::NOT_FOUND, sentence);
        }
    };
    if method != right {
        return respond::wrong_method(right);
    }
    route(sandbox, query).unwrap_or_else(|fault| respond::text(StatusCode::BAD_REQUEST, fault + "\n"))
}

fn help() -> Answer {
    respond::text(StatusCode::OK, format!("{HELP}{}\n", InjectedFault::names()))
}

fn state(sandbox: &Sandbox, query: &str) -> Result<Answer, String> {
    let StateQuery { app } = read(query, "app=TOKEN")?;
    Ok(respond::json(sandbox.state(&app).to_string()))
}

fn inbox(sandbox: &Sandbox, query: &str) -> Result<Answer, String> {
    let InboxQuery { app, address } = read(query, "app=TOKEN&address=ADDRESS")?;
    let inbox = json!(sandbox.inbox(&app, &address));
    Ok(respond::json(inbox.to_string()))
}

fn login(sandbox: &Sandbox, query: &str) -> Result<Answer, String> {
    let LoginQuery { token, appid } = read(query, "token=ACCESS_TOKEN&appid=APPID")?;
    Ok(match sandbox.login(&token, &appid) {
        Ok(uid) => respond::json(json!({ "uid": uid }).to_string()),
        Err(refused) => respond::text(StatusCode::FORBIDDEN, format!("{refused}\n")),
    })
}

fn clock(sandbox: &Sandbox, query: &str) -> Result<Answer, String> {
    let ClockQuery { advance } = read(query, "advance=SECONDS")?;
    sandbox.advance(Duration::from_secs(advance));
    let now = sandbox.now().as_secs();
    Ok(respond::json(json!({ "now": now }).to_string()))
}

fn fault(sandbox: &Sandbox, query: &str) -> Result<Answer, String> {
    let FaultQuery { kind, times, ms } = read(query, "kind=KIND[&times=N][&ms=M]")?;
    sandbox.fault(InjectedFault::parse(&kind, ms)?, times);
    Ok(respond::json(json!({ "kind": kind, "times": times }).to_string()))
}

fn read<T: DeserializeOwned>(query: &str, right: &str) -> Result<T, String> {
    serde_urlencoded::from_str(query).map_err(|error| format!("{error}; the query of this route is {right}"))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    number(deserializer, "`advance` is a whole number of seconds, such as 60")
}

fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    number(deserializer, "`times` is a number of requests, such as 3")
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let right = "`ms` is a whole number of milliseconds, such as 250";
    number(deserializer, right).map(Some)
}

fn once() -> u32 {
    1
}

/// Parses a number with an error that names its parameter, which a derived one does not.
fn number<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D, right: &str) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom(right))
}

#[cfg(test)]
mod tests {
    use super::{ClockQuery, FaultQuery, StateQuery, read};

    #[test]
    fn a_wrong_parameter_is_named_with_what_is_right() {
        let fault = read::<ClockQuery>("advance=soon", "advance=SECONDS").err();
        assert!(fault.unwrap().starts_with("`advance` is a whole number of seconds"));
        let fault = read::<StateQuery>("ap=sandbox", "app=TOKEN").err();
        assert!(fault.unwrap().starts_with("unknown field `ap`"));
        let fault = read::<StateQuery>("", "app=TOKEN").err();
        assert!(fault.unwrap().starts_with("missing field `app`"));
    }

    #[test]
    fn a_fault_strikes_once_unless_told_otherwise() {
        let query: FaultQuery = read("kind=reset", "").ok().unwrap();
        assert_eq!((query.times, query.ms), (1, None));
        let query: FaultQuery = read("kind=latency&times=2&ms=7", "").ok().unwrap();
        assert_eq!((query.times, query.ms), (2, Some(7)));
    }
}
