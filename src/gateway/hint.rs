//! A signal that there may be work. It is remembered once, may come for nothing, and may be lost without harm.

use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// One loop's signal.
#[derive(Debug, Default)]
pub(super) struct Hint(Notify);

impl Hint {
    /// There may be work.
    pub(super) fn give(&self) {
        self.0.notify_one();
    }

    /// Until there may be work.
    pub(super) async fn given(&self) {
        self.0.notified().await;
    }

    /// Until there may be work, the time is up, or all is to stop.
    pub(super) async fn wait(&self, longest: Duration, stop: &CancellationToken) {
        tokio::select! {
            () = self.given() => {}
            () = tokio::time::sleep(longest) => {}
            () = stop.cancelled() => {}
        }
    }
}
