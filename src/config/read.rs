//! The merged document → [`Config`]. No default stands here: each is in the shipped file.

use std::net::IpAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::{
    CacheConfig, Caps, ClientAddress, Config, Cors, Deadlines, Endpoint, Keys, Kind, Listen, Log, Upstream,
};
use crate::cache::Settings;
use crate::document::Section;

/// Reads every section, so that all faults are found, then keys that nothing asked for.
pub fn config(top: &Section<'_>) -> Option<Config> {
    let operations = top.filled_text("operations").map(PathBuf::from);
    let profiles = top.texts("profiles");
    let refuse_unknown_tokens = top.parsed("unknown_tokens", |text| match text {
        "pass" => Ok(false),
        "refuse" => Ok(true),
        _ => Err(format!("`{text}` is none of pass, refuse")),
    });
    let apps = super::apps::read(top);
    let limits = super::limits::read(top, "limit");
    let cache = read(top, "cache", cache);
    let keys = read(top, "keys", keys);
    let listen = read(top, "listen", listen);
    let admin = read(top, "admin", |admin| admin.parsed("address", address));
    let upstream = read(top, "upstream", upstream);
    let http_status = read(top, "legacy", |legacy| legacy.parsed("status", status));
    let cors = read(top, "cors", cors);
    let deadline = read(top, "deadline", deadlines);
    let cap = read(top, "cap", caps);
    let log = read(top, "log", log);
    top.finish();
    Some(Config {
        operations,
        profiles,
        refuse_unknown_tokens: refuse_unknown_tokens?,
        apps,
        limits,
        cache: cache?,
        keys: keys?,
        listen: listen?,
        admin: admin?,
        upstream: upstream?,
        http_status: http_status?,
        cors: cors?,
        deadline: deadline?,
        cap: cap?,
        log: log?,
    })
}

fn read<T>(top: &Section<'_>, name: &'static str, read: impl FnOnce(&Section<'_>) -> Option<T>) -> Option<T> {
    let section = top.section(name);
    let value = read(&section);
    section.finish();
    value
}

fn listen(section: &Section<'_>) -> Option<Listen> {
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
    let client_address = section.parsed("client_address", client_address);
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
    Some(Listen {
        address: address?,
        paths,
        workers: workers?,
        client_address: client_address?,
        trusted_proxies,
    })
}

fn client_address(text: &str) -> Result<ClientAddress, String> {
    match text {
        "socket" => Ok(ClientAddress::Socket),
        "x-forwarded-for" => Ok(ClientAddress::XForwardedFor),
        "forwarded" => Ok(ClientAddress::Forwarded),
        "proxy-protocol" => Ok(ClientAddress::ProxyProtocol),
        _ => Err(format!("`{text}` is none of socket, x-forwarded-for, forwarded, proxy-protocol")),
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn cache(section: &Section<'_>) -> Option<CacheConfig> {
    let [fresh, stale_while_revalidate, stale_if_error] =
        ["fresh", "stale_while_revalidate", "stale_if_error"].map(|name| time_or_none(section, name));
    let bytes = size(section, "bytes");
    let entry_bytes = size(section, "entry_bytes");
    let honour_no_cache = section.boolean("honour_no_cache");
    let kept = Settings {
        fresh: fresh?,
        stale_while_revalidate: stale_while_revalidate?,
        stale_if_error: stale_if_error?,
        bytes: bytes? as u64,
        entry_bytes: entry_bytes?,
    };
    Some(CacheConfig { kept, honour_no_cache: honour_no_cache? })
}

fn keys(section: &Section<'_>) -> Option<Keys> {
    let most = size(section, "most");
    let interval = time(section, "interval");
    Some(Keys { most: most?, interval: interval? })
}

fn upstream(section: &Section<'_>) -> Option<Upstream> {
    let url = section.parsed("url", Endpoint::parse);
    let kind = section.parsed("kind", Kind::parse);
    let ca_file = section.filled_text("ca_file").map(PathBuf::from);
    let idle_connections = size(section, "idle_connections");
    let idle_timeout = time(section, "idle_timeout");
    Some(Upstream {
        url: url?,
        kind: kind?,
        ca_file,
        idle_connections: idle_connections?,
        idle_timeout: idle_timeout?,
    })
}

fn cors(section: &Section<'_>) -> Option<Cors> {
    let origins = section.texts("origins");
    // Compared byte for byte with what browsers send: lower case, no port that is the scheme's own.
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

fn deadlines(section: &Section<'_>) -> Option<Deadlines> {
    let [first_byte, head, body, idle] =
        ["first_byte", "head", "body", "idle"].map(|name| time(section, name));
    let [connect, upstream_first_byte, total, drain] =
        ["connect", "upstream_first_byte", "total", "drain"].map(|name| time(section, name));
    Some(Deadlines {
        first_byte: first_byte?,
        head: head?,
        body: body?,
        idle: idle?,
        connect: connect?,
        upstream_first_byte: upstream_first_byte?,
        total: total?,
        drain: drain?,
    })
}

fn caps(section: &Section<'_>) -> Option<Caps> {
    let [target, head, headers] = ["target", "head", "headers"].map(|name| size(section, name));
    let [body, pairs, answer] = ["body", "pairs", "answer"].map(|name| size(section, name));
    if head.is_some_and(|head| head < LEAST_HEAD) {
        section.fault_at("head", format!("is below {LEAST_HEAD}, the least that the HTTP parser works with"));
    }
    Some(Caps {
        target: target?,
        head: head?,
        headers: headers?,
        body: body?,
        pairs: pairs?,
        answer: answer?,
    })
}

/// hyper's least read buffer.
const LEAST_HEAD: usize = 8192;

fn log(section: &Section<'_>) -> Option<Log> {
    let json = section.parsed("format", |text| match text {
        "json" => Ok(true),
        "text" => Ok(false),
        _ => Err(format!("`{text}` is none of json, text")),
    });
    let level = section.parsed("level", |text| {
        text.parse().map_err(|_| format!("`{text}` is none of error, warn, info, debug, trace"))
    });
    let access = section.boolean("access");
    let file = section.filled_text("file").map(PathBuf::from);
    Some(Log { json: json?, level: level?, access: access?, file })
}

fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no address: give IP and port, as in 127.0.0.1:8080 or [::1]:8080"))
}

fn status(text: &str) -> Result<bool, String> {
    match text {
        "200" => Ok(false),
        "http" => Ok(true),
        _ => Err(format!("`{text}` is none of 200, http")),
    }
}

fn size(section: &Section<'_>, name: &'static str) -> Option<usize> {
    match section.integer(name).map(usize::try_from)? {
        Ok(size) if size > 0 => Some(size),
        _ => {
            section.fault_at(name, "must be 1 or more: nothing works without".to_owned());
            None
        }
    }
}

fn time(section: &Section<'_>, name: &'static str) -> Option<Duration> {
    section.parsed(name, |text| match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() && time <= LONGEST => Ok(time),
        _ => Err(format!(
            "`{text}` is no time: give a number above 0 with a unit, such as 500ms, 10s or 2m, a day at most"
        )),
    })
}

/// A time of which none is one too.
fn time_or_none(section: &Section<'_>, name: &'static str) -> Option<Duration> {
    section.parsed(name, |text| match humantime::parse_duration(text) {
        Ok(time) if time <= LONGEST => Ok(time),
        _ => Err(format!(
            "`{text}` is no time: give a number with a unit, such as 0s, 10s or 2m, a day at most"
        )),
    })
}

/// A day: beyond it a setting is a slip of the pen.
const LONGEST: Duration = Duration::from_hours(24);
