//! Whether the threads of the gateway still do their work, for a service manager that watches it.

use std::time::Duration;

use tokio::runtime::Handle;

/// The runtimes of all threads that serve somebody.
#[derive(Clone, Default)]
pub struct Pulse(Vec<Handle>);

impl Pulse {
    /// The pulse of threads with these runtimes.
    pub(super) fn of(runtimes: Vec<Handle>) -> Self {
        Self(runtimes)
    }

    /// Whether each thread takes a task and ends it within `patience`. A thread that has ended in order does not count;
    /// one that waits for a lock or computes without end fails.
    pub async fn is_there(&self, patience: Duration) -> bool {
        let tasks: Vec<_> = self.0.iter().map(|runtime| runtime.spawn(async {})).collect();
        let all = async {
            for task in tasks {
                // An error means that the runtime has been shut down, which happens in order alone.
                let _ = task.await;
            }
        };
        tokio::time::timeout(patience, all).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Pulse;

    /// A thread with a runtime that does what it is told: its handle, and what ends it.
    fn thread() -> (tokio::runtime::Handle, mpsc::Sender<()>, std::thread::JoinHandle<()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let handle = runtime.handle().clone();
        let (end, ended) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                while ended.try_recv() == Err(mpsc::TryRecvError::Empty) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        });
        (handle, end, thread)
    }

    #[tokio::test]
    async fn a_thread_that_hangs_has_no_pulse() {
        let (handle, end, thread) = thread();
        let pulse = Pulse::of(vec![handle.clone()]);
        assert!(pulse.is_there(Duration::from_mins(1)).await);

        let (let_go, held) = mpsc::channel::<()>();
        let (holds, is_held) = tokio::sync::oneshot::channel();
        handle.spawn(async move {
            let _ = holds.send(());
            let _ = held.recv();
        });
        is_held.await.expect("the thread is held");
        assert!(!pulse.is_there(Duration::from_millis(20)).await);

        drop(let_go);
        assert!(pulse.is_there(Duration::from_mins(1)).await);
        drop(end);
        thread.join().expect("the thread ends");
        assert!(pulse.is_there(Duration::from_mins(1)).await, "what has ended in order does not hang");
    }
}
