//! Which caller may do what, how often, and what the gateway remembers: apps, breaches, limits, cached answers.

pub mod apps;
pub mod breach;
pub mod brownout;
pub mod cache;
pub mod fingerprint;
pub mod known;
pub mod limit;
pub mod network;
pub mod policies;
pub mod scrub;
pub mod seldom;
