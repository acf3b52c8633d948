//! One folder of an account, and its log of changes.
//!
//! The log is append-only. A session remembers how far it has read, so that telling it what others did costs no more
//! than what they did, however large the folder is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::mime;

/// A mail as it lies in a folder.
#[derive(Clone, Debug)]
pub struct StoredMail {
    /// RFC 3501 §2.3.1.1; unique within its folder as long as the folder's UIDVALIDITY stands.
    pub uid: u32,
    /// Flags as IMAP writes them: `\Seen`, `$Forwarded`.
    pub flags: BTreeSet<String>,
    /// When it came (RFC 3501 §2.3.3).
    pub internal_date: Timestamp,
    /// Line ends are CRLF, NUL bytes are 0x80.
    pub raw: Arc<[u8]>,
}

impl StoredMail {
    /// The first field of that name, unfolded and trimmed, encoded words as they stand.
    pub fn header(&self, name: &str) -> Option<String> {
        mime::field(mime::split(&self.raw).0, name).map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    /// Every byte, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

/// Who changed a flag; the session that did has told its client already.
pub(super) type SessionId = u64;

/// What happened to a folder.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Added(u32),
    Flagged { uid: u32, by: SessionId },
    Expunged(u32),
}

/// How a STORE changes flags (RFC 3501 §6.4.6).
#[derive(Clone, Copy, Debug)]
pub(super) enum FlagChange {
    Add,
    Remove,
    Replace,
}

#[derive(Debug)]
pub(super) struct Folder {
    pub(super) uid_validity: u32,
    pub(super) uid_next: u32,
    pub(super) subscribed: bool,
    mails: BTreeMap<u32, StoredMail>,
    log: Vec<Change>,
}

impl Folder {
    pub(super) fn new(uid_validity: u32) -> Self {
        Folder { uid_validity, uid_next: 1, subscribed: true, mails: BTreeMap::new(), log: Vec::new() }
    }

    pub(super) fn mails(&self) -> impl DoubleEndedIterator<Item = &StoredMail> {
        self.mails.values()
    }

    pub(super) fn len(&self) -> usize {
        self.mails.len()
    }

    pub(super) fn mail(&self, uid: u32) -> Option<&StoredMail> {
        self.mails.get(&uid)
    }

    /// Every change from `position` on; the next position is the log's length.
    pub(super) fn changes_since(&self, position: usize) -> &[Change] {
        self.log.get(position..).unwrap_or_default()
    }

    pub(super) fn log_length(&self) -> usize {
        self.log.len()
    }

    pub(super) fn append(&mut self, raw: Arc<[u8]>, flags: BTreeSet<String>, internal_date: Timestamp) -> &StoredMail {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.log.push(Change::Added(uid));
        self.mails.entry(uid).or_insert(StoredMail { uid, flags, internal_date, raw })
    }

    pub(super) fn expunge(&mut self, uid: u32) -> Option<StoredMail> {
        let mail = self.mails.remove(&uid)?;
        self.log.push(Change::Expunged(uid));
        Some(mail)
    }

    pub(super) fn flag(&mut self, uid: u32, change: FlagChange, flags: &BTreeSet<String>, by: SessionId) {
        let Some(mail) = self.mails.get_mut(&uid) else { return };
        let changed = match change {
            FlagChange::Add => mail.flags.union(flags).cloned().collect(),
            FlagChange::Remove => mail.flags.difference(flags).cloned().collect(),
            FlagChange::Replace => flags.clone(),
        };
        if changed != mail.flags {
            mail.flags = changed;
            self.log.push(Change::Flagged { uid, by });
        }
    }

    /// Numbers every mail anew, as a server does that lost its index (RFC 3501 §2.3.1.1).
    pub(super) fn renumber(&mut self, uid_validity: u32) {
        let mails = std::mem::take(&mut self.mails);
        *self = Folder { subscribed: self.subscribed, ..Folder::new(uid_validity) };
        for mail in mails.into_values() {
            self.append(mail.raw, mail.flags, mail.internal_date);
        }
    }
}
