//! Records requests: a trail for each, counters, the log; and tells the service manager how the gateway fares.

pub mod log;
pub mod metrics;
pub mod supervisor;
pub mod trail;
