//! Warnings about settings that `serve` would start with, and that an operator might not want.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::certificate::{CertificateFacts, date};
use crate::config::secret::SecretSource;
use crate::config::{AppUpstream, ClientCertificates, Config, KeySource, Scheme};
use crate::http::net::pem;
use crate::policy::apps::Apps;

/// How many days before its end a certificate is warned about.
const SOON: i64 = 30;
const DAY: i64 = 86_400;

/// Opens the log for append, as `serve` does, and leaves no new file behind.
///
/// # Errors
/// A sentence, if the file cannot be opened.
pub fn log_file(config: &Config) -> Result<(), String> {
    let Some(file) = &config.log.file else {
        return Ok(());
    };
    let was_there = file.exists();
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map_err(|error| format!("log.file: {}: cannot be opened for append: {error}", file.display()))?;
    if !was_there {
        // An empty log that cannot be removed does no harm.
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

/// A sentence for each doubt about the settings.
pub fn of(config: &Config) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut seen: HashSet<AppUpstream> = HashSet::new();
    for target in config.upstreams() {
        if !seen.contains(&target) {
            doubts.extend(of_upstream(&target));
            seen.insert(target);
        }
    }
    if let Some(tls) = &config.tls {
        doubts.extend(of_certificates("tls.certificate", &tls.certificate, 1));
        doubts.extend(of_readers("tls.key", &tls.key));
        if let ClientCertificates::Optional(file) | ClientCertificates::Required(file) = &tls.clients {
            doubts.extend(of_certificates("tls.client_ca", file, usize::MAX));
        }
    }
    for app in &config.apps {
        let keys = app.keys.iter().filter_map(|key| match &key.source {
            KeySource::Secret(source) => Some(source),
            KeySource::Digest(_) => None,
        });
        for source in keys.chain([&app.token]) {
            if let SecretSource::File(file) = source {
                doubts.extend(of_readers(&format!("app `{}`", app.name), file));
            }
        }
    }
    doubts
}

/// A sentence for each set of apps with one token, which upstream cannot tell apart.
pub fn of_sharing(apps: &Apps) -> Vec<String> {
    let told = |names: &Vec<&str>| {
        let first =
            names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(MOST_NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(
            "app: {first}{more} have one and the same token: upstream takes them for one, so they share what is kept, a \
             token that is disabled, and upstream's own limits; one app with a key for each, by a name of its own, says so"
        )
    };
    apps.with_one_token().iter().map(told).collect()
}

/// The most names in one line.
const MOST_NAMES: usize = 10;

fn of_upstream(target: &AppUpstream) -> Vec<String> {
    let mut doubts = Vec::new();
    let (url, host) = (&target.url, target.url.host.trim_end_matches('.').to_ascii_lowercase());
    if matches!(url.path.as_str(), "" | "/") && (host == "mesibo.com" || host.ends_with(".mesibo.com")) {
        doubts.push(format!(
            "upstream.url: {url} has no path: mesibo's JSON API is at https://api.mesibo.com/backend/"
        ));
    }
    if url.path.trim_end_matches('/').ends_with("/api.php") {
        doubts.push(format!("upstream.url: {url} is the old API, which takes no JSON: mesibo's JSON API is at https://api.mesibo.com/backend/"));
    }
    if url.scheme == Scheme::Http {
        if is_public(&host) {
            doubts.push(format!("upstream.url: {url} is plain HTTP to a public host: tokens and messages can be read on the way; give https://"));
        }
        if target.ca_file.is_some() || !target.pins.is_empty() {
            doubts.push(format!("upstream.ca_file and pin_sha256 count for nothing: {url} is plain HTTP"));
        }
    }
    if let Some(file) = &target.ca_file {
        doubts.extend(of_certificates("upstream.ca_file", file, usize::MAX));
    }
    if let Some(SecretSource::File(file)) = target.proxy.as_ref().and_then(|proxy| proxy.password.as_ref()) {
        doubts.extend(of_readers("upstream.proxy_password", file));
    }
    doubts
}

/// Whether networks of others may lie on the way to a host.
fn is_public(host: &str) -> bool {
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
        Ok(std::net::IpAddr::V6(ip)) => {
            !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
        Err(_) => {
            let last = host.rsplit('.').next().unwrap_or_default();
            let own = [
                "localhost",
                "local",
                "internal",
                "lan",
                "home",
                "corp",
                "svc",
                "intranet",
                "test",
                "example",
            ];
            host.contains('.') && !own.contains(&last)
        }
    }
}

/// A sentence for each of the first `most` certificates that has ended, ends soon, or does not hold yet.
pub fn of_certificates(setting: &str, file: &Path, most: usize) -> Vec<String> {
    let certificates = pem::certificates(setting, file).unwrap_or_default();
    let facts = certificates.iter().take(most).filter_map(|certificate| CertificateFacts::of(certificate));
    facts.filter_map(|facts| Some(format!("{setting}: {}: {}", file.display(), end_of(&facts)?))).collect()
}

fn end_of(facts: &CertificateFacts) -> Option<String> {
    let left = facts.until - now();
    if left < 0 {
        return Some(format!(
            "has a certificate that has expired on {}: nobody takes it any more",
            date(facts.until)
        ));
    }
    if facts.from > now() {
        return Some(format!("has a certificate that holds only from {} on", date(facts.from)));
    }
    (left < SOON * DAY)
        .then(|| format!("has a certificate that expires on {}, in {} days", date(facts.until), left / DAY))
}

/// Until when a file's first certificate holds, as the end of a sentence.
pub fn until(file: &Path) -> String {
    let certificates = pem::certificates("", file).unwrap_or_default();
    let facts = certificates.first().and_then(|certificate| CertificateFacts::of(certificate));
    facts.map_or_else(String::new, |facts| format!(", holds until {}", date(facts.until)))
}

/// A sentence, if everybody on this host may read a secret's file.
fn of_readers(setting: &str, file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o004 != 0).then(|| {
        format!("{setting}: {}: everybody on this host may read it: chmod 640, or 600", file.display())
    })
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{end_of, is_public, now, of};
    use crate::config::Layers;
    use crate::config::certificate::{CertificateFacts, Pin};

    fn doubts(toml: &str) -> Vec<String> {
        let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
        of(&layers.config().expect("sound settings"))
    }

    #[test]
    fn an_upstream_that_is_most_likely_another_is_doubted() {
        for (url, doubt) in [
            ("https://api.mesibo.com/backend/", ""),
            ("https://api.mesibo.com", "has no path"),
            ("https://api.mesibo.com./", "has no path"),
            ("https://chat.example.org/", ""),
            ("https://chat.example.org/api.php", "is the old API"),
            ("http://chat.example.org/backend/", "plain HTTP to a public host"),
            ("http://8.8.8.8/backend/", "plain HTTP to a public host"),
            ("http://10.1.2.3/backend/", ""),
            ("http://backend:8080/", ""),
        ] {
            let doubts = doubts(&format!("upstream.url = '{url}'"));
            assert_eq!(doubts.len(), usize::from(!doubt.is_empty()), "{url}: {doubts:?}");
            assert!(doubts.iter().all(|one| one.contains(doubt)), "{url}: {doubts:?}");
        }
    }

    #[test]
    fn names_that_no_public_dns_has_are_nobodys_elses() {
        for host in ["localhost", "db", "a.svc.cluster.local", "a.internal", "::1", "fd00::1", "192.168.0.1"]
        {
            assert!(!is_public(host), "{host}");
        }
        for host in ["a.example.org", "2001:db8::1", "203.0.113.1"] {
            assert!(is_public(host), "{host}");
        }
    }

    #[test]
    fn a_certificate_is_doubted_a_month_before_its_end() {
        let pin = Pin::parse(&"0".repeat(64)).expect("a pin");
        let end = |from, until| end_of(&CertificateFacts { from: now() + from, until: now() + until, pin });
        assert_eq!(end(-9, 31 * 86_400), None);
        assert!(end(-9, 20 * 86_400 + 60).is_some_and(|doubt| doubt.ends_with("in 20 days")));
        assert!(end(-9, -1).is_some_and(|doubt| doubt.contains("has expired on")));
        assert!(end(60, 31 * 86_400).is_some_and(|doubt| doubt.contains("only from")));
    }
}
