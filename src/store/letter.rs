//! Finished letters, ready to be written down, and as they were.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::desk::{Audience, ContactId, Enclosure, LedgerId, Privacy, Purpose, TicketNumber};
use crate::letters::PlacedEnclosure;
use crate::mail::{Address, Language, MessageId};

/// A finished letter and whom it goes to.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterRow {
    /// The ticket it is about.
    pub ticket: Option<TicketNumber>,
    /// Its number within the ticket.
    pub number: i64,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Who may read it.
    pub audience: Audience,
    /// What a vendor is told of the requester.
    pub privacy: Option<Privacy>,
    /// Of its template and of its dates.
    pub language: Language,
    /// With the token that answers bring back.
    pub message_id: MessageId,
    /// Its subject, decoded.
    pub subject: String,
    /// The words of a person that it carries.
    pub text: Option<String>,
    /// The RFC 5322 bytes without the enclosures.
    pub bytes: Arc<[u8]>,
    /// What is put in when it leaves, by offset.
    pub enclosures: Vec<PlacedEnclosure>,
    /// What its list of attachments names, in order.
    pub listed: Vec<Enclosure>,
    /// Who would read a plain reply to it.
    pub readers: Option<Vec<ContactId>>,
    /// The mail that it speaks of.
    pub about: Option<LedgerId>,
    /// The form that named whom it goes to.
    pub form: Option<String>,
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
    /// It leaves from then on.
    Due(Timestamp),
    /// It leaves when a human says so.
    Held,
}

/// The row of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LetterId(pub i64);

/// A finished letter as it was written down.
#[derive(Clone, Debug)]
pub struct StoredLetter {
    /// Its row among the letters.
    pub id: LetterId,
    /// The ticket it is about.
    pub ticket: Option<TicketNumber>,
    /// Its number within the ticket.
    pub number: i64,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// What answers to it cite; `None` where the stored text is no Message-ID.
    pub message_id: Option<MessageId>,
    /// The RFC 5322 bytes without the enclosures.
    pub bytes: Arc<[u8]>,
    /// What is put in when it leaves, by offset.
    pub enclosures: Vec<PlacedEnclosure>,
}

impl StoredLetter {
    pub(super) fn of(id: LetterId, letter: &LetterRow) -> StoredLetter {
        StoredLetter {
            id,
            ticket: letter.ticket,
            number: letter.number,
            purpose: letter.purpose,
            message_id: Some(letter.message_id.clone()),
            bytes: Arc::clone(&letter.bytes),
            enclosures: letter.enclosures.clone(),
        }
    }
}

/// What leaves first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A person's words.
    Human,
    /// It says that a request arrived.
    Acknowledgement,
    /// Whatever else a program writes.
    Notice,
}

impl Class {
    /// The class of a letter.
    pub fn of(purpose: Purpose) -> Class {
        match purpose {
            Purpose::Acknowledgement
            | Purpose::CrowdAcknowledgement
            | Purpose::AcknowledgementGeneric
            | Purpose::KnownFix => Class::Acknowledgement,
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
