//! Writes a reject as the JSON that a caller gets.

use super::json;
use crate::protocol::reject::Reject;

/// Writes a refusal in upstream's own shape for failures, for both doors. `id` is JSON text.
#[must_use]
pub fn refusal(reject: &Reject, op: &str, id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"{\"op\":");
    json::string(&mut out, op);
    out.extend_from_slice(b",\"result\":false,\"error\":");
    json::string(&mut out, reject.code());
    out.extend_from_slice(b",\"code\":");
    json::integer(&mut out, i64::from(reject.status()));
    out.extend_from_slice(b",\"cause\":");
    json::string(&mut out, &reject.cause());
    let properties = reject.properties();
    if !properties.is_empty() {
        out.extend_from_slice(b",\"properties\":");
        json::strings(&mut out, properties.into_iter());
    }
    if let Some(carried) = reject.carries() {
        out.push(b',');
        out.extend_from_slice(carried.as_bytes());
    }
    if let Some(id) = id {
        out.extend_from_slice(b",\"id\":");
        out.extend_from_slice(id.as_bytes());
    }
    out.push(b'}');
    out
}
