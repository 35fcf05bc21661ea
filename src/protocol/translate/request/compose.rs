//! Writes an understood request as the JSON that upstream gets.

use super::Understood;
use crate::protocol::ops::{MemberContent, Operation, PlannedMember};
use crate::protocol::translate::json;
use crate::protocol::translate::value::ParamValue;

/// About how many bytes a member takes beside its value, and the members of every request.
const MEMBER: usize = 24;
const ENVELOPE: usize = 80;

impl Understood<'_> {
    /// The JSON for upstream: `op`, `token`, `id`, then the operation's own members.
    #[must_use]
    pub fn write(&self, operation: &Operation, token: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.room(token));
        self.compose(operation, token, false, &mut out);
        out
    }

    /// About how many bytes [`Understood::compose`] writes.
    #[must_use]
    pub fn room(&self, token: &str) -> usize {
        let lengths = self.values.iter().flatten().map(|value| MEMBER + value.length());
        ENVELOPE + token.len() + lengths.sum::<usize>()
    }

    /// Writes the JSON for upstream; `for_all` leaves out the caller's `id`, for a read whose answer is shared.
    pub fn compose(&self, operation: &Operation, token: &str, for_all: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"op\":");
        json::string(out, &operation.row.sends);
        out.extend_from_slice(b",\"token\":");
        json::string(out, token);
        if let Some(id) = self.id.filter(|_| !for_all) {
            out.extend_from_slice(b",\"id\":");
            json::integer(out, id);
        }
        self.write_members(&operation.plan.members, out);
        out.push(b'}');
    }

    fn write_members(&self, members: &[PlannedMember], out: &mut Vec<u8>) {
        for member in members.iter().filter(|member| member.is_written(self.present)) {
            json::comma(out);
            out.extend_from_slice(member.key.as_bytes());
            match &member.content {
                MemberContent::Object { members, .. } => {
                    out.push(b'{');
                    self.write_members(members, out);
                    out.push(b'}');
                }
                MemberContent::Fixed(text) => out.extend_from_slice(text.as_bytes()),
                MemberContent::Value(slot) => {
                    if let Some(value) = self.values[*slot] {
                        value.write(out);
                    }
                }
                MemberContent::Bits(slot, part) => {
                    if let Some(ParamValue::Integer(number)) = self.values[*slot] {
                        json::integer(out, part.of(number));
                    }
                }
            }
        }
    }
}
