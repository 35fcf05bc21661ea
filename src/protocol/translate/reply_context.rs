//! What of a request its answer needs. The rest, which may be long, need not wait for upstream.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::json;
use super::request::Understood;
use super::value::ParamValue;
use crate::protocol::ops::{Operation, bit};

/// What of an answer is the caller's own: the envelope's members, how many rows were asked for, and values that
/// stand in where upstream leaves a member out. It holds nothing of the request itself.
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

/// A parameter's value that may stand in.
enum Fill {
    Integer(i64),
    Text(Box<str>),
}

impl<'t> ReplyContext<'t> {
    /// Of a request.
    #[must_use]
    pub fn of(operation: &'t Operation, understood: &Understood<'_>) -> Self {
        // Nearly always the caller writes it as the table does.
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

    /// Of a request of which no more is known.
    #[must_use]
    pub fn plain(op: &'t str, id: Option<i64>) -> Self {
        Self { op: op.into(), id, ..Self::default() }
    }

    /// Writes the value of a slot that stands in; `false` if there is none.
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
