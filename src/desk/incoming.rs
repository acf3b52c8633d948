//! What came in, and who wrote it.

use super::{Contact, LedgerId, Proof, Trust};
use crate::mail::{Address, Authentication, InboundMail, Mailbox};

/// A mail, with what was found out about it before the transaction.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// What it says.
    pub mail: &'a InboundMail,
    /// SHA-256 of the whole message; `None` where the mail was too large to be taken in whole.
    pub raw_sha256: Option<[u8; 32]>,
    /// What proves its author.
    pub proof: &'a Proof,
    /// Whether letters may answer it.
    pub arrival: Arrival,
    /// The mail that the answered letter speaks of, for `#ok` and `#libérer`.
    pub held: Option<HeldMail<'a>>,
}

/// When a mail arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// While we watched.
    Ordinary,
    /// It waited in quarantine, and an agent vouches for it.
    Released,
    /// Somebody answered it already, in another mail program: no acknowledgement.
    Answered,
    /// While we watched, and the mailbox's server took it for junk.
    Junk,
    /// More than a day before the first start: only indexed.
    BeforeFirstStart,
}

/// A mail that waits for an agent's word.
#[derive(Clone, Copy, Debug)]
pub struct HeldMail<'a> {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// What it says.
    pub mail: &'a InboundMail,
}

/// The author of a mail, as far as known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author<'a> {
    pub(super) mailbox: &'a Mailbox,
    pub(super) contact: &'a Contact,
    pub(super) authentication: Authentication,
}

impl<'a> Author<'a> {
    /// For whoever reads whether the author is verified: the name that is known, else the one that the mail gives, else the
    /// address.
    pub(super) fn claimed_name(self) -> &'a str {
        let claimed = self.contact.name.as_deref().or(self.mailbox.name.as_deref());
        claimed.unwrap_or(self.contact.address.as_str())
    }

    pub(super) fn trust(&self) -> Trust {
        if self.authentication == Authentication::Passed { Trust::Verified } else { Trust::Unverified }
    }

    pub(super) fn address(&self) -> &Address {
        &self.mailbox.address
    }
}
