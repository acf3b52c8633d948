//! Rows of the table `entry`, with the Message-ID of the mail.

use anyhow::Result;

use super::words::{audience, from_word, instant, message_id};
use crate::desk::{ContactId, Entry, LedgerId, TicketNumber};

#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    ticket: i64,
    at: i64,
    ledger: Option<i64>,
    message_id: Option<String>,
    kind: String,
    audience: String,
    vendor: Option<String>,
    trust: String,
    author_role: String,
    author: Option<i64>,
    text: String,
}

impl EntryRow {
    pub(super) fn into_entry(self) -> Result<Entry> {
        Ok(Entry {
            ticket: TicketNumber(self.ticket),
            at: instant(self.at)?,
            ledger: self.ledger.map(LedgerId),
            message_id: message_id(self.message_id.as_deref()),
            kind: from_word(&self.kind)?,
            audience: audience(&self.audience, self.vendor)?,
            trust: from_word(&self.trust)?,
            author_role: from_word(&self.author_role)?,
            author: self.author.map(ContactId),
            text: self.text,
        })
    }
}
