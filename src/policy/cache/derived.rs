//! A value computed from a cached answer, stored with it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

/// A slot for what each read of an answer would compute again. The cache knows only that it is no longer than the
/// answer.
#[derive(Debug, Clone)]
pub struct Derived {
    made: Arc<OnceLock<Bytes>>,
    most: usize,
}

impl Derived {
    /// An empty slot for an answer of this length.
    pub(super) fn new(most: usize) -> Self {
        Self { made: Arc::default(), most }
    }

    /// The stored value, or the one that `make` computes now.
    ///
    /// # Errors
    /// The error of `make`; the slot then stays empty.
    pub fn get_or_make<E>(&self, make: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Bytes, E> {
        if let Some(made) = self.made.get() {
            return Ok(made.clone());
        }
        let mut bytes = make()?;
        bytes.shrink_to_fit();
        let bytes = Bytes::from(bytes);
        if bytes.len() <= self.most {
            // If another worker was faster, it has stored an equal value.
            let _ = self.made.set(bytes.clone());
        }
        Ok(bytes)
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.made.get().map_or(0, Bytes::len)
    }
}
