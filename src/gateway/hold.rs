//! One gateway watches a mailbox, where several share a database.
//!
//! The ledger alone keeps a message from being recorded twice; the lease spares the mail server two robots that fetch and
//! move the same messages.

use std::future::Future;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::Gateway;
use crate::store::Lease;

/// A gateway that says nothing for so long has lost the mailbox.
const HELD_FOR: SignedDuration = SignedDuration::from_secs(10);
/// Renewed so often; asked for so often by those who stand by.
const ASK_EVERY: Duration = Duration::from_secs(3);

impl Gateway {
    /// Does the work while this gateway holds the mailbox, until `stop`; waits for that first. SQLite has one gateway,
    /// which holds all.
    pub(super) async fn while_holding(
        &self,
        mailbox: &str,
        stop: &CancellationToken,
        work: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        if !self.store.is_shared() {
            return tokio::select! {
                done = work => done,
                () = stop.cancelled() => Ok(()),
            };
        }
        let Some(lease) = self.wait_for(mailbox, stop).await? else { return Ok(()) };
        let ended = tokio::select! {
            done = work => done,
            lost = self.keep(&lease) => lost,
            () = stop.cancelled() => Ok(()),
        };
        let given_back = self.store.end_lease(&lease).await;
        ended.and(given_back)
    }

    async fn wait_for(&self, mailbox: &str, stop: &CancellationToken) -> Result<Option<Lease>> {
        let mut told = false;
        while !stop.is_cancelled() {
            if let Some(lease) = self.hold(&format!("mailbox {mailbox}")).await? {
                return Ok(Some(lease));
            }
            if !std::mem::replace(&mut told, true) {
                tracing::info!(mailbox, "Another gateway watches {mailbox}: standing by");
            }
            tokio::select! {
                () = tokio::time::sleep(ASK_EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(None)
    }

    /// Ends when the lease is lost.
    async fn keep(&self, lease: &Lease) -> Result<()> {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            if self.hold(&lease.name).await?.as_ref() != Some(lease) {
                bail!("another gateway has taken over the {}", lease.name);
            }
        }
    }

    async fn hold(&self, name: &str) -> Result<Option<Lease>> {
        self.store.take_lease(name, &self.name, self.clock.now(), HELD_FOR).await
    }
}
