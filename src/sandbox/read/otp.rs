//! Reads the `otp` object.

use std::time::Duration;

use crate::sandbox::fields::PlainFields;
use crate::sandbox::refusal::Refusable;

/// mesibo's own library sends these values; the public material names no defaults.
const DEFAULT_TRIES: u64 = 5;
const DEFAULT_EXPIRY_SECONDS: u64 = 300;

/// A one-time password to make; with `reuse`, the last one is given again until it expires.
pub(crate) struct Ask {
    pub(crate) address: String,
    pub(crate) tries: u64,
    pub(crate) lives: Duration,
    pub(crate) reuse: bool,
}

/// Reads otp.
pub(crate) fn ask(mut fields: PlainFields) -> Refusable<Ask> {
    let expiry = fields.natural("expiry")?.filter(|&seconds| seconds != 0);
    let ask = Ask {
        address: fields.need_text("address")?,
        tries: fields.natural("tries")?.unwrap_or(DEFAULT_TRIES),
        lives: Duration::from_secs(expiry.unwrap_or(DEFAULT_EXPIRY_SECONDS)),
        reuse: fields.boolean("reuse")?.unwrap_or(false),
    };
    fields.finish()?;
    Ok(ask)
}
