//! What is told of requests: one trail each, counters, the log.

pub mod log;
pub mod metrics;
pub mod trail;
