//! Clients, as the ledger tells them apart.

use std::fmt;
use std::str::FromStr;

use super::program::is_program;

/// Who sends requests: an app of the settings, or the holder of a token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caller {
    /// An app, by its name.
    App(String),
    /// The holder of a token that upstream takes and that is no app's key, by the token's keyed fingerprint.
    Token(u64),
    /// All who send tokens that upstream has never taken: there is no end to such tokens.
    Unproven,
    /// Callers beyond the most that a ledger has.
    Others,
}

/// A client: a caller, with the program that it uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// The caller.
    pub caller: Caller,
    /// The program's name, as [`super::program`] reads it.
    pub program: String,
}

/// What stands before a fingerprint, and before the two kinds of callers that are many. No app's name has a colon.
const TOKEN: &str = "token:";
const UNPROVEN: &str = "token:unproven";
const OTHERS: &str = "token:others";

impl Client {
    /// All callers beyond the most that a ledger has.
    #[must_use]
    pub fn others() -> Self {
        Self { caller: Caller::Others, program: "other".to_owned() }
    }

    /// Whether the client is one whom the owner can find and move: neither of the two that are many.
    #[must_use]
    pub fn is_one(&self) -> bool {
        matches!(self.caller, Caller::App(_) | Caller::Token(_))
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App(name) => f.write_str(name),
            Self::Token(fingerprint) => write!(f, "{TOKEN}{fingerprint:016x}"),
            Self::Unproven => f.write_str(UNPROVEN),
            Self::Others => f.write_str(OTHERS),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.caller, self.program)
    }
}

impl FromStr for Caller {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            UNPROVEN => Ok(Self::Unproven),
            OTHERS => Ok(Self::Others),
            "" => Err("a caller's name is empty".to_owned()),
            _ => match text.strip_prefix(TOKEN) {
                None if text.contains(':') => Err(format!("`{text}` is no caller's name")),
                None => Ok(Self::App(text.to_owned())),
                Some(digits) if digits.len() == 16 => u64::from_str_radix(digits, 16)
                    .map(Self::Token)
                    .map_err(|_| format!("`{text}` is no fingerprint: 16 hex digits")),
                Some(_) => Err(format!("`{text}` is no fingerprint: 16 hex digits")),
            },
        }
    }
}

impl FromStr for Client {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (caller, program) =
            text.rsplit_once('/').ok_or_else(|| format!("`{text}` is no client: write CALLER/PROGRAM"))?;
        if !is_program(program.as_bytes()) {
            return Err(format!("`{program}` is no program's name: write CALLER/PROGRAM"));
        }
        Ok(Self { caller: caller.parse()?, program: program.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{Caller, Client};

    #[test]
    fn a_client_is_read_as_it_is_written() {
        for text in
            ["bot/okhttp", "token:00000000000000ff/none", "token:unproven/other", "token:others/other"]
        {
            let client: Client = text.parse().expect("a client");
            assert_eq!(client.to_string(), text);
        }
        assert_eq!("token:00000000000000ff".parse(), Ok(Caller::Token(255)));
        for (text, why) in [
            ("bot", "write CALLER/PROGRAM"),
            ("bot/", "is no program's name"),
            ("/okhttp", "is empty"),
            ("token:ff/okhttp", "16 hex digits"),
            ("token:00000000000000fg/okhttp", "16 hex digits"),
            ("user:bot/okhttp", "is no caller's name"),
        ] {
            let told = text.parse::<Client>().expect_err(text);
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
