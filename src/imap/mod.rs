//! The mailbox: connect, watch, fetch, file away (RFC 3501, RFC 9051).
//!
//! Invariant: what an exchange returned as `Ok` was confirmed by the server's tagged `OK`. async-imap's own helpers
//! report success for a refused or cut command; so only its parser and its tags are used, below [`Session`]'s checked
//! exchange. An exchange that failed by anything but a refusal, or was dropped half-way, makes the session useless:
//! its owner connects anew.
//!
//! Nothing depends on `\Seen` or on sequence numbers: people may read the mailbox, and other clients may delete.

mod append;
mod connect;
mod exchange;
mod failure;
mod fetch;
mod file_away;
mod folder_name;
mod guard;
mod namespace;
mod open_folder;
mod put_off;
mod special_use;
mod try_out;
mod uid_set;
pub mod utf7;
mod wait;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

pub use crate::net::Tls;
use crate::net::{Login, Protocol, Server};
pub use exchange::Session;
pub use failure::Failure;
pub use file_away::Filed;
pub use try_out::{Destination, Quota};
pub use wait::Woken;

/// One watched folder of one account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the operator calls it, in logs.
    pub name: String,
    /// Name or IP address, for which the certificate must be valid.
    pub host: String,
    /// 993 for implicit TLS, 143 else.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in.
    pub login: Login,
    /// The watched folder.
    pub folder: Which,
    /// How often to ask for mail, beside IDLE and where the server has none.
    pub poll: Duration,
    /// The longest time without an exchange: IDLE is issued again at least that often, and at least every 5 minutes.
    pub idle_timeout: Duration,
    /// How long the server may be silent when an answer is due. A long answer may take longer, as long as it flows.
    pub exchange_timeout: Duration,
    /// The largest mail that is fetched whole, in bytes. A server that announces an answer more than twice as large is
    /// left.
    pub message_bytes_max: u64,
    /// Certificates trusted besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
}

impl Settings {
    /// Whether this is that folder of the same account.
    pub fn is_folder(&self, account: &Settings, folder: &str) -> bool {
        let of = |one: &Settings| (one.host.to_ascii_lowercase(), one.port, one.login.user.clone());
        matches!(&self.folder, Which::Named(name) if name.eq_ignore_ascii_case(folder)) && of(self) == of(account)
    }

    /// Where, as it is told when something stands in the way.
    pub(crate) fn server(&self) -> Server {
        let Settings { host, port, tls, ca_file, .. } = self;
        Server { protocol: Protocol::Imap, host: host.clone(), port: *port, tls: *tls, ca_file: ca_file.clone() }
    }
}

/// A folder of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one of this name, in UTF-8.
    Named(String),
    /// The one that the server says is for junk (RFC 6154 §2).
    Junk,
    /// The one that the server says is for sent mail (RFC 6154 §2).
    Sent,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Named(name) => f.write_str(name),
            Which::Junk => f.write_str("\\Junk"),
            Which::Sent => f.write_str("\\Sent"),
        }
    }
}

/// What the server says of a folder when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// UIDs are worth nothing once this changes (RFC 3501 §2.3.1.1).
    pub uid_validity: u32,
    /// The next message will have this UID or a larger one.
    pub uid_next: Option<u32>,
    /// How many messages it holds.
    pub exists: u32,
}

/// What tells that something came into a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// As in [`Selected`].
    pub uid_validity: u32,
    /// As in [`Selected`].
    pub uid_next: u32,
}

impl Selected {
    /// Whether the server seems to show a part of the folder alone: as many messages as providers cut a folder to (Gmail's
    /// "limit IMAP folders to contain no more than", Yahoo), and fewer than came. What it hides nobody can count.
    pub fn is_cut(&self) -> bool {
        const CUT_TO: [u32; 4] = [1_000, 2_000, 5_000, 10_000];
        CUT_TO.contains(&self.exists) && self.uid_next.is_some_and(|next| next.saturating_sub(1) > self.exists)
    }
}

/// A message that a folder holds, before it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its UID under the folder's UIDVALIDITY.
    pub uid: u32,
    /// RFC822.SIZE in bytes: about what a fetch will bring. `None` where the server cannot measure it.
    pub size: Option<u32>,
    /// When the server received it (INTERNALDATE). `None` where the server writes no readable date.
    pub internal_date: Option<Timestamp>,
    /// Somebody answered it from a mail client (`\Answered`).
    pub answered: bool,
    /// It is marked `\Deleted`, by somebody or by [`Session::file_away`] on a server that can neither move nor expunge
    /// one message.
    pub deleted: bool,
}

/// What a fetch brought, and how it ended: some of it may have come before it failed.
#[derive(Debug)]
pub struct Given {
    /// Messages that came whole, in the server's order.
    pub mails: Vec<Fetched>,
    /// `Ok` where the server said that this is all.
    pub ended: Result<(), Failure>,
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Under the folder's UIDVALIDITY (RFC 3501 §2.3.1.1).
    pub uid: u32,
    /// Its bytes, as the server keeps them.
    pub raw: Arc<[u8]>,
}
