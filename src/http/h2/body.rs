//! A body of HTTP/2, piece by piece.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::under_way::UnderWay;
use crate::http::connection::body::Loss;
use crate::http::connection::memory::Link;

/// A body that is still on the wire, or a part of it.
pub struct H2Body<'w> {
    incoming: Incoming,
    under_way: &'w UnderWay,
}

impl<'w> H2Body<'w> {
    /// The body of a request.
    pub fn new(incoming: Incoming, under_way: &'w UnderWay) -> Self {
        Self { incoming, under_way }
    }

    /// The connection that it comes on.
    #[must_use]
    pub fn link(&self) -> Link {
        self.under_way.link().clone()
    }

    /// How many bytes there are at least.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.incoming.size_hint().lower()
    }

    /// Whether all of it has come.
    #[must_use]
    pub fn is_at_its_end(&self) -> bool {
        self.incoming.is_end_stream()
    }

    /// Its next piece; none behind the last one.
    ///
    /// # Errors
    /// That the rest cannot be had.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Loss> {
        while let Some(frame) = self.incoming.frame().await {
            let frame = frame.map_err(|_| Loss::Broken)?;
            if self.is_at_its_end() {
                self.under_way.is_whole();
            }
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        self.under_way.is_whole();
        Ok(None)
    }
}
