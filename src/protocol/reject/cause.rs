//! The sentence of each reject, for the person who reads it.

use super::{BrownoutEnd, ClosedDoor, ParamFault, Reject, Unlike};

impl Reject {
    /// The proxy demands a user (RFC 9110, section 15.5.8), and the settings name none.
    pub const PROXY_ASKS: &'static str = "the proxy before upstream wants to know who asks (HTTP 407): write the user into upstream.proxy, as in http://user@proxy.internal:3128, and where the password is into upstream.proxy_password";

    /// The proxy refuses the user and password of the settings.
    pub const PROXY_DECLINES: &'static str = "the proxy before upstream does not take the user and the password (HTTP 407) of upstream.proxy and upstream.proxy_password, which go to it as Basic has them: are both right?";

    /// The proxy opens no tunnel for another reason.
    pub const PROXY_REFUSES: &'static str = "the proxy before upstream opens no tunnel: it must let this host out to the host and port of upstream.url, and reach them; its own log has the reason";

    /// A sentence that a person can act on.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::NoOp => "`op` is missing: name the operation, as in op=useradd".to_owned(),
            Self::BadOp { hint, .. } => format!("`op` is none that this gateway offers: {hint}"),
            Self::NoToken => {
                "`token` is missing: give the application token from the mesibo console".to_owned()
            }
            Self::UnknownToken => {
                "`token` is none that this gateway knows: use a key that its owner has given out".to_owned()
            }
            Self::RateLimit { rule, wait, burst } => over_limit(rule, *wait, *burst),
            Self::TokenBreach { wait } => {
                format!(
                    "mesibo has disabled this app's token (TOKENBREACH: it was used from more than five addresses, or has leaked): make a new one in the mesibo console; its requests are refused here for another {wait} s; nothing was sent"
                )
            }
            Self::Brownout(end) => end.sentence(),
            Self::Retired(door) => door.sentence("is closed for this client"),
            Self::Stranger(door) => door.sentence("takes nothing new: this call did not come before, and that was to end"),
            Self::Overload(why) => format!("{why}: try again in a moment; nothing was sent"),
            Self::BadRequest(what) => what.to_string(),
            Self::SlowBody(allowed) => {
                format!(
                    "the request's body did not arrive within {allowed} ms: send it at once, or raise deadline.body"
                )
            }
            Self::Params(faults) => {
                let sentences: Vec<String> = faults.iter().map(ParamFault::sentence).collect();
                sentences.join("; ")
            }
            Self::Ambiguous { name, between } => {
                format!("`{name}` has two different values, {between}: send it once")
            }
            Self::TooLarge { what, limit, setting } => {
                format!("{what} is over the limit of {limit}: send less, or raise {setting}")
            }
            Self::ClientLeft => {
                "the client ended its side of the connection while its request had to wait: keep it open until the answer is there; nothing was sent".to_owned()
            }
            Self::UpstreamDown(why) => format!("{why}; nothing was sent, so it is safe to try again"),
            Self::BreakerOpen { wait } => {
                format!(
                    "upstream has failed again and again and is left alone for {wait} s (breaker.failures); nothing was sent, so it is safe to try again"
                )
            }
            Self::Loop(why) => format!("{why}; nothing was sent"),
            Self::Timeout(why) => {
                format!("{why}; the request had been sent, so it is unknown whether it was done")
            }
            Self::BadAnswer(why) => format!("{why}; it is unknown whether the request was done"),
            Self::Unlike(unlike) => unlike.sentence(),
            Self::Internal => "the gateway failed at this request; its log has the reason".to_owned(),
        }
    }
}

/// A request that would pass later, or one that never would.
fn over_limit(rule: &str, wait: Option<u64>, burst: u32) -> String {
    match wait {
        Some(seconds) => format!("the limit `{rule}` is reached: try again in {seconds} s; nothing was sent"),
        None => format!(
            "the request alone is over the limit `{rule}`: send {burst} at most at once; nothing was sent"
        ),
    }
}

impl BrownoutEnd {
    fn sentence(&self) -> String {
        let Self { name, operation, until, wait: _ } = self;
        let what = operation.as_ref().map_or_else(|| "this call".to_owned(), |op| format!("`{op}`"));
        format!(
            "the old way to call {what}, by parameters, pauses as planned until {until} (UTC), and will end one day \
             (`{name}`): send it as JSON by POST instead, which `mesigate explain` shows for this very call; nothing was sent"
        )
    }
}

impl ClosedDoor {
    fn sentence(&self, what: &str) -> String {
        let Self { operation, since } = self;
        format!(
            "the old way to call `{operation}`, by parameters, {what} since {since}: send it as JSON by POST, which \
             `mesigate explain` shows for this very call; who runs this gateway can open the old way again (`mesigate \
             retire --undo`); nothing was sent"
        )
    }
}

impl Unlike {
    fn sentence(&self) -> String {
        let Self { status, is_page, hint } = self;
        let with = if *is_page { " with a page" } else { "" };
        format!("upstream answered HTTP {status}{with}: {hint}; it is unknown whether the request was done")
    }
}

impl ParamFault {
    fn sentence(&self) -> String {
        match self {
            Self::Missing(names) if names.len() > 1 => {
                format!("`{}` is missing: give at least one of them", names.join("` or `"))
            }
            Self::Missing(names) => format!("`{}` is missing or empty: it is required", names.concat()),
            Self::Bad { name, why } => format!("`{name}` {why}"),
        }
    }
}
