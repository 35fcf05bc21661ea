//! Where in its life a client's connection stands.

/// A part of a connection's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The PROXY protocol and TLS are still to be had.
    Shaking,
    /// Nothing has come yet; of HTTP/2, no request.
    Silent,
    /// Some of a request's head has come.
    Head,
    /// The head is whole, the body is not.
    Body,
    /// A request is whole, and its answer is not.
    Serving,
    /// The answer is there, and the client does not take it.
    Taking,
    /// The next request is due.
    Resting,
    /// The last word is said, and the client has not left yet.
    Leaving,
}
