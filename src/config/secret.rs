//! Secrets: where they are read from, and digests that identify them without revealing them.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use secrecy::SecretString;

/// Where a secret is; never in a settings file itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretSource {
    /// In a file; outer white space is not part of it.
    File(PathBuf),
    /// In a variable of the environment.
    Environment(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Environment(name) => write!(f, "the variable {name}"),
        }
    }
}

/// The environment as it was at the start.
#[derive(Clone, Default)]
pub struct Environment(Arc<HashMap<String, String>>);

impl Environment {
    /// The environment with these variables.
    #[must_use]
    pub fn new(variables: impl Iterator<Item = (String, String)>) -> Self {
        Self(Arc::new(variables.collect()))
    }
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// A sentence that names the source; it holds nothing of the source's content.
    pub fn read(&self, environment: &Environment) -> Result<SecretString, String> {
        let text = match self {
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|error| format!("{self} cannot be read: {error}"))?
            }
            Self::Environment(name) => {
                environment.0.get(name).cloned().ok_or_else(|| format!("{self} is not set"))?
            }
        };
        match text.trim() {
            marked if marked.starts_with('\u{feff}') => Err(format!(
                "{self} begins with a byte order mark, as editors on Windows write it: save it as UTF-8 without BOM"
            )),
            "" => Err(format!("{self} is empty")),
            secret if secret.chars().any(char::is_control) => {
                Err(format!("{self} has more than one line: it must hold the secret and nothing else"))
            }
            secret => Ok(SecretString::from(secret)),
        }
    }
}

/// The SHA-256 of a client key, by which keys are looked up. The lookup's time reveals nothing of a key: no caller can
/// choose a key whose digest begins like another's.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self::of_bytes(key.as_bytes())
    }

    /// The digest of anything.
    #[must_use]
    pub fn of_bytes(content: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, content).as_ref());
        Self(bytes)
    }

    /// Its bytes, for a comparison in constant time.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The digest's first 128 bits, as a key for hashes.
    #[must_use]
    pub fn number(&self) -> u128 {
        self.0[..16].iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// 64 hex digits, as `sha256sum` prints them.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Reads 64 hex digits, as `sha256sum` prints them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Environment, SecretSource};

    #[test]
    fn a_digest_is_the_one_that_sha256sum_prints() {
        let printed = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
        let digest = Digest::parse(printed).expect("a digest");
        assert!(digest == Digest::of("key") && digest.hex() == printed);
        assert_ne!(digest, Digest::of("kez"));
        assert!(
            Digest::parse(&printed[1..]).is_none() && Digest::parse(&printed.replace('2', "g")).is_none()
        );
        assert!(!format!("{digest:?}").contains("2c70"));
    }

    #[test]
    fn a_secret_that_is_not_there_is_named_by_its_source() {
        let environment = Environment::new([("EMPTY".to_owned(), " ".to_owned())].into_iter());
        let read = |source: SecretSource| source.read(&environment).err();
        assert_eq!(
            read(SecretSource::Environment("GONE".to_owned())).as_deref(),
            Some("the variable GONE is not set")
        );
        assert_eq!(
            read(SecretSource::Environment("EMPTY".to_owned())).as_deref(),
            Some("the variable EMPTY is empty")
        );
        let marked = Environment::new([("MARKED".to_owned(), "\u{feff}key".to_owned())].into_iter());
        let marked = SecretSource::Environment("MARKED".to_owned()).read(&marked).expect_err("a sentence");
        assert!(marked.contains("byte order mark") && !marked.contains("key"), "{marked}");
        let gone = read(SecretSource::File("/nowhere/key".into())).expect("a sentence");
        assert!(gone.starts_with("the file /nowhere/key cannot be read"), "{gone}");
    }
}
