//! A request's body over HTTP/2, read from its stream piece by piece.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::under_way::UnderWay;
use crate::http::connection::body::Loss;
use crate::http::connection::memory::Link;

/// A body, of which some may still be unread.
pub struct H2Body<'w> {
    incoming: Incoming,
    under_way: &'w UnderWay,
}

impl<'w> H2Body<'w> {
    /// The body of a request.
    pub fn new(incoming: Incoming, under_way: &'w UnderWay) -> Self {
        Self { incoming, under_way }
    }

    /// The connection that the body comes on.
    #[must_use]
    pub fn link(&self) -> Link {
        self.under_way.link().clone()
    }

    /// The least number of bytes that are still unread.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        self.incoming.size_hint().lower()
    }

    /// Whether the whole body has been read.
    #[must_use]
    pub fn is_at_its_end(&self) -> bool {
        self.incoming.is_end_stream()
    }

    /// Waits for the next piece; `None` after the last one.
    ///
    /// # Errors
    /// [`Loss`], when the rest does not arrive.
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
