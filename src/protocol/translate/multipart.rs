//! Parses a multipart body into pairs. multer parses; the body is complete, so its futures never wait.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use multer::{Constraints, Multipart, SizeLimit};

use super::form::Builder;
use crate::protocol::reject::Reject;

mod coding;
mod line_ends;

/// The boundary of a multipart Content-Type, or `None` for any other type.
///
/// # Errors
/// BADREQUEST for a multipart type without a usable boundary.
pub fn boundary(content_type: &str) -> Result<Option<String>, Reject> {
    // HTTP has two kinds of white space; a type cannot begin with any other (RFC 9110, section 5.6.3).
    let kind = content_type.trim_start_matches([' ', '\t']);
    if !kind.as_bytes().get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/")) {
        return Ok(None);
    }
    let is_form = kind.as_bytes()[10..].get(..9).is_some_and(|form| form.eq_ignore_ascii_case(b"form-data"));
    if !is_form {
        return Err(bad("of another kind than form-data"));
    }
    // Readers disagree on a type that is not ASCII.
    let found = Some(kind).filter(|kind| kind.is_ascii()).and_then(|kind| multer::parse_boundary(kind).ok());
    found.map(Some).ok_or_else(|| bad("its Content-Type has no usable boundary"))
}

/// Adds every field of a multipart body to the form.
///
/// # Errors
/// BADREQUEST for a body that is not multipart, BADPARAM for a field that was sent as a file (PHP keeps those out of
/// `$_REQUEST`) or in a coding that cannot be undone, TOOLARGE for too many fields.
pub fn read(body: &Bytes, boundary: &str, form: &mut Builder) -> Result<(), Reject> {
    let body = line_ends::whole(body, boundary)?;
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(body.len() as u64));
    let chunks = Once(Some(body));
    let fields = fields(Multipart::with_constraints(chunks, boundary, limits), form);
    match pin!(fields).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(bad("it ends before its closing boundary")),
    }
}

async fn fields(mut multipart: Multipart<'_>, form: &mut Builder) -> Result<(), Reject> {
    while let Some(field) = multipart.next_field().await.map_err(|_| bad("its parts cannot be read"))? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() {
            return Err(Reject::bad_param(&name, "was sent as a file: send it as a plain form field"));
        }
        let coding = field.headers().get("content-transfer-encoding").map(|value| value.as_bytes().to_vec());
        let value = field.bytes().await.map_err(|_| bad("it ends before its closing boundary"))?;
        match coding {
            None => form.plain(name.as_bytes(), &value)?,
            Some(coding) => form.plain(name.as_bytes(), &coding::undone(&coding, &value, &name)?)?,
        }
    }
    Ok(())
}

/// A stream of one item, ready at once.
struct Once(Option<Bytes>);

impl futures_core::Stream for Once {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

fn bad(what: &str) -> Reject {
    Reject::BadRequest(format!("the body says that it is multipart, but {what}: send it as multipart/form-data (RFC 7578) or urlencoded").into())
}

#[cfg(test)]
mod tests {
    use super::boundary;

    #[test]
    fn a_type_is_multipart_only_if_everybody_reads_it_so() {
        for (content_type, expected) in [
            ("multipart/form-data; boundary=x", "x"),
            (" \tMultiPart/Form-Data; charset=utf-8; Boundary=\"x y\"", "x y"),
        ] {
            assert_eq!(boundary(content_type).ok().flatten().as_deref(), Some(expected), "{content_type}");
        }
        for content_type in [
            "\u{a0}multipart/form-data; boundary=x",
            "\u{fffd}multipart/form-data; boundary=x",
            "\u{3000}multipart/form-data; boundary=x",
            "text/plain; \u{fffd}, multipart/form-data; boundary=x",
            "text/plain, multipart/form-data; boundary=x",
            "multipart",
            "",
        ] {
            assert_eq!(boundary(content_type), Ok(None), "{content_type}");
        }
        for content_type in [
            "multipart/form-data; boundary=\u{fffd}",
            "multipart/form-data; boundary=\"\u{fffd}\"",
            "multipart/form-data; boundary=x; name=\u{e9}",
            "multipart/form-data; boundary=x, text/plain",
            "multipart/form-data",
            "multipart/mixed; boundary=x",
        ] {
            assert!(boundary(content_type).is_err(), "{content_type}");
        }
    }
}
