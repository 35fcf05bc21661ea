//! Traces: a span for each sampled request, and one for each time that upstream was asked for it, in the words of
//! OpenTelemetry. A worker decides before anything is made, and leaves what it has in a ring; `export` sends it.

pub mod chance;
pub mod context;
pub mod exemplars;
pub mod record;
pub mod span;
pub mod tracer;

use std::sync::Arc;

use exemplars::Exemplars;
use tracer::Sent;

/// What is told of spans elsewhere.
#[derive(Clone, Default)]
pub struct Spans {
    /// What became of them.
    pub sent: Arc<Sent>,
    /// Examples for the histogram of durations.
    pub exemplars: Arc<Exemplars>,
}
