//! A JSON call before it is written in a language.

use crate::protocol::ops::ParamKind;

/// A call of the JSON API.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The whole endpoint.
    pub url: String,
    /// The request's members, in the order in which they are written: `op`, `token`, then the others.
    pub members: Vec<(String, Node)>,
}

/// A value in a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// An object, with its members in order.
    Object(Vec<(String, Node)>),
    /// A text that is known.
    Text(String),
    /// A whole number that is known.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// The application token, which programs take from the environment (`MESIBO_APP_TOKEN`).
    Token,
    /// A value that the program has in a variable of this name, of this kind: the old code sent it as text.
    Variable(String, ParamKind),
    /// A value that an expression of the program's own language gives, as its author wrote it, of this kind.
    Expression(String, ParamKind),
}
