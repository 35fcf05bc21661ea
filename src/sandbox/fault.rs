//! Faults of an upstream, which tests can order.

use std::collections::VecDeque;
use std::time::Duration;

/// A fault of the answer to an API request.
///
/// [`Self::BadGateway`], [`Self::Unavailable`], [`Self::Html`] and [`Self::Redirect`] replace the API: the request is
/// not carried out. With every other fault it **is** carried out, and only the answer is spoiled: a caller that sends a
/// write again after one of those has done it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedFault {
    /// The right answer, delayed.
    Latency(Duration),
    /// Status 502 with an HTML page.
    BadGateway,
    /// Status 503 with an HTML page.
    Unavailable,
    /// Status 200 with an HTML page.
    Html,
    /// The connection is closed without an answer.
    Reset,
    /// The first half of the right answer, with a length that fits the half.
    Truncated,
    /// The object `{}`.
    Empty,
    /// The right answer inside an array.
    Array,
    /// A JSON object nested a hundred thousand levels deep.
    Deep,
    /// The right answer with eight mebibytes of spaces before it.
    Huge,
    /// Status 307 to another host.
    Redirect,
    /// The right answer, but with the string `"false"` as its `result`.
    TextResult,
    /// No answer, on a connection that stays open.
    Hang,
}

/// The names of faults on the control route.
const KINDS: [(&str, InjectedFault); 13] = [
    ("latency", InjectedFault::Latency(Duration::ZERO)),
    ("502", InjectedFault::BadGateway),
    ("503", InjectedFault::Unavailable),
    ("html", InjectedFault::Html),
    ("reset", InjectedFault::Reset),
    ("truncated", InjectedFault::Truncated),
    ("empty", InjectedFault::Empty),
    ("array", InjectedFault::Array),
    ("deep", InjectedFault::Deep),
    ("huge", InjectedFault::Huge),
    ("redirect", InjectedFault::Redirect),
    ("text-result", InjectedFault::TextResult),
    ("hang", InjectedFault::Hang),
];

impl InjectedFault {
    /// Reads a fault's name; `millis` is the delay of a `latency`, and is refused for every other fault.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(kind: &str, millis: Option<u64>) -> Result<Self, String> {
        let fault = KINDS.iter().find(|(name, _)| *name == kind);
        match (fault, millis) {
            (Some((_, Self::Latency(_))), Some(millis)) => Ok(Self::Latency(Duration::from_millis(millis))),
            (Some((_, Self::Latency(_))), None) => {
                Err("`ms` is missing: kind=latency needs the delay in milliseconds".to_owned())
            }
            (Some(_), Some(_)) => Err("`ms` belongs to kind=latency only".to_owned()),
            (Some((_, fault)), None) => Ok(*fault),
            (None, _) => Err(format!("`kind` is one of: {}", Self::names())),
        }
    }

    /// The names of all faults, for help texts.
    #[must_use]
    pub fn names() -> String {
        KINDS.map(|(name, _)| name).join(", ")
    }
}

/// Ordered faults, in the order in which requests will meet them.
#[derive(Default)]
pub(crate) struct Queue(VecDeque<(InjectedFault, u32)>);

impl Queue {
    /// Orders a fault for `times` requests, behind those that are ordered already.
    pub(crate) fn push(&mut self, fault: InjectedFault, times: u32) {
        if times > 0 {
            self.0.push_back((fault, times));
        }
    }

    /// The fault of the next request.
    pub(crate) fn take(&mut self) -> Option<InjectedFault> {
        let (fault, left) = self.0.front_mut()?;
        let fault = *fault;
        *left -= 1;
        if *left == 0 {
            self.0.pop_front();
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{InjectedFault, KINDS, Queue};

    #[test]
    fn faults_come_in_the_order_asked_for_and_as_often() {
        let mut queue = Queue::default();
        queue.push(InjectedFault::Reset, 2);
        queue.push(InjectedFault::Empty, 0);
        queue.push(InjectedFault::Hang, 1);
        let taken: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        assert_eq!(taken, [InjectedFault::Reset, InjectedFault::Reset, InjectedFault::Hang]);
    }

    #[test]
    fn every_kind_has_its_own_name() {
        for (name, fault) in KINDS.iter().skip(1) {
            assert_eq!(InjectedFault::parse(name, None), Ok(*fault));
        }
        let late = InjectedFault::Latency(Duration::from_millis(5));
        assert_eq!(InjectedFault::parse("latency", Some(5)), Ok(late));
    }

    #[test]
    fn a_wrong_kind_is_told_what_is_right() {
        assert!(InjectedFault::parse("slow", None).unwrap_err().contains("latency"));
        assert!(InjectedFault::parse("latency", None).unwrap_err().contains("`ms`"));
        assert!(InjectedFault::parse("hang", Some(1)).unwrap_err().contains("`ms`"));
    }
}
