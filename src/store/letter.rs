//! Finished letters, ready to be written down.

use std::collections::HashMap;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::database::Connection;
use super::statement::fetch_rows;
use super::{Store, Tx};
use crate::desk::{Audience, ContactId, Enclosure, LedgerId, Purpose, TicketNumber};
use crate::letters::PlacedEnclosure;
use crate::mail::{Address, Language, MessageId};

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

/// A finished letter and whom it goes to.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterRow {
    /// The ticket it is about.
    pub ticket: Option<TicketNumber>,
    /// Its number within the ticket.
    pub number: i64,
    /// What for.
    pub purpose: Purpose,
    /// For whom.
    pub audience: Audience,
    /// Of its template.
    pub language: Language,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Its subject, decoded.
    pub subject: String,
    /// Whose words it carried.
    pub text: Option<String>,
    /// The RFC 5322 bytes without the enclosures.
    pub bytes: Vec<u8>,
    /// What is put in when it leaves, by offset.
    pub enclosures: Vec<PlacedEnclosure>,
    /// What its list of attachments names, in order.
    pub listed: Vec<Enclosure>,
    /// Who would read a plain reply to it.
    pub readers: Option<Vec<ContactId>>,
    /// The mail that it speaks of.
    pub about: Option<LedgerId>,
    /// Marked as written by a program; brakes count such letters, never the others.
    pub automatic: bool,
    /// Version of the ticket that its reader sees.
    pub ticket_version: i64,
    /// One for each recipient, the first To first: the envelope's recipient and sender. `None` is `<>`.
    pub deliveries: Vec<(Address, Option<Address>)>,
    /// Whether it may leave.
    pub state: LetterState,
}

impl LetterRow {
    /// Leaves so much later, if it leaves by itself.
    pub fn wait(&mut self, longer: SignedDuration) {
        if let LetterState::Due(at) = &mut self.state {
            *at = at.saturating_add(longer).unwrap_or(*at);
        }
    }
}

/// Whether a letter may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// From then on.
    Due(Timestamp),
    /// When a human says so.
    Held,
}

/// What leaves first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A person's words.
    Human,
    /// It arrived.
    Acknowledgement,
    /// Everything else.
    Notice,
}

impl Class {
    /// The class of a letter.
    pub fn of(purpose: Purpose) -> Class {
        match purpose {
            Purpose::Acknowledgement | Purpose::AcknowledgementGeneric | Purpose::KnownFix => Class::Acknowledgement,
            purpose if purpose.is_human() => Class::Human,
            _ => Class::Notice,
        }
    }

    pub(super) fn number(self) -> i64 {
        match self {
            Class::Human => 0,
            Class::Acknowledgement => 1,
            Class::Notice => 2,
        }
    }

    pub(super) fn from_number(number: i64) -> Class {
        match number {
            0 => Class::Human,
            1 => Class::Acknowledgement,
            _ => Class::Notice,
        }
    }
}
