//! Reads and checks the settings as they are written now; nothing is built from them yet.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use super::Protocol;
use crate::config::secret::SecretSource;
use crate::config::{ClientCertificates, Config, Layers};
use crate::protocol::document::{Node, sentences};
use crate::protocol::ops::Table;

/// Settings and table, read and checked.
pub struct Fresh {
    /// The settings.
    pub config: Config,
    /// The operations table.
    pub table: Table,
    /// The merged document of all layers.
    pub written: Node,
    /// A digest of the files that the settings name.
    pub files: FilesDigest,
    own: Option<String>,
}

impl Fresh {
    /// Reads the layers, and the files that they name.
    ///
    /// # Errors
    /// A sentence for every fault of the settings, or of the table.
    pub fn read(layers: Layers) -> Result<Self, Vec<String>> {
        let config = layers.config().map_err(|faults| sentences(&faults))?;
        let files = FilesDigest::of(files(&config));
        let own = match &config.operations {
            None => None,
            Some(path) => {
                let source = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| vec![format!("`operations`: {source} cannot be read: {error}")])?;
                Some((source, text))
            }
        };
        let named = own.as_ref().map(|(source, text)| (source.as_str(), text.as_str()));
        let table = Table::load(named, &config.profiles).map_err(|faults| {
            // Reports all other faults too, not one after the other.
            sentences(&faults).into_iter().chain(super::faults_of_files(&config)).collect::<Vec<_>>()
        })?;
        Ok(Self { config, table, written: layers.into_document(), files, own: own.map(|(_, text)| text) })
    }

    pub(super) fn protocol(&self) -> Protocol {
        Protocol { own: self.own.clone(), profiles: self.config.profiles.clone() }
    }
}

/// The files that settings name, except secrets of apps, which are read again separately.
pub(crate) fn files(config: &Config) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = config.operations.iter().cloned().collect();
    for target in config.upstreams() {
        files.extend(target.ca_file);
        if let Some(SecretSource::File(password)) = target.proxy.and_then(|proxy| proxy.password) {
            files.push(password);
        }
    }
    if let Some(tls) = &config.tls {
        files.extend([tls.certificate.clone(), tls.key.clone()]);
        match &tls.clients {
            ClientCertificates::Off => {}
            ClientCertificates::Optional(file) | ClientCertificates::Required(file) => {
                files.push(file.clone());
            }
        }
    }
    files
}

/// A digest of the files' contents; equal digests mean unchanged files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesDigest(u64);

impl FilesDigest {
    /// The digest of the current contents; a file that cannot be read counts as such.
    #[must_use]
    pub fn of<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = DefaultHasher::new();
        for file in files {
            file.as_ref().hash(&mut hasher);
            std::fs::read(file).ok().hash(&mut hasher);
        }
        Self(hasher.finish())
    }
}
