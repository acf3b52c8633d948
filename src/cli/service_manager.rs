//! What systemd is told of the service (sd_notify(3)); nobody hears it where it was started otherwise.

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

/// The store is open and migrated: what waits for the service may go on.
pub(super) fn ready() {
    tell(NotifyState::Ready);
}

/// Work in hand is being finished.
pub(super) fn stopping() {
    tell(NotifyState::Stopping);
}

/// As long as the runtime gets round to it, the watchdog is told that the service lives. Where it does not any more,
/// systemd starts it anew.
pub(super) fn stay_alive(stop: &CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let stop = stop.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(limit / 3);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            tell(NotifyState::Watchdog);
        }
    });
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "Cannot tell the service manager how the service is: it may start it again");
    }
}
