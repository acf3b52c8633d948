//! Mails in quarantine, and who was told of them.

use anyhow::Result;
use jiff::Timestamp;

use super::statement::{execute, fetch};
use super::words::{from_word, instant, maybe_instant, millis, unsigned};
use super::{Store, Tx};
use crate::desk::{LedgerId, Reason};

/// A mail in quarantine of which not everybody was told who will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unhandled {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// Why it waits.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// Whether the first level was told.
    pub told: bool,
    /// Whether team and managers were warned.
    pub called_out: bool,
}

/// So many at once: a letter about more is read by nobody.
const UNHANDLED: &str = "select id, reason, decided_at, told_at, alarmed_at from ledger where outcome = 'quarantine' and \
    (told_at is null or alarmed_at is null) and reason <> 'junk' order by id limit 100";
const JUNK: &str = "select id, reason, decided_at, told_at, alarmed_at from ledger where outcome = 'quarantine' and \
    (told_at is null or alarmed_at is null) and reason = 'junk' order by id limit $1";
const COUNT_OF_JUNK: &str = "select count(*) from ledger where outcome = 'quarantine' and (told_at is null or alarmed_at \
    is null) and reason = 'junk'";
const LAST_TOLD: &str =
    "select told_at from ledger where told_at is not null and told_at <= $1 order by told_at desc limit 1";
const TOLD: &str = "update ledger set told_at = $1 where id = $2";
const CALLED_OUT: &str = "update ledger set alarmed_at = $1 where id = $2";

type Row = (i64, String, i64, Option<i64>, Option<i64>);

fn unhandled((id, reason, since, told_at, called_out_at): Row) -> Result<Unhandled> {
    Ok(Unhandled {
        ledger: LedgerId(id),
        reason: from_word(&reason)?,
        since: instant(since)?,
        told: told_at.is_some(),
        called_out: called_out_at.is_some(),
    })
}

impl Store {
    /// What waits in quarantine and is not yet told or called out, the oldest first.
    pub async fn unhandled(&self) -> Result<Vec<Unhandled>> {
        let mut held = self.read().await?;
        fetch!(&mut held.connection(), Row, UNHANDLED).into_iter().map(unhandled).collect()
    }

    /// When the first level was last told of a mail in quarantine.
    pub async fn last_told(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), LAST_TOLD, millis(now));
        maybe_instant(rows.first().and_then(|(at,)| *at))
    }
}

impl Tx {
    /// As [`Store::unhandled`], within this commit.
    pub async fn unhandled(&mut self) -> Result<Vec<Unhandled>> {
        fetch!(&mut self.connection(), Row, UNHANDLED).into_iter().map(unhandled).collect()
    }

    /// What was taken for junk and not told yet, the oldest first and so many at most; and how many there are.
    pub async fn untold_junk(&mut self, most: u32) -> Result<(Vec<Unhandled>, u64)> {
        let mails = fetch!(&mut self.connection(), Row, JUNK, i64::from(most));
        let count = fetch!(&mut self.connection(), (i64,), COUNT_OF_JUNK);
        let count = count.first().map_or(0, |(count,)| unsigned(*count));
        Ok((mails.into_iter().map(unhandled).collect::<Result<_>>()?, count))
    }

    /// The first level is told of a mail.
    pub async fn told_of(&mut self, ledger: LedgerId, now: Timestamp) -> Result<()> {
        execute!(&mut self.connection(), TOLD, millis(now), ledger.0);
        Ok(())
    }

    /// Team and managers are warned of a mail.
    pub async fn called_out(&mut self, ledger: LedgerId, now: Timestamp) -> Result<()> {
        execute!(&mut self.connection(), CALLED_OUT, millis(now), ledger.0);
        Ok(())
    }
}
