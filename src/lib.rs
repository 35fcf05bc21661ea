//! `mesigate`: the old, form-encoded door of mesibo's backend API, kept open in front of its JSON API.
//!
//! The rooms stand from the top down: each imports those below it, none above it, and `http` and `policy` do not know
//! each other. docs/architecture.md follows one request through them.
#![forbid(unsafe_code)]

pub mod cli; // commands, as scripts
pub mod server; // what runs: listeners and threads, from their start to their end
pub mod admin; // the second listener: probes, metrics, drain, reload
pub mod console; // the second listener's pages: who may, what they show, what they do
pub mod status; // how what runs is: figures, and what somebody should look at
pub mod handle; // one request, by either door
pub mod snapshot; // what is in use, and how it changes
pub mod export; // spans of requests, sent to a collector
pub mod upstream; // the JSON API as a peer
pub mod telemetry; // what is recorded of requests: trail, counters, log
pub mod http; // clients' side: connections, requests, replies; and what lies below HTTP on either side
pub mod policy; // what callers may do, how often, and what is cached
pub mod config; // every setting
pub mod report; // what the ledger says, for people
pub mod ledger; // who calls by which door, and how
pub mod scan; // old calls in source files
pub mod code; // a JSON call in a caller's own language
pub mod inject; // the sidecar in manifests
pub mod protocol; // messages of both doors, and how one becomes the other; pure
pub mod sandbox; // an upstream to try with, which imports no other room
