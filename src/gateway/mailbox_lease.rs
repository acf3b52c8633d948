//! One gateway watches a mailbox, where several share a database.
//!
//! A lease says which. Its holder leaves the mailbox alone as soon as its own monotonic clock says that the lease may have
//! run out, whatever the database says or does not say; and what it records is fenced by the lease's number, for a process
//! that was paused cannot know. A holder that does not reach the mailbox gives it back if another gateway stands by.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use crate::store::Lease;

/// A gateway that says nothing for so long has lost the mailbox.
const LEASE: Duration = Duration::from_secs(10);
/// How often a holder renews its lease, and how often those who stand by ask for it.
const ASK_EVERY: Duration = Duration::from_secs(3);
/// Whoever gave a mailbox back leaves it to others for so long: each of them asks twice meanwhile.
pub(super) const STAND_BACK: Duration = Duration::from_secs(7);

/// The mailboxes that this gateway holds, by name. Empty where it has the database alone.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: Mutex<HashMap<String, Leased>>,
    wanted: Notify,
}

#[derive(Debug)]
struct Leased {
    lease: Lease,
    is_wanted: bool,
}

impl Leases {
    /// The lease that every write about the mailbox names: whoever lost it writes nothing.
    pub(super) fn lease(&self, mailbox: &str) -> Option<Lease> {
        self.lock().get(mailbox).map(|leased| leased.lease.clone())
    }

    /// Whether another gateway stands by to serve it.
    pub(super) fn is_wanted(&self, mailbox: &str) -> bool {
        self.lock().get(mailbox).is_some_and(|leased| leased.is_wanted)
    }

    /// Until another gateway stands by; for ever where one does already.
    pub(super) async fn become_wanted(&self, mailbox: &str) {
        if self.is_wanted(mailbox) {
            return std::future::pending().await;
        }
        loop {
            let news = self.wanted.notified();
            if self.is_wanted(mailbox) {
                return;
            }
            news.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Leased>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Does the work while this gateway has the lease of the mailbox, until `stop` or its end; waits for that first. SQLite has one
    /// gateway, which holds all.
    pub(super) async fn while_leased(&self, mailbox: &str, stop: &CancellationToken, work: impl Future<Output = ()>) {
        if !self.store.is_shared() {
            return tokio::select! {
                () = work => {}
                () = stop.cancelled() => {}
            };
        }
        let Some((lease, asked)) = self.wait_for(mailbox, stop).await else { return };
        self.leases.lock().insert(mailbox.to_owned(), Leased { lease: lease.clone(), is_wanted: false });
        // In this order: a process that was paused must not go on working before it has looked at the clock.
        tokio::select! {
            biased;
            why = self.keep(mailbox, &lease, asked) => tracing::warn!(mailbox, "{why}"),
            () = stop.cancelled() => {}
            () = work => {}
        }
        self.leases.lock().remove(mailbox);
        if let Err(error) = self.store.end_lease(&lease).await {
            tracing::debug!(
                mailbox,
                error = format!("{error:#}"),
                "The lease is not given back, and runs out by itself"
            );
        }
    }

    /// The lease, and when it was asked for.
    async fn wait_for(&self, mailbox: &str, stop: &CancellationToken) -> Option<(Lease, Instant)> {
        // Whether it was told that another gateway watches, or that the database does not say.
        let (mut told_standing_by, mut told_silent) = (false, false);
        while !stop.is_cancelled() {
            let asked = Instant::now();
            let answer = tokio::select! {
                answer = self.ask_for(mailbox) => answer,
                () = stop.cancelled() => return None,
            };
            match answer {
                Ok(Some(lease)) => return Some((lease, asked)),
                Ok(None) if !std::mem::replace(&mut told_standing_by, true) => {
                    tracing::info!(mailbox, "Another gateway watches {mailbox}: standing by");
                }
                Err(error) if !std::mem::replace(&mut told_silent, true) => {
                    let error = format!("{error:#}");
                    tracing::warn!(mailbox, error, "The database does not say who watches {mailbox}: asking again");
                    told_standing_by = false;
                }
                Ok(None) | Err(_) => {}
            }
            tokio::select! {
                () = sleep(ASK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
        None
    }

    /// Asks for a mailbox, and lets its holder know that somebody stands by: that is a lease, too.
    async fn ask_for(&self, mailbox: &str) -> anyhow::Result<Option<Lease>> {
        let lease = self.take(&watch_of(mailbox)).await?;
        if lease.is_none() {
            self.take(&stand_by_for(mailbox)).await?;
        }
        Ok(lease)
    }

    /// Ends when the lease is lost, or may be; says why.
    async fn keep(&self, mailbox: &str, lease: &Lease, asked: Instant) -> String {
        let mut until = asked + LEASE;
        loop {
            sleep(ASK_EVERY.min(until.saturating_duration_since(Instant::now()))).await;
            let asked = Instant::now();
            if asked >= until {
                return format!(
                    "{mailbox} is left to other gateways: the database has not been heard of for {LEASE:?}"
                );
            }
            match timeout_at(until, self.renew(mailbox, lease)).await {
                Ok(Ok(true)) => until = asked + LEASE,
                Ok(Ok(false)) => return format!("Another gateway has taken {mailbox} over"),
                // The database may be back before the lease runs out.
                Ok(Err(error)) => tracing::debug!(mailbox, error = format!("{error:#}"), "The lease is not renewed"),
                Err(_) => {}
            }
        }
    }

    /// Whether it is still held.
    async fn renew(&self, mailbox: &str, lease: &Lease) -> anyhow::Result<bool> {
        if self.take(&lease.name).await?.as_ref() != Some(lease) {
            return Ok(false);
        }
        let is_wanted = self.store.is_leased(&stand_by_for(mailbox), self.time.now(), lease_time()).await?;
        if let Some(leased) = self.leases.lock().get_mut(mailbox) {
            leased.is_wanted = is_wanted;
        }
        self.leases.wanted.notify_waiters();
        Ok(true)
    }

    async fn take(&self, name: &str) -> anyhow::Result<Option<Lease>> {
        self.store.take_lease(name, &self.name, self.time.now(), lease_time()).await
    }
}

fn watch_of(mailbox: &str) -> String {
    format!("mailbox {mailbox}")
}

fn stand_by_for(mailbox: &str) -> String {
    format!("standing by for mailbox {mailbox}")
}

fn lease_time() -> SignedDuration {
    SignedDuration::try_from(LEASE).unwrap_or_default()
}
