//! One message, and how its receiver sees it.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::read::message::MessageContent;

/// Whom a message is for, by number.
pub(crate) enum Receiver {
    Users(Vec<u64>),
    Group(u64),
}

/// One message that was accepted.
pub(crate) struct Message {
    pub(crate) mid: u64,
    pub(crate) sender: u64,
    pub(crate) from: String,
    pub(crate) to: Receiver,
    /// When it is delivered.
    pub(crate) due: Duration,
    /// When it vanishes.
    pub(crate) expires: Duration,
    pub(crate) content: MessageContent,
}

/// A message as one receiver got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The number that the sender was answered.
    pub mid: u64,
    /// The sender's address.
    pub from: String,
    /// The group that it came through, if it did.
    pub gid: Option<u64>,
    /// The message type; 0 when none was sent.
    #[serde(rename = "type")]
    pub kind: u64,
    /// As sent; 0 when none were.
    pub flags: u64,
    /// As sent; `false` when absent.
    pub forced: bool,
    /// The text, byte for byte; empty when none was sent.
    pub message: String,
    /// The title, if one was sent.
    pub title: Option<String>,
    /// The link, if one was sent.
    pub url: Option<String>,
    /// When it was delivered, in seconds of the sandbox's clock.
    pub at: u64,
    /// When it vanishes, in seconds of the sandbox's clock.
    pub expires: u64,
}

impl Message {
    /// The group that the message is for.
    pub(crate) fn gid(&self) -> Option<u64> {
        match self.to {
            Receiver::Group(gid) => Some(gid),
            Receiver::Users(_) => None,
        }
    }

    /// How a receiver sees it.
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery {
            mid: self.mid,
            from: self.from.clone(),
            gid: self.gid(),
            kind: self.content.kind,
            flags: self.content.flags,
            forced: self.content.forced,
            message: self.content.message.clone(),
            title: self.content.title.clone(),
            url: self.content.url.clone(),
            at: self.due.as_secs(),
            expires: self.expires.as_secs(),
        }
    }

    /// Everything as the control state shows it: `to` holds uids, and `due` may lie ahead.
    pub(crate) fn shown(&self) -> Value {
        let to = match &self.to {
            Receiver::Users(uids) => Some(uids),
            Receiver::Group(_) => None,
        };
        json!({
            "mid": self.mid,
            "from": self.from,
            "to": to,
            "gid": self.gid(),
            "type": self.content.kind,
            "flags": self.content.flags,
            "forced": self.content.forced,
            "message": self.content.message,
            "title": self.content.title,
            "url": self.content.url,
            "due": self.due.as_secs(),
            "expires": self.expires.as_secs(),
        })
    }
}
