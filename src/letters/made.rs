//! Files that the program makes for a letter, and how its HTML names them.

use super::identity::Identity;
use crate::desk::{Letter, MadeFile};

/// Files that the program made, and what their Content-IDs end with.
pub(super) struct Made<'a> {
    pub(super) files: &'a [MadeFile],
    pub(super) suffix: &'a str,
}

impl Made<'_> {
    pub(super) fn cid(&self, file: &MadeFile) -> String {
        cid(&file.name, self.suffix)
    }

    /// Whether the letter shows it in its place; else it is attached.
    pub(super) fn is_shown(&self, file: &MadeFile, html: &str) -> bool {
        html.contains(&format!("\"cid:{}\"", self.cid(file)))
    }
}

/// The Content-ID of a file that the program made.
pub(super) fn cid(name: &str, suffix: &str) -> String {
    format!("{name}.{suffix}")
}

/// What the Content-IDs of a letter end with: no two letters share one.
pub(super) fn suffix(identity: &Identity, letter: &Letter) -> String {
    format!("{}@{}", identity.seal, letter.from.domain())
}
