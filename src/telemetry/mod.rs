//! Records requests: a trail for each, counters, the log.

pub mod log;
pub mod metrics;
pub mod trail;
