//! The rule by which a request is sent to upstream again. It goes by the operation's effect, never by the HTTP method:
//! old clients delete users with a GET. Pure.

use crate::protocol::ops::Effect;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Reject;

/// Why a request is sent again: a closed set, the label of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepeatReason {
    /// No connection was established, so nothing was sent.
    Unreachable,
    /// No answer came in time.
    Timeout,
    /// The reply was not an answer of the API, or it broke off.
    NoAnswer,
}

impl RepeatReason {
    /// Every reason, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Unreachable, Self::Timeout, Self::NoAnswer];

    /// The label's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::NoAnswer => "no_answer",
        }
    }
}

/// Whether a request may be sent again although upstream may have carried out an earlier attempt.
#[must_use]
pub fn may_repeat(effect: Option<Effect>) -> bool {
    effect == Some(Effect::Read)
}

/// Whether a request that has ended in `reject` may be sent again, and why. An operation that is not in the table
/// counts as a write, because its effect is unknown.
#[must_use]
pub fn again(effect: Option<Effect>, reject: &Reject) -> Option<RepeatReason> {
    let is_read = may_repeat(effect);
    match reject {
        // A proxy would repeat its refusal, and many servers lock out a user after three wrong passwords.
        Reject::UpstreamDown(Reject::PROXY_ASKS | Reject::PROXY_DECLINES) => None,
        Reject::UpstreamDown(_) => Some(RepeatReason::Unreachable),
        // The next answer would be as long.
        Reject::BadAnswer(_) if *reject == Reject::OVERSIZE => None,
        // A server that rejects or redirects the request would do so again.
        Reject::Unlike(unlike)
            if speaks_of_request(unlike.status) || matches!(unlike.status, 300..=399 | 508) =>
        {
            None
        }
        Reject::BadAnswer(_) | Reject::Unlike(_) if is_read => Some(RepeatReason::NoAnswer),
        Reject::Timeout(_) if is_read => Some(RepeatReason::Timeout),
        // A request that the gateway itself has refused must not be multiplied.
        _ => None,
    }
}

/// Whether upstream's status blames the request (RFC 9110, section 15.5) and not the moment at which it came.
#[must_use]
pub fn speaks_of_request(status: u16) -> bool {
    (400..=499).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// The refusal that holds for all attempts together: if an earlier attempt was sent, a later one that was not sent does
/// not undo it.
#[must_use]
pub fn together(earlier: Reject, last: Reject) -> Reject {
    let was_sent = earlier.outcome() != Outcome::NotSent;
    if was_sent && last.outcome() == Outcome::NotSent { earlier } else { last }
}

#[cfg(test)]
mod tests {
    use super::{RepeatReason, again, together};
    use crate::protocol::ops::Effect;
    use crate::protocol::outcome::Outcome;
    use crate::protocol::reject::{Reject, Unlike};

    const WRITES: [Option<Effect>; 4] =
        [Some(Effect::Converge), Some(Effect::Issue), Some(Effect::Create), None];

    #[test]
    fn a_write_is_sent_once_more_only_when_it_surely_was_not_sent() {
        for write in WRITES {
            assert_eq!(again(write, &Reject::UpstreamDown("x")), Some(RepeatReason::Unreachable));
            for reject in [Reject::Timeout("x"), Reject::BadAnswer("x"), Reject::OVERSIZE, Reject::Internal] {
                assert_eq!(again(write, &reject), None, "{write:?} {reject:?}");
            }
        }
    }

    #[test]
    fn a_read_is_asked_again_whatever_became_of_it() {
        let read = Some(Effect::Read);
        assert_eq!(again(read, &Reject::UpstreamDown("x")), Some(RepeatReason::Unreachable));
        assert_eq!(again(read, &Reject::Timeout("x")), Some(RepeatReason::Timeout));
        assert_eq!(again(read, &Reject::BadAnswer("x")), Some(RepeatReason::NoAnswer));
        assert_eq!(again(read, &Reject::OVERSIZE), None, "the next one would be as long");
    }

    #[test]
    fn what_upstream_does_not_like_is_not_asked_again() {
        let unlike = |status| Reject::Unlike(Unlike { status, is_page: true, hint: "x" });
        for (status, why) in [
            (301, None),
            (403, None),
            (404, None),
            (413, None),
            (508, None),
            (200, Some(RepeatReason::NoAnswer)),
        ] {
            assert_eq!(again(Some(Effect::Read), &unlike(status)), why, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 504] {
            assert_eq!(again(Some(Effect::Read), &unlike(status)), Some(RepeatReason::NoAnswer), "{status}");
            assert_eq!(again(Some(Effect::Create), &unlike(status)), None, "{status}");
        }
    }

    #[test]
    fn what_the_gateway_holds_back_is_not_tried_again() {
        for effect in [&WRITES[..], &[Some(Effect::Read)]].concat() {
            for reject in
                [Reject::Overload("x"), Reject::BreakerOpen { wait: 1 }, Reject::TokenBreach { wait: 1 }]
            {
                assert_eq!(again(effect, &reject), None, "{effect:?} {reject:?}");
            }
        }
    }

    #[test]
    fn one_try_that_was_sent_makes_the_outcome_unknown() {
        let (sent, unsent) = (Reject::BadAnswer("x"), Reject::UpstreamDown("x"));
        for (earlier, last, told) in [
            (&unsent, &unsent, &unsent),
            (&sent, &unsent, &sent),
            (&unsent, &sent, &sent),
            (&sent, &Reject::BreakerOpen { wait: 1 }, &sent),
            (&unsent, &Reject::BreakerOpen { wait: 1 }, &Reject::BreakerOpen { wait: 1 }),
            (&sent, &Reject::Timeout("y"), &Reject::Timeout("y")),
        ] {
            assert_eq!(together(earlier.clone(), last.clone()), *told);
        }
        assert_eq!(together(sent, unsent).outcome(), Outcome::Unknown);
    }
}
