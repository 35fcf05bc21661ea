//! The console's two files, from the binary: as they are and compressed, with a tag by which browsers keep them.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::config::secret::Digest;
use crate::http::reply::{Reply, empty, plain};
use crate::http::request::Request;

/// A file of the console.
pub struct Asset {
    content_type: &'static str,
    bytes: &'static [u8],
    gzip: &'static [u8],
    tags: LazyLock<[String; 2]>,
}

/// Makes a file and its twin of the same name from the folder `console/dist`.
macro_rules! asset {
    ($file:literal, $content_type:literal) => {{
        const BYTES: &[u8] = include_bytes!(concat!("../../console/dist/", $file));
        const GZIP: &[u8] = include_bytes!(concat!("../../console/dist/", $file, ".gz"));
        Asset {
            content_type: $content_type,
            bytes: BYTES,
            gzip: GZIP,
            tags: LazyLock::new(|| [BYTES, GZIP].map(tag)),
        }
    }};
}

/// The page, whichever of the five is asked for.
pub static PAGE: Asset = asset!("index.html", "text/html; charset=utf-8");
/// The looks that the page brings along, as a policy names them (Content Security Policy Level 3, section 2.3.1).
pub static LOOKS: LazyLock<String> = LazyLock::new(|| {
    let page = String::from_utf8_lossy(PAGE.bytes);
    let inner = page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    let digest = Digest::of_bytes(inner.map_or("", |(looks, _)| looks).as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest.bytes()))
});
/// Its program.
pub static PROGRAM: Asset = asset!("app.js", "text/javascript; charset=utf-8");

/// A strong tag (RFC 9110, section 8.8.3): the beginning of the content's digest.
fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", &Digest::of_bytes(bytes).hex()[..32])
}

impl Asset {
    /// The answer to a request for the file.
    pub fn reply(&'static self, asked: &Request<'_, '_>) -> Reply {
        let takes_gzip = asked.header("accept-encoding").is_some_and(takes_gzip);
        let [plain_tag, gzip_tag] = &*self.tags;
        let (bytes, tag) = if takes_gzip { (self.gzip, gzip_tag) } else { (self.bytes, plain_tag) };
        let is_known = asked.header("if-none-match").is_some_and(|known| has_tag(known, tag));
        let mut reply =
            if is_known { empty(304) } else { plain(200, Bytes::from_static(bytes), self.content_type) };
        reply.is_kept = true;
        reply.say("ETag", tag.as_str());
        reply.say("Vary", "Accept-Encoding");
        if takes_gzip && !is_known {
            reply.say("Content-Encoding", "gzip");
        }
        reply
    }
}

/// Whether a list of codings takes gzip: it is named, and not with the weight 0.
fn takes_gzip(list: &[u8]) -> bool {
    let list = String::from_utf8_lossy(list).to_ascii_lowercase();
    list.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip = parts.next() == Some("gzip");
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map(str::parse::<f32>);
        is_gzip && !matches!(weight, Some(Ok(weight)) if weight <= 0.0)
    })
}

/// Whether a list of tags has one; a weak one is as good, as nothing is asked for in part.
fn has_tag(list: &[u8], tag: &str) -> bool {
    let items = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    items
        .map(|item| item.strip_prefix(b"W/").unwrap_or(item))
        .any(|item| item == b"*" || item == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::{PAGE, PROGRAM, has_tag, takes_gzip};

    #[test]
    fn the_compressed_twin_is_the_same_file() {
        for file in [&PAGE, &PROGRAM] {
            let mut plain = Vec::new();
            GzDecoder::new(file.gzip).read_to_end(&mut plain).expect("gzip");
            assert!(plain == file.bytes, "{}", file.content_type);
            assert_ne!(file.tags[0], file.tags[1]);
        }
    }

    #[test]
    fn a_client_gets_gzip_if_it_says_so() {
        let takes = ["gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "gzip"];
        assert!(takes.iter().all(|list| takes_gzip(list.as_bytes())));
        let not = ["", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip"];
        assert!(not.iter().all(|list| !takes_gzip(list.as_bytes())));
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        assert!(has_tag(b"\"a\", W/\"b\"", "\"b\"") && has_tag(b"*", "\"b\""));
        assert!(!has_tag(b"\"bb\", b", "\"b\""));
    }
}
