//! The operation otp: one-time passwords, which the sandbox makes but never checks.

use std::time::Duration;

use serde_json::{Value, json};

use super::App;
use crate::sandbox::ids::Ids;
use crate::sandbox::read::otp::Ask;
use crate::sandbox::reply::Reply;

/// The last one-time password of an address.
pub(crate) struct Otp {
    code: String,
    tries: u64,
    expires: Duration,
}

impl Otp {
    /// The password as the control state shows it.
    pub(super) fn shown(&self, address: &str) -> Value {
        json!({
            "address": address,
            "otp": self.code,
            "tries": self.tries,
            "expires": self.expires.as_secs(),
        })
    }
}

impl App {
    /// The answer's `otp` is a scalar, the string of six digits that old callers read: no document of mesibo's shows
    /// it. The address need not be a user's: a password may come before its user.
    pub(super) fn otp(&mut self, ids: &mut Ids, now: Duration, ask: Ask) -> Reply {
        let last = self.otps.get(&ask.address);
        let again = last.filter(|otp| ask.reuse && otp.expires > now);
        if let Some(otp) = again {
            return Reply::with("otp", otp.code.as_str());
        }
        let code = ids.otp();
        let otp = Otp { code: code.clone(), tries: ask.tries, expires: now.saturating_add(ask.lives) };
        self.otps.insert(ask.address, otp);
        Reply::with("otp", code)
    }
}
