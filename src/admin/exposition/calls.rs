//! Metrics of calls: how many, how they ended, how long they and upstream took.

use std::collections::BTreeMap;
use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use super::family::{Family, Label, When, texts};
use super::{Sources, count};
use crate::protocol::reject;
use crate::telemetry::metrics::{Labels, Sum};
use crate::telemetry::trail::Door;

const DOOR: Label = Label::words("door", || texts(&Door::ALL, Door::text));
const OP: Label = Label::names("op", "an operation of the table, or `other`");
const OUTCOME: Label = Label::words("outcome", || texts(&reject::Label::ALL, reject::Label::text));
const APP: Label =
    Label::names("app", "an app of the settings, the first 1,000 of them, else `other`; `-` without an app");
const END: Label = Label::words("end", || texts(&End::ALL, End::text));
const VERSION: Label = Label::names("version", "the version of the program");

const FIRST: When = When::Since("the first such call");

pub(super) const FAMILIES: [Family; 5] = [
    Family {
        name: "mesigate_build",
        kind: MetricType::Info,
        unit: "1",
        labels: &[VERSION],
        help: "The version that runs",
        when: When::Always,
    },
    Family::counter("mesigate_answers", "calls", "Calls answered, by what became of them: for availability")
        .by(&[DOOR, END]),
    Family::counter("mesigate_requests", "calls", "Calls answered, in detail")
        .by(&[DOOR, OP, OUTCOME, APP])
        .there(FIRST),
    Family::seconds("mesigate_request_duration_seconds", "Seconds from a request's head to its answer")
        .by(&[DOOR, OP, OUTCOME])
        .there(FIRST),
    Family::seconds("mesigate_upstream_duration_seconds", "Seconds that upstream took, connecting included"),
];

/// What became of a call, in the few words of which availability is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Upstream did it.
    Done,
    /// Upstream said no.
    Failed,
    /// The gateway said no, for a reason of the caller's or of the settings.
    Refused,
    /// A planned pause, a retirement or the closed list refused it.
    HeldOff,
    /// Nothing was sent, for a reason of upstream's or of the gateway's.
    Unavailable,
    /// It was sent, and no answer came that can be read.
    Unknown,
}

impl End {
    const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Refused, Self::HeldOff, Self::Unavailable, Self::Unknown];

    const fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::HeldOff => "held_off",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }

    const fn of(label: reject::Label) -> Self {
        use reject::Label as L;
        match label {
            L::Ok => Self::Done,
            L::Failed => Self::Failed,
            L::NoOp
            | L::BadOp
            | L::NoToken
            | L::UnknownToken
            | L::RateLimit
            | L::TokenBreach
            | L::BadRequest
            | L::SlowBody
            | L::BadParam
            | L::MissingParam
            | L::Ambiguous
            | L::TooLarge
            | L::ClientLeft
            | L::Outside => Self::Refused,
            L::Brownout | L::Retired | L::Stranger => Self::HeldOff,
            L::Overload | L::UpstreamDown | L::BreakerOpen | L::Loop | L::Internal => Self::Unavailable,
            L::Timeout | L::BadAnswer => Self::Unknown,
        }
    }
}

impl Sources {
    pub(super) fn calls(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [build, answers, requests, durations, upstream] = &FAMILIES;
        build.begin(encoder)?.encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        let sums = self.request_counters.sums();
        let ends: BTreeMap<&str, End> =
            reject::Label::ALL.iter().map(|label| (label.text(), End::of(*label))).collect();
        let mut metric = answers.begin(encoder)?;
        for door in Door::ALL {
            for end in End::ALL {
                let is_it = |(at, _, label): &Labels| *at == door.text() && ends.get(label) == Some(&end);
                let many =
                    sums.counts.iter().filter(|((_, series), _)| is_it(series)).map(|(_, many)| many).sum();
                count(&mut metric, &[("door", door.text()), ("end", end.text())], many)?;
            }
        }
        let labels = |(door, op, outcome): &Labels| {
            [("door", (*door).to_owned()), ("op", op.clone()), ("outcome", (*outcome).to_owned())]
        };
        let mut metric = requests.begin(encoder)?;
        for ((app, series), many) in &sums.counts {
            let [door, op, outcome] = labels(series);
            count(&mut metric, &[door, op, outcome, ("app", app.clone())], *many)?;
        }
        let mut metric = durations.begin(encoder)?;
        for (series, sum) in &sums.times {
            sum.encode(metric.encode_family(&labels(series))?)?;
        }
        let sum = Sum::of(self.counters.iter().map(|counters| &counters.upstream));
        sum.encode(upstream.begin(encoder)?)
    }
}
