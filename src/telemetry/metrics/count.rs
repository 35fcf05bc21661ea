//! A number that one thread changes and any thread reads.

#[cfg(debug_assertions)]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
#[cfg(debug_assertions)]
use std::thread::ThreadId;

/// A count of one worker's. Only one thread changes it, so a load and a store suffice: an atomic addition costs two to
/// four times as much, and a request makes a dozen.
#[derive(Default)]
pub struct Count {
    number: AtomicU64,
    /// The first thread that changed it; no other may.
    #[cfg(debug_assertions)]
    owner: OnceLock<ThreadId>,
}

impl Count {
    /// Adds `more`.
    pub fn add(&self, more: u64) {
        self.change(|number| number.wrapping_add(more));
    }

    fn take(&self, fewer: u64) {
        self.change(|number| number.wrapping_sub(fewer));
    }

    /// The current number.
    pub fn get(&self) -> u64 {
        self.number.load(Relaxed)
    }

    fn change(&self, to: impl FnOnce(u64) -> u64) {
        #[cfg(debug_assertions)]
        {
            let this = std::thread::current().id();
            assert_eq!(*self.owner.get_or_init(|| this), this, "a count is changed by two threads");
        }
        self.number.store(to(self.get()), Relaxed);
    }
}

/// Adds one until it is dropped by the same thread.
pub struct Meanwhile<'c>(&'c Count);

impl<'c> Meanwhile<'c> {
    /// Adds one.
    pub fn new(count: &'c Count) -> Self {
        count.add(1);
        Self(count)
    }
}

impl Drop for Meanwhile<'_> {
    fn drop(&mut self) {
        self.0.take(1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Meanwhile};

    #[test]
    fn what_is_there_is_counted_for_as_long_as_it_is() {
        let count = Count::default();
        let one = Meanwhile::new(&count);
        let other = Meanwhile::new(&count);
        assert_eq!(count.get(), 2);
        drop(one);
        assert_eq!(count.get(), 1);
        drop(other);
        assert_eq!(count.get(), 0);
    }

    #[test]
    fn any_thread_reads_it_and_only_one_may_change_it() {
        let count = Count::default();
        count.add(7);
        std::thread::scope(|scope| {
            assert_eq!(scope.spawn(|| count.get()).join().expect("a number"), 7);
            let changed = scope.spawn(|| count.add(1)).join();
            assert_eq!(changed.is_err(), cfg!(debug_assertions));
        });
    }
}
