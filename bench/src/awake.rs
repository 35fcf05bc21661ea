//! Keeps cores from sleeping.
//!
//! At a constant rate both cores are idle between two requests, and sleep. On a virtual machine the host then gives
//! them to another guest, and getting them back takes longer than any of these proxies does. How long depends on the
//! other guests: the latencies would be theirs.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

/// The kernel's own switch (PM quality of service): a process that holds it open states how many microseconds a core
/// may take to wake up, as an `i32`.
const SWITCH: &str = "/dev/cpu_dma_latency";

/// While this value lives, idle cores wait for work instead of sleeping.
pub struct Awake {
    _switch: File,
}

impl Awake {
    /// Keeps the cores awake.
    ///
    /// # Errors
    /// When this machine has no such switch, or only an administrator may use it.
    pub fn keep() -> io::Result<Self> {
        let mut switch = OpenOptions::new().write(true).open(SWITCH)?;
        switch.write_all(&0_i32.to_ne_bytes())?;
        Ok(Self { _switch: switch })
    }
}
