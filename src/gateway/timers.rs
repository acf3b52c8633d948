//! What falls due by the time alone: looks at tickets whose time has come, decides, commits. A ticket says when to look at it
//! next, and its history what was done already; so a look may be late, repeated or lost.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::Gateway;
use super::caught::caught_on;
use super::intake::enter_attachments;
use crate::desk::{self, Occasion, TicketNumber};
use crate::store::{self, Tx};

/// One look takes so many tickets: what falls due together to one person is one letter.
const LOOK: usize = 500;
/// It is looked again after that at the latest.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// And not before that.
const SHORTEST: Duration = Duration::from_millis(50);
/// A ticket on which the program failed is looked at again after that.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(1);
/// A clock that is set back further than that is no clock that was slewed.
const JUMP: SignedDuration = SignedDuration::from_mins(1);
/// What the due times were computed by, as the store keeps it.
const COMPUTED_BY: &str = "due_times_by";

impl Gateway {
    /// Does what falls due, until `stop`.
    pub(super) async fn timers(&self, stop: &CancellationToken) -> Result<()> {
        self.compute_anew().await?;
        let mut last = self.time.now();
        while !stop.is_cancelled() {
            let now = self.time.now();
            if now < last.saturating_sub(JUMP)? {
                tracing::warn!("The clock was set back: due times are computed anew");
                self.store.look_at_all(now).await?;
            }
            last = now;
            if self.look_at_what_falls_due().await? < LOOK {
                let next = self.store.next_look().await?;
                let wait = self.hints.soon.wait(self.time.wait_for(next, SHORTEST..=LOOK_AGAIN), stop);
                tokio::select! {
                    () = wait => {}
                    () = self.time.advanced(now) => {}
                }
            }
        }
        Ok(())
    }

    /// Due times rest on what is promised, on time zones and on the clock: where one of them is other than at the last start,
    /// every open ticket is looked at.
    pub async fn compute_anew(&self) -> Result<()> {
        let now = self.time.now();
        let last = self.store.last_happened().await?;
        let by = desk::promises(&self.policy);
        let is_other = self.store.setting(COMPUTED_BY).await?.as_ref() != Some(&by);
        let was_set_back = last.is_some_and(|last| last.saturating_sub(JUMP).is_ok_and(|last| now < last));
        if is_other || was_set_back {
            self.store.look_at_all(now).await?;
            self.store.keep_setting(COMPUTED_BY, &by).await?;
        }
        Ok(())
    }

    /// Does once what this loop and that of routines do: at how many tickets it looked.
    pub async fn look(&self) -> Result<usize> {
        let looked = self.look_at_what_falls_due().await?;
        if looked < LOOK {
            self.do_routines(&CancellationToken::new()).await?;
        }
        Ok(looked)
    }

    /// Looks once, at tickets and at quarantine: at how many tickets.
    async fn look_at_what_falls_due(&self) -> Result<usize> {
        let looked = self.look_at_tickets().await?;
        if looked < LOOK {
            self.look_at_quarantine().await?;
        }
        Ok(looked)
    }

    async fn look_at_tickets(&self) -> Result<usize> {
        let now = self.time.now();
        self.begin_absences(now).await?;
        if self.store.next_look().await?.is_none_or(|next| next > now) {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        let tickets = tx.due_tickets(now, LOOK).await?;
        if tickets.is_empty() {
            return Ok(0);
        }
        let together = format!("one of {} tickets", tickets.len());
        match caught_on(together, self.look_together(tx, &tickets, now)).await {
            Err(error) if !store::is_unavailable(&error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "Cannot look at what falls due together: trying one ticket by one"
                );
                self.look_one_by_one(now).await
            }
            looked => looked.map(|()| tickets.len()),
        }
    }

    /// One ticket on which the program fails keeps no other from what falls due on it.
    async fn look_one_by_one(&self, now: Timestamp) -> Result<usize> {
        for looked in 0..LOOK {
            let mut tx = self.store.begin().await?;
            let tickets = tx.due_tickets(now, 1).await?;
            let [number] = tickets[..] else { return Ok(looked) };
            match caught_on(number, self.look_together(tx, &tickets, now)).await {
                Err(error) if !store::is_unavailable(&error) => {
                    tracing::error!(
                        ticket.reference = %number,
                        error = format!("{error:#}"),
                        "Nothing falls due on {number} for an hour, because the program failed on it: look at it with 'guichet ticket show'"
                    );
                    self.store.put_off(number, now.saturating_add(PUT_OFF)?, now).await?;
                }
                looked => looked?,
            }
        }
        Ok(LOOK)
    }

    async fn look_together(&self, tx: Tx, tickets: &[TicketNumber], now: Timestamp) -> Result<()> {
        let occasion = Occasion::Due(tickets);
        let mut sitting = self.sit(tx, &[occasion], now).await?;
        let sends_files = |number: &&TicketNumber| {
            let crowd = sitting.docket.dossier(**number).and_then(|dossier| dossier.ticket.crowd.as_ref());
            crowd.is_some_and(|crowd| crowd.on_the_way.iter().any(|words| !words.files.is_empty()))
        };
        for number in tickets.iter().filter(sends_files).copied().collect::<Vec<_>>() {
            enter_attachments(&mut sitting, number).await?;
        }
        let finished = sitting.decide(&occasion)?;
        sitting.commit(std::slice::from_ref(&finished)).await
    }

    /// Whoever said to be away from some day on is, when it comes.
    async fn begin_absences(&self, now: Timestamp) -> Result<()> {
        for away in self.store.beginning_absences(now).await? {
            match caught_on("an absence", self.decide(Occasion::AbsenceBegins(&away))).await {
                Err(error) if !store::is_unavailable(&error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "An agent's absence does not begin, because the program failed on it: tickets stay with somebody who is away"
                    );
                }
                begun => drop(begun?),
            }
        }
        Ok(())
    }
}
