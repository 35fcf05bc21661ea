//! The state of one upstream that all workers share, and that survives a reload which does not concern it.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::header::HeaderValue;

use super::breaker::Breaker;
use super::budget::RetryBudget;
use super::tls::UpstreamTls;
use crate::config::secret::Environment;
use crate::config::{self, AppUpstream, Config, PerUpstream};
use crate::policy::seldom::Seldom;

/// One upstream, for all workers.
pub struct Site {
    /// Its address and how to connect.
    pub target: AppUpstream,
    /// Its name in metrics and logs: the host, with the port where it is not the scheme's own.
    pub name: String,
    /// Its circuit breaker.
    pub breaker: Breaker,
    /// The budget of its retries.
    pub budget: RetryBudget,
    /// Limits how often the log says that it could not be reached.
    pub(super) unreached: Seldom,
    /// Limits how often the log says that its answer is not the API's.
    pub(super) unlike: Seldom,
    pub(super) tls: Option<UpstreamTls>,
    /// The authorization for its proxy.
    pub(super) login: Option<HeaderValue>,
    /// The content of the CA file from which `tls` was made.
    ca: Option<Vec<u8>>,
    settings: (config::BreakerConfig, u32),
}

impl Site {
    /// The site of each of [`Config::upstreams`], in order; equal targets share one. Sites of `before` for
    /// which nothing has changed are kept, with their state.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file or a proxy's password cannot be read, or no certificate can
    /// name the host.
    pub fn all(
        config: &Config,
        environment: &Environment,
        before: Option<&PerUpstream<Arc<Self>>>,
    ) -> Result<PerUpstream<Arc<Self>>, String> {
        let former = before.into_iter().flatten();
        let former: HashMap<&AppUpstream, &Arc<Self>> = former.map(|site| (&site.target, site)).collect();
        let mut made: HashMap<AppUpstream, Arc<Self>> = HashMap::new();
        let site = |target: &AppUpstream| {
            if let Some(site) = made.get(target) {
                return Ok(site.clone());
            }
            let fresh = Self::new(config, environment, target.clone())?;
            let known = former.get(&fresh.target).filter(|known| known.is(&fresh));
            let site = known.map_or_else(|| Arc::new(fresh), |known| Arc::clone(known));
            made.insert(site.target.clone(), site.clone());
            Ok(site)
        };
        config.upstreams().try_map(site)
    }

    /// When the first certificate of its CA file expires, in seconds since 1970; `None` without one.
    #[must_use]
    pub fn ca_expiry(&self) -> Option<i64> {
        self.tls.as_ref().and_then(|tls| tls.expiry)
    }

    fn new(config: &Config, environment: &Environment, target: AppUpstream) -> Result<Self, String> {
        let name = target.url.authority();
        Ok(Self {
            breaker: Breaker::new(config.breaker, name.clone()),
            budget: RetryBudget::new(config.retry.share),
            unreached: Seldom::default(),
            unlike: Seldom::default(),
            tls: UpstreamTls::new(&target)?,
            login: target.proxy.as_ref().map_or(Ok(None), |proxy| proxy.login(environment))?,
            // The file was just read without an error; if it is gone since, it counts as changed.
            ca: target.ca_file.as_ref().and_then(|file| std::fs::read(file).ok()),
            settings: (config.breaker, config.retry.share),
            name,
            target,
        })
    }

    fn is(&self, other: &Self) -> bool {
        let is_as_whom = self.login == other.login;
        is_as_whom && self.target == other.target && self.ca == other.ca && self.settings == other.settings
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Site;
    use crate::config::secret::Environment;
    use crate::config::{Config, Layers, PerUpstream};

    fn config(toml: &str) -> Config {
        let app = "[[app]]\nname = 'a'\nkeys = [{ env = 'K' }]\ntoken = { env = 'T' }\n\
                   routes = [{ operations = ['useradd'], url = 'http://a/' }, { operations = ['otp'], url = 'http://a/' }]\n";
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &format!("{app}{toml}")));
        layers.expect("sound TOML").config().expect("sound settings")
    }

    type Sites = PerUpstream<Arc<Site>>;

    fn sites(config: &Config, before: Option<&Sites>) -> Sites {
        Site::all(config, &Environment::default(), before).expect("sites")
    }

    fn are(sites: &Sites, before: &Sites) -> Vec<bool> {
        sites.iter().zip(before).map(|(site, before)| Arc::ptr_eq(site, before)).collect()
    }

    #[test]
    fn what_nothing_has_changed_for_is_kept_with_what_it_knows() {
        let first = sites(&config(""), None);
        let [_, own, its_twin] = &first.iter().collect::<Vec<_>>()[..] else { panic!("three upstreams") };
        assert!(Arc::ptr_eq(own, its_twin), "one target is one upstream");
        let same = sites(&config("[log]\nlevel = 'warn'"), Some(&first));
        assert_eq!(are(&same, &first), [true, true, true]);
        let moved = sites(&config("[upstream]\nurl = 'http://b/'"), Some(&first));
        assert_eq!(are(&moved, &first), [false, true, true]);
        let other = sites(&config("[breaker]\nfailures = 7"), Some(&first));
        assert_eq!(are(&other, &first), [false, false, false]);
    }
}
