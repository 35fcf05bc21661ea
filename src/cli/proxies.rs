//! Proxies that the environment names: other programs use them, and the gateway does not.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::config::{AppUpstream, Config};

/// The variables that name a proxy, or hosts that need none; the names in lower case count as well.
const ALL: &str = "ALL_PROXY";
const HTTP: &str = "HTTP_PROXY";
const HTTPS: &str = "HTTPS_PROXY";
const NONE: &str = "NO_PROXY";

/// The values of these variables, to be read by curl's rules.
///
/// No `Debug`: a proxy's URL may have a password in it.
pub struct Proxies(Vec<(String, String)>);

impl Proxies {
    /// Picks the variables about proxies out of the environment's.
    pub fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let is_about = |name: &str| [ALL, HTTP, HTTPS, NONE].iter().any(|one| one.eq_ignore_ascii_case(name));
        Self(variables.filter(|(name, value)| is_about(name) && !value.trim().is_empty()).collect())
    }

    /// A sentence for each variable whose proxy an upstream would be asked through, if the gateway used such variables.
    #[must_use]
    pub fn unheeded(&self, config: &Config) -> Vec<String> {
        let upstreams = config.upstreams();
        let leads = |(name, value): &&(String, String)| {
            upstreams.iter().any(|target| target.proxy.is_none() && self.leads(name, value, target))
        };
        let told = |(name, _): &(String, String)| {
            format!(
                "{name} is set in the environment and counts for nothing: name the proxy in upstream.proxy"
            )
        };
        self.0.iter().filter(leads).map(told).collect()
    }

    fn leads(&self, name: &str, value: &str, target: &AppUpstream) -> bool {
        let mut matcher = Matcher::builder();
        matcher = match name.to_ascii_uppercase().as_str() {
            ALL => matcher.all(value),
            HTTP => matcher.http(value),
            HTTPS => matcher.https(value),
            _ => return false,
        };
        if let Some((_, hosts)) = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(NONE)) {
            matcher = matcher.no(hosts.as_str());
        }
        let url = target.url.to_string().parse::<Uri>();
        url.is_ok_and(|url| matcher.build().intercept(&url).is_some())
    }
}
