//! What all workers know together of one upstream, and what outlives a change of settings that does
//! not concern it.

use std::sync::Arc;

use super::breaker::Breaker;
use super::budget::RetryBudget;
use super::tls::Tls;
use crate::config::{self, Config, Target};

/// One upstream.
pub struct Site {
    /// Where it is.
    pub target: Target,
    /// How metrics and logs call it: host and, where it is not the scheme's own, port.
    pub name: String,
    /// Whether it is left alone.
    pub breaker: Breaker,
    /// How many repeats it may be given.
    pub budget: RetryBudget,
    pub(super) tls: Option<Tls>,
    /// What the CA file held when `tls` was made of it.
    ca: Option<Vec<u8>>,
    settings: (config::Breaker, u32),
}

impl Site {
    /// The site of each of [`Config::upstreams`], in their order; targets that are the same have one
    /// together. Those of `before` that nothing has changed for are kept, with what they know.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file that cannot be read, a host that no certificate
    /// can name.
    pub fn all(config: &Config, before: &[Arc<Self>]) -> Result<Vec<Arc<Self>>, String> {
        let mut sites: Vec<Arc<Self>> = Vec::new();
        for target in config.upstreams() {
            let fresh = Self::new(config, target)?;
            let known = sites.iter().chain(before).find(|known| known.is(&fresh)).cloned();
            sites.push(known.unwrap_or_else(|| Arc::new(fresh)));
        }
        Ok(sites)
    }

    fn new(config: &Config, target: Target) -> Result<Self, String> {
        let name = target.url.authority();
        Ok(Self {
            breaker: Breaker::new(config.breaker, name.clone()),
            budget: RetryBudget::new(config.retry.share),
            tls: Tls::new(&target)?,
            // Just read without a fault; if it has gone since, it counts as changed.
            ca: target.ca_file.as_ref().and_then(|file| std::fs::read(file).ok()),
            settings: (config.breaker, config.retry.share),
            name,
            target,
        })
    }

    fn is(&self, other: &Self) -> bool {
        self.target == other.target && self.ca == other.ca && self.settings == other.settings
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Site;
    use crate::config::{Config, Layers};

    fn config(toml: &str) -> Config {
        let app = "[[app]]\nname = 'a'\nkeys = [{ env = 'K' }]\ntoken = { env = 'T' }\n\
                   routes = [{ operations = ['useradd'], url = 'http://a/' }, { operations = ['otp'], url = 'http://a/' }]\n";
        let layers = Layers::shipped().and_then(|layers| layers.text("test", &format!("{app}{toml}")));
        layers.expect("sound TOML").config().expect("sound settings")
    }

    fn are(sites: &[Arc<Site>], before: &[Arc<Site>]) -> Vec<bool> {
        sites.iter().zip(before).map(|(site, before)| Arc::ptr_eq(site, before)).collect()
    }

    #[test]
    fn what_nothing_has_changed_for_is_kept_with_what_it_knows() {
        let first = Site::all(&config(""), &[]).expect("sites");
        assert_eq!(first.len(), 3);
        assert!(Arc::ptr_eq(&first[1], &first[2]), "one target is one upstream");
        let same = Site::all(&config("[log]\nlevel = 'warn'"), &first).expect("sites");
        assert_eq!(are(&same, &first), [true, true, true]);
        let moved = Site::all(&config("[upstream]\nurl = 'http://b/'"), &first).expect("sites");
        assert_eq!(are(&moved, &first), [false, true, true]);
        let other = Site::all(&config("[breaker]\nfailures = 7"), &first).expect("sites");
        assert_eq!(are(&other, &first), [false, false, false]);
    }
}
