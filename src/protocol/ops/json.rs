//! The operations of the JSON API, with the members that the table's rows write. Several rows may send one operation, as
//! userset and deltoken do.

use super::plan::{MOST_FLAGS, bit};
use super::pointer::Pointer;
use super::row::{Destination, Param, ParamKind, Row};

/// The most members of an operation that are told apart.
const MOST: usize = 64;

/// All operations of the JSON API that the table sends.
#[derive(Debug, Default)]
pub struct JsonCalls(Vec<JsonCall>);

/// An operation of the JSON API.
#[derive(Debug)]
pub struct JsonCall {
    /// Its name.
    pub name: String,
    /// Its members, in the order of the table; a member's number is a bit in a mask.
    pub members: Vec<JsonMember>,
    /// The numbers of bit fields, no more than [`MOST_FLAGS`].
    pub flags: Vec<usize>,
    /// The members that are booleans.
    pub booleans: u64,
    /// The members by their names, as they stand in each other.
    pub tree: Vec<JsonNode>,
}

/// A name in a request.
#[derive(Debug)]
pub struct JsonNode {
    /// The name.
    pub name: String,
    /// The number of the member that it is.
    pub leaf: Option<usize>,
    /// The names in the object that it is.
    pub below: Vec<JsonNode>,
}

impl JsonNode {
    /// Adds the member `number`, whose place is these steps.
    fn add(nodes: &mut Vec<Self>, steps: &[String], number: usize) {
        let Some((first, rest)) = steps.split_first() else { return };
        let at = nodes.iter().position(|node| node.name == *first).unwrap_or_else(|| {
            nodes.push(Self { name: first.clone(), leaf: None, below: Vec::new() });
            nodes.len() - 1
        });
        if rest.is_empty() {
            nodes[at].leaf = Some(number);
        } else {
            Self::add(&mut nodes[at].below, rest, number);
        }
    }

    /// The node of a name; `next` is where it is looked for first, since members are mostly sent in the table's order.
    #[must_use]
    pub fn find<'n>(nodes: &'n [Self], name: &str, next: &mut usize) -> Option<&'n Self> {
        let is_it = |node: &Self| node.name == name;
        let (before, from) = nodes.split_at_checked(*next).unwrap_or((nodes, &[]));
        let at = match from.iter().position(is_it) {
            Some(at) => before.len() + at,
            None => before.iter().position(is_it)?,
        };
        *next = at + 1;
        nodes.get(at)
    }
}

/// A member that a row writes.
#[derive(Debug)]
pub struct JsonMember {
    /// Its place.
    pub at: Pointer,
    /// Its type; `None` for a member that is always the same.
    pub kind: Option<ParamKind>,
}

impl JsonCalls {
    /// What these rows send.
    pub fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut calls = Self::default();
        for row in rows {
            let call = calls.named(&row.sends);
            for fixed in &row.fixed {
                call.add(&fixed.at, None, false);
            }
            row.params.iter().for_each(|param| call.take(param));
        }
        calls
    }

    fn named(&mut self, name: &str) -> &mut JsonCall {
        let number = self.0.iter().position(|call| call.name == name).unwrap_or_else(|| {
            let (members, flags, tree) = (Vec::new(), Vec::new(), Vec::new());
            self.0.push(JsonCall { name: name.to_owned(), members, flags, booleans: 0, tree });
            self.0.len() - 1
        });
        &mut self.0[number]
    }

    /// The number of an operation.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|call| call.name == name)
    }

    /// The operation of a number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&JsonCall> {
        self.0.get(number)
    }
}

impl JsonCall {
    fn take(&mut self, param: &Param) {
        match &param.target {
            Destination::Nowhere => {}
            Destination::At(at) => self.add(at, Some(param.kind), param.bits),
            Destination::Split(parts) => {
                for part in parts {
                    self.add(&part.at, Some(ParamKind::Integer), false);
                }
            }
        }
    }

    fn add(&mut self, at: &Pointer, kind: Option<ParamKind>, bits: bool) {
        let known = self.members.iter().position(|member| member.at.steps() == at.steps());
        let number = match known {
            Some(number) => number,
            None if self.members.len() == MOST => return,
            None => {
                self.members.push(JsonMember { at: at.clone(), kind });
                JsonNode::add(&mut self.tree, at.steps(), self.members.len() - 1);
                self.members.len() - 1
            }
        };
        let member = &mut self.members[number];
        member.kind = member.kind.or(kind);
        if matches!(member.kind, Some(ParamKind::Boolean | ParamKind::Bit)) {
            self.booleans |= bit(number);
        }
        if bits && !self.flags.contains(&number) && self.flags.len() < MOST_FLAGS {
            self.flags.push(number);
        }
    }

    /// The number of the member at a place.
    #[must_use]
    pub fn member(&self, at: &Pointer) -> Option<usize> {
        self.members.iter().position(|member| member.at.steps() == at.steps())
    }
}

#[cfg(test)]
mod tests {
    use super::JsonNode;
    use crate::protocol::ops::Table;

    #[test]
    fn rows_that_send_one_operation_are_one_and_their_members_are_counted_once() {
        let table = Table::shipped().expect("a sound table");
        let call = table.json.get(table.json.find("userset").expect("an operation")).expect("it");
        let members: Vec<String> = call.members.iter().map(|member| member.at.to_string()).collect();
        let expected = ["/user/uid", "/user/address", "/user/flags", "/user/active", "/user/token/remove"];
        assert_eq!(members, expected);
        assert_eq!((&call.flags[..], call.booleans), (&[2][..], 0b11000));
        let [user] = &call.tree[..] else { panic!("{:?}", call.tree) };
        let mut next = 0;
        for (name, leaf) in [("address", 1), ("active", 3), ("uid", 0), ("flags", 2)] {
            let node = JsonNode::find(&user.below, name, &mut next).expect("a member");
            assert_eq!(node.leaf, Some(leaf), "{name}");
        }
        let token = JsonNode::find(&user.below, "token", &mut next).expect("an object");
        assert_eq!((token.leaf, token.below[0].leaf), (None, Some(4)));
        assert!(JsonNode::find(&user.below, "remove", &mut next).is_none());
        assert_eq!(table.json.find("deltoken"), None);
    }
}
