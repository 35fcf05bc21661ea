//! One stop, heard by everybody who waits.

use tokio::sync::watch;

/// Held by every connection.
#[derive(Clone)]
pub(crate) struct Stopped(watch::Receiver<()>);

/// What the server holds, whose drop is the stop, and what hears it.
pub(crate) fn pair() -> (watch::Sender<()>, Stopped) {
    let (stopping, stopped) = watch::channel(());
    (stopping, Stopped(stopped))
}

impl Stopped {
    /// Resolves once the server stops.
    pub(crate) async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}
