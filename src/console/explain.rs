//! What a call becomes, field by field: the real translation, with nothing sent.

use std::borrow::Cow;

use clap::ValueEnum as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::filled::{Filled, filled};
use super::pasted::{self, Pasted};
use super::said::{Refused, Why};
use super::{Call, TOKEN, parsed};
use crate::code::{self, Language, Target};
use crate::config::UpstreamKind;
use crate::protocol::explain::{self, Explained, Sample};
use crate::protocol::ops::{Operation, ParamKind, Table, bit};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;
use crate::scan::{Finding, Parameter};
use crate::snapshot::Snapshot;

/// The shortest token that is looked for within longer texts: a shorter one would be found in words.
const LEAST: usize = 8;

/// The languages, with their names for people.
const SHOWN: [(Language, &str); Language::ALL.len()] = [
    (Language::PhpCurl, "PHP cURL"),
    (Language::PhpGuzzle, "PHP Guzzle"),
    (Language::Laravel, "Laravel"),
    (Language::JavaOkhttp, "Java OkHttp"),
    (Language::JavaHttpclient, "Java HttpClient"),
    (Language::KotlinRetrofit, "Kotlin Retrofit"),
    (Language::JsFetch, "JavaScript fetch"),
    (Language::NodeAxios, "Node.js axios"),
    (Language::PythonRequests, "Python requests"),
    (Language::DartHttp, "Dart http"),
    (Language::Go, "Go"),
    (Language::Curl, "Shell curl"),
];

/// The languages, by the word of `mesigate explain --as`.
pub fn languages() -> Value {
    let word = |language: Language| language.to_possible_value().map(|value| value.get_name().to_owned());
    SHOWN.iter().map(|(language, shown)| json!({ "name": word(*language), "shown": shown })).collect()
}

/// The language of a word.
///
/// # Errors
/// [`Why::Bad`].
pub fn language(word: &str) -> Result<Language, Refused> {
    Language::from_str(word, false)
        .map_err(|_| Refused::new(Why::Bad, "`as` is one of the words of /console/api/languages"))
}

/// Where the gateway's calls go.
pub fn target(snapshot: &Snapshot) -> Target<'_> {
    let all = &snapshot.config.upstream.all;
    Target { table: &snapshot.table, url: all.url.to_string(), is_cloud: all.kind == UpstreamKind::Cloud }
}

#[derive(Deserialize)]
struct Question<'b> {
    #[serde(borrow)]
    text: Cow<'b, str>,
    #[serde(borrow, rename = "as")]
    language: Option<Cow<'b, str>>,
}

pub fn explain(call: &Call<'_>, body: &[u8]) -> Result<Value, Refused> {
    let Question { text, language: word } = parsed(body, "{ \"text\": \"…\", \"as\": \"php-curl\" }")?;
    let language = word.map_or(Ok(Language::PhpCurl), |word| language(&word))?;
    let snapshot = call.console.current();
    let target = target(&snapshot);
    match pasted::read(&text, &target)? {
        Pasted::Request(sample) => of_request(&sample, &snapshot, &target, language),
        Pasted::Code(finding) => of_code(&finding, &snapshot, &target, language),
    }
}

fn of_request(
    sample: &Sample,
    snapshot: &Snapshot,
    target: &Target<'_>,
    language: Language,
) -> Result<Value, Refused> {
    let most_pairs = snapshot.config.cap.pairs;
    let mut shown = match explain::explain(sample, target.table, most_pairs) {
        Err(refused) => of_refused(&refused, target.table),
        Ok(explained) => {
            of_sound(&explained, target, language).map_err(|what| Refused::new(Why::NoCall, what))?
        }
    };
    if let Some(token) = token(sample, most_pairs) {
        hide(&mut shown, &token);
    }
    Ok(shown)
}

/// The token that a request brings, by either door.
pub fn token(sample: &Sample, most_pairs: usize) -> Option<String> {
    let json: Option<Value> = serde_json::from_slice(&sample.body).ok();
    if let Some(token) = json.as_ref().and_then(|json| json["token"].as_str()) {
        return Some(token.to_owned());
    }
    let form = Form::glimpse(&sample.query, &sample.body, most_pairs);
    form.all("token").last().map(|parameter| parameter.value().to_owned()).filter(|token| !token.is_empty())
}

/// Puts [`TOKEN`] in a token's place, wherever it stands.
pub fn hide(shown: &mut Value, token: &str) {
    match shown {
        Value::String(text) if text == token => TOKEN.clone_into(text),
        Value::String(text) if token.len() >= LEAST && text.contains(token) => {
            *text = text.replace(token, TOKEN);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, token)),
        Value::Object(members) => members.values_mut().for_each(|value| hide(value, token)),
        _ => {}
    }
}

/// A request that is not refused, with the code that replaces it.
fn of_sound(explained: &Explained<'_>, target: &Target<'_>, language: Language) -> Result<Value, String> {
    let mut shown = match explained {
        Explained::Legacy { operation, form } => {
            of_form(operation, form, &target.understand(operation, form)?, target.table)
        }
        Explained::Json { op, payload, warnings } => of_json(op, payload, warnings),
    };
    shown["code"] = code::program(language, &target.call(explained)?).into();
    Ok(shown)
}

fn of_form(operation: &Operation, form: &Form, understood: &Understood<'_>, table: &Table) -> Value {
    let pretty: Value = serde_json::from_slice(&understood.write(operation, TOKEN)).unwrap_or_default();
    let dropped = explain::drops(operation, table, understood);
    let envelope = [("op", "the operation"), ("token", "the application token, untouched")];
    let envelope = envelope.map(|(name, why)| json!({ "at": name, "from": name, "why": why }));
    let id = understood
        .id
        .map(|_| json!({ "at": "id", "from": "id", "why": "your request number, which comes back" }));
    let lines = explain::lines(operation, understood);
    let member = |line: &explain::AccountLine| json!({ "at": line.member, "from": line.parameter.as_deref().unwrap_or("op"), "value": line.value, "why": line.why });
    let members: Vec<Value> = envelope.into_iter().chain(id).chain(lines.iter().map(member)).collect();
    json!({
        "operation": operation.row.name,
        "door": "old",
        "fields": fields(operation, form, understood),
        "dropped": dropped.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect::<Value>(),
        "json": format!("{pretty:#}"),
        "members": members,
        "code": "",
        "query": query(operation, form, understood),
        "refused": null,
    })
}

/// The parameters that have a value, each with where it goes.
fn fields(operation: &Operation, form: &Form, understood: &Understood<'_>) -> Vec<Value> {
    let field = |(slot, sent): (usize, &str)| {
        let param = &operation.plan.params[slot];
        let kind = match param.kind {
            ParamKind::Text => "a text",
            ParamKind::Integer => "a number",
            ParamKind::Boolean => "true or false",
            ParamKind::Bit => "1 or 0",
            ParamKind::List => "one text, items between commas",
        };
        let to: Vec<String> = param.target.places().iter().map(|at| at.dotted()).collect();
        json!({ "name": understood.name(slot), "sent": sent, "to": to, "as": kind, "why": param.doc })
    };
    sent(operation, form, understood).into_iter().map(field).collect()
}

/// The slots that have a value, each with what was sent.
fn sent<'f>(operation: &Operation, form: &'f Form, understood: &Understood<'_>) -> Vec<(usize, &'f str)> {
    let slots = (0..operation.plan.params.len()).filter(|slot| understood.present & bit(*slot) != 0);
    let value = |slot: usize| {
        let name = understood.name(slot);
        form.iter()
            .filter(|parameter| parameter.name() == name)
            .last()
            .map(|parameter| (slot, parameter.value()))
    };
    slots.filter_map(value).collect()
}

/// The same call as a query, with the table's own names and without a token.
fn query(operation: &Operation, form: &Form, understood: &Understood<'_>) -> String {
    let id = understood.id.map(|id| ("id", id.to_string()));
    let own = [("op", operation.row.name.clone()), ("token", TOKEN.to_owned())];
    let params = sent(operation, form, understood)
        .into_iter()
        .map(|(slot, value)| (operation.plan.params[slot].name.as_str(), value.to_owned()));
    let pairs: Vec<(&str, String)> = own.into_iter().chain(id).chain(params).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

fn of_json(op: &str, payload: &str, warnings: &[(String, String)]) -> Value {
    let mut pretty: Value = serde_json::from_str(payload).unwrap_or_default();
    if let Some(token) = pretty.get_mut("token") {
        *token = TOKEN.into();
    }
    json!({
        "operation": op,
        "door": "json",
        "fields": [],
        "dropped": [],
        "warnings": warnings.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect::<Value>(),
        "json": format!("{pretty:#}"),
        "members": [],
        "code": "",
        "query": null,
        "refused": null,
    })
}

fn of_refused(refused: &explain::Refused, table: &Table) -> Value {
    let told: Value = serde_json::from_slice(&refused.body).unwrap_or_default();
    let operation = told["op"].as_str().and_then(|op| table.find(op)).map(|operation| &operation.row.name);
    json!({
        "operation": operation,
        "door": "old",
        "fields": [],
        "dropped": [],
        "json": "",
        "members": [],
        "code": "",
        "query": null,
        "refused": {
            "error": refused.reject.code(),
            "cause": refused.reject.cause(),
            "properties": refused.reject.properties(),
        },
    })
}

/// A call in a program: the request that it would make where its parameters make one, and the code that replaces it.
fn of_code(
    finding: &Finding,
    snapshot: &Snapshot,
    target: &Target<'_>,
    language: Language,
) -> Result<Value, Refused> {
    let shown = match filled(finding, target.table) {
        Some(Filled { sample, examples }) => {
            let mut shown = of_request(&sample, snapshot, target, language)?;
            shown["examples"] = examples.into();
            Some(shown).filter(|shown| shown["refused"].is_null())
        }
        None => None,
    };
    let mut shown = shown.unwrap_or_else(|| of_places(finding));
    shown["doubts"] = json!(finding.doubts);
    shown["code"] = finding.replacement.as_deref().unwrap_or_default().into();
    Ok(shown)
}

/// Where the parameters of a call go of which it is not known whether they are all.
fn of_places(finding: &Finding) -> Value {
    let is_kept = |parameter: &&Parameter| parameter.to.is_some();
    let field = |parameter: &Parameter| {
        let to: Vec<&str> = parameter.to.iter().flat_map(|to| to.split(", ")).collect();
        json!({ "name": parameter.name, "sent": null, "to": to, "as": null, "why": parameter.note })
    };
    let dropped = |parameter: &Parameter| json!({ "name": parameter.name, "why": parameter.note });
    let (kept, left): (Vec<&Parameter>, Vec<&Parameter>) = finding.parameters.iter().partition(is_kept);
    json!({
        "operation": finding.operation.name(),
        "door": "old",
        "fields": kept.into_iter().map(field).collect::<Value>(),
        "dropped": left.into_iter().map(dropped).collect::<Value>(),
        "json": "",
        "members": [],
        "query": null,
        "refused": null,
    })
}
