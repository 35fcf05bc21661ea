//! Reads the settings of the clients' side: `[listen]`, `[tls]`, `[legacy]`, `[cors]` and the addresses.

use std::net::IpAddr;
use std::num::NonZero;
use std::path::PathBuf;

use ipnet::IpNet;

use super::quantities::time;
use super::{AdminConfig, ClientAddress, ClientCertificates, Cors, LegacyConfig, Listen, TlsFiles};
use crate::protocol::document::{Section, none_of};

/// `[listen]`
pub fn listen(section: &Section<'_>) -> Option<Listen> {
    let address = section.parsed("address", address);
    let paths = section.texts("paths");
    let is_path = |path: &String| {
        path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte))
    };
    if paths.is_empty() || !paths.iter().all(is_path) {
        section.fault_at(
            "paths",
            "is a list of paths, each beginning with `/` and without `?`, `#` and spaces".to_owned(),
        );
    }
    let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = match section.integer("workers").map(usize::try_from) {
        Some(Ok(0)) => Some(cores()),
        Some(Ok(workers)) if workers <= 256 => Some(workers),
        Some(_) => {
            section.fault_at("workers", "is over 256: one for each core is enough".to_owned());
            None
        }
        None => None,
    };
    let client_address = section.one_of("client_address", &ClientAddress::WORDS);
    let networks = section.texts("trusted_proxies");
    let trusted_proxies: Vec<IpNet> = networks.iter().filter_map(|text| network(text)).collect();
    if trusted_proxies.len() < networks.len() {
        let what = "is a list of addresses and networks, such as 10.0.0.0/8, fd00::/8 or 127.0.0.1";
        section.fault_at("trusted_proxies", what.to_owned());
    }
    if networks.is_empty() && client_address.is_some_and(|from| from != ClientAddress::Socket) {
        let what = "is empty, so nobody's word counts: name the proxies that stand in front";
        section.fault_at("trusted_proxies", what.to_owned());
    }
    let hosts = hosts(section);
    let http2 = section.boolean("http2");
    Some(Listen {
        address: address?,
        paths,
        workers: workers?,
        client_address: client_address?,
        trusted_proxies,
        hosts,
        http2: http2?,
    })
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// `[admin]`: the address, and host names besides those that no public DNS has.
pub fn admin(section: &Section<'_>) -> Option<AdminConfig> {
    let address = section.parsed("address", address);
    let hosts: Vec<String> = section.texts("hosts").iter().map(|host| host.to_ascii_lowercase()).collect();
    let is_name = |host: &String| host == "*" || (!host.contains([':', '@', '/', ' ']) && !host.is_empty());
    if !hosts.iter().all(is_name) {
        let what = "has one that is no name: give names without a port, as in metrics.example.com, or *";
        section.fault_at("hosts", what.to_owned());
    }
    Some(AdminConfig { address: address?, hosts })
}

fn hosts(section: &Section<'_>) -> Vec<String> {
    let hosts: Vec<String> = section.texts("hosts").iter().map(|host| host.to_ascii_lowercase()).collect();
    let is_host = |host: &String| {
        host.parse::<hyper::http::uri::Authority>().is_ok_and(|authority| !authority.as_str().contains('@'))
    };
    if !hosts.iter().all(is_host) {
        let what = "has one that no Host header has: give a name, with a port where it is not the scheme's own, as in api.example.com or 10.0.0.5:8080";
        section.fault_at("hosts", what.to_owned());
    }
    hosts
}

/// `[tls]`: `None` inside without a certificate and a key.
#[allow(clippy::option_option)] // outside: whether it is sound; inside: whether there is one
pub fn tls(section: &Section<'_>) -> Option<Option<TlsFiles>> {
    let [certificate, key, client_ca] = ["certificate", "key", "client_ca"].map(|name| section.path(name));
    let only_1_3 = section.one_of("minimum", &[("1.2", false), ("1.3", true)]);
    let clients = client_certificates(section, client_ca)?;
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(Some(TlsFiles { certificate, key, only_1_3: only_1_3?, clients }))
        }
        (None, None) if clients == ClientCertificates::Off => Some(None),
        (None, None) => {
            section.fault_at(
                "clients",
                "needs `certificate` and `key`: without them there is no TLS".to_owned(),
            );
            None
        }
        (certificate, _) => {
            let given = if certificate.is_some() { "certificate" } else { "key" };
            section.fault_at(given, "is alone: TLS needs both `certificate` and `key`".to_owned());
            None
        }
    }
}

/// Makes the setting from the file of CA certificates.
type CheckedBy = fn(PathBuf) -> ClientCertificates;

/// Reads client certificates, which are verified by those of `client_ca`.
fn client_certificates(section: &Section<'_>, client_ca: Option<PathBuf>) -> Option<ClientCertificates> {
    let by: [(&str, Option<CheckedBy>); 3] = [
        ("off", None),
        ("optional", Some(ClientCertificates::Optional)),
        ("required", Some(ClientCertificates::Required)),
    ];
    let what = match (section.one_of("clients", &by)?, client_ca) {
        (None, None) => return Some(ClientCertificates::Off),
        (Some(checked_by), Some(ca)) => return Some(checked_by(ca)),
        (None, Some(_)) => "is given, and `clients` is off: nobody would be checked",
        (Some(_), None) => "is empty: name the CA certificates that clients' own come from",
    };
    section.fault_at("client_ca", what.to_owned());
    None
}

/// The Content-Types that the legacy door's answers may have. Browsers run none of them: callers choose names and
/// addresses in answers.
const TYPES: [&str; 3] = ["application/json; charset=utf-8", "application/json", "text/plain; charset=utf-8"];

/// `[legacy]`
pub fn legacy(section: &Section<'_>) -> Option<LegacyConfig> {
    let http_status = section.one_of("status", &STATUS);
    let content_type = section.parsed("content_type", |text| {
        let known = TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(text));
        let quoted = TYPES.map(|known| format!("\"{known}\""));
        known.ok_or_else(|| none_of(text, quoted.iter().map(String::as_str)))
    });
    let token_first = section.boolean("token_first");
    Some(LegacyConfig { http_status: http_status?, content_type: content_type?, token_first: token_first? })
}

/// Whether refusals have real HTTP status codes.
pub const STATUS: [(&str, bool); 2] = [("200", false), ("http", true)];

/// `[cors]`
pub fn cors(section: &Section<'_>) -> Option<Cors> {
    let origins = section.texts("origins");
    // Origins are compared byte for byte with what browsers send: lower case, without the scheme's default port.
    let is_origin = |origin: &String| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
        host.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
            && !origin.ends_with(":443")
            && !origin.ends_with(":80")
    };
    if !origins.iter().all(|origin| origin == "*" || is_origin(origin)) {
        section.fault_at("origins", "has one that no browser sends: give scheme and host in lower case, as in https://console.example.com, or *".to_owned());
    }
    Some(Cors { origins, max_age: time(section, "max_age")? })
}

/// An address to listen on.
///
/// # Errors
/// A sentence that says what would be right.
pub fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no address: give IP and port, as in 127.0.0.1:8080 or [::1]:8080"))
}
