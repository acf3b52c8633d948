//! A signal that there may be work. It is remembered once, may come for nothing, and may be lost without harm.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A signal to one loop, or to several that each say what they have heard of.
#[derive(Debug, Default)]
pub(super) struct Hint {
    notify: Notify,
    everybody: Notify,
    times: AtomicU64,
}

impl Hint {
    /// There may be work.
    pub(super) fn give(&self) {
        self.times.fetch_add(1, Ordering::Release);
        self.notify.notify_one();
        self.everybody.notify_waiters();
    }

    /// How often it was given. Whoever looked behind this number needs not look again while it stays, where nobody else works.
    pub(super) fn times(&self) -> u64 {
        self.times.load(Ordering::Acquire)
    }

    /// Until there may be work; for one loop alone.
    pub(super) async fn given(&self) {
        self.notify.notified().await;
    }

    /// Until it was given more often; for any number of loops.
    pub(super) async fn given_after(&self, times: u64) {
        loop {
            let given = self.everybody.notified();
            if self.times() != times {
                return;
            }
            given.await;
        }
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
