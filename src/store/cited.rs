//! Our letters that others cite.

use std::collections::HashMap;

use anyhow::Result;

use super::database::Connection;
use super::statement::fetch_rows;
use super::{Store, Tx};
use crate::desk::TicketNumber;

const CITED: &str = "with cited (ticket, number) as (values {rows}) select letter.ticket, letter.number, letter.bytes \
    from cited join letter on letter.ticket = cited.ticket and letter.number = cited.number";

/// Letters by ticket and number within it: the bytes as they were composed, without their enclosures.
pub type CitedLetters = HashMap<(TicketNumber, i64), Vec<u8>>;

impl Store {
    /// The letters of these tickets and numbers.
    pub async fn letters(&self, cited: &[(TicketNumber, i64)]) -> Result<CitedLetters> {
        let mut held = self.read().await?;
        letters(&mut held.connection(), cited).await
    }
}

impl Tx {
    /// As [`Store::letters`], within this commit.
    pub async fn letters(&mut self, cited: &[(TicketNumber, i64)]) -> Result<CitedLetters> {
        letters(&mut self.connection(), cited).await
    }
}

async fn letters(connection: &mut Connection<'_>, cited: &[(TicketNumber, i64)]) -> Result<CitedLetters> {
    let rows = fetch_rows!(connection, (i64, i64, Vec<u8>), CITED, cited, |mut row, (ticket, number)| {
        row.push_bind(ticket.0).push_bind(*number);
    });
    Ok(rows.into_iter().map(|(ticket, number, bytes)| ((TicketNumber(ticket), number), bytes)).collect())
}
