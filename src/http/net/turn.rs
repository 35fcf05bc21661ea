//! Turns of the runtime: all that the kernel had ready at once, one task after the other.
//!
//! To write at the end of a turn is cheaper than to write at once. A write wakes whoever waits for it on
//! another core; several in a row wake them once and find them at work from then on. And the same code
//! for one connection after the other finds itself in the processor's cache.

use std::future::poll_fn;
use std::task::Poll;

/// Yields once: the task goes on behind every task that is ready now, and at once where none is. The runtime does not
/// ask the kernel for events in between.
pub async fn yield_to_ready() {
    let mut has_let_pass = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_let_pass, true) {
            return Poll::Ready(());
        }
        // Unlike the runtime's own `yield_now` it does not wait until the kernel was asked once more.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::yield_to_ready;

    #[tokio::test]
    async fn what_others_have_to_do_now_comes_first() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks = ["one", "other"].map(|name| {
            let order = order.clone();
            tokio::spawn(async move {
                let note = |what| order.lock().expect("sound").push(format!("{name} {what}"));
                note("reads");
                yield_to_ready().await;
                note("writes");
            })
        });
        for task in tasks {
            task.await.expect("an end");
        }
        let order = order.lock().expect("sound").join(", ");
        assert_eq!(order, "one reads, other reads, one writes, other writes");
    }
}
