//! A reader that gives up by a panic gives an error instead, and prints nothing.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `read` gives; nothing if it panics. What it has changed must not be used after that.
pub fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    silence();
    IS_GUARDED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(read)).ok();
    IS_GUARDED.set(false);
    outcome
}

/// Panics that are guarded are not told to whoever listens to panics; all others are, as before.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                told(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_is_nothing_and_what_is_none_is_its_value() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| -> i32 { panic!("given up") }), None);
        assert_eq!(guarded(|| 2), Some(2));
    }
}
