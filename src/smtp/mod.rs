//! The relay: one connection, one letter (RFC 5321).
//!
//! Invariant: each recipient gets exactly one [`Outcome`], and it says what is known. Until the final dot was begun a
//! lost connection means that nothing was sent; from then on until the answer, that nobody knows.
//!
//! Commands, replies, extensions and logins are lettre's; the connection is ours. lettre's keeps what it read before
//! STARTTLS and would take injected answers for the relay's, gives up on a letter at the first refused recipient, and
//! does not pipeline.

mod body;
mod dialogue;
mod leave;
mod link;
mod refusal;
mod relayed_as;
mod session;
mod transport;
mod try_out;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

pub use crate::net::Tls;
use crate::net::{Login, Obstacle, Protocol, Server};
pub use body::as_it_leaves;
pub use leave::Leave;
pub use relayed_as::relayed_as;
pub use session::{Letter, Session};
pub use transport::{Connection, SentMail, Transport};
pub use try_out::{Refusal, Trial};

/// How to reach the relay.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name or IP address, for which the certificate must be valid.
    pub host: String,
    /// 465 for implicit TLS, 587 else.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in; a relay that offers no AUTH then is refused.
    pub login: Option<Login>,
    /// How long the relay may take for each answer, and for each piece of a letter.
    pub timeout: Duration,
    /// Certificates trusted besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// The name that we give in EHLO: a domain, or an address in brackets (RFC 5321 §4.1.3).
    pub helo: String,
}

/// Which letters an obstacle keeps from leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// All: there is no connection, or the relay takes nothing from us.
    All,
    /// Those of the same return path.
    Sender,
}

/// What became of a letter for one recipient. The texts are printable, short, and free of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it over.
    Sent {
        /// The relay's answer to the letter.
        reply: String,
    },
    /// It was not sent, for a reason that is not this letter's: it waits without a fault of its own.
    Barred {
        /// What stands in the way.
        obstacle: Obstacle,
        /// Which letters it keeps from leaving.
        of: Barred,
    },
    /// It was not sent, and may be later (4xx, or the connection was lost before the final dot).
    Deferred {
        /// The relay's answer, or what happened.
        reply: String,
    },
    /// It was not sent, and will not be as it is (5xx).
    Refused {
        /// The relay's answer, or what the relay cannot do.
        reply: String,
    },
    /// It was not sent, because it is larger than the relay or the recipient's server takes. A lighter letter may be.
    TooLarge {
        /// The relay's answer, or what it announced.
        reply: String,
        /// The most bytes that it takes, where it says so.
        bytes_max: Option<u64>,
    },
    /// The final dot was sent or begun, and no answer came.
    InDoubt {
        /// How the connection ended.
        reply: String,
    },
}

impl Settings {
    /// Where, as it is told when something stands in the way.
    pub(crate) fn server(&self) -> Server {
        let Settings { host, port, tls, ca_file, .. } = self;
        Server { protocol: Protocol::Smtp, host: host.clone(), port: *port, tls: *tls, ca_file: ca_file.clone() }
    }
}
