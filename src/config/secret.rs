//! Secrets: where they come from, and what is known of them without being told.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use secrecy::SecretString;

/// Where a secret is written. Never in a settings file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In a file; outer white space is not part of it.
    File(PathBuf),
    /// In a variable of the environment.
    Environment(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Environment(name) => write!(f, "the variable {name}"),
        }
    }
}

/// The environment as it was at the start.
#[derive(Clone, Default)]
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// Of these variables.
    #[must_use]
    pub fn new(variables: impl Iterator<Item = (String, String)>) -> Self {
        Self(variables.collect())
    }
}

impl Source {
    /// Reads the secret.
    ///
    /// # Errors
    /// A sentence that names the source, and holds nothing of what is in it.
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
            "" => Err(format!("{self} is empty")),
            secret if secret.chars().any(char::is_control) => {
                Err(format!("{self} has more than one line: it must hold the secret and nothing else"))
            }
            secret => Ok(SecretString::from(secret)),
        }
    }
}

/// The SHA-256 of a client key. Two are compared in constant time.
#[derive(Clone)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
        Self(bytes)
    }

    /// From 64 hex digits, as `sha256sum` prints them.
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

    /// Whether the two are of the same key.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Environment, Source};

    #[test]
    fn a_digest_is_the_one_that_sha256sum_prints() {
        let printed = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
        let digest = Digest::parse(printed).expect("a digest");
        assert!(digest.is(&Digest::of("key")));
        assert!(!digest.is(&Digest::of("kez")));
        assert!(
            Digest::parse(&printed[1..]).is_none() && Digest::parse(&printed.replace('2', "g")).is_none()
        );
        assert!(!format!("{digest:?}").contains("2c70"));
    }

    #[test]
    fn a_secret_that_is_not_there_is_named_by_its_source() {
        let environment = Environment::new([("EMPTY".to_owned(), " ".to_owned())].into_iter());
        let read = |source: Source| source.read(&environment).err();
        assert_eq!(
            read(Source::Environment("GONE".to_owned())).as_deref(),
            Some("the variable GONE is not set")
        );
        assert_eq!(
            read(Source::Environment("EMPTY".to_owned())).as_deref(),
            Some("the variable EMPTY is empty")
        );
        let gone = read(Source::File("/nowhere/key".into())).expect("a sentence");
        assert!(gone.starts_with("the file /nowhere/key cannot be read"), "{gone}");
    }
}
