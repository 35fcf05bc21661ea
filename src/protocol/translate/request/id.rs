//! Reads `id`, the caller's own number of a request, which comes back in the answer.

use super::fault;
use crate::protocol::reject::ParamFault;
use crate::protocol::translate::form::{Form, trim};

/// The caller's request number: the last one, unless it is empty.
pub(super) fn read(form: &Form, faults: &mut Vec<ParamFault>) -> Option<i64> {
    let text = trim(form.all("id").last()?.value());
    if text.is_empty() {
        return None;
    }
    // Hex and a plus are refused: the answer must carry the number exactly as it was sent.
    let id = text.parse().ok().filter(|_| !text.starts_with('+'));
    if id.is_none() {
        faults.push(fault("id", "is not an integer: give decimal digits, within 64 bits".to_owned()));
    }
    id
}

/// The caller's request number, for the answer to a request that could not be read as a whole.
#[must_use]
pub fn id_if_sound(form: &Form) -> Option<i64> {
    read(form, &mut Vec::new())
}
