//! Opens TCP connections by any of hyper-util's connectors: the direct one, or one through a proxy.

use std::error::Error;
use std::future::poll_fn;
use std::io;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// Opens a connection by `service`.
pub async fn dial<S>(mut service: S, to: &Uri) -> Result<TcpStream, S::Error>
where
    S: Service<Uri, Response = TokioIo<TcpStream>>,
{
    poll_fn(|cx| service.poll_ready(cx)).await?;
    let stream = service.call(to.clone()).await?;
    Ok(stream.into_inner())
}

/// An error with the texts of all its causes.
pub fn whole(error: impl Error) -> io::Error {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    io::Error::other(texts.join(": "))
}
