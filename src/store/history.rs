//! What happened on all tickets: in the order in which it was committed, for another system that follows, or one ticket after
//! another, for a report.

use anyhow::Result;

use super::Store;
use super::statement::fetch;
use super::words::{from_json, from_word, instant};
use crate::desk::{Actor, ContactId, Happened, TicketNumber};

/// A place in the order of all that happened; before the first one stands `Position::default()`.
///
/// Whoever has read up to a position has seen everything that ever stands at or before it: what is committed later stands
/// behind it, whichever gateway commits, and whatever its clock says. Positions have gaps. What a restore means for them
/// stands in `docs/events.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

/// A place in the history of one ticket after another; before the first one stands `Place::default()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    ticket: i64,
    seq: i64,
}

/// One row of the history of all tickets.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    /// Where it stands.
    pub position: Position,
    /// Which ticket it happened to.
    pub ticket: TicketNumber,
    /// What.
    pub happened: Happened,
}

const SINCE: &str = "select position, ticket, at, role, contact, detail from history where position > $1 order by \
    position limit $2";
const BY_TICKET: &str = "select ticket, seq, at, role, contact, detail from history where (ticket, seq) > ($1, $2) order by \
    ticket, seq limit $3";

impl Store {
    /// What stands behind a position, in order, at most `limit` lines; none: the follower has seen everything.
    pub async fn history_since(&self, seen: Position, limit: usize) -> Result<Vec<HistoryLine>> {
        let mut held = self.read().await?;
        let limit = i64::try_from(limit)?;
        let rows = fetch!(&mut held.connection(), LineRow, SINCE, seen.0, limit);
        rows.into_iter().map(LineRow::into_line).collect()
    }

    /// What stands behind a place in the history of one ticket after another, at most `limit` lines, and where the last of them
    /// stands; none: that is all.
    pub async fn history_by_ticket(
        &self,
        seen: Place,
        limit: usize,
    ) -> Result<Option<(Vec<(TicketNumber, Happened)>, Place)>> {
        let mut held = self.read().await?;
        let limit = i64::try_from(limit)?;
        let rows = fetch!(&mut held.connection(), TicketRow, BY_TICKET, seen.ticket, seen.seq, limit);
        let Some(last) = rows.last() else { return Ok(None) };
        let last = Place { ticket: last.ticket, seq: last.seq };
        let lines: Result<_> = rows.into_iter().map(TicketRow::into_line).collect();
        Ok(Some((lines?, last)))
    }
}

#[derive(sqlx::FromRow)]
struct TicketRow {
    ticket: i64,
    seq: i64,
    #[sqlx(flatten)]
    happened: HappenedRow,
}

impl TicketRow {
    fn into_line(self) -> Result<(TicketNumber, Happened)> {
        Ok((TicketNumber(self.ticket), self.happened.into_happened()?))
    }
}

#[derive(sqlx::FromRow)]
struct LineRow {
    position: i64,
    ticket: i64,
    #[sqlx(flatten)]
    happened: HappenedRow,
}

impl LineRow {
    fn into_line(self) -> Result<HistoryLine> {
        let happened = self.happened.into_happened()?;
        Ok(HistoryLine { position: Position(self.position), ticket: TicketNumber(self.ticket), happened })
    }
}

/// What happened, without where.
#[derive(sqlx::FromRow)]
pub(super) struct HappenedRow {
    at: i64,
    role: String,
    contact: Option<i64>,
    detail: String,
}

impl HappenedRow {
    pub(super) fn into_happened(self) -> Result<Happened> {
        Ok(Happened {
            at: instant(self.at)?,
            by: Actor { role: from_word(&self.role)?, contact: self.contact.map(ContactId) },
            event: from_json(&self.detail)?,
        })
    }
}
