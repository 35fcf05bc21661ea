//! `[[app]]`: who may call as whom. Secrets are named here, never held.

use std::path::PathBuf;

use super::{Endpoint, Kind, Proxy};
use crate::config::limits::Rule;
use crate::config::secret::{Digest, Source};
use crate::protocol::document::Section;

/// One app.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Its name.
    pub name: String,
    /// What old clients send as `token` to be this app.
    pub keys: Vec<KeySource>,
    /// The real application token.
    pub token: Source,
    /// The operations it may use; none: all.
    pub operations: Vec<String>,
    /// Its upstream, if it is not the one of all.
    pub upstream: Option<Target>,
    /// Operations that go elsewhere.
    pub routes: Vec<Route>,
    /// Limits of its own, spent before those of all.
    pub limits: Vec<Rule>,
}

/// A client key, or what is known of one.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In a file or a variable.
    Secret(Source),
    /// Its SHA-256.
    Digest(Digest),
}

/// An upstream of an app's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The JSON endpoint.
    pub url: Endpoint,
    /// Whose server it is.
    pub kind: Kind,
    /// CA certificates to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// The HTTP proxy through which it is reached.
    pub proxy: Option<Proxy>,
}

/// Operations that go to an upstream of their own.
#[derive(Debug, Clone)]
pub struct Route {
    /// The operations.
    pub operations: Vec<String>,
    /// Where they go.
    pub to: Target,
}

/// Reads every `[[app]]`.
pub fn read(top: &Section<'_>) -> Vec<AppConfig> {
    let mut apps: Vec<AppConfig> = Vec::new();
    for section in top.sections("app") {
        let app = app(&section);
        section.finish();
        if let Some(app) = app {
            if apps.iter().any(|other| other.name == app.name) {
                section.fault_at("name", "is the name of another app already".to_owned());
            }
            apps.push(app);
        }
    }
    apps
}

fn app(section: &Section<'_>) -> Option<AppConfig> {
    let name = section.required_text("name").map(str::to_owned);
    let keys = keys(section);
    let token = token(section);
    let operations = section.texts("operations");
    let upstream = section.node("upstream").map(|_| {
        let own = section.section("upstream");
        let target = target(&own);
        own.finish();
        target
    });
    let routes = section.sections("routes").into_iter().filter_map(|line| route(&line)).collect();
    let limits = super::limits::read(section, "limits");
    Some(AppConfig {
        name: name?,
        keys,
        token: token?,
        operations,
        upstream: upstream.flatten(),
        routes,
        limits,
    })
}

fn keys(section: &Section<'_>) -> Vec<KeySource> {
    let lines = section.sections("keys");
    if lines.is_empty() {
        section.fault_here("`keys` is missing: name at least one, as { file = \"…\" }, { env = \"…\" } or { sha256 = \"…\" }".to_owned());
    }
    lines.iter().filter_map(key).collect()
}

fn key(line: &Section<'_>) -> Option<KeySource> {
    let digest = line.parsed("sha256", |text| {
        Digest::parse(text).ok_or_else(|| "is not a SHA-256: give its 64 hex digits".to_owned())
    });
    if digest.is_some() && (line.node("file").is_some() || line.node("env").is_some()) {
        line.fault_here("has `sha256` beside `file` or `env`: a key is known in one way".to_owned());
    }
    let source = source(line, digest.is_none());
    line.finish();
    digest.map(KeySource::Digest).or_else(|| source.map(KeySource::Secret))
}

fn token(section: &Section<'_>) -> Option<Source> {
    if section.node("token").is_none() {
        section.fault_here(
            "`token` is missing: say where the real one is, as { file = \"…\" } or { env = \"…\" }"
                .to_owned(),
        );
        return None;
    }
    if section.text_without_fault("token").is_some() {
        section.fault_at("token", "is written in the clear: put it into a file or the environment and say { file = \"…\" } or { env = \"…\" }".to_owned());
        return None;
    }
    let line = section.section("token");
    let token = source(&line, true);
    line.finish();
    token
}

fn source(line: &Section<'_>, required: bool) -> Option<Source> {
    let file = line.filled_text("file").map(|file| Source::File(file.into()));
    let variable = line.filled_text("env").map(|name| Source::Environment(name.to_owned()));
    match (file, variable) {
        (Some(_), Some(_)) => {
            line.fault_here("has both `file` and `env`: a secret is in one place".to_owned());
            None
        }
        (None, None) if required => {
            line.fault_here("names no secret: say { file = \"…\" } or { env = \"…\" }".to_owned());
            None
        }
        (file, variable) => file.or(variable),
    }
}

/// Reads where an upstream is.
pub fn target(section: &Section<'_>) -> Option<Target> {
    let url = match section.required_text("url") {
        Some(_) => section.parsed("url", Endpoint::parse),
        None => None,
    };
    let kind = section.parsed("kind", Kind::parse).unwrap_or(Kind::Cloud);
    let ca_file = section.filled_text("ca_file").map(PathBuf::from);
    let proxy = section.filled_text("proxy").and_then(|_| section.parsed("proxy", Proxy::parse));
    Some(Target { url: url?, kind, ca_file, proxy })
}

fn route(line: &Section<'_>) -> Option<Route> {
    let operations = line.texts("operations");
    if operations.is_empty() {
        line.fault_at("operations", "names none: a route is for some operations".to_owned());
    }
    let to = target(line);
    line.finish();
    Some(Route { operations, to: to? })
}
