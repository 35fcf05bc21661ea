//! Turns of the runtime: one pass over all tasks that the kernel's last events made ready.
//!
//! Writing at the end of a turn is cheaper than writing at once. A write wakes its reader on another core;
//! several writes in a row wake it once and keep it busy. And the same code, run for one connection after the
//! other, stays in the processor's cache.

use std::future::poll_fn;
use std::task::Poll;

/// Yields once: the task resumes after every task that is ready now, and at once if there is none. The runtime
/// does not ask the kernel for events in between.
pub async fn yield_to_ready() {
    let mut has_let_pass = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_let_pass, true) {
            return Poll::Ready(());
        }
        // tokio's `yield_now` would wait until the kernel was asked for events.
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
