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
        let fields = numbers(text.lines().next().unwrap_or_default());
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

/// What this process and its children that have ended took, in clock ticks.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn own() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The second field is the program's name, which may hold spaces and brackets.
    let fields = numbers(text.rsplit_once(") ").map_or("", |(_, rest)| rest));
    // Outside the kernel and in it, its own and theirs.
    Ok(fields.iter().skip(10).take(4).sum())
}

/// The fields behind the first.
fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect()
}
