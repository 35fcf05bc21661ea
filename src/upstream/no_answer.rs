//! Explains answers that are not the API's, to the caller and in the log.
//!
//! None of the answer's own text is passed on, neither to the caller nor to the log.

use super::Answer;
use super::reading::{Manner, MediaType};
use super::site::Site;
use crate::protocol::reject::{Reject, Unlike};

/// What the operator can do, by status.
const REDIRECT: &str =
    "none is followed: give the endpoint that it leads to as upstream.url; the log names its host";
const FORBIDDEN: &str = "what stands before the API does not let this gateway through: it must let it, by its address or its certificate";
const NOT_THERE: &str = "is upstream.url the whole endpoint, as in https://api.mesibo.com/backend/?";
const PROXY: &str = "a proxy on the way wants a user and a password: name it in upstream.proxy, as in http://user@proxy.internal:3128, and the password's place in upstream.proxy_password";
const TOO_LONG: &str =
    "what stands before the API takes no request that long: raise its limit, or lower cap.body";
const TOO_MANY: &str =
    "it has had too many requests: send fewer, or set a limit below what it takes ([[limit]])";
const FAILED: &str = "it fails, or what stands before it does not reach it; its own log has the reason";
const LOOP: &str = "it leads back to a gateway, or goes round in circles: give the JSON API's own address as upstream.url, as in https://api.mesibo.com/backend/";
const PAGE: &str = "is upstream.url the whole endpoint, and does nobody on the way want a login?";
const OTHER: &str = "the API does not answer like that: is upstream.url its endpoint?";

/// The caller's refusal for an answer that is not the API's; logs it once in a while.
#[cold]
pub fn told(site: &Site, answer: &Answer, manner: &Manner, reject: Reject) -> Reject {
    let is_page = manner.content == MediaType::Html || begins_as_page(&answer.bytes);
    let told = match hint(answer.status, is_page) {
        Some(hint) => Reject::Unlike(Unlike { status: answer.status, is_page, hint }),
        // The answer is of the right kind, and `reject` says what it lacks.
        None => reject,
    };
    if let Some(untold) = site.unlike.now() {
        let leads_to = manner.leads_to.as_deref().filter(|_| (300..=399).contains(&answer.status));
        tracing::warn!(
            upstream = site.name,
            status = answer.status,
            content_type = manner.content.text(),
            bytes = answer.bytes.len(),
            leads_to,
            why = told.cause(),
            untold,
            "upstream's answer is none of the API's"
        );
    }
    told
}

fn hint(status: u16, is_page: bool) -> Option<&'static str> {
    match status {
        200..=299 if is_page => Some(PAGE),
        200..=299 => None,
        300..=399 => Some(REDIRECT),
        401 | 403 => Some(FORBIDDEN),
        404 | 405 | 410 => Some(NOT_THERE),
        407 => Some(PROXY),
        413 | 414 | 431 => Some(TOO_LONG),
        429 => Some(TOO_MANY),
        508 => Some(LOOP),
        500..=599 => Some(FAILED),
        _ => Some(OTHER),
    }
}

fn begins_as_page(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use super::{Answer, Manner, Reject, told};
    use crate::config::secret::Environment;
    use crate::config::{Layers, UpstreamId};
    use crate::upstream::reading::MediaType;
    use crate::upstream::site::Site;

    #[tokio::test]
    async fn each_kind_of_page_has_a_sentence_that_says_what_to_do() {
        let config = Layers::shipped().and_then(|layers| layers.config()).expect("sound settings");
        let site =
            Site::all(&config, &Environment::default(), None).expect("sites")[UpstreamId::OF_ALL].clone();
        for (status, body, content, sentence) in [
            (301, "", MediaType::Html, "upstream answered HTTP 301 with a page: none is followed"),
            (401, "", MediaType::Text, "upstream answered HTTP 401"),
            (403, "<html>", MediaType::Unsaid, "upstream answered HTTP 403 with a page"),
            (404, "", MediaType::Unsaid, "upstream answered HTTP 404: is upstream.url the whole endpoint"),
            (405, "", MediaType::Json, "upstream answered HTTP 405: is upstream.url the whole endpoint"),
            (407, "", MediaType::Html, "upstream answered HTTP 407 with a page: a proxy"),
            (413, "", MediaType::Html, "upstream answered HTTP 413 with a page: what stands before the API"),
            (418, "", MediaType::Other, "upstream answered HTTP 418: the API does not answer like that"),
            (429, "", MediaType::Other, "upstream answered HTTP 429: it has had too many requests"),
            (508, "{}", MediaType::Json, "upstream answered HTTP 508: it leads back to a gateway"),
            (502, "", MediaType::Html, "upstream answered HTTP 502 with a page: it fails"),
            (101, "", MediaType::Unsaid, "upstream answered HTTP 101: the API"),
            (200, " \n<!DOCTYPE", MediaType::Json, "upstream answered HTTP 200 with a page: is upstream.url"),
            (200, "{}", MediaType::Json, "as it was said"),
        ] {
            let answer = Answer { status, bytes: body.into() };
            let manner = Manner { content, ..Manner::default() };
            let reject = told(&site, &answer, &manner, Reject::BadAnswer("as it was said"));
            let cause = reject.cause();
            assert!(cause.starts_with(sentence), "{cause}");
            assert!(cause.ends_with("it is unknown whether the request was done"), "{cause}");
            assert_eq!((reject.code(), reject.status()), ("BADANSWER", 502));
        }
    }
}
