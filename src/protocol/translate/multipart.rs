//! A multipart body → pairs. The parsing is multer's; the body is whole, so nothing ever waits.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use multer::{Constraints, Multipart, SizeLimit};

use super::form::Builder;
use crate::protocol::reject::Reject;

/// The boundary of a multipart Content-Type, or `None` for any other type.
///
/// # Errors
/// BADREQUEST when it says multipart without a usable boundary.
pub fn boundary(content_type: &str) -> Result<Option<String>, Reject> {
    let kind = content_type.trim_start().as_bytes();
    if !kind.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/")) {
        return Ok(None);
    }
    multer::parse_boundary(content_type).map(Some).map_err(|_| bad("its Content-Type has no usable boundary"))
}

/// Adds every field of a multipart body to the form.
///
/// # Errors
/// BADREQUEST for a body that is not multipart, BADPARAM for a field that was sent as a file
/// (PHP kept those out of `$_REQUEST`), TOOLARGE for more fields than are taken.
pub fn read(body: &Bytes, boundary: &str, form: &mut Builder) -> Result<(), Reject> {
    let chunks = Once(Some(body.clone()));
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(body.len() as u64));
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
        let value = field.bytes().await.map_err(|_| bad("it ends before its closing boundary"))?;
        form.plain(name.as_bytes(), &value)?;
    }
    Ok(())
}

/// A stream of one item, there at once.
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
