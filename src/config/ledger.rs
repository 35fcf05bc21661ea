//! Reads `[ledger]`.

use std::path::PathBuf;

use super::apps::secret;
use super::secret::SecretSource;
use crate::protocol::document::Section;

/// `[ledger]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerConfig {
    /// Whether the gateway remembers who calls by which door.
    pub is_on: bool,
    /// The file in which it is kept; in memory alone without one.
    pub file: Option<PathBuf>,
    /// The secret of which the key of fingerprints is made, where several gateways share one.
    pub key: Option<SecretSource>,
}

/// `[ledger]`
pub fn ledger(section: &Section<'_>) -> Option<LedgerConfig> {
    let is_on = section.boolean("on");
    let file = section.path("file");
    let key = secret(section, "key", false);
    if is_on == Some(false) && file.is_some() {
        section.fault_at("file", "is given, and `on` is false: nothing would be written there".to_owned());
    }
    Some(LedgerConfig { is_on: is_on?, file, key })
}
