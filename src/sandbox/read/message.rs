//! Reads the `message` object.

use std::time::Duration;

use crate::sandbox::fields::PlainFields;
use crate::sandbox::refusal::{Refusable, Refusal};

/// One year, the documented default of a message.
const DEFAULT_EXPIRY_SECONDS: u64 = 31_536_000;

/// The recipients of a message, as sent.
pub(crate) enum Recipients {
    Users(Vec<String>),
    Group(u64),
}

pub(crate) struct Send {
    pub(crate) from: String,
    pub(crate) target: Recipients,
    /// From now.
    pub(crate) delay: Duration,
    /// From its delivery.
    pub(crate) lives: Duration,
    pub(crate) content: MessageContent,
}

/// The part of a message that receivers see beside its addresses and times.
pub(crate) struct MessageContent {
    pub(crate) kind: u64,
    pub(crate) flags: u64,
    pub(crate) forced: bool,
    pub(crate) message: String,
    pub(crate) title: Option<String>,
    pub(crate) url: Option<String>,
}

/// Reads message.
pub(crate) fn send(mut fields: PlainFields) -> Refusable<Send> {
    let send = Send {
        from: fields.need_text("from")?,
        target: target(&mut fields)?,
        delay: Duration::from_secs(fields.natural("when")?.unwrap_or(0)),
        lives: lifetime(fields.natural("expiry")?),
        content: content(&mut fields)?,
    };
    fields.finish()?;
    Ok(send)
}

/// A gid of 0 is the documented default, so it counts as none.
fn target(fields: &mut PlainFields) -> Refusable<Recipients> {
    let gid = fields.natural("gid")?.filter(|&gid| gid != 0);
    let list = fields.text("to")?;
    match (list, gid) {
        (Some(_), Some(_)) => Err(fields.bad("gid", "must be 0 or absent when `to` is given")),
        (Some(list), None) => super::split(fields, "to", &list).map(Recipients::Users),
        (None, Some(gid)) => Ok(Recipients::Group(gid)),
        (None, None) => Err(Refusal::missing(vec![fields.path("to"), fields.path("gid")])),
    }
}

fn content(fields: &mut PlainFields) -> Refusable<MessageContent> {
    Ok(MessageContent {
        kind: fields.natural("type")?.unwrap_or(0),
        flags: fields.natural_or_null("flags")?.unwrap_or(0),
        forced: fields.boolean("forced")?.unwrap_or(false),
        message: fields.text("message")?.unwrap_or_default(),
        title: fields.text("title")?,
        url: fields.text("url")?,
    })
}

fn lifetime(seconds: Option<u64>) -> Duration {
    let seconds = seconds.filter(|&seconds| seconds != 0);
    Duration::from_secs(seconds.unwrap_or(DEFAULT_EXPIRY_SECONDS))
}
