//! The parts of a request that its answer needs. The rest of the request, which may be long, can be freed while
//! upstream works.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::json;
use super::request::Understood;
use super::value::ParamValue;
use crate::protocol::ops::{Operation, bit};

/// What an answer takes from its request: the envelope's members, how many rows were asked for, and values that are
/// written where upstream leaves a member out. It borrows nothing from the request itself.
///
/// No `Debug`: the values are a caller's.
#[derive(Default)]
pub struct ReplyContext<'t> {
    /// `op` as the caller wrote it.
    pub op: Cow<'t, str>,
    /// The caller's request number.
    pub id: Option<i64>,
    /// The most rows of a list.
    pub(super) most_rows: Option<usize>,
    fills: SmallVec<[(usize, Fill); 2]>,
}

/// A parameter's value that may be written into the answer.
enum Fill {
    Integer(i64),
    Text(Box<str>),
}

impl<'t> ReplyContext<'t> {
    /// The context of a translated request.
    #[must_use]
    pub fn of(operation: &'t Operation, understood: &Understood<'_>) -> Self {
        // Callers nearly always write `op` as the table does, which needs no copy.
        let is_usual = understood.op == operation.row.name;
        let op = if is_usual {
            Cow::Borrowed(operation.row.name.as_str())
        } else {
            understood.op.to_owned().into()
        };
        let most_rows = operation.plan.count.and_then(|slot| match understood.values[slot] {
            Some(ParamValue::Integer(count)) => usize::try_from(count).ok(),
            _ => None,
        });
        Self { op, id: understood.id, most_rows, fills: fills(operation, understood) }
    }

    /// The context of a request of which only `op` and `id` are known.
    #[must_use]
    pub fn plain(op: &'t str, id: Option<i64>) -> Self {
        Self { op: op.into(), id, ..Self::default() }
    }

    /// Writes the request's value of a slot; `false` if there is none.
    pub(super) fn stand_in(&self, slot: usize, out: &mut Vec<u8>) -> bool {
        let fill = self.fills.iter().find(|(known, _)| *known == slot).map(|(_, fill)| fill);
        match fill {
            None => return false,
            Some(Fill::Integer(number)) => json::integer(out, *number),
            Some(Fill::Text(text)) => json::string(out, text),
        }
        true
    }
}

fn fills(operation: &Operation, understood: &Understood<'_>) -> SmallVec<[(usize, Fill); 2]> {
    let mut fills = SmallVec::new();
    let mut there = operation.plan.stand_ins & understood.present;
    while there != 0 {
        let slot = there.trailing_zeros() as usize;
        there &= !bit(slot);
        match understood.values[slot] {
            Some(ParamValue::Integer(number)) => fills.push((slot, Fill::Integer(number))),
            Some(ParamValue::Text(text)) => fills.push((slot, Fill::Text(text.into()))),
            _ => {}
        }
    }
    fills
}
