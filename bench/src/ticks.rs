//! CPU time of the whole machine, as the kernel counts it: in clock ticks, of which a second has a hundred.

use std::fs;

use anyhow::Result;

/// Ticks of all cores since the machine started.
#[derive(Clone, Copy, Default)]
pub struct Ticks {
    /// All ticks.
    pub all: u64,
    /// Idle ticks, waits for a disk included.
    pub idle: u64,
    /// Ticks in which a core was wanted, and the host of this virtual machine gave it to another guest.
    pub stolen: u64,
}

impl Ticks {
    /// The ticks up to now.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        // The first line is the sum of all cores, after the word `cpu`.
        let first = text.lines().next().unwrap_or_default();
        let fields: Vec<u64> =
            first.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect();
        let field = |place: usize| fields.get(place).copied().unwrap_or(0);
        Ok(Self {
            // The two fields after these are guests' time, which the first already includes.
            all: fields.iter().take(8).sum(),
            idle: field(3) + field(4),
            stolen: field(7),
        })
    }

    /// The ticks since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            all: self.all.saturating_sub(earlier.all),
            idle: self.idle.saturating_sub(earlier.idle),
            stolen: self.stolen.saturating_sub(earlier.stolen),
        }
    }
}
