//! What a request must have besides a session: it comes from the console's own page, and no form could have made it.

use super::said::{Refused, Why};
use crate::http::request::Request;

/// The header that the console's page sends with whatever changes something, and that no form can.
pub const HEADER: &str = "x-mesigate-console";

/// Checks a request that changes something.
///
/// # Errors
/// [`Why::Origin`] and [`Why::Bad`].
pub fn of_page(asked: &Request<'_, '_>) -> Result<(), Refused> {
    let is_marked = asked.header(HEADER).is_some_and(|value| value == b"1");
    if !is_marked {
        return Err(Refused::new(
            Why::Origin,
            "this is for the console's own page: the header X-Mesigate-Console: 1 lacks",
        ));
    }
    let host = asked.header("host").unwrap_or_default();
    match (asked.header("sec-fetch-site"), asked.fields.origin) {
        (Some(site), _) if site != b"same-origin" => Err(another()),
        (_, Some(origin)) if !is_of(origin, host) => Err(another()),
        (None, None) => Err(Refused::new(
            Why::Origin,
            "whence this comes is not known: it needs the header Sec-Fetch-Site, which browsers send, or Origin",
        )),
        _ => Ok(()),
    }?;
    let is_json = asked.fields.content_type.is_some_and(|written| {
        let media = written.split(|byte| *byte == b';').next().unwrap_or_default();
        media.trim_ascii().eq_ignore_ascii_case(b"application/json")
    });
    if is_json {
        Ok(())
    } else {
        Err(Refused::new(Why::Bad, "what changes something is JSON: Content-Type: application/json"))
    }
}

/// Checks a request that reads data.
///
/// # Errors
/// [`Why::Origin`], if a page of another site asks.
pub fn of_reader(asked: &Request<'_, '_>) -> Result<(), Refused> {
    match asked.header("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(another()),
    }
}

fn another() -> Refused {
    Refused::new(Why::Origin, "a page of another site asks: open the console itself, and do it there")
}

/// Whether an origin is this listener, under the name by which it was asked; the names themselves are checked before.
fn is_of(origin: &[u8], host: &[u8]) -> bool {
    let name = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
    name.is_some_and(|name| name.eq_ignore_ascii_case(host) && !host.is_empty())
}
