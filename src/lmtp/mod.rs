//! Mail that an MTA of this machine hands over: LMTP (RFC 2033).
//!
//! Invariant: a recipient is told 250 only behind what [`Keeper::keep`] promised, that the mail is kept for good. Whatever
//! breaks before that, the MTA has the mail still, and tries again.
//!
//! The text of a mail ends with a dot alone between two CRLF, and in no other way: whoever reads another end than the
//! MTA's takes what stands behind it for commands, and a sender writes mails in other names there (SMTP smuggling,
//! CVE-2023-51764).

mod command;
mod listen;
mod reply;
mod session;
mod text;

#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::sync::Semaphore;

pub use command::{Path, path};
pub use listen::{Listen, Listener, Stream};
pub use session::{converse, turn_away};
pub use text::{End, Text};

use crate::mail::{Address, Kept};

/// So many MTAs' connections are served at a time.
pub const SESSIONS_MAX: usize = 20;
/// What is longer is held in memory by a few sessions at a time, while others wait for their turn.
const SMALL_BYTES: u64 = 1 << 20;
const LARGE_AT_ONCE: usize = 4;

/// Whoever keeps the mails that are handed over.
pub trait Keeper: Sync {
    /// Whether mail for this recipient is taken.
    fn is_ours(&self, recipient: &Address) -> bool;

    /// Keeps a mail for good; how to find it again.
    ///
    /// # Errors
    /// It is not kept, and has been told of to whoever operates this.
    fn keep(&self, mail: Kept) -> impl Future<Output = Result<String, NotKept>> + Send;
}

/// A mail could not be kept, for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

/// What all sessions have in common.
#[derive(Debug)]
pub struct Terms {
    /// How we call ourselves: a domain, or an address in brackets.
    pub name: String,
    /// A mail that is longer is refused, in bytes: nobody else has the rest of it, and so its sender must hear.
    pub bytes_max: u64,
    /// How long may pass between two commands (RFC 5321 §4.5.3.2.7), and between two pieces of a text.
    pub patience: Duration,
    /// What is under way when all is to stop may take so long.
    pub last_patience: Duration,
    large: Semaphore,
}

impl Terms {
    /// As RFC 5321 asks for, where a mail of at most so many bytes is taken.
    pub fn new(name: &str, bytes_max: u64) -> Terms {
        Terms {
            name: name.to_owned(),
            bytes_max,
            patience: Duration::from_secs(300),
            last_patience: Duration::from_secs(4),
            large: Semaphore::new(LARGE_AT_ONCE),
        }
    }
}
