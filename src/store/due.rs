//! When to look at tickets because of the time alone.

use anyhow::Result;
use jiff::Timestamp;

use super::statement::{execute, fetch};
use super::words::{maybe_instant, millis};
use super::{Store, Tx};
use crate::desk::TicketNumber;

const DUE: &str = "select number from ticket where look_at <= $1 order by look_at limit $2";
const NEXT: &str = "select look_at from ticket where look_at > 0 order by look_at limit 1";
const LOOK_AT_ALL: &str = "update ticket set look_at = $1 where state in ('new', 'open', 'pending', 'resolved')";
const PUT_OFF: &str = "update ticket set look_at = $1 where number = $2 and look_at <= $3";
const LAST: &str = "select at from history where position > 0 order by position desc limit 1";

impl Store {
    /// When it is next time to look at a ticket.
    pub async fn next_look(&self) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), NEXT);
        maybe_instant(rows.first().and_then(|(at,)| *at))
    }

    /// When something last happened, by the clock of whoever wrote it down.
    pub async fn last_happened(&self) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64,), LAST);
        maybe_instant(rows.first().map(|(at,)| *at))
    }

    /// From now on it is time to look at every ticket that is not closed, because what is promised or the clock has changed.
    pub async fn look_at_all(&self, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), LOOK_AT_ALL, millis(now));
        Ok(())
    }

    /// It is not time to look at a ticket before then, if it is `now` and nobody else has done so.
    pub async fn put_off(&self, number: TicketNumber, until: Timestamp, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), PUT_OFF, millis(until), number.0, millis(now));
        Ok(())
    }
}

impl Tx {
    /// Tickets that it is time to look at, those first that have waited longest; at most `limit`.
    pub async fn due_tickets(&mut self, now: Timestamp, limit: usize) -> Result<Vec<TicketNumber>> {
        let limit = i64::try_from(limit)?;
        let rows = fetch!(&mut self.connection(), (i64,), DUE, millis(now), limit);
        Ok(rows.into_iter().map(|(number,)| TicketNumber(number)).collect())
    }
}
