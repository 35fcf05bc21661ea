//! Code that makes a JSON call, in the language and with the library that an old client already uses.

mod call;
mod language;

pub use call::{Call, Node};
pub use language::Language;
