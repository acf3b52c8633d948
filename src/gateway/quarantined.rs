//! Quarantine by mail: what is new in one letter an hour, and a warning of what nobody looks at.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::Gateway;
use super::caught::caught;
use crate::desk::{Occasion, Quarantined, RoutineDue, quarantine_alarm_at};
use crate::mail::{self, InboundMail};
use crate::store::Unhandled;

/// The first level is told so often at the most.
const HOURLY: SignedDuration = SignedDuration::from_hours(1);

/// What a letter about mails in quarantine is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    News,
    Alarm,
}

impl Gateway {
    /// Tells of mails in quarantine, where it is time.
    pub(super) async fn look_at_quarantine(&self) -> Result<()> {
        let unhandled = self.store.unhandled().await?;
        if unhandled.is_empty() {
            return Ok(());
        }
        let now = self.time.now();
        let last = self.store.last_told(now).await?;
        if last.is_none_or(|last| now.duration_since(last) >= HOURLY) {
            self.tell_of_quarantined(Told::News, &unhandled, now).await?;
        }
        self.tell_of_quarantined(Told::Alarm, &unhandled, now).await
    }

    async fn tell_of_quarantined(&self, told: Told, unhandled: &[Unhandled], now: Timestamp) -> Result<()> {
        let is_due = |one: &&Unhandled| match told {
            Told::News => !one.told,
            Told::Alarm => {
                let at = quarantine_alarm_at(&self.policy, one.since, now);
                !one.called_out && at.is_some_and(|at| at <= now)
            }
        };
        let due: Vec<&Unhandled> = unhandled.iter().filter(is_due).collect();
        if due.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let mut mails: Vec<Option<InboundMail>> = Vec::with_capacity(due.len());
        for one in &due {
            let raw = tx.raw(one.ledger).await?;
            mails.push(raw.and_then(|raw| caught(one.ledger, || mail::parse(&raw)).ok()));
        }
        let quarantined: Vec<Quarantined<'_>> = due
            .iter()
            .zip(&mails)
            .map(|(one, mail)| Quarantined {
                ledger: one.ledger,
                reason: one.reason,
                since: one.since,
                mail: mail.as_ref(),
            })
            .collect();
        let occasion = Occasion::Routine(match told {
            Told::News => RoutineDue::Quarantine { mails: &quarantined },
            Told::Alarm => RoutineDue::QuarantineAlarm { mails: &quarantined },
        });
        let mut sitting = self.sit(tx, &[occasion], now).await?;
        // Another gateway may have told meanwhile; from here on none does.
        let by_now = sitting.tx.unhandled().await?;
        if due.iter().any(|one| !by_now.iter().any(|known| known.ledger == one.ledger && is_due(&known))) {
            return Ok(());
        }
        let finished = sitting.decide(&occasion)?;
        sitting.commit(std::slice::from_ref(&finished)).await
    }
}
