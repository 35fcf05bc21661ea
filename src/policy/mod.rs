//! Who may what, how often, and what is remembered of it: apps, breaches, limits, kept answers.

pub mod apps;
pub mod breach;
pub mod cache;
pub mod fingerprint;
pub mod known;
pub mod limit;
pub mod network;
pub mod policies;
pub mod scrub;
pub mod seldom;
