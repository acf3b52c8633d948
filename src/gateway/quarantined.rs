//! Quarantine by mail: what is new in one letter an hour, a warning of what nobody looks at, and what was taken for junk in one
//! letter a day.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::Gateway;
use super::caught::caught;
use crate::desk::{Occasion, Quarantined, RoutineDue, quarantine_alarm_at};
use crate::mail::InboundMail;
use crate::store::{Tx, Unhandled};

/// The first level is told so often at the most.
const HOURLY: SignedDuration = SignedDuration::from_hours(1);

/// A list of junk shows so many: more is read by nobody.
const LISTED: u32 = 200;

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
        let mails = read(&mut tx, due.iter().copied()).await?;
        let quarantined = quarantined(due.iter().copied(), &mails);
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

    /// Tells of what was taken for junk, in this commit.
    pub(super) async fn tell_of_junk(&self, mut tx: Tx) -> Result<()> {
        let (untold, count) = tx.untold_junk(LISTED).await?;
        if untold.is_empty() {
            return tx.commit().await;
        }
        let mails = read(&mut tx, untold.iter()).await?;
        let more = count.saturating_sub(untold.len() as u64);
        self.decide_routine(tx, RoutineDue::Junk { mails: &quarantined(untold.iter(), &mails), more }).await
    }
}

/// What the mails say; `None` where nobody can read one.
async fn read(tx: &mut Tx, waiting: impl Iterator<Item = &Unhandled>) -> Result<Vec<Option<InboundMail>>> {
    let mut mails = Vec::new();
    for one in waiting {
        let raw = tx.raw(one.ledger).await?;
        mails.push(raw.and_then(|raw| caught(one.ledger, || raw.parse()).ok()));
    }
    Ok(mails)
}

fn quarantined<'m>(
    waiting: impl Iterator<Item = &'m Unhandled>,
    mails: &'m [Option<InboundMail>],
) -> Vec<Quarantined<'m>> {
    let waiting = waiting.zip(mails);
    let one = |(one, mail): (&Unhandled, &'m Option<InboundMail>)| Quarantined {
        ledger: one.ledger,
        reason: one.reason,
        since: one.since,
        mail: mail.as_ref(),
    };
    waiting.map(one).collect()
}
