//! `mesigate`: the old, form-encoded door of mesibo's backend API, kept open in front of its JSON API.
//!
//! The modules stand in the order in which a request meets them; docs/architecture.md follows one
//! from the socket to upstream and back.
#![forbid(unsafe_code)]

pub mod alarm;
pub mod keeper;
pub mod reload;
pub mod room;
pub mod runs;
pub mod server;
pub mod snapshot;
pub mod stop;
pub mod stream;
pub mod worker;

pub mod http;

pub mod handle;
pub mod trail;

pub mod ops;
pub mod outcome;
pub mod reject;
pub mod translate;

pub mod pem;
pub mod retry;
pub mod upstream;

pub mod token;

pub mod apps;
pub mod breach;
pub mod cache;
pub mod limit;
pub mod policies;
pub mod scrub;

pub mod admin;
pub mod log;
pub mod metrics;

pub mod config;
pub mod document;
pub mod times;
mod turn;

pub mod catalogue;
pub mod cli;
pub mod explain;

pub mod sandbox;
