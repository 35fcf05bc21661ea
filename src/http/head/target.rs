//! The request line: method, target, version (RFC 9112, section 3).

use std::ops::Range;

use super::{Refusal, field, refused};

/// A request line.
#[derive(Debug)]
pub struct Line<'h> {
    /// What the target says of who is asked.
    pub form: Form<'h>,
    /// Where in the head the query stands.
    pub query: Option<Range<usize>>,
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
    if target.iter().any(u8::is_ascii_control) {
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
    let query = mark.map(|mark| start + mark + 1..end);
    Ok(Line { form: form(method, path)?, query, is_1_0, bare_end })
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

fn form<'h>(method: &[u8], path: &'h [u8]) -> Result<Form<'h>, Refusal> {
    let absolute = |scheme: &[u8]| {
        let begins = path.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        begins.then(|| {
            let rest = &path[scheme.len()..];
            &rest[..memchr::memchr(b'/', rest).unwrap_or(rest.len())]
        })
    };
    match path {
        [b'/', ..] => Ok(Form::Origin),
        b"*" if method == b"OPTIONS" => Ok(Form::Origin),
        _ => match (absolute(b"http://"), absolute(b"https://")) {
            (Some(authority), _) => Ok(Form::Absolute(authority, b":80")),
            (_, Some(authority)) => Ok(Form::Absolute(authority, b":443")),
            _ => refused(400, "the target is neither a path nor a URL of this host"),
        },
    }
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
