//! The request line: method, target, version (RFC 9112, section 3).

use super::{Refusal, field, refused};

/// A request line.
#[derive(Debug)]
pub struct Line<'h> {
    /// The method.
    pub method: &'h [u8],
    /// What the target says of who is asked.
    pub form: Form<'h>,
    /// The path, without what says who is asked.
    pub path: &'h [u8],
    /// What stands behind the `?`, empty if nothing does.
    pub query: &'h [u8],
    /// Whether it is HTTP/1.0.
    pub is_1_0: bool,
    /// Whether it ends in LF alone.
    pub bare_end: bool,
}

/// The form of a target.
#[derive(Debug)]
pub enum Form<'h> {
    /// A path, or `*`: the Host header alone says who is asked.
    Origin,
    /// A whole URL: its authority, and the port that its scheme has of itself.
    Absolute(&'h [u8], &'static [u8]),
}

/// Reads a line with its end.
///
/// # Errors
/// What is wrong with it.
pub fn line(line: &[u8]) -> Result<Line<'_>, Refusal> {
    let (line, bare_end) = field::ended(line);
    let Some(first) = memchr::memchr(b' ', line) else {
        return refused(400, "the request line is no method, target and version");
    };
    // From the back: old programs leave spaces in the query as they are.
    let last = memchr::memrchr(b' ', line).unwrap_or(first);
    let is_1_0 = version(&line[last + 1..])?;
    let (method, start, end) = (&line[..first], first + 1, last.max(first + 1));
    if last == first || !field::is_token(method) {
        return refused(400, "the request line is no method, target and version");
    }
    let target = &line[start..end];
    if field::CONTROLS.is_in(target) {
        return refused(400, "the target has control bytes: percent-encode them");
    }
    let mark = memchr::memchr(b'?', target);
    let path = &target[..mark.unwrap_or(target.len())];
    if path.iter().any(|byte| *byte == b' ' || !byte.is_ascii()) {
        return refused(400, "the path has a space or bytes beyond ASCII: percent-encode them");
    }
    if path.contains(&b'#') {
        return refused(400, "the path has a `#`, behind which nothing is for a server: percent-encode it");
    }
    let query = mark.map_or(&[][..], |mark| &target[mark + 1..]);
    let (form, path) = form(method, path)?;
    Ok(Line { method, form, path, query, is_1_0, bare_end })
}

/// Whether it is HTTP/1.0.
fn version(text: &[u8]) -> Result<bool, Refusal> {
    match text {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            refused(505, "this HTTP version is not spoken here: use HTTP/1.1")
        }
        _ => refused(400, "the request line does not end in a version, such as HTTP/1.1"),
    }
}

/// What a target says of who is asked, and the path behind it.
fn form<'h>(method: &[u8], target: &'h [u8]) -> Result<(Form<'h>, &'h [u8]), Refusal> {
    match target {
        [b'/', ..] => Ok((Form::Origin, target)),
        b"*" if method == b"OPTIONS" => Ok((Form::Origin, target)),
        _ => match (absolute(b"http://", target), absolute(b"https://", target)) {
            (Some((authority, path)), _) => Ok((Form::Absolute(authority, b":80"), path)),
            (_, Some((authority, path))) => Ok((Form::Absolute(authority, b":443"), path)),
            _ => refused(400, "the target is neither a path nor a URL of this host"),
        },
    }
}

/// The authority of a URL of this scheme, and its path; without one it is the root.
fn absolute<'h>(scheme: &[u8], target: &'h [u8]) -> Option<(&'h [u8], &'h [u8])> {
    let (start, rest) = target.split_at_checked(scheme.len())?;
    let end = memchr::memchr(b'/', rest).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    start.eq_ignore_ascii_case(scheme).then_some((authority, if path.is_empty() { b"/" } else { path }))
}

impl Form<'_> {
    /// Whether a target that names a host names the one that is asked.
    ///
    /// # Errors
    /// That it names another: this is no proxy to anywhere else.
    pub fn agrees(&self, host: Option<&[u8]>) -> Result<(), Refusal> {
        let Self::Absolute(authority, port) = self else {
            return Ok(());
        };
        let plain = |name: &[u8]| name.strip_suffix(*port).unwrap_or(name).to_ascii_lowercase();
        let agrees =
            field::is_authority(authority) && host.is_none_or(|host| plain(host) == plain(authority));
        if agrees { Ok(()) } else { refused(400, "the target names another host than the Host header") }
    }
}
