//! The settings and everything built from them, as one value that a reload swaps whole.

pub mod certificates;
mod fresh;
pub mod housekeeping;
pub mod reload;
pub mod worker;

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use crate::config::secret::{Digest, Environment};
use crate::config::{Config, LedgerConfig, Logins, PerUpstream};
use crate::http::tls::ServerTls as ClientTls;
use crate::http::via::Name;
use crate::ledger::keeper::Keeper;
use crate::policy::fingerprint::Fingerprints;
use crate::policy::policies::Policies;
use crate::protocol::document::Node;
use crate::protocol::ops::{AnswerPlan, Table};
use crate::telemetry::log::InForce;
use crate::upstream::site::Site;
use crate::upstream::tls::UpstreamTls;

pub(crate) use fresh::files;
pub use fresh::{FilesDigest, Fresh};

/// The settings in force for a request from its start to its end.
pub struct Snapshot {
    /// The settings.
    pub config: Config,
    /// The operations table.
    pub table: Table,
    /// Reads the envelope of any answer, for answers that are passed on unchanged.
    pub envelope: AnswerPlan,
    /// Callers, limits and cached answers.
    pub policies: Policies,
    /// TLS towards clients, if the settings have it.
    pub tls: Option<ClientTls>,
    /// The upstreams.
    pub sites: PerUpstream<Arc<Site>>,
    /// The gateway's name in its requests, by which it recognizes circles.
    pub name: Arc<Name>,
    /// The merged document of all layers.
    pub written: Node,
    /// A digest of the files that the settings name.
    pub files: FilesDigest,
    /// Who calls by which door, unless the settings want none of it.
    pub ledger: Option<Arc<Keeper>>,
    /// The tokens by which people log in to the console.
    pub logins: Arc<Logins>,
    /// A number that is another after each reload.
    pub era: u64,
    protocol: Protocol,
    environment: Environment,
}

/// The sources of a table: equal sources make equal tables.
#[derive(Clone, PartialEq, Eq)]
struct Protocol {
    own: Option<String>,
    profiles: Vec<String>,
}

impl Snapshot {
    /// Builds everything that the settings need.
    ///
    /// # Errors
    /// A sentence for each file and each secret that cannot be read or used.
    pub fn new(fresh: Fresh, environment: Environment) -> Result<Self, Vec<String>> {
        let ledger = ledger(&fresh.config.ledger, &environment).map_err(|sentence| vec![sentence])?;
        let fingerprints = ledger.as_ref().map(|keeper| Fingerprints::keyed(keeper.key()));
        let fingerprints = fingerprints.unwrap_or_default();
        let policies = Policies::load(&fresh.config, &fresh.table, environment.clone(), fingerprints);
        let logins = Arc::new(fresh.config.console.logins(&fresh.config.admin, &environment)?);
        let standing = Standing { name: Arc::default(), ledger, logins, era: 0 };
        Self::with(fresh, environment, standing, policies, None)
    }

    /// The snapshot after a reload: unchanged parts keep their state.
    ///
    /// # Errors
    /// A sentence for each file and each secret that cannot be read or used.
    pub fn reloaded(&self, fresh: Fresh) -> Result<Self, Vec<String>> {
        let same_ground =
            fresh.protocol() == self.protocol && fresh.config.upstreams() == self.config.upstreams();
        let policies = self.policies.reloaded(&fresh.config, &fresh.table, same_ground);
        let (name, ledger, logins) = (self.name.clone(), self.ledger.clone(), self.logins.clone());
        let standing = Standing { name, ledger, logins, era: self.era + 1 };
        Self::with(fresh, self.environment.clone(), standing, policies, Some(&self.sites))
    }

    fn with(
        fresh: Fresh,
        environment: Environment,
        standing: Standing,
        policies: Result<Policies, Vec<String>>,
        former: Option<&PerUpstream<Arc<Site>>>,
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let policies = policies.map_err(|sentences| faults.extend(sentences)).ok();
        let sites = Site::all(&fresh.config, &environment, former);
        let sites = sites.map_err(|sentence| faults.push(sentence)).ok();
        let http2 = fresh.config.listen.http2;
        let tls = fresh.config.tls.as_ref().map(|files| ClientTls::load(files, http2));
        let tls = tls.transpose().unwrap_or_else(|sentence| {
            faults.push(sentence);
            None
        });
        match (policies, sites) {
            (Some(policies), Some(sites)) if faults.is_empty() => Ok(Self {
                protocol: fresh.protocol(),
                config: fresh.config,
                table: fresh.table,
                envelope: AnswerPlan::envelope(),
                policies,
                tls,
                sites,
                name: standing.name,
                ledger: standing.ledger,
                logins: standing.logins,
                era: standing.era,
                written: fresh.written,
                files: fresh.files,
                environment,
            }),
            _ => Err(faults),
        }
    }

    /// The settings and table by which log lines are written.
    #[must_use]
    pub fn in_force(&self) -> InForce<'_> {
        InForce { config: &self.config, table: &self.table }
    }

    /// Whether new settings would change nothing.
    #[must_use]
    pub fn same_as(&self, fresh: &Fresh) -> bool {
        self.differences(fresh).is_empty() && self.files == fresh.files
    }

    /// The keys whose values differ.
    #[must_use]
    pub fn differences(&self, fresh: &Fresh) -> Vec<String> {
        self.written.differences(&fresh.written)
    }
}

/// What stays as it is over reloads.
struct Standing {
    name: Arc<Name>,
    ledger: Option<Arc<Keeper>>,
    logins: Arc<Logins>,
    era: u64,
}

/// The ledger that the settings name; its file is not taken yet.
fn ledger(config: &LedgerConfig, environment: &Environment) -> Result<Option<Arc<Keeper>>, String> {
    if !config.is_on {
        return Ok(None);
    }
    let secret = config.key.as_ref().map(|key| key.read(environment)).transpose();
    let secret = secret.map_err(|what| format!("ledger.key: {what}"))?;
    let key = secret.map(|secret| Digest::of(secret.expose_secret()).number());
    Ok(Some(Arc::new(Keeper::new(config.file.clone(), key))))
}

/// Why certificate and key files of the settings cannot be used.
fn faults_of_files(config: &Config) -> Vec<String> {
    let upstreams = config.upstreams();
    let sites = upstreams.iter().find_map(|target| UpstreamTls::new(target).err());
    let tls = config.tls.as_ref().and_then(|files| ClientTls::load(files, config.listen.http2).err());
    sites.into_iter().chain(tls).collect()
}
