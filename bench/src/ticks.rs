//! CPU time of the whole machine, as the kernel counts it: in clock ticks, of which a second has a hundred.

use std::fs;

use anyhow::Result;

/// What all cores did since the machine came up.
#[derive(Clone, Copy, Default)]
pub struct Ticks {
    /// Everything.
    pub all: u64,
    /// Nothing, be it that a disk was waited for.
    pub idle: u64,
    /// They were wanted, and the host of this virtual machine gave them to somebody else.
    pub stolen: u64,
}

impl Ticks {
    /// Up to now.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        // The first line is of all cores, behind a word that says so.
        let first = text.lines().next().unwrap_or_default();
        let fields: Vec<u64> =
            first.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect();
        let field = |place: usize| fields.get(place).copied().unwrap_or(0);
        Ok(Self {
            // The two behind these are guests' time, which is in the first already.
            all: fields.iter().take(8).sum(),
            idle: field(3) + field(4),
            stolen: field(7),
        })
    }

    /// What came since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            all: self.all.saturating_sub(earlier.all),
            idle: self.idle.saturating_sub(earlier.idle),
            stolen: self.stolen.saturating_sub(earlier.stolen),
        }
    }
}
