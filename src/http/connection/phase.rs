//! The phases in the life of a client connection.

/// What a connection waits for, or does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The PROXY header or the TLS handshake is not finished.
    Shaking,
    /// No byte has arrived; over HTTP/2, no request.
    Silent,
    /// A part of a request's head has arrived.
    Head,
    /// The head is whole, the body is not.
    Body,
    /// A request is whole, and its answer is not.
    Serving,
    /// The answer is made, and the client does not take it.
    Taking,
    /// The next request has not begun.
    Resting,
    /// The last answer is sent, and the client has not closed yet.
    Leaving,
}
