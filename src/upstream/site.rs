//! What all workers know together of one upstream, and what outlives a change of settings that does
//! not concern it.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::header::HeaderValue;

use super::breaker::Breaker;
use super::budget::RetryBudget;
use super::tls::UpstreamTls;
use crate::config::secret::Environment;
use crate::config::{self, AppUpstream, Config, PerUpstream};
use crate::policy::seldom::Seldom;

/// One upstream.
pub struct Site {
    /// Where it is.
    pub target: AppUpstream,
    /// How metrics and logs call it: host and, where it is not the scheme's own, port.
    pub name: String,
    /// Whether it is left alone.
    pub breaker: Breaker,
    /// How many repeats it may be given.
    pub budget: RetryBudget,
    /// That it could not be reached: whoever asks again and again must not fill the log with it.
    pub(super) unreached: Seldom,
    /// That it answered with what is no answer of the API; the same.
    pub(super) unlike: Seldom,
    pub(super) tls: Option<UpstreamTls>,
    /// What its proxy is told of who asks.
    pub(super) login: Option<HeaderValue>,
    /// What the CA file held when `tls` was made of it.
    ca: Option<Vec<u8>>,
    settings: (config::BreakerConfig, u32),
}

impl Site {
    /// The site of each of [`Config::upstreams`], in their order; targets that are the same have one
    /// together. Those of `before` that nothing has changed for are kept, with what they know.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file or a proxy's password that cannot be read, a host that no
    /// certificate can name.
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

    /// When the first certificate of its CA file ends, in seconds since 1970; none without one.
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
            // Just read without a fault; if it has gone since, it counts as changed.
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
