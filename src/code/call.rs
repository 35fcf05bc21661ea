//! A JSON call before it is written in a language.

mod json;
mod shape;

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
    /// A list.
    List(Vec<Node>),
    /// A text that is known.
    Text(String),
    /// A whole number that is known.
    Integer(i64),
    /// A number that is known and is no `i64`, as JSON text: a fraction, or a whole number of more bits.
    Number(String),
    /// True or false.
    Boolean(bool),
    /// Nothing, JSON's `null`.
    Null,
    /// The application token, which programs take from the environment (`MESIBO_APP_TOKEN`).
    Token,
    /// A value that the program has in a variable of this name, of this kind: the old code sent it as text.
    Variable(String, ParamKind),
    /// A value that an expression of the program's own language gives, as its author wrote it, of this kind.
    Expression(String, ParamKind),
    /// A text that an expression of the program's own language gives, as its author wrote it: nothing is left to convert.
    Written(String),
    /// Some bits of a whole number, moved down: those of `mask`, by `shift` places.
    Bits {
        /// The number.
        of: Box<Node>,
        /// Which bits.
        mask: u32,
        /// By how many places.
        shift: u32,
    },
}

impl Node {
    /// Whether the value, or one within, fulfils a condition.
    #[must_use]
    pub fn any(&self, condition: &dyn Fn(&Self) -> bool) -> bool {
        condition(self)
            || match self {
                Self::Object(members) => members.iter().any(|(_, node)| node.any(condition)),
                Self::List(items) => items.iter().any(|node| node.any(condition)),
                Self::Bits { of, .. } => of.any(condition),
                _ => false,
            }
    }

    /// The names of an object's members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, _)| name.as_str())
    }

    /// The names of all variables within, each once, in the order of the request.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.gather(&mut names);
        names
    }

    fn gather<'n>(&'n self, names: &mut Vec<&'n str>) {
        match self {
            Self::Object(members) => members.iter().for_each(|(_, node)| node.gather(names)),
            Self::List(items) => items.iter().for_each(|node| node.gather(names)),
            Self::Bits { of, .. } => of.gather(names),
            Self::Variable(name, _) if !names.contains(&name.as_str()) => names.push(name),
            _ => {}
        }
    }
}
