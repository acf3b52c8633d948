//! Who of ours is away.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::Store;
use super::database::Connection;
use super::statement::{execute_in, fetch, fetch_in, write_rows};
use super::words::{address, from_word, instant, maybe_instant, millis};
use crate::desk::{Absence, ContactId, Docket, Keys, TicketNumber};
use crate::mail::Address;

const ABSENCES: &str = "select contact, begins_at, ends_at, told_by, begun from absence";
const OWNED: &str = "select number from ticket where agent in ({keys}) and state in ('new', 'open', 'pending')";
const AWAY: &str = "insert into absence (contact, begins_at, ends_at, told_by, begun) values {rows} on conflict (contact) \
    do update set begins_at = excluded.begins_at, ends_at = excluded.ends_at, told_by = excluded.told_by, begun = \
    excluded.begun";
const BACK: &str = "delete from absence where contact in ({keys})";

/// SQLite keeps the order of a cross join: it never looks at all addresses, whatever statistics an operator has made.
const BEGINNING: &str = "select a.address from absence w cross join address a where a.id = w.contact and not w.begun \
    and w.begins_at <= $1 order by w.contact";

#[derive(sqlx::FromRow)]
struct Row {
    contact: i64,
    begins_at: i64,
    ends_at: Option<i64>,
    told_by: String,
    begun: bool,
}

impl Row {
    fn into_absence(self) -> Result<Absence> {
        Ok(Absence {
            contact: ContactId(self.contact),
            from: instant(self.begins_at)?,
            until: maybe_instant(self.ends_at)?,
            told_by: from_word(&self.told_by)?,
            begun: self.begun,
        })
    }
}

impl Store {
    /// Those whose absence begins, by their addresses.
    pub async fn beginning_absences(&self, now: Timestamp) -> Result<Vec<Address>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (String,), BEGINNING, millis(now));
        rows.into_iter().map(|(text,)| address(&text)).collect()
    }
}

/// The open tickets of those whose tickets may go back to the team.
pub(super) async fn owned(connection: &mut Connection<'_>, keys: &Keys, docket: &Docket) -> Result<Vec<TicketNumber>> {
    let owners: Vec<i64> = keys.owners.iter().filter_map(|key| docket.by_address.get(key)).map(|id| id.0).collect();
    let rows = fetch_in!(connection, (i64,), OWNED, owners);
    Ok(rows.into_iter().map(|(number,)| TicketNumber(number)).collect())
}

/// Enters who is away or soon will be.
pub(super) async fn enter(connection: &mut Connection<'_>, docket: &mut Docket) -> Result<()> {
    for row in fetch!(connection, Row, ABSENCES) {
        let absence = row.into_absence()?;
        docket.absences.insert(absence.contact, absence);
    }
    Ok(())
}

/// Writes who is away from now on, and who no more; of each the last that was decided.
pub(super) async fn write(connection: &mut Connection<'_>, decided: &[(ContactId, Option<Absence>)]) -> Result<()> {
    let last: BTreeMap<ContactId, Option<Absence>> = decided.iter().copied().collect();
    let back: Vec<i64> = last.iter().filter(|(_, absence)| absence.is_none()).map(|(contact, _)| contact.0).collect();
    execute_in!(connection, BACK, back);
    let away: Vec<Absence> = last.into_values().flatten().collect();
    write_rows!(connection, AWAY, away, |mut row, absence| {
        row.push_bind(absence.contact.0)
            .push_bind(millis(absence.from))
            .push_bind(absence.until.map(millis))
            .push_bind(absence.told_by.word())
            .push_bind(absence.begun);
    });
    Ok(())
}
