//! The page and its program.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::Console;

#[tokio::test]
async fn the_five_pages_are_one_file_that_survives_a_reload() {
    let console = Console::start("");
    let moved = console.ask("GET", "/console", "", "").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some("/console/")));
    let page = console.ask("GET", "/console/", "", "").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let text = String::from_utf8(page.body.clone()).expect("text");
    assert!(text.contains("/console/app.js") && text.contains("<style>"), "{text}");
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    for name in ["now", "traffic", "migration", "playground", "reference"] {
        let answer = console.ask("GET", &format!("/console/{name}?q=1"), "", "").await;
        assert_eq!((answer.status, &answer.body), (200, &page.body), "{name}");
    }
}

#[tokio::test]
async fn files_are_kept_by_browsers_and_come_compressed() {
    let console = Console::start("");
    for (path, content_type) in
        [("/console/", "text/html; charset=utf-8"), ("/console/app.js", "text/javascript; charset=utf-8")]
    {
        let plain = console.ask("GET", path, "", "").await;
        let gzip = console.ask("GET", path, "Accept-Encoding: br, gzip\r\n", "").await;
        assert_eq!(
            (plain.header("content-type"), plain.header("content-encoding")),
            (Some(content_type), None)
        );
        assert_eq!(
            (gzip.header("content-type"), gzip.header("content-encoding")),
            (Some(content_type), Some("gzip"))
        );
        let mut unpacked = Vec::new();
        GzDecoder::new(&gzip.body[..]).read_to_end(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, plain.body, "{path}");
        for (answer, accept) in [(plain, ""), (gzip, "Accept-Encoding: gzip\r\n")] {
            assert_eq!(
                (answer.header("cache-control"), answer.header("vary")),
                (Some("no-cache"), Some("Accept-Encoding"))
            );
            let tag = answer.header("etag").expect("a tag");
            let known = format!("{accept}If-None-Match: \"other\", {tag}\r\n");
            let same = console.ask("GET", path, &known, "").await;
            assert_eq!((same.status, same.header("etag"), same.body.len()), (304, Some(tag), 0));
            let other = format!("{accept}If-None-Match: \"other\"\r\n");
            assert_eq!(console.ask("GET", path, &other, "").await.status, 200);
        }
    }
}
