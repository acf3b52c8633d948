//! What tells other programs whether a person wrote a letter: RFC 3834 and Exchange's X-Auto-Response-Suppress.

use crate::desk::{Audience, Letter, Purpose};

/// Who a letter is seen to come from: it decides which fields mark it as automatic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// A person; also all that vendors get, because their systems discard marked mail.
    Person,
    /// Us, in answer to the requester. Nothing may come back.
    Responder,
    /// Us, to an agent. Absences and delivery reports are wanted.
    Notifier,
}

impl Author {
    /// Who a letter is seen to come from.
    pub(super) fn of(letter: &Letter) -> Self {
        let speaks_for_a_person = match letter.purpose {
            Purpose::Resolved => letter.facts.text.is_some(),
            purpose => purpose.is_human(),
        };
        match letter.audience {
            Audience::Vendor(_) => Author::Person,
            Audience::Desk => Author::Notifier,
            Audience::Requester if speaks_for_a_person => Author::Person,
            Audience::Requester => Author::Responder,
        }
    }

    /// Value of Auto-Submitted (RFC 3834 §5).
    pub(super) fn auto_submitted(self) -> Option<&'static str> {
        match self {
            Author::Person => None,
            Author::Responder => Some("auto-replied"),
            Author::Notifier => Some("auto-generated"),
        }
    }

    /// Value of X-Auto-Response-Suppress (MS-OXCMAIL §2.2.3.2.14).
    pub(super) fn auto_response_suppress(self) -> Option<&'static str> {
        match self {
            Author::Person => None,
            Author::Responder => Some("All"),
            Author::Notifier => Some("DR, RN, NRN, AutoReply"),
        }
    }
}
