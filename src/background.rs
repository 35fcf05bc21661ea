//! Threads whose work can wait until no request does.

use std::io;
use std::thread::{Builder, JoinHandle};

/// How much less of a busy core they get than a worker: about a tenth. By itself the system would take a
/// worker off its core, in the middle of a request, whenever such a thread has something to do.
const NICENESS: i32 = 10;

/// Starts one.
///
/// # Errors
/// That there can be no thread.
pub fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.to_owned()).spawn(move || {
        // Linux counts for each thread. Where it is refused, requests wait a little more often.
        _ = rustix::process::nice(NICENESS);
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::{NICENESS, start};

    #[test]
    fn it_is_less_urgent_than_whoever_starts_it() {
        let niceness = || rustix::process::getpriority_process(None).expect("a priority");
        let its = start("patient", niceness).expect("a thread").join().expect("a priority");
        assert_eq!(its, (niceness() + NICENESS).min(19));
    }
}
