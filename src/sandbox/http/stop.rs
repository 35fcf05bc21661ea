//! Signals the server's stop to all tasks that wait for it.

use tokio::sync::watch;

/// Resolves when the server stops; every connection holds one.
#[derive(Clone)]
pub(crate) struct Stopped(watch::Receiver<()>);

/// A sender for the server, whose drop signals the stop, and a receiver.
pub(crate) fn pair() -> (watch::Sender<()>, Stopped) {
    let (stopping, stopped) = watch::channel(());
    (stopping, Stopped(stopped))
}

impl Stopped {
    pub(crate) async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}
