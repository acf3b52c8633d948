//! What is looked at when a mail's kind is asked for, and what is found.

use super::header::Header;
use super::mime::Parts;
use super::{Evidence, Kind, Known, Mailbox, MessageId, ReturnPath};

/// What has been read of a message when its kind is asked for.
pub(super) struct Read<'r, 'a> {
    pub(super) header: &'r Header<'a>,
    pub(super) parts: &'r Parts<'a>,
    pub(super) subject: &'r str,
    pub(super) text: &'r str,
    pub(super) from: Option<&'r Mailbox>,
    pub(super) return_path: &'r ReturnPath,
    pub(super) message_id: Option<&'r MessageId>,
    pub(super) in_reply_to: &'r [MessageId],
    pub(super) is_reply: bool,
    /// Its new words hold a sentence of an absence notice.
    pub(super) says_absent: bool,
}

/// A kind, and why.
#[derive(Clone, Debug)]
pub(super) struct Classified {
    pub(super) kind: Kind,
    /// The strongest first.
    pub(super) by: Vec<Evidence>,
    /// For a robot's mail: how it is known for one.
    pub(super) known: Known,
}

impl Classified {
    pub(super) fn marked(kind: Kind, by: Vec<Evidence>) -> Classified {
        Classified { kind, by, known: Known::Marked }
    }
}
