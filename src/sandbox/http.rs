//! Serves the sandbox over HTTP. All I/O of the sandbox is here and in the modules below.

pub(crate) mod respond;
mod stop;
mod suffer;

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use self::respond::Answer;
use self::stop::Stopped;
use self::suffer::Dropped;
use super::{Sandbox, control};

/// The answer to a wrong `upstream.url`. If every path were the API's, a wrong one would pass every trial.
const NO_API: &str = "no API here: the sandbox answers JSON by POST at /backend/, as mesibo does (upstream.url is that \
    whole endpoint); its own routes are named at /sandbox/\n";
/// 4 MiB; the API's own limit is not public.
const BODY_LIMIT: usize = 4 << 20;
/// How long a client may take to send a request's head, and then its body.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in flight may take to end after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait after a failed accept, typically for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` resolves, then drains.
pub(crate) async fn serve(
    sandbox: Sandbox,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    debug!(address = %listener.local_addr()?, "the sandbox listens");
    let (stopping, stopped) = stop::pair();
    let door = ConnectionContext { sandbox, stopped };
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(door.clone().connection(stream));
                }
                Err(error) => {
                    warn!(%error, "the sandbox cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    drop(stopping);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        warn!("the sandbox stops with requests in flight");
    }
    Ok(())
}

/// The state that all connections share.
#[derive(Clone)]
struct ConnectionContext {
    sandbox: Sandbox,
    stopped: Stopped,
}

impl ConnectionContext {
    async fn connection(self, stream: TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "no TCP_NODELAY on a connection of the sandbox");
        }
        let stopped = self.stopped.clone();
        let service = service_fn(move |request| {
            let door = self.clone();
            async move { door.handle(request).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped.wait() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!(%error, "a connection of the sandbox ended early");
        }
    }

    async fn handle(self, request: Request<Incoming>) -> Result<Answer, Dropped> {
        let path = request.uri().path();
        if path == "/sandbox" || path.starts_with("/sandbox/") {
            return Ok(control::answer(
                &self.sandbox,
                request.method(),
                path,
                request.uri().query().unwrap_or_default(),
            ));
        }
        match path.strip_suffix('/').unwrap_or(path) {
            "/backend" | "/api" if is_api_request(&request) => {}
            "/backend" | "/api" | "/api.php" => return Ok(respond::bad_gateway()),
            _ => return Ok(respond::text(StatusCode::NOT_FOUND, NO_API)),
        }
        match read(request.into_body()).await {
            Ok(body) => self.api(&body).await,
            Err(answer) => Ok(answer),
        }
    }

    async fn api(self, body: &[u8]) -> Result<Answer, Dropped> {
        match self.sandbox.next_fault() {
            Some(fault) => suffer::answer(fault, &self.sandbox, self.stopped, body).await,
            None => Ok(respond::json(self.sandbox.answer(body))),
        }
    }
}

/// The JSON API takes JSON by POST; all other requests get what the old API is reported to answer.
fn is_api_request(request: &Request<Incoming>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next());
    request.method() == Method::POST
        && media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

#[expect(clippy::disallowed_methods, reason = "under a cap, and the sandbox is no hot path")]
async fn read(body: Incoming) -> Result<Bytes, Answer> {
    let whole = Limited::new(body, BODY_LIMIT).collect();
    match timeout(READ_TIMEOUT, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(respond::closing(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 4 MiB\n"))
        }
        Ok(Err(_)) => Err(respond::closing(StatusCode::BAD_REQUEST, "the body is broken\n")),
        Err(_) => Err(respond::closing(StatusCode::REQUEST_TIMEOUT, "the body took too long\n")),
    }
}
