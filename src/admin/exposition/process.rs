//! Metrics of the process, under the names that Prometheus' own clients use.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::Sources;
use super::family::{Family, When};
use crate::telemetry::metrics::NoLabels;

const READABLE: When = When::While("/proc can be read");

pub(super) const FAMILIES: [Family; 7] = [
    Family::counter(
        "process_cpu_seconds",
        "seconds",
        "Processor time that the process has used, in user and system mode",
    ),
    Family::gauge(
        "process_start_time_seconds",
        "seconds since 1970",
        "When the gateway started, in seconds since 1970",
    ),
    Family::gauge("process_resident_memory_bytes", "bytes", "Memory that the process has in RAM")
        .there(READABLE),
    Family::gauge("process_virtual_memory_bytes", "bytes", "Memory that the process has addresses for")
        .there(READABLE),
    Family::gauge("process_threads", "threads", "Threads of the process").there(READABLE),
    Family::gauge("process_open_fds", "files", "Files and sockets that the process has open").there(READABLE),
    Family::gauge("process_max_fds", "files", "The most files and sockets that it may have open")
        .there(When::While("there is a limit")),
];

impl Sources {
    pub(super) fn process(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [cpu, start, resident, addresses, threads, open, most] = &FAMILIES;
        cpu.begin(encoder)?.encode_counter::<NoLabels, _, u64>(&cpu_seconds(), None)?;
        start.begin(encoder)?.encode_gauge(&self.started)?;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let kibibytes = |name| of_status(&status, name).map(|number| number * 1024);
        let found = [
            (resident, kibibytes("VmRSS:")),
            (addresses, kibibytes("VmSize:")),
            (threads, of_status(&status, "Threads:")),
            (open, open_files()),
            (most, getrlimit(Resource::Nofile).current),
        ];
        for (family, number) in found {
            if let Some(number) = number {
                family.begin(encoder)?.encode_gauge(&number)?;
            }
        }
        Ok(())
    }
}

#[allow(clippy::cast_precision_loss)] // centuries of nanoseconds
fn cpu_seconds() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

/// A number of `/proc/self/status` (proc(5)), without its unit.
fn of_status(status: &str, name: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// How many files are open, but for the one that is open to count them.
fn open_files() -> Option<u64> {
    Some((std::fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}
