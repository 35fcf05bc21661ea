//! Requests and answers full of marks.

use std::collections::BTreeSet;

use crate::support::vector::{self, Vector};

/// The real token of every app. PHP writes its slash as `\/`; the sandbox wants its first word.
pub const REAL: &str = "sandboxRk8vQ2mZx/7LdWp5TnYb";
/// Clients' tokens: an app's key, a token that passes as it is, and an unknown one.
pub const KEY: &str = "Kc4hJ9wGs-3VfXa6PqMe";
pub const PASSED: &str = "Ph6tD1oXv_8NbEy3UrKg";
pub const WRONG: &str = "Wu2yB7nCe.9HrDk4SgZj";
pub const TOKENS: [&str; 4] = [REAL, KEY, PASSED, WRONG];
/// An address and a message.
pub const WHO: &str = "Eo6Tq1Fi8UxGz";
pub const WHAT: &str = "Ia3Mv5Jc0RlHs";

/// A request: its name, its bytes, and whether the client keeps its side open after them.
pub struct Sent {
    pub name: String,
    pub bytes: Vec<u8>,
    pub holds: bool,
}

/// Upstream's answer to its n-th call, which came with `token`; `None` is silence. Each answer is full of marks.
pub fn answer(number: usize, token: &str) -> Option<Vec<u8>> {
    let marks = [token, KEY, WHO, WHAT].join(" ");
    let http =
        |head: &str, body: &str| format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let success = format!(
        r#"{{"op":"x","result":true,"user":{{"uid":1,"address":"{WHO}","token":"issued","x":"{marks}"}},"group":{{"gid":5,"x":"{marks}"}},"members":[{{"uid":1,"address":"{WHO}","x":"{marks}"}}],"otp":"1234","app":{{"token":"{token}"}},"debug":"{marks}"}}"#
    );
    let failure = format!(
        r#"{{"result":false,"error":"NO","code":400,"cause":"{marks}","properties":["{token}"],"debug":"{marks}"}}"#
    );
    let ok = "200 OK";
    let answers = [
        http(ok, &success),
        http(ok, &failure),
        http(&format!("200 {token}\r\nSet-Cookie: {marks}\r\nX-Token: {marks}"), &success),
        http(ok, &format!("<html>{marks}")),
        http("502 Bad Gateway", &format!("<html>{marks}")),
        http(&format!("302 Found\r\nLocation: http://{KEY}.example/?token={token}&addr={WHO}"), ""),
        format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{{\"result\":true,\"x\":\"{marks}"),
        http(ok, &format!(r#"{{"result":true,"x":"{token}"#)),
        http(ok, &format!(r#"{{"result":"{marks}"}}"#)),
        http(
            ok,
            &format!(
                r#"{{"result":true,"debug":1,"user":["{marks}"],"group":"{marks}","members":"{marks}"}}"#
            ),
        ),
        format!("{marks}\r\n\r\n"),
        http(&format!("200 OK\r\nContent-Encoding: {KEY}\r\nTransfer-Encoding: {token}"), &success),
    ];
    (number % 80 != 79).then(|| answers[number % answers.len()].clone().into_bytes())
}

/// Upstream's answer to an app whose token it has disabled, full of marks.
pub fn breach() -> Vec<u8> {
    let marks = [REAL, KEY, WHO, WHAT].join(" ");
    let body = format!(
        r#"{{"result":false,"error":"TOKENBREACH","code":403,"cause":"{marks}","properties":["{REAL}"],"debug":"{marks}"}}"#
    );
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Every vector's request with marks for its token, and in front of its addresses, messages and names.
pub fn of_vectors(token: &str) -> Vec<Sent> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let paths = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let texts: BTreeSet<_> = texts.collect();
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        vector::parse(&path.display().to_string(), &text)
    };
    let sent = |vector: Vector| Sent {
        name: format!("{token}: {}", vector.name),
        bytes: marked(vector, token),
        holds: false,
    };
    texts.into_iter().flat_map(read).map(sent).collect()
}

fn marked(vector: Vector, token: &str) -> Vec<u8> {
    let mark = |text: &str| {
        let mut text = text.replace("APPTOKEN", token).replace("token=OTHER", &format!("token={WRONG}"));
        for (names, mark) in
            [(["addr", "address", "m", "from", "to"].as_slice(), WHO), (&["name", "msg", "message"], WHAT)]
        {
            for name in names {
                for before in ["&NAME=", "?NAME=", "name=\"NAME\"\r\n\r\n", "\"NAME\":\""] {
                    let before = before.replace("NAME", name);
                    text = text.replace(&before, &format!("{before}{mark}"));
                }
            }
        }
        text
    };
    let mut request = vector.request;
    request.line = mark(&request.line);
    request.body = mark(str::from_utf8(&request.body).expect("text")).into_bytes();
    request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    request.bytes()
}

/// Targets of a GET, with the token for `TOKEN`.
const TARGETS: [&str; 17] = [
    "/api.php?token=TOKEN&addr=WHO",
    "/api.php?op=nonsense&token=TOKEN&msg=WHAT",
    "/api.php?op=userdel&tokn=TOKEN&addr=WHO",
    "/api.php?op=userdel&token=TOKEN",
    "/api.php?op=userdel&token=TOKEN&uid=TOKEN&id=TOKEN",
    "/api.php?op=userdel&token=TOKEN&address=WHO&addr=WHAT",
    "/api.php?op=userdel&token=TOKEN%FF&uid=5",
    "/api.php?op=userdel&token=%FFTOKEN&%FFTOKEN=1",
    "/api.php?op=userdel&token=TOKEN%zz%4&uid=5",
    "/api.php?op=userdel&token=TOKEN TOKEN&uid=5",
    "/api.php?op=userdel&token=TOKEN&token=WRONG&uid=5",
    "/api.php?op=userdel&token=TOKEN\0&uid=5",
    "/api.php?op=userdel&token=TOKEN&uid=5#TOKEN",
    "/TOKEN?token=TOKEN",
    "/api.php/TOKEN",
    "http://TOKEN/TOKEN",
    // Twice, so that a limit refuses.
    "/api.php?op=userdel&token=TOKEN&uid=5",
];

/// Bodies that resemble JSON.
const JSON: [&str; 9] = [
    r#"{"op":"userdel","token":"TOKEN"#,
    r#"{"op":"userdel","token":"TOKEN"TOKEN}"#,
    r#"{"op":"userdel","token":"TOKEN\qTOKEN"}"#,
    "{\"op\":\"userdel\",\"token\":\"TOKEN\nTOKEN\"}",
    r#"{"op":"userdel","token":{"a":"TOKEN"}}"#,
    r#"{"op":["TOKEN"],"token":"TOKEN"}"#,
    r#"{"op":"userdel","token":"TOKEN","token":"WRONG"}"#,
    r#"["TOKEN"]"#,
    r#"{"op":"userdel","token":"WRONG"}"#,
];

/// Headers and bodies of other kinds; `Content-Length` is added where no header gives the length.
const BODIES: [&str; 6] = [
    "Content-Encoding: gzip\r\n\r\ntoken=TOKEN",
    "Content-Length: 99999999\r\n\r\ntoken=TOKEN",
    "Transfer-Encoding: chunked\r\n\r\nTOKEN\r\nTOKEN",
    "Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"token\"; filename=\"TOKEN\"\r\n\r\nTOKEN\r\n--B--\r\n",
    "Content-Type: multipart/form-data; boundary=B\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nTOKEN",
    "Content-Type: multipart/form-data; boundary=\"TOKEN\r\n\r\ntoken=TOKEN",
];

/// Requests that are hardly HTTP, or not for the API.
const ODDITIES: [&str; 10] = [
    // Through too many gateways.
    "GET /api.php?op=userdel&token=TOKEN&addr=WHO HTTP/1.1\r\nHost: g\r\nVia: 1.1 mesigate-0000000000000001, \
     1.1 mesigate-0000000000000002, 1.1 mesigate-0000000000000003, 1.1 mesigate-0000000000000004, 1.1 TOKEN\r\n\r\n",
    "TRACE /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\n\r\n",
    "HEAD /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\n\r\n",
    "OPTIONS /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\nOrigin: http://TOKEN\r\n\r\n",
    "TOKEN /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\n\r\n",
    "TOKEN TOKEN TOKEN\r\n\r\n",
    "GET /api.php?op=userdel&token=TOKEN HTTP/9.9\r\n\r\n",
    "GET /api.php?op=userdel&token=TOKEN\r\n\r\n",
    "GET /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\nTOKEN\r\n\r\n",
    "GET /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\nContent-Length: TOKEN\r\n\r\n",
];

/// Requests that never end: in their body, and in their head.
const UNFINISHED: [&str; 2] = [
    "POST /api.php?token=TOKEN HTTP/1.1\r\nHost: g\r\nContent-Length: 999\r\n\r\nop=userdel&token=TOKEN",
    "GET /api.php?op=userdel&token=TOKEN HTTP/1.1\r\nHost: g\r\nX-Token: TOKEN",
];

/// Requests for every refusal there is, with a token as a query and as JSON writes it.
pub fn unwelcome(token: &str, in_json: &str) -> Vec<Sent> {
    let headers = "HTTP/1.1\r\nHost: g\r\nReferer: TOKEN\r\nCookie: TOKEN\r\nAuthorization: TOKEN";
    let get = |target: &str| format!("GET {target} {headers}\r\n\r\n");
    let post = |target: &str, rest: &str| {
        let length = rest.split_once("\r\n\r\n").map_or(0, |(_, body)| body.replace("TOKEN", token).len());
        let own = rest.contains("Content-Length") || rest.contains("Transfer-Encoding");
        let length = if own { String::new() } else { format!("Content-Length: {length}\r\n") };
        format!("POST {target} {headers}\r\n{length}{rest}")
    };
    let api = "/api.php?op=userdel&token=TOKEN";
    let mut requests: Vec<String> = TARGETS.iter().chain(TARGETS.last()).map(|target| get(target)).collect();
    requests
        .extend([get(&(api.to_owned() + &"&x".repeat(200))), get(&(api.to_owned() + &"x".repeat(263_000)))]);
    requests.extend(BODIES.map(|rest| post("/api.php", rest)));
    for body in JSON {
        let body = format!("Content-Type: application/json\r\n\r\n{}", body.replace("TOKEN", in_json));
        requests.extend([post("/api.php", &body), post(api, &body)]);
    }
    requests.extend(ODDITIES.map(str::to_owned));
    requests.push(get(api).replace("Cookie: ", &format!("Cookie: {}", "TOKEN".repeat(4000))));
    requests.push(get(api).replace("Cookie: ", &format!("{}Cookie: ", "X: TOKEN\r\n".repeat(99))));
    let whole = requests.into_iter().map(|request| (request, false));
    let fill = |text: &str| {
        text.replace("TOKEN", token).replace("WHO", WHO).replace("WHAT", WHAT).replace("WRONG", WRONG)
    };
    let sent = |(request, holds): (String, bool)| Sent {
        name: request.chars().take(200).collect(),
        bytes: fill(&request).into_bytes(),
        holds,
    };
    whole.chain(UNFINISHED.map(|request| (request.to_owned(), true))).map(sent).collect()
}

/// Unwelcome requests with the token as it is, and with every byte of it encoded.
pub fn unwelcome_in_every_form(token: &str) -> Vec<Sent> {
    let escaped = every_byte(token, |byte| format!("\\u{byte:04x}"));
    let encoded = unwelcome(&every_byte(token, |byte| format!("%{byte:02X}")), &escaped);
    unwelcome(token, token).into_iter().chain(encoded).collect()
}

pub fn every_byte(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}
