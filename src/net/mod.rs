//! TCP and TLS connections, the same for IMAP, SMTP and HTTP.
//!
//! Certificates are always verified, with *ring* as the one provider. Every connection is opened with `TCP_NODELAY`,
//! because these protocols are dialogues of small packets, and within a limit of time.
//!
//! What keeps us from a server is an [`Obstacle`], recognised by what arrives, and told in one place.

mod certificate;
mod distrust;
mod http;
mod login;
mod obstacle;
mod open;
mod token;

#[cfg(test)]
pub(crate) mod peer;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

pub use certificate::{Distrust, certificates_seen, end_of_certificate};
pub use http::{NoAddress, WebAddress, WebAnswer, is_loopback};
pub use login::{Bearer, Login};
pub(crate) use login::{Pass, TokenMechanism};
pub use obstacle::{Moment, Obstacle, What};
pub use open::{Noting, connect, greeted, is_like, secure, unlike};
pub use token::{NoToken, TokenRefusal};

/// What a server is to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// IMAP4rev1 (RFC 3501), with the mailbox's server.
    Imap,
    /// SMTP (RFC 5321), with the relay.
    Smtp,
    /// HTTP/1.1 (RFC 9112), with a server that this table of the configuration names.
    Http(&'static str),
}

/// A server, as the operator wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What it is to speak.
    pub protocol: Protocol,
    /// Name or IP address, for which the certificate must be valid.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Certificates trusted besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
}

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (RFC 8314 §3).
    Implicit,
    /// After `STARTTLS`, and nothing else is said before. A server that does not offer it is refused.
    StartTls,
    /// Never: passwords and mails go over the network in clear.
    None,
}

/// A two-way stream of bytes over TCP.
pub trait Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin {
    /// Acknowledges at once what was read. A peer that writes several small answers and keeps to Nagle's algorithm holds
    /// the second one back until then, for 40 ms where acknowledgements are delayed (RFC 1122 §4.2.3.2).
    fn acknowledge(&self);
}

impl Stream for TcpStream {
    fn acknowledge(&self) {
        // Where it cannot be done it only takes longer.
        #[cfg(target_os = "linux")]
        let _ = self.set_quickack(true);
    }
}

/// A plain or an encrypted connection.
pub type Connection = Box<dyn Stream>;

/// What a server said, fit for a log line or a row: one line, at most 500 characters, none of them a control
/// character, and none of the `secrets`.
pub fn printable(said: &str, secrets: &[&str]) -> String {
    let mut said = said.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        said = said.replace(secret, "[REDACTED]");
    }
    said.chars().map(|c| if is_invisible(c) { ' ' } else { c }).take(500).collect::<String>().trim().to_owned()
}

/// Controls, and the characters that turn or hide text (Unicode UAX #9).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
