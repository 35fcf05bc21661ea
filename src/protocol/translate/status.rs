//! Which HTTP statuses of upstream's are passed on to a client.

/// The status that a client gets for upstream's: only statuses that say something of the request, and on which no
/// intermediary acts by itself. A success that may not have a body, or only a part of one, becomes 200, because an
/// answer has a body (RFC 9110, sections 15.3.5 to 15.3.7). A refusal that is about the connection or asks for a retry,
/// such as 408 or 421, becomes 400: clients would take it for the gateway's own.
#[must_use]
pub fn handed_out(status: u16) -> u16 {
    match status {
        200..=203 | 400..=404 | 409 | 410 | 412 | 422..=424 | 428 | 429 | 451 | 500 | 502..=504 => status,
        204..=299 => 200,
        505..=599 | 501 => 500,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::handed_out;

    #[test]
    fn a_status_says_something_of_the_request_or_is_none() {
        for (upstream, ours) in [
            (200, 200),
            (201, 201),
            (204, 200),
            (205, 200),
            (206, 200),
            (400, 400),
            (401, 401),
            (404, 404),
            (405, 400),
            (407, 400),
            (408, 400),
            (411, 400),
            (413, 400),
            (421, 400),
            (425, 400),
            (426, 400),
            (429, 429),
            (431, 400),
            (451, 451),
            (500, 500),
            (501, 500),
            (503, 503),
            (511, 500),
        ] {
            assert_eq!(handed_out(upstream), ours, "{upstream}");
        }
    }
}
