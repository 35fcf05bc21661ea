//! The JSON call as it is shown, with the library that the source uses already.

use super::super::replacement::{self, literal};
use super::super::site::{Habit, Site};
use super::super::source::Source;
use super::super::tongue::Tongue;
use super::{dart, go, php, scripts};
use crate::code::{Call, Node};

/// One expression or statement that makes the call.
pub(in crate::scan) fn shown(source: &Source, site: &Site, call: &Call) -> String {
    let json = replacement::shown(source, &Node::Object(call.members.clone()));
    let url = literal(source.tongue, &call.url);
    let uses = |word: &str| source.uses(word);
    match source.tongue {
        Tongue::Php if uses("GuzzleHttp") => format!("$client->post({url}, ['json' => {json}])"),
        Tongue::Php if uses("Http::") => format!("Http::post({url}, {json})"),
        Tongue::Php if uses("curl_") => format!(
            "curl_setopt($ch, CURLOPT_URL, {url}); curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode({json})); \
             curl_setopt($ch, CURLOPT_HTTPHEADER, ['Content-Type: application/json']);"
        ),
        Tongue::Php => php::stream(&url, &json),
        Tongue::Script if uses("axios") => format!("axios.post({url}, {json})"),
        Tongue::Script => scripts::fetch("fetch", &url, &json),
        Tongue::Python => format!("requests.post({url}, json={json})"),
        Tongue::Dart => dart::post(&url, &json),
        Tongue::Go => go::post(&call.url, &json),
        Tongue::Shell => format!("curl -H 'Content-Type: application/json' -d {json} {url}"),
        Tongue::Kotlin if site.habit == Habit::Annotations => {
            format!("@POST(\"backend/\") fun call(@Body body: Map<String, Any>) // with {json}")
        }
        Tongue::Java if site.habit == Habit::Annotations => {
            format!(
                "@POST(\"backend/\") Call<ResponseBody> call(@Body Map<String, Object> body); // with {json}"
            )
        }
        Tongue::Java | Tongue::Kotlin => jvm(source, &url, &json),
    }
}

/// `OkHttp` where the file has it, else the JDK's own client.
fn jvm(source: &Source, url: &str, json: &str) -> String {
    let new = if source.tongue == Tongue::Java { "new " } else { "" };
    let body = if source.tongue == Tongue::Java {
        format!("{json}.toString()")
    } else {
        format!("JSONObject({json}).toString()")
    };
    if !source.uses("okhttp") {
        return format!(
            "HttpRequest.newBuilder(URI.create({url})).header(\"Content-Type\", \"application/json\")\
             .POST(HttpRequest.BodyPublishers.ofString({body})).build()"
        );
    }
    let body = if source.tongue == Tongue::Java {
        format!("RequestBody.create({body}, MediaType.get(\"application/json\"))")
    } else {
        format!("{body}.toRequestBody(\"application/json\".toMediaType())")
    };
    format!("{new}Request.Builder().url({url}).post({body}).build()")
}
