//! Reads `[[app]]`: client keys, real tokens, upstreams and limits. Settings name where secrets are, never the secrets
//! themselves.

use std::collections::HashSet;
use std::path::PathBuf;

use super::upstreams::{Numbering, OwnUpstream};
use super::{Endpoint, Limit, Proxy, UpstreamKind};
use crate::config::certificate::Pin;
use crate::config::secret::{Digest, SecretSource};
use crate::protocol::document::{Place, Section};
use crate::protocol::translate::hide::Hidden;

/// One app.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Its name.
    pub name: String,
    /// Where its parts are written.
    pub places: Places,
    /// The keys that old clients send as `token`.
    pub keys: Vec<ClientKey>,
    /// The real application token.
    pub token: SecretSource,
    /// The operations that it may use; empty: all of the table; `*`: also those that the table does not have.
    pub operations: Vec<String>,
    /// Whether its refusals have real HTTP status codes; `None` follows the general setting.
    pub http_status: Option<bool>,
    /// Members that are removed from its answers.
    pub hide: Hidden,
    /// Its upstream, if it has one of its own.
    pub upstream: Option<OwnUpstream>,
    /// Operations with another upstream.
    pub routes: Vec<Route>,
    /// Limits of its own, spent before the general ones.
    pub limits: Vec<Limit>,
}

/// A client key.
#[derive(Debug, Clone)]
pub struct ClientKey {
    /// Its name in logs, if it has one.
    pub name: Option<String>,
    /// Where the key is.
    pub source: KeySource,
}

/// Where parts of an app are written; the app's own place for a part that is not.
#[derive(Debug, Clone)]
pub struct Places {
    /// `keys`
    pub keys: Place,
    /// `token`
    pub token: Place,
    /// `operations`
    pub operations: Place,
    /// `upstream`
    pub upstream: Place,
}

/// A client key, or its digest.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// In a file or a variable.
    Secret(SecretSource),
    /// Its SHA-256.
    Digest(Digest),
}

/// An upstream, as an app or the settings as a whole name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AppUpstream {
    /// The JSON endpoint.
    pub url: Endpoint,
    /// mesibo's server, or the owner's.
    pub kind: UpstreamKind,
    /// Certificates to trust instead of the public CAs'.
    pub ca_file: Option<PathBuf>,
    /// Public keys, of which the certificate must have one; empty: any.
    pub pins: Vec<Pin>,
    /// The HTTP proxy through which it is reached.
    pub proxy: Option<Proxy>,
}

/// Operations with an upstream of their own.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where it is written.
    pub place: Place,
    /// The operations.
    pub operations: Vec<String>,
    /// Their upstream.
    pub to: OwnUpstream,
}

impl AppConfig {
    /// The upstreams that only this app uses.
    pub fn own_upstreams(&self) -> impl Iterator<Item = &OwnUpstream> {
        self.upstream.iter().chain(self.routes.iter().map(|route| &route.to))
    }
}

/// Reads every `[[app]]`.
pub fn read(top: &Section<'_>) -> Vec<AppConfig> {
    let (mut apps, mut names, mut numbering) = (Vec::new(), HashSet::new(), Numbering::default());
    for section in top.sections("app") {
        let app = app(&section, &mut numbering);
        section.finish();
        if let Some(app) = app {
            if !names.insert(app.name.clone()) {
                section.fault_at("name", "is the name of another app already".to_owned());
            }
            apps.push(app);
        }
    }
    apps
}

fn app(section: &Section<'_>, numbering: &mut Numbering) -> Option<AppConfig> {
    let name = section.required_text("name").map(str::to_owned);
    let keys = keys(section);
    let token = token(section);
    let operations = section.texts("operations");
    let http_status =
        section.filled_text("status").and_then(|_| section.one_of("status", &super::rim::STATUS));
    let hide = Hidden::parse(&section.texts("hide")).unwrap_or_else(|what| {
        section.fault_at("hide", what);
        Hidden::default()
    });
    let upstream = section.node("upstream").map(|_| {
        let own = section.section("upstream");
        let target = target(&own);
        own.finish();
        target.map(|target| numbering.give(target))
    });
    let routes = section.sections("routes").into_iter().filter_map(|line| route(&line, numbering)).collect();
    let limits = super::limits::read(section, super::limits::OWN);
    let place = |name| section.node(name).map_or(section.place(), |node| &node.place).clone();
    Some(AppConfig {
        name: name?,
        places: Places {
            keys: place("keys"),
            token: place("token"),
            operations: place("operations"),
            upstream: place("upstream"),
        },
        keys,
        token: token?,
        operations,
        http_status,
        hide,
        upstream: upstream.flatten(),
        routes,
        limits,
    })
}

fn keys(section: &Section<'_>) -> Vec<ClientKey> {
    let lines = section.sections("keys");
    if lines.is_empty() {
        section.fault_here("`keys` is missing: name at least one, as { file = \"…\" }, { env = \"…\" } or { sha256 = \"…\" }".to_owned());
    }
    lines.iter().filter_map(key).collect()
}

fn key(line: &Section<'_>) -> Option<ClientKey> {
    let name = line.filled_text("name").map(str::to_owned);
    let digest = line.parsed("sha256", |text| {
        Digest::parse(text).ok_or_else(|| "is not a SHA-256: give its 64 hex digits".to_owned())
    });
    if digest.is_some() && (line.node("file").is_some() || line.node("env").is_some()) {
        line.fault_here("has `sha256` beside `file` or `env`: a key is known in one way".to_owned());
    }
    let source = source(line, digest.is_none());
    line.finish();
    let source = digest.map(KeySource::Digest).or_else(|| source.map(KeySource::Secret))?;
    Some(ClientKey { name, source })
}

fn token(section: &Section<'_>) -> Option<SecretSource> {
    if section.node("token").is_none() {
        section.fault_here(
            "`token` is missing: say where the real one is, as { file = \"…\" } or { env = \"…\" }"
                .to_owned(),
        );
        return None;
    }
    secret(section, "token", true)
}

/// Reads where a secret is; none may stand in the settings themselves.
pub fn secret(section: &Section<'_>, name: &'static str, required: bool) -> Option<SecretSource> {
    if section.text_without_fault(name).is_some() {
        section.fault_at(name, "is written in the clear: put it into a file or the environment and say { file = \"…\" } or { env = \"…\" }".to_owned());
        return None;
    }
    let line = section.section(name);
    let secret = source(&line, required);
    line.finish();
    secret
}

fn source(line: &Section<'_>, required: bool) -> Option<SecretSource> {
    let file = line.path("file").map(SecretSource::File);
    let variable = line.filled_text("env").map(|name| SecretSource::Environment(name.to_owned()));
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

/// Reads an upstream.
pub fn target(section: &Section<'_>) -> Option<AppUpstream> {
    let url = match section.required_text("url") {
        Some(_) => section.parsed("url", Endpoint::parse),
        None => None,
    };
    let kind = section.one_of("kind", &UpstreamKind::WORDS).unwrap_or(UpstreamKind::Cloud);
    let ca_file = section.path("ca_file");
    let proxy = proxy(section);
    let pins = pins(section);
    Some(AppUpstream { url: url?, kind, ca_file, pins, proxy })
}

fn proxy(section: &Section<'_>) -> Option<Proxy> {
    let mut proxy = section.filled_text("proxy").and_then(|_| section.parsed("proxy", Proxy::parse));
    let password = secret(section, "proxy_password", false);
    match &mut proxy {
        Some(proxy) if proxy.user.is_some() => proxy.password = password,
        // A proxy URL that is refused may have named a user.
        None if section.filled_text("proxy").is_some() => {}
        _ if password.is_some() => section.fault_at(
            "proxy_password",
            "is given, and `proxy` names no user: write it as in http://user@proxy.internal:3128".to_owned(),
        ),
        _ => {}
    }
    proxy
}

/// Reads the pinned keys, of which upstream's certificate must have one.
fn pins(section: &Section<'_>) -> Vec<Pin> {
    let pins: Result<_, _> = section.texts("pin_sha256").iter().map(|text| Pin::parse(text)).collect();
    pins.unwrap_or_else(|why| {
        section.fault_at("pin_sha256", why);
        Vec::new()
    })
}

fn route(line: &Section<'_>, numbering: &mut Numbering) -> Option<Route> {
    let operations = line.texts("operations");
    if operations.is_empty() {
        line.fault_at("operations", "names none: a route is for some operations".to_owned());
    }
    let to = target(line);
    line.finish();
    Some(Route { place: line.place().clone(), operations, to: numbering.give(to?) })
}
