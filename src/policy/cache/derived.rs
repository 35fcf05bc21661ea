//! What is made of a kept answer, kept beside it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

/// A place for what the next read of the same answer would only make again. The cache knows nothing of
/// it but that it takes no more room than the answer.
#[derive(Debug, Clone)]
pub struct Derived {
    made: Arc<OnceLock<Bytes>>,
    most: usize,
}

impl Derived {
    /// An empty place beside an answer of this length.
    pub(super) fn new(most: usize) -> Self {
        Self { made: Arc::default(), most }
    }

    /// What was made before, or what `make` makes now.
    ///
    /// # Errors
    /// What `make` says; the place then stays empty.
    pub fn get_or_make<E>(&self, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Bytes, E> {
        if let Some(made) = self.made.get() {
            return Ok(made.clone());
        }
        let mut bytes = make()?;
        bytes.shrink_to_fit();
        let bytes = Bytes::from(bytes);
        if bytes.len() <= self.most {
            // If another worker was faster, it made the same.
            let _ = self.made.set(bytes.clone());
        }
        Ok(bytes)
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.made.get().map_or(0, Bytes::len)
    }
}
