//! Builds the sandbox's HTTP answers.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};

/// An answer, complete before it is sent.
pub(crate) type Answer = Response<Full<Bytes>>;

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
const UNAVAILABLE: &str = "<html>\r\n<head><title>503 Service Unavailable</title></head>\r\n<body>\r\n\
    <center><h1>503 Service Unavailable</h1></center>\r\n</body>\r\n</html>\r\n";
const WELCOME: &str = "<html>\r\n<head><title>Welcome</title></head>\r\n<body>Welcome</body>\r\n</html>\r\n";

pub(crate) fn json(body: impl Into<Bytes>) -> Answer {
    answer(StatusCode::OK, "application/json", body)
}

/// A plain sentence.
pub(crate) fn text(status: StatusCode, sentence: impl Into<Bytes>) -> Answer {
    answer(status, "text/plain; charset=utf-8", sentence)
}

/// A plain sentence after which the connection closes, because the rest of the request was not read.
pub(crate) fn closing(status: StatusCode, sentence: &'static str) -> Answer {
    with(text(status, sentence), CONNECTION, HeaderValue::from_static("close"))
}

/// Status 405 with the method that is right.
pub(crate) fn wrong_method(right: &'static str) -> Answer {
    let sentence = format!("this route takes {right}\n");
    with(text(StatusCode::METHOD_NOT_ALLOWED, sentence), ALLOW, HeaderValue::from_static(right))
}

/// The answer that the old API is reported to give to every request (one report, April 2026).
pub(crate) fn bad_gateway() -> Answer {
    answer(StatusCode::BAD_GATEWAY, "text/html", BAD_GATEWAY)
}

/// Status 503 with an HTML page.
pub(crate) fn unavailable() -> Answer {
    answer(StatusCode::SERVICE_UNAVAILABLE, "text/html", UNAVAILABLE)
}

/// Status 200 with an HTML page.
pub(crate) fn html() -> Answer {
    answer(StatusCode::OK, "text/html", WELCOME)
}

/// Status 307 to a host that cannot exist.
pub(crate) fn redirect() -> Answer {
    with(
        text(StatusCode::TEMPORARY_REDIRECT, ""),
        LOCATION,
        HeaderValue::from_static("http://elsewhere.invalid/backend/"),
    )
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    with(answer, CONTENT_TYPE, HeaderValue::from_static(content_type))
}

fn with(mut answer: Answer, name: HeaderName, value: HeaderValue) -> Answer {
    answer.headers_mut().insert(name, value);
    answer
}
