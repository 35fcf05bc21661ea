//! Answers of the console: JSON, refusals that say what to do, and the headers that all of them have.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::files::LOOKS;
use crate::http::reply::{JSON, Reply, empty, plain};

/// What a browser may do with a page of the console: run its own program, look as the page itself says, and ask this
/// listener, nothing else.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src 'self'; style-src {}; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        *LOOKS
    )
});

/// The headers of every answer, besides its policy and those of every reply.
const ALWAYS: [(&str, &str); 4] = [
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
];

/// The kind of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody has logged in.
    Login,
    /// The role is too small.
    Role,
    /// The request comes from another page, or may.
    Origin,
    /// There is no such thing.
    Unknown,
    /// The request cannot be read.
    Bad,
    /// The text holds no call.
    NoCall,
    /// A setting has it off.
    Off,
    /// Too much at once.
    Busy,
    /// No answer came.
    Silent,
    /// A second word is needed.
    Sure,
    /// The path takes another method.
    Method,
}

impl Why {
    const fn status(self) -> u16 {
        match self {
            Self::Login => 401,
            Self::Role | Self::Origin | Self::Off => 403,
            Self::Unknown => 404,
            Self::Bad => 400,
            Self::NoCall => 422,
            Self::Busy => 429,
            Self::Silent => 503,
            Self::Sure => 409,
            Self::Method => 405,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Role => "role",
            Self::Origin => "origin",
            Self::Unknown => "unknown",
            Self::Bad | Self::NoCall | Self::Method => "bad",
            Self::Off => "off",
            Self::Busy | Self::Silent => "busy",
            Self::Sure => "sure",
        }
    }
}

/// Why the console does not do what was asked, and what to do.
#[derive(Debug)]
pub struct Refused {
    /// Its kind.
    pub why: Why,
    /// A sentence.
    pub what: Cow<'static, str>,
}

impl Refused {
    /// A refusal.
    pub fn new(why: Why, what: impl Into<Cow<'static, str>>) -> Self {
        Self { why, what: what.into() }
    }

    /// The refusal as an answer.
    pub fn reply(&self) -> Reply {
        written(self.why.status(), &json!({ "error": self.why.word(), "what": self.what }))
    }
}

/// An answer in JSON.
pub fn json(value: &Value) -> Reply {
    written(200, value)
}

fn written(status: u16, value: &Value) -> Reply {
    plain(status, format!("{value}\n").into(), JSON)
}

/// An answer that has nothing to say.
pub fn done() -> Reply {
    empty(204)
}

/// Adds what every answer of the console has.
pub fn guard(reply: &mut Reply) {
    reply.say("Content-Security-Policy", POLICY.as_str());
    for (name, value) in ALWAYS {
        reply.say(name, value);
    }
}
