//! `mesigate`: the old, form-encoded door of mesibo's backend API, kept open in front of its JSON API.
#![forbid(unsafe_code)]

pub mod config;
pub mod document;
pub mod ops;
pub mod reject;
pub mod translate;
