//! What both doors say and how one becomes the other. Pure: values in, values out; it imports nothing of this crate
//! but itself, and a test holds it to that.

pub mod byteset;
pub mod catalogue;
pub mod document;
pub mod explain;
pub mod ops;
pub mod outcome;
pub mod reject;
pub mod retry;
pub mod seconds;
pub mod translate;
