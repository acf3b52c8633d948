//! What is done regularly and belongs to no ticket. The store says when each is next due: a gateway that does it says so in the
//! same commit, and none of the others does it again. What was missed is done once.
//!
//! A report reads all of the history, which takes its time. So routines have a loop of their own; of several gateways one does
//! a routine, under a lease; and one that fails rests, while the others are done.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use crate::desk::{Occasion, Routine, RoutineDue};
use crate::store::{Lease, Tx};

/// Whoever does a routine and says nothing for so long does it no more.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// What failed is tried again after that.
const REST: SignedDuration = SignedDuration::from_mins(10);
/// It is looked again after that at the latest.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// And not before that: another gateway may be at what is due.
const SHORTEST: Duration = Duration::from_secs(2);

/// Routines that failed, by name, and until when they are left alone.
#[derive(Debug, Default)]
pub(super) struct Resting(Mutex<BTreeMap<String, Timestamp>>);

impl Resting {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when one is left alone; what lies further ahead than any rest is from before the clock was set back.
    fn until(&self, name: &str, now: Timestamp) -> Option<Timestamp> {
        self.lock().get(name).copied().filter(|until| *until > now && until.duration_since(now) <= REST)
    }
}

impl Gateway {
    /// Does what is done regularly, until `stop`.
    pub(super) async fn routines(&self, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() {
            let now = self.time.now();
            self.do_routines(stop).await?;
            let next = self.next_routine(now).await?;
            tokio::select! {
                () = tokio::time::sleep(self.time.wait_for(next, SHORTEST..=LOOK_AGAIN)) => {}
                () = self.time.advanced(now) => {}
                () = stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Does what is due of routines.
    pub(super) async fn do_routines(&self, stop: &CancellationToken) -> Result<()> {
        let routines = Routine::all(&self.policy);
        if routines.is_empty() {
            return Ok(());
        }
        let (now, known) = (self.time.now(), self.store.routines().await?);
        for routine in routines {
            let (name, next) = (routine.name(), routine.next(&self.policy, now));
            let Some(next) = next else { continue };
            match known.get(&name).copied() {
                Some(due_at) if due_at <= now => self.try_routine(&routine, due_at, next, stop).await,
                Some(due_at) if routine.holds(&self.policy, due_at, now) => {}
                other => {
                    let mut tx = self.store.begin().await?;
                    tx.turn_routine(&name, other, next).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }

    /// Does one, unless it rests; if it fails, others are done all the same. It rests also where the program itself fails.
    async fn try_routine(&self, routine: &Routine, due_at: Timestamp, next: Timestamp, stop: &CancellationToken) {
        let (name, now) = (routine.name(), self.time.now());
        if stop.is_cancelled() || self.resting.until(&name, now).is_some() {
            return;
        }
        let rested = now.saturating_add(REST).unwrap_or(now);
        self.resting.lock().insert(name.clone(), rested);
        match self.do_routine(routine, due_at, next, stop).await {
            Ok(()) => {
                self.resting.lock().remove(&name);
            }
            Err(error) => tracing::error!(
                routine = name,
                error = format!("{error:#}"),
                "What is done regularly was not done: it is tried again in {} minutes. {}",
                REST.as_mins(),
                remedy(routine)
            ),
        }
    }

    /// Does one, unless another gateway does or did.
    async fn do_routine(
        &self,
        routine: &Routine,
        due_at: Timestamp,
        next: Timestamp,
        stop: &CancellationToken,
    ) -> Result<()> {
        let (right, now) = (format!("routine {}", routine.name()), self.time.now());
        let Some(lease) = self.store.take_lease(&right, &self.name, now, LEASE).await? else { return Ok(()) };
        let is_due = self.store.routines().await?.get(&routine.name()) == Some(&due_at);
        let done = if is_due { self.do_leased(&lease, routine, due_at, next, stop).await } else { Ok(()) };
        done.and(self.store.end_lease(&lease).await)
    }

    async fn do_leased(
        &self,
        lease: &Lease,
        routine: &Routine,
        due_at: Timestamp,
        next: Timestamp,
        stop: &CancellationToken,
    ) -> Result<()> {
        // A report reads for long: no transaction waits for it, and nothing is lost where it ends in between.
        let report = match routine {
            Routine::Worklist { .. } | Routine::Junk => None,
            Routine::WeeklyReport { desk } => tokio::select! {
                report = self.report_of_last_week(desk) => Some(report?),
                lost = self.keep_lease(lease) => return lost,
                () = stop.cancelled() => return Ok(()),
            },
        };
        let mut tx = self.store.begin().await?;
        if !tx.turn_routine(&routine.name(), Some(due_at), next).await? {
            return Ok(());
        }
        match (routine, &report) {
            (Routine::Worklist { desk }, _) => {
                let tickets = tx.owned_tickets(desk).await?;
                self.decide_routine(tx, RoutineDue::Worklist { desk, tickets: &tickets }).await
            }
            (Routine::WeeklyReport { desk }, Some(report)) => {
                self.decide_routine(tx, RoutineDue::WeeklyReport { desk, report }).await
            }
            (Routine::Junk, _) => self.tell_of_junk(tx).await,
            (Routine::WeeklyReport { .. }, None) => Ok(()),
        }
    }

    /// Until the lease is lost: to a gateway that found it over.
    async fn keep_lease(&self, lease: &Lease) -> Result<()> {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let kept = self.store.take_lease(&lease.name, &lease.holder, self.time.now(), LEASE).await?;
            if kept.is_none_or(|kept| kept.number != lease.number) {
                return Ok(());
            }
        }
    }

    pub(super) async fn decide_routine(&self, tx: Tx, due: RoutineDue<'_>) -> Result<()> {
        let occasion = Occasion::Routine(due);
        let mut sitting = self.sit(tx, &[occasion], self.time.now()).await?;
        let finished = sitting.decide(&occasion)?;
        sitting.commit(std::slice::from_ref(&finished)).await
    }

    /// When a routine is next due, or has rested.
    async fn next_routine(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let routines = Routine::all(&self.policy);
        if routines.is_empty() {
            return Ok(None);
        }
        let known = self.store.routines().await?;
        let next = |name: &str| {
            let due_at = known.get(name).copied()?;
            Some(self.resting.until(name, now).map_or(due_at, |until| until.max(due_at)))
        };
        Ok(routines.iter().filter_map(|routine| next(&routine.name())).min())
    }
}

/// What the operator can do.
fn remedy(routine: &Routine) -> String {
    match routine {
        Routine::Worklist { desk } => {
            format!("`guichet check` says what is wrong; agents of {desk} get `#liste` meanwhile")
        }
        Routine::Junk => "`guichet ledger --outcome quarantine` lists what was taken for junk meanwhile".to_owned(),
        Routine::WeeklyReport { desk } => format!("`guichet report --desk {desk}` says what is wrong"),
    }
}
