//! PHP: `file_get_contents`, curl, Guzzle, Laravel.

use super::super::finding::Edit;
use super::super::replacement::payload;
use super::super::site::{Context, Habit, Site};
use super::super::tongue::Tongue;
use super::Sender;
use crate::code::Node;

pub(super) fn edits(context: &Context, site: &Site, sender: &Sender, node: &Node) -> Option<Vec<Edit>> {
    let (source, url) = (context.source, &sender.url);
    let json = payload(Tongue::Php, node);
    let text = match sender.callee.trim_start_matches(['@', '\\']) {
        "file_get_contents" if sender.is_alone(site) => stream(url, &json),
        "curl_init" if sender.is_alone(site) => return curl(context, site, sender, &json),
        "curl_setopt" if site.habit == Habit::Url => return curl(context, site, sender, &json),
        "Http::get" if sender.is_alone(site) || sender.has_map(context, site, 0, None) => {
            format!("Http::post({url}, {json})")
        }
        "Http::asForm()->post" if sender.has_map(context, site, 0, None) => {
            format!("Http::post({url}, {json})")
        }
        callee => guzzle(context, site, sender, callee, &json)?,
    };
    Some(sender.replaced(source, text))
}

/// What reads a URL as a file, with a context that posts.
pub(super) fn stream(url: &str, json: &str) -> String {
    format!(
        "file_get_contents({url}, false, stream_context_create(['http' => ['method' => 'POST', \
         'header' => 'Content-Type: application/json', 'content' => json_encode({json})]]))"
    )
}

/// A client that was made as Guzzle's in this file.
fn guzzle(context: &Context, site: &Site, sender: &Sender, callee: &str, json: &str) -> Option<String> {
    let (client, method) = callee.rsplit_once("->")?;
    let name = client.rsplit("->").next()?.trim_start_matches('$');
    let source = context.source;
    let is_client = context.names.named(name).any(|assigned| {
        let made = source.slice(&assigned.range);
        let options = ["query", "form_params", "json", "body"];
        let has =
            |option: &&str| made.contains(&format!("'{option}'")) || made.contains(&format!("\"{option}\""));
        let has_own = options.iter().any(has);
        made.starts_with("new ") && made.contains("Client(") && !has_own
    });
    if !is_client || !source.uses("GuzzleHttp") {
        return None;
    }
    let url = &sender.url;
    let is_url =
        |at: usize| site.habit == Habit::Url && sender.arguments.len() == at + 1 && sender.index == at;
    let has = |at: usize, options: &[&str]| sender.has_map(context, site, at, Some(options));
    match method {
        "get" if is_url(0) || has(0, &["query"]) => {
            Some(format!("{client}->post({url}, ['json' => {json}])"))
        }
        "post" if is_url(0) || has(0, &["query", "form_params"]) => {
            Some(format!("{client}->post({url}, ['json' => {json}])"))
        }
        "request" if is_url(1) || has(1, &["query", "form_params"]) => {
            Some(format!("{client}->request('POST', {url}, ['json' => {json}])"))
        }
        _ => None,
    }
}

/// Options of curl that say what is sent, and how.
const OPTIONS: [&str; 8] = [
    "CURLOPT_POSTFIELDS",
    "CURLOPT_HTTPHEADER",
    "CURLOPT_HTTPGET",
    "CURLOPT_CUSTOMREQUEST",
    "CURLOPT_POST",
    "CURLOPT_PUT",
    "CURLOPT_NOBODY",
    "curl_setopt_array",
];

/// A handle that does nothing but get one URL: it is given the body and its type.
fn curl(context: &Context, site: &Site, sender: &Sender, json: &str) -> Option<Vec<Edit>> {
    let source = context.source;
    let body = source.body(sender.open);
    let has_other = body.clone().any(|at| source.word(at).is_some_and(|word| OPTIONS.contains(&word)));
    let urls = body.filter(|at| source.word(*at) == Some("CURLOPT_URL")).count();
    let is_init = sender.callee.ends_with("curl_init");
    let handle = if is_init {
        context.receiver(sender.range.start).map(|(name, _)| format!("${name}"))?
    } else {
        let [handle, option, _] = sender.arguments.as_slice() else { return None };
        (source.slice(option) == "CURLOPT_URL").then(|| source.slice(handle).to_owned())?
    };
    let is_statement = source.is_mark(sender.range.end, ";") && urls == usize::from(!is_init) && !has_other;
    let own = source.span(&site.range);
    if !is_statement {
        return None;
    }
    let end = source.span(&(sender.range.end..sender.range.end + 1)).end;
    let line = source.text[..source.span(&sender.range).start].rfind('\n').map_or(0, |at| at + 1);
    let margin: String = source.text[line..].chars().take_while(|it| matches!(it, ' ' | '\t')).collect();
    let newline = if source.text[end..].starts_with("\r\n") { "\r\n" } else { "\n" };
    let more = format!(
        "{newline}{margin}curl_setopt({handle}, CURLOPT_POSTFIELDS, json_encode({json}));\
         {newline}{margin}curl_setopt({handle}, CURLOPT_HTTPHEADER, ['Content-Type: application/json']);"
    );
    let mut edits = vec![Edit { span: end..end, text: more }];
    if sender.also.is_none() {
        edits.push(Edit { span: own, text: sender.url.clone() });
    }
    Some(edits)
}
