//! What both doors say and how one becomes the other. Pure: values in, values out.

pub mod byteset;
pub mod catalogue;
pub mod document;
pub mod explain;
pub mod ops;
pub mod outcome;
pub mod reject;
pub mod retry;
pub mod translate;
