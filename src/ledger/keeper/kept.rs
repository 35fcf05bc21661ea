//! Where a ledger is kept, which its readers are told.

/// Where the ledger of a running gateway is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// In the file that the settings name.
    File,
    /// In memory alone, since the settings name no file.
    Memory,
    /// In memory alone, since the file that the settings name cannot be used.
    Failing,
}

impl Kept {
    const WORDS: [(&'static str, Self); 3] =
        [("file", Self::File), ("memory", Self::Memory), ("failing", Self::Failing)];

    /// Reads its word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kept)| *kept)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kept)| *kept == self).map_or("", |(word, _)| word)
    }

    /// What whoever reads the figures has to know.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::File => None,
            Self::Memory => Some(
                "The ledger is kept in memory only: these figures end with the gateway. Set ledger.file to keep them.",
            ),
            Self::Failing => Some(
                "The ledger's file cannot be used: what has come since ends with the gateway. Its log says why.",
            ),
        }
    }
}
