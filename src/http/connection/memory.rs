//! The worker's memory that requests under way take: heads and bodies, over either version of HTTP.
//!
//! Each connection has some of its own, which is always there. What goes beyond it is shared by the worker's
//! connections; when that is used up, the long request that has kept the worker waiting longest is evicted.

use std::sync::Arc;

use crate::http::connection::share::beyond;
use crate::http::connection::state::ConnectionState;
use crate::http::connection::table::Connections;

/// No memory is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// A connection, and the connections of its worker.
#[derive(Clone)]
pub struct Link {
    /// The connection.
    pub state: Arc<ConnectionState>,
    /// The worker's connections.
    pub connections: Connections,
}

/// The memory that one head or body takes, until this is dropped.
pub struct Reservation {
    link: Link,
    bytes: usize,
}

impl Reservation {
    /// Whether the connection takes shared memory, and so may be evicted.
    #[must_use]
    pub fn is_long(&self) -> bool {
        beyond(self.link.state.memory()) > 0
    }

    /// Waits until the connection is evicted.
    pub async fn evicted(&self) {
        self.link.state.evicted().await;
    }

    /// An empty reservation for a request on this connection.
    #[must_use]
    pub fn nothing(link: Link) -> Self {
        Self { link, bytes: 0 }
    }

    /// Raises the reservation to `bytes` in all, where connections may take `most` together beyond their own.
    ///
    /// # Errors
    /// [`Full`]; nothing more was taken.
    pub fn grow(&mut self, bytes: usize, most: usize) -> Result<(), Full> {
        let more = bytes.saturating_sub(self.bytes);
        let taken = self.link.state.memory();
        let beyond = beyond(taken + more) - beyond(taken);
        if beyond > 0 && !self.link.connections.reserve(&self.link.state, beyond, most) {
            return Err(Full);
        }
        self.link.state.take_memory(more);
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let beyond = self.link.state.give_memory(self.bytes);
        self.link.connections.release(beyond);
    }
}
