//! Traces: a span for each sampled request, and one for each time that upstream was asked for it, in the words of
//! OpenTelemetry. A worker decides before anything is made, and leaves what it has in a ring; `export` sends it.

pub mod chance;
pub mod context;
pub mod record;
pub mod span;
pub mod tracer;
