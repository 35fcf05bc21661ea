//! The protocol of both doors (old forms and JSON) and the translation between them. Pure: values in, values out; it
//! imports only itself, which a test holds.

pub mod byteset;
pub mod catalogue;
pub mod document;
pub mod explain;
pub mod ops;
pub mod habits;
pub mod outcome;
pub mod reject;
pub mod retry;
pub mod same;
pub mod seconds;
pub mod translate;
