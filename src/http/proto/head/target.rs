//! Reads the request line: method, target, version (RFC 9112, section 3).

use super::field;
use crate::http::proto::head_reject::HeadReject;

/// A request line.
#[derive(Debug)]
pub struct RequestLine<'h> {
    /// The method.
    pub method: &'h [u8],
    /// The form of the target, with its host if it has one.
    pub form: TargetForm<'h>,
    /// The path, without scheme and host.
    pub path: &'h [u8],
    /// The query behind the `?`, or empty.
    pub query: &'h [u8],
    /// Whether the version is HTTP/1.0.
    pub is_1_0: bool,
    /// Whether the line ends in LF alone.
    pub bare_end: bool,
}

/// The form of a target.
#[derive(Debug)]
pub enum TargetForm<'h> {
    /// A path, or `*`: the Host header alone names the host.
    Origin,
    /// A whole URL, with its authority.
    Absolute(&'h [u8]),
}

/// Reads a request line with its end.
///
/// # Errors
/// What is wrong with the line.
pub fn line(line: &[u8]) -> Result<RequestLine<'_>, HeadReject> {
    let (line, bare_end) = field::ended(line);
    let Some(first) = memchr::memchr(b' ', line) else {
        return Err(HeadReject::RequestLine);
    };
    // The version is searched from the end: old programs leave spaces in the query as they are.
    let last = memchr::memrchr(b' ', line).unwrap_or(first);
    let is_1_0 = version(&line[last + 1..])?;
    let (method, start, end) = (&line[..first], first + 1, last.max(first + 1));
    if last == first || !field::is_token(method) {
        return Err(HeadReject::RequestLine);
    }
    let target = &line[start..end];
    if field::CONTROLS.is_in(target) {
        return Err(HeadReject::TargetControls);
    }
    let mark = memchr::memchr(b'?', target);
    let path = &target[..mark.unwrap_or(target.len())];
    if path.iter().any(|byte| *byte == b' ' || !byte.is_ascii()) {
        return Err(HeadReject::PathBytes);
    }
    if path.contains(&b'#') {
        return Err(HeadReject::Fragment);
    }
    let query = mark.map_or(&[][..], |mark| &target[mark + 1..]);
    let (form, path) = form(method, path)?;
    Ok(RequestLine { method, form, path, query, is_1_0, bare_end })
}

/// Whether the version is HTTP/1.0.
fn version(text: &[u8]) -> Result<bool, HeadReject> {
    match text {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(HeadReject::Version)
        }
        _ => Err(HeadReject::NoVersion),
    }
}

/// The form of a target, and its path.
fn form<'h>(method: &[u8], target: &'h [u8]) -> Result<(TargetForm<'h>, &'h [u8]), HeadReject> {
    match target {
        [b'/', ..] => Ok((TargetForm::Origin, target)),
        b"*" if method == b"OPTIONS" => Ok((TargetForm::Origin, target)),
        _ => match absolute(b"http://", target).or_else(|| absolute(b"https://", target)) {
            Some((authority, path)) => Ok((TargetForm::Absolute(authority), path)),
            None => Err(HeadReject::TargetForm),
        },
    }
}

/// The authority and the path of a URL of this scheme; an empty path is the root.
fn absolute<'h>(scheme: &[u8], target: &'h [u8]) -> Option<(&'h [u8], &'h [u8])> {
    let (start, rest) = target.split_at_checked(scheme.len())?;
    let end = memchr::memchr(b'/', rest).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    start.eq_ignore_ascii_case(scheme).then_some((authority, if path.is_empty() { b"/" } else { path }))
}

impl<'h> TargetForm<'h> {
    /// The host that the request asks for: the target's own if it has one, whatever the Host header says (RFC
    /// 9112, section 3.2.2). Programs that are set to use a proxy write such targets, some with another host in
    /// the header.
    ///
    /// # Errors
    /// The target's host is none.
    pub fn host(&self, host: Option<&'h [u8]>) -> Result<Option<&'h [u8]>, HeadReject> {
        match self {
            Self::Origin => Ok(host),
            Self::Absolute(authority) if field::is_authority(authority) => Ok(Some(authority)),
            Self::Absolute(_) => Err(HeadReject::UrlHost),
        }
    }
}
