//! The measured exchanges: requests of old programs, each with the other three messages.
#![allow(dead_code, reason = "each bench takes what it measures")]

use bytes::Bytes;
use mesigate::protocol::translate::Incoming;

/// As long as mesibo's own tokens are.
pub const TOKEN: &str = "q3kz8w1m5v7xj2n9b4c6d0f8g1h3l5p7r9s2t4u6y8a0e1i3o5q7w9z2x4v6n8m1";

/// The shipped cap on parameters.
const MOST_PAIRS: usize = 128;

/// A request, and the messages that follow from it.
pub struct Exchange {
    /// The name in tables.
    pub name: &'static str,
    /// The query, without the `?`.
    pub query: String,
    /// The body; empty for a GET.
    pub body: Bytes,
    /// The JSON that upstream gets.
    pub json: String,
    /// What upstream answers.
    pub upstream_says: String,
    /// What the client is told.
    pub client_gets: String,
}

impl Exchange {
    /// The request as the translation takes it.
    pub fn incoming(&self) -> Incoming<'_> {
        let content_type = self.content_type();
        Incoming { query: self.query.as_bytes(), content_type, body: &self.body, most_pairs: MOST_PAIRS }
    }

    /// The Content-Type, if the request has a body.
    pub fn content_type(&self) -> Option<&'static str> {
        match self.body.first() {
            None => None,
            Some(b'{') => Some("application/json"),
            Some(_) => Some("application/x-www-form-urlencoded"),
        }
    }
}

/// A message by GET: what old programs send most.
pub fn message() -> Exchange {
    Exchange {
        name: "message",
        query: format!(
            "op=message&token={TOKEN}&from=919876500001&to=919876500002&type=0&expiry=86400\
             &msg=Hello+%26+welcome%2C+Ana+%E2%80%93+caf%C3%A9+at+8%3F"
        ),
        body: Bytes::new(),
        json: format!(
            r#"{{"op":"message","token":"{TOKEN}","message":{{"from":"919876500001","to":"919876500002","type":0,"expiry":86400,"message":"Hello & welcome, Ana – café at 8?"}}}}"#
        ),
        upstream_says: r#"{"op":"message","mid":1234567,"result":true}"#.into(),
        client_gets: r#"{"op":"message","result":true}"#.into(),
    }
}

/// A message whose answer holds details of the app, which the client did not ask for.
pub fn message_with_app() -> Exchange {
    let settings: Vec<String> =
        (0..16).map(|number| format!(r#""setting_{number:02}":"{:>016}""#, number * 7919)).collect();
    let app = format!(r#"{{"aid":"1","token":"{TOKEN}",{}}}"#, settings.join(","));
    Exchange {
        name: "message, its answer with an app object",
        upstream_says: format!(r#"{{"app":{app},"op":"message","mid":1234567,"result":true}}"#),
        ..message()
    }
}

/// A user whose name is not ASCII, so that the query is mostly percent signs.
pub fn useradd() -> Exchange {
    Exchange {
        name: "useradd",
        query: format!(
            "op=useradd&token={TOKEN}&addr=919876500003&appid=com.example.messenger&expiry=525600\
             &name=%D0%90%D0%BD%D0%BD%D0%B0+%E0%A4%85%E0%A4%A8%E0%A4%A8%E0%A5%8D%E0%A4%AF%E0%A4%BE+%F0%9F%98%80"
        ),
        body: Bytes::new(),
        json: format!(
            r#"{{"op":"useradd","token":"{TOKEN}","user":{{"address":"919876500003","name":"Анна अनन्या 😀","token":{{"appid":"com.example.messenger","expiry":525600}}}}}}"#
        ),
        upstream_says:
            r#"{"user":{"uid":456,"address":"919876500003","token":"7c1d"},"op":"useradd","result":true}"#
                .into(),
        client_gets:
            r#"{"user":{"uid":456,"address":"919876500003","token":"7c1d"},"op":"useradd","result":true}"#
                .into(),
    }
}

/// A thousand members by POST: 20 KB of form.
pub fn groupeditmembers() -> Exchange {
    let members: Vec<String> = (0..1000).map(|number| format!("member-{number:010}")).collect();
    Exchange {
        name: "groupeditmembers, 1,000 addresses",
        query: String::new(),
        body: format!("op=groupeditmembers&token={TOKEN}&gid=97284&cs=1&cr=1&m={}", members.join("%2C"))
            .into(),
        json: format!(
            r#"{{"op":"groupeditmembers","token":"{TOKEN}","group":{{"gid":97284,"members":{{"m":"{}","permissions":{{"send":true,"recv":true}}}}}}}}"#,
            members.join(",")
        ),
        upstream_says: r#"{"op":"groupeditmembers","group":{"gid":97284},"result":true}"#.into(),
        client_gets: r#"{"group":{"gid":97284},"op":"groupeditmembers","result":true}"#.into(),
    }
}

/// A page of members: the read whose answers are cached.
pub fn groupgetmembers() -> Exchange {
    let rows = |row: &dyn Fn(u32) -> String| (0..20).map(row).collect::<Vec<_>>().join(",");
    let says = |number| {
        format!(
            r#"{{"uid":{number},"address":"member-{number:010}","permissions":{{"send":true,"recv":true,"pub":false,"sub":true,"list":true}}}}"#
        )
    };
    let gets =
        |number| format!(r#"{{"uid":{number},"address":"member-{number:010}","cansend":"1","canrecv":"1"}}"#);
    Exchange {
        name: "groupgetmembers, 20 rows",
        query: format!("op=groupgetmembers&token={TOKEN}&gid=97284&count=20"),
        body: Bytes::new(),
        json: format!(r#"{{"op":"groupgetmembers","token":"{TOKEN}","count":20,"group":{{"gid":97284}}}}"#),
        upstream_says: format!(
            r#"{{"op":"groupgetmembers","result":true,"gid":97284,"count":20,"members":[{}]}}"#,
            rows(&says)
        ),
        client_gets: format!(r#"{{"members":[{}],"op":"groupgetmembers","result":true}}"#, rows(&gets)),
    }
}

/// A message through the JSON door, which passes it on as it is.
pub fn json_message() -> Exchange {
    let Exchange { json, upstream_says, .. } = message();
    Exchange {
        name: "message through the JSON door",
        query: String::new(),
        body: json.clone().into(),
        client_gets: upstream_says.clone(),
        json,
        upstream_says,
    }
}
