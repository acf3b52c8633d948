//! What left for somebody outside the desk.

use jiff::Timestamp;

use crate::desk::{Privacy, Purpose, TicketNumber};
use crate::mail::{Address, MessageId};

/// A letter that somebody outside has: the requester, a participant, a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// When the relay took it; where its answer was lost, when it was first handed over.
    pub at: Timestamp,
    /// The ticket it is about: the one that is asked for, or one that was merged into it.
    pub ticket: TicketNumber,
    /// Who has it.
    pub recipient: Address,
    /// Whose case it is about, by the name in the configuration; `None`: it was written for the requester.
    pub vendor: Option<String>,
    /// What the vendor was told of the requester; `None` also for letters from before that was noted.
    pub privacy: Option<Privacy>,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Its subject, decoded.
    pub subject: String,
    /// What answers to it cite; `None` where the stored text is no Message-ID.
    pub message_id: Option<MessageId>,
    /// The relay's answer was lost: it may have left or not.
    pub in_doubt: bool,
    /// What went with it, in order.
    pub files: Vec<DisclosedFile>,
}

/// An attachment or image of such a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosedFile {
    /// As the recipient reads it.
    pub name: String,
    /// Length of the decoded file, in bytes.
    pub size: u64,
    /// SHA-256 of the decoded file; `None` where the mail that it came with was erased.
    pub sha256: Option<[u8; 32]>,
}
