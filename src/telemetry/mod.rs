//! Records requests: a trail for each, counters, the log; and tells the service manager how the gateway fares.

pub mod history;
pub mod log;
pub mod metrics;
pub mod supervisor;
pub mod trace;
pub mod traffic;
pub mod trail;
