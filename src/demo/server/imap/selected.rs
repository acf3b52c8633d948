//! The selected folder, as one client knows it.

use std::collections::BTreeSet;

use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

use super::text;
use crate::demo::server::folder::{Change, Folder, SessionId};
use crate::demo::server::post::Post;

/// SELECT or EXAMINE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    ReadWrite,
    ReadOnly,
}

#[derive(Debug)]
pub(super) struct Selected {
    pub(super) folder: String,
    pub(super) uid_validity: u32,
    pub(super) access: Access,
    /// Ascending; the message with sequence number 1 is the first.
    uids: Vec<u32>,
    /// How far the folder's log has been told.
    position: usize,
}

/// A message that a command names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) sequence: usize,
    pub(super) uid: u32,
}

impl Selected {
    pub(super) fn new(name: String, folder: &Folder, access: Access) -> Self {
        Selected {
            folder: name,
            uid_validity: folder.uid_validity,
            access,
            uids: folder.mails().map(|mail| mail.uid).collect(),
            position: folder.log_length(),
        }
    }

    /// Every message that the client knows of.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        self.uids.iter().enumerate().map(|(at, &uid)| Target { sequence: at + 1, uid })
    }

    /// The messages of a set, ascending; `None` where a sequence number is beyond the last message. A UID that does not
    /// exist is left out (RFC 3501 §6.4.8).
    pub(super) fn resolve(&self, set: &SequenceSet, uid: bool) -> Option<Vec<Target>> {
        let mut targets = Vec::new();
        for sequence in set.0.as_ref() {
            let range = if uid { self.uid_range(sequence) } else { self.sequence_range(sequence)? };
            targets.extend(range.map(|at| Target { sequence: at + 1, uid: self.uids[at] }));
        }
        targets.sort_unstable();
        targets.dedup();
        Some(targets)
    }

    /// Whether a set names this message.
    pub(super) fn names(&self, set: &SequenceSet, uid: bool, target: Target) -> bool {
        let range = |sequence| if uid { Some(self.uid_range(sequence)) } else { self.sequence_range(sequence) };
        set.0.as_ref().iter().filter_map(range).any(|range| range.contains(&(target.sequence - 1)))
    }

    /// The messages of this client that bear `\Deleted`, and of `within` if given, leave the folder.
    pub(super) fn expunge_deleted(&self, post: &Post, account: &str, within: Option<&BTreeSet<u32>>) {
        if self.access == Access::ReadOnly {
            return;
        }
        post.change(account, |account| {
            let Some(folder) = account.folders.get_mut(&self.folder) else { return };
            let chosen = |uid: u32| within.is_none_or(|within| within.contains(&uid));
            let deleted: Vec<u32> = folder
                .mails()
                .filter(|mail| chosen(mail.uid) && mail.flags.contains("\\Deleted"))
                .map(|mail| mail.uid)
                .collect();
            for uid in deleted {
                folder.expunge(uid);
            }
        });
    }

    /// Writes EXPUNGE, EXISTS and FETCH responses for what the log holds since last time.
    pub(super) fn catch_up(&mut self, folder: &Folder, me: SessionId, out: &mut Vec<u8>) {
        let last_known = self.uids.last().copied();
        let mut flagged = BTreeSet::new();
        for change in folder.changes_since(self.position) {
            match *change {
                Change::Added(uid) if folder.mail(uid).is_some() => self.uids.push(uid),
                Change::Added(_) => {}
                Change::Flagged { by, .. } if by == me => {}
                Change::Flagged { uid, .. } => drop(flagged.insert(uid)),
                Change::Expunged(uid) => self.forget(uid, out),
            }
        }
        self.position = folder.log_length();
        if self.uids.last().copied() > last_known {
            out.extend_from_slice(format!("* {} EXISTS\r\n", self.uids.len()).as_bytes());
        }
        for uid in flagged {
            if let (Ok(at), Some(mail)) = (self.uids.binary_search(&uid), folder.mail(uid)) {
                let flags = text::flags(&mail.flags);
                out.extend_from_slice(format!("* {} FETCH (UID {uid} FLAGS ({flags}))\r\n", at + 1).as_bytes());
            }
        }
    }

    fn forget(&mut self, uid: u32, out: &mut Vec<u8>) {
        if let Ok(at) = self.uids.binary_search(&uid) {
            self.uids.remove(at);
            out.extend_from_slice(format!("* {} EXPUNGE\r\n", at + 1).as_bytes());
        }
    }

    fn uid_range(&self, sequence: &Sequence) -> std::ops::Range<usize> {
        let last = self.uids.last().copied().unwrap_or_default();
        let value = |end: &SeqOrUid| match end {
            SeqOrUid::Value(value) => value.get(),
            SeqOrUid::Asterisk => last,
        };
        let (low, high) = bounds(sequence, value);
        self.uids.partition_point(|&uid| uid < low)..self.uids.partition_point(|&uid| uid <= high)
    }

    fn sequence_range(&self, sequence: &Sequence) -> Option<std::ops::Range<usize>> {
        let last = self.uids.len();
        let value = |end: &SeqOrUid| match end {
            SeqOrUid::Value(value) => usize::try_from(value.get()).unwrap_or(usize::MAX),
            SeqOrUid::Asterisk => last,
        };
        let (low, high) = bounds(sequence, value);
        (low >= 1 && high <= last).then(|| low - 1..high)
    }
}

fn bounds<N: Ord>(sequence: &Sequence, value: impl Fn(&SeqOrUid) -> N) -> (N, N) {
    let (one, other) = match sequence {
        Sequence::Single(single) => (value(single), value(single)),
        Sequence::Range(from, to) => (value(from), value(to)),
    };
    if one <= other { (one, other) } else { (other, one) }
}
