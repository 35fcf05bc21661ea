//! One message, and its form for a receiver.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::read::message::MessageContent;

/// The receivers of a message, by uid or gid.
pub(crate) enum Receiver {
    Users(Vec<u64>),
    Group(u64),
}

pub(crate) struct Message {
    pub(crate) mid: u64,
    pub(crate) sender: u64,
    pub(crate) from: String,
    pub(crate) to: Receiver,
    /// When the message is delivered.
    pub(crate) due: Duration,
    pub(crate) expires: Duration,
    pub(crate) content: MessageContent,
}

/// A message as one receiver got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The number that the sender got in its answer.
    pub mid: u64,
    /// The sender's address.
    pub from: String,
    /// The group to which it was sent, if any.
    pub gid: Option<u64>,
    /// The message type; 0 if none was sent.
    #[serde(rename = "type")]
    pub kind: u64,
    /// As sent; 0 if none were.
    pub flags: u64,
    /// As sent; `false` if absent.
    pub forced: bool,
    /// The text, byte for byte; empty if none was sent.
    pub message: String,
    /// The title, if one was sent.
    pub title: Option<String>,
    /// The link, if one was sent.
    pub url: Option<String>,
    /// When it was delivered, in seconds of the sandbox's clock.
    pub at: u64,
    /// When it expires, in seconds of the sandbox's clock.
    pub expires: u64,
}

impl Message {
    pub(crate) fn gid(&self) -> Option<u64> {
        match self.to {
            Receiver::Group(gid) => Some(gid),
            Receiver::Users(_) => None,
        }
    }

    /// The message as a receiver gets it.
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

    /// The message as the control state shows it: `to` holds uids, and `due` may be in the future.
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
