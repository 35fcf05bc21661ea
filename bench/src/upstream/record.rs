//! What upstream remembers for the checks: how many requests came, and the first since the last query.

/// Only one request a query is copied, so that load costs nothing more.
#[derive(Default)]
pub struct Record {
    requests: u64,
    kept: Option<Vec<u8>>,
}

impl Record {
    /// Counts a request, and keeps it if none is kept yet.
    pub fn take(&mut self, request: &[u8]) {
        self.requests += 1;
        if self.kept.is_none() {
            self.kept = Some(request.to_vec());
        }
    }

    /// The answer to a query: the count, a line end, and the kept request, which is then forgotten.
    pub fn told(&mut self) -> Vec<u8> {
        let mut text = format!("{}\n", self.requests).into_bytes();
        text.append(&mut self.kept.take().unwrap_or_default());
        text
    }
}
