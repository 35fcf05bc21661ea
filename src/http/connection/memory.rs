//! What requests that are under way take of a worker's memory: heads and bodies, of either version of HTTP.
//!
//! Each connection has some of its own, which is always there. What goes beyond it is shared by the worker's
//! connections, and where that is used up, whoever has kept us waiting longest with a long request makes room.

use std::sync::Arc;

use crate::http::connection::share::beyond;
use crate::http::connection::state::ConnectionState;
use crate::http::connection::table::Connections;

/// There is no memory left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// A connection among the others of its worker.
#[derive(Clone)]
pub struct Link {
    /// The connection.
    pub state: Arc<ConnectionState>,
    /// The worker's connections.
    pub connections: Connections,
}

/// What one head or body takes, until it is dropped.
pub struct Reservation {
    link: Link,
    bytes: usize,
}

impl Reservation {
    /// Whether its connection takes of what is shared, and may have to make room.
    #[must_use]
    pub fn is_long(&self) -> bool {
        beyond(self.link.state.memory()) > 0
    }

    /// Waits until it has to make room.
    pub async fn evicted(&self) {
        self.link.state.evicted().await;
    }

    /// Nothing yet, of a request on this connection.
    #[must_use]
    pub fn nothing(link: Link) -> Self {
        Self { link, bytes: 0 }
    }

    /// Takes so many bytes in all, where what connections take beyond their own may be `most` together.
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
