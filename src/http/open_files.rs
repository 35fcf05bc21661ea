//! How many client connections each worker may hold: the process's open files are shared out between clients
//! and upstream, with a reserve for everything else, so that none of them starves another.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Open files reserved beside connections: listeners, runtimes, log, probes, files that are read.
const REST: usize = 32;
const REST_OF_EACH_WORKER: usize = 8;
/// The fewest connections that a worker serves clients with.
const FEWEST: usize = 8;

/// How many client connections each worker may hold, after the limit of open files is raised as far as the
/// system allows.
#[must_use]
pub fn of_clients(config: &Config, workers: usize, upstreams: usize) -> usize {
    let open = usize::try_from(raised()).unwrap_or(usize::MAX);
    let connecting = &config.upstream.connecting;
    let to_upstream = connecting.connections.saturating_mul(upstreams);
    let most = share(open, workers, to_upstream).min(config.cap.connections);
    if most < config.cap.connections {
        tracing::warn!(
            open_files = open,
            "each worker holds {most} connections of clients, not {} (cap.connections): the system lets this process have {open} files open (ulimit -n)",
            config.cap.connections
        );
    }
    most
}

/// The client connections that are left for one worker; never less than half of all its connections.
fn share(open: usize, workers: usize, to_upstream: usize) -> usize {
    let rest = REST + REST_OF_EACH_WORKER * workers;
    let each = open.saturating_sub(rest) / workers.max(1);
    each.saturating_sub(to_upstream).max(each / 2).max(FEWEST)
}

/// Raises the soft limit of open files to the hard one, and returns the limit in force.
fn raised() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let now = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    now.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn clients_get_what_upstream_and_the_rest_leave_and_half_at_least() {
        assert_eq!(share(1_048_576, 2, 128), (1_048_576 - 48) / 2 - 128);
        assert_eq!(share(1024, 2, 128), 488 - 128);
        assert_eq!(share(256, 2, 128), 52);
        assert_eq!(share(10, 4, 128), 8);
    }
}
