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
mod session;
mod transport;
mod try_out;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

pub use crate::net::Tls;
pub use leave::Leave;
pub use session::Session;
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
    /// Who logs in, where the relay offers AUTH.
    pub user: Option<String>,
    /// With what.
    pub password: Option<SecretString>,
    /// How long the relay may take for each answer, and for each piece of a letter.
    pub timeout: Duration,
    /// Certificates trusted besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// The name that we give in EHLO: a domain, or an address in brackets (RFC 5321 §4.1.3).
    pub helo: String,
}

/// What became of a letter for one recipient. The texts are printable, short, and free of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took it over.
    Sent {
        /// The relay's answer to the letter.
        reply: String,
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
        /// What happened.
        reply: String,
    },
}

/// Why there is no connection. It is never a letter's fault: letters wait.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No connection, or it was lost.
    #[error("cannot reach the relay: {0}")]
    Unreachable(String),
    /// A bad certificate, no STARTTLS, answers ahead of TLS. An operator must look.
    #[error("the relay cannot be trusted: {0}")]
    Insecure(String),
    /// The relay does not like the credentials. An operator must look.
    #[error("the relay refused the login: {0}")]
    LoginRefused(String),
    /// The relay does not want to talk to us, now or at all.
    #[error("the relay refused us: {0}")]
    Refused(String),
}
