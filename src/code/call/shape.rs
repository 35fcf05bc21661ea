//! Calls of the table's operations: of a request whose values are known, or of its shape alone.

use super::{Call, Node};
use crate::protocol::ops::{MemberContent, Operation, ParamKind, Part, PlannedMember, bit};
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::value::ParamValue;

impl Call {
    /// The call that the gateway itself makes of a legacy request.
    #[must_use]
    pub fn of(url: &str, operation: &Operation, understood: &Understood<'_>) -> Self {
        let value = |slot: usize| understood.values.get(slot).copied().flatten().map(known);
        let id = understood.id.map(|id| ("id".to_owned(), Node::Integer(id)));
        Self::planned(url, operation, id, understood.present, &value)
    }

    /// The call of a request of which only the shape is known: each parameter of the slots in `present` is a variable
    /// with the parameter's name, unless `flags` knows the number, or the 1 or 0, that was sent.
    #[must_use]
    pub fn of_shape(
        url: &str,
        operation: &Operation,
        present: u64,
        flags: &dyn Fn(usize) -> Option<i64>,
    ) -> Self {
        let value = |slot: usize| {
            let param = operation.plan.params.get(slot)?;
            Some(match (flags(slot), param.kind) {
                (Some(number), ParamKind::Integer) => Node::Integer(number),
                (Some(number), ParamKind::Boolean) => Node::Boolean(number != 0),
                (Some(number), ParamKind::Bit) => Node::Integer(i64::from(number != 0)),
                _ => Node::Variable(param.name.clone(), param.kind),
            })
        };
        Self::planned(url, operation, None, present, &value)
    }

    fn planned(
        url: &str,
        operation: &Operation,
        id: Option<(String, Node)>,
        present: u64,
        value: &dyn Fn(usize) -> Option<Node>,
    ) -> Self {
        let op = ("op".to_owned(), Node::Text(operation.row.sends.clone()));
        let token = ("token".to_owned(), Node::Token);
        let own = written(&operation.plan.members, present, value);
        Self { url: url.to_owned(), members: [op, token].into_iter().chain(id).chain(own).collect() }
    }

    /// The request as one object.
    #[must_use]
    pub fn payload(&self) -> Node {
        Node::Object(self.members.clone())
    }
}

/// The members that a request with these parameters has, in the order of the plan.
fn written(
    members: &[PlannedMember],
    present: u64,
    value: &dyn Fn(usize) -> Option<Node>,
) -> Vec<(String, Node)> {
    let is_there = |slot: usize| present & bit(slot) != 0;
    let node = |member: &PlannedMember| match &member.content {
        MemberContent::Object { members, .. } => Some(Node::Object(written(members, present, value))),
        MemberContent::Fixed(json) => Node::of_json(json),
        MemberContent::Value(slot) if is_there(*slot) => value(*slot),
        MemberContent::Bits(slot, part) if is_there(*slot) => value(*slot).map(|node| bits(node, part)),
        MemberContent::Value(_) | MemberContent::Bits(..) => None,
    };
    let there = members.iter().filter(|member| member.is_written(present));
    there.filter_map(|member| Some((name(&member.key), node(member)?))).collect()
}

fn name(key: &str) -> String {
    key.trim_end_matches(':').trim_matches('"').to_owned()
}

fn bits(node: Node, part: &Part) -> Node {
    match node {
        Node::Integer(number) => Node::Integer(part.of(number)),
        other => Node::Bits { of: Box::new(other), mask: part.mask, shift: part.shift },
    }
}

fn known(value: ParamValue<'_>) -> Node {
    match value {
        ParamValue::Text(text) => Node::Text(text.to_owned()),
        ParamValue::Integer(number) => Node::Integer(number),
        ParamValue::Boolean(truth) => Node::Boolean(truth),
        ParamValue::Bit(truth) => Node::Integer(truth.into()),
        ParamValue::List(_) => {
            let mut json = Vec::new();
            value.write(&mut json);
            Node::Text(serde_json::from_slice(&json).unwrap_or_default())
        }
    }
}
