//! A place in a JSON document, as RFC 6901 writes it: `/user/token/appid`.

use std::fmt;

/// A JSON pointer to a member of nested objects (no array indices, no escapes: the protocol has
/// plain names only).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Reads `/a/b`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("`{text}` is not a JSON pointer; it begins with `/`, as in `/user/address`"));
        };
        let steps: Vec<String> = rest.split('/').map(str::to_owned).collect();
        let plain = |step: &String| {
            !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if steps.iter().all(plain) {
            Ok(Self(steps))
        } else {
            Err(format!("`{text}` is not a sound JSON pointer; each step is letters, digits or `_`"))
        }
    }

    /// The member names from the root down; never empty.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.0
    }

    /// The last member name.
    #[must_use]
    pub fn leaf(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// The path with dots, as upstream names properties: `user.token.appid`.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.0.join(".")
    }

    /// Whether the two are equal, or one is a prefix of the other.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine == theirs)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            write!(f, "/{step}")?;
        }
        Ok(())
    }
}
