//! Refuses addresses that cannot be intended: one address for two listeners, and a gateway that is its own upstream.

use std::net::{IpAddr, SocketAddr};

use super::{AppConfig, AppUpstream, Endpoint};
use crate::protocol::document::Section;

/// Reports such addresses as far as the settings show them; a port that the system chooses cannot be compared.
pub fn check(top: &Section<'_>, [listen, admin]: [SocketAddr; 2], all: &AppUpstream, apps: &[AppConfig]) {
    if listen == admin && listen.port() != 0 {
        let what =
            format!("is {admin}, the address of the other listener (listen.address): each needs its own");
        top.section("admin").fault_at("address", what);
    }
    let own = [("listen.address", listen), ("admin.address", admin)];
    let is_own = |target: &AppUpstream| own.into_iter().find(|(_, address)| leads_to(&target.url, *address));
    if let Some((setting, _)) = is_own(all) {
        top.section("upstream").fault_at("url", of_own(setting));
    }
    for app in apps {
        let upstream = app.upstream.iter().map(|own| (&app.places.upstream, "upstream", &own.target));
        let routes = app.routes.iter().map(|route| (&route.place, "routes", &route.to.target));
        for (place, list, target) in upstream.chain(routes) {
            if let Some((setting, _)) = is_own(target) {
                top.fault_in(
                    place,
                    &format!("app.{}.{list}", app.name),
                    format!("the url {}", of_own(setting)),
                );
            }
        }
    }
}

fn of_own(setting: &str) -> String {
    format!(
        "is this gateway's own address ({setting}): give that of the JSON API, as in https://api.mesibo.com/backend/"
    )
}

fn leads_to(url: &Endpoint, address: SocketAddr) -> bool {
    let is_here = match url.host.parse::<IpAddr>() {
        Ok(ip) if address.ip().is_unspecified() => ip.is_loopback() || ip.is_unspecified(),
        Ok(ip) => ip == address.ip(),
        Err(_) => {
            url.host.eq_ignore_ascii_case("localhost")
                && (address.ip().is_loopback() || address.ip().is_unspecified())
        }
    };
    is_here && url.port == address.port() && address.port() != 0
}

#[cfg(test)]
mod tests {
    use crate::config::Layers;

    fn faults(toml: &str) -> Vec<String> {
        let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
        layers.config().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_gateway_is_not_its_own_upstream() {
        for (listen, url, is_fault) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/backend/", true),
            ("127.0.0.1:8080", "http://localhost:8080/", true),
            ("0.0.0.0:8080", "http://127.0.0.1:8080/", true),
            ("[::]:8080", "https://[::1]:8080/", true),
            ("0.0.0.0:80", "http://localhost/", true),
            ("127.0.0.1:8080", "http://127.0.0.1:8081/", false),
            ("127.0.0.1:8080", "http://127.0.0.2:8080/", false),
            ("127.0.0.1:0", "http://127.0.0.1:0001/", false),
        ] {
            let faults = faults(&format!("listen.address = '{listen}'\nupstream.url = '{url}'"));
            assert_eq!(faults.len(), usize::from(is_fault), "{listen} {url}: {faults:?}");
            assert!(
                faults.iter().all(|fault| fault.starts_with("test:2: `upstream.url`: is this gateway's own"))
            );
        }
        let app = "listen.address = '127.0.0.1:8080'\n[[app]]\nname = 'a'\nkeys = [{ env = 'K' }]\ntoken = { env = 'T' }\n\
                   upstream.url = 'http://127.0.0.1:8080/'";
        assert!(
            faults(app)[0].starts_with("test:6: `app.a.upstream`: the url is this gateway's own"),
            "{:?}",
            faults(app)
        );
        let route = app.replace("upstream.url = ", "routes = [{ operations = ['otp'], url = ") + " }]";
        let faults = faults(&route);
        assert!(faults[0].starts_with("test:6: `app.a.routes`: the url is this gateway's own"), "{faults:?}");
    }

    #[test]
    fn two_listeners_have_two_addresses() {
        let same = faults("listen.address = '127.0.0.1:8080'\nadmin.address = '127.0.0.1:8080'");
        assert!(
            same.len() == 1 && same[0].starts_with("test:2: `admin.address`: is 127.0.0.1:8080"),
            "{same:?}"
        );
        assert!(faults("listen.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'").is_empty());
    }
}
