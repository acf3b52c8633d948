//! TCP and TLS connections, the same for IMAP and SMTP.
//!
//! Certificates are always verified, with *ring* as the one provider. Every connection is opened with `TCP_NODELAY`,
//! because both protocols are dialogues of small packets, and within a limit of time.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

#[cfg(test)]
pub(crate) mod peer;

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (RFC 8314 §3).
    Implicit,
    /// After `STARTTLS`, and nothing else is said before. A server that does not offer it is refused.
    StartTls,
    /// Never.
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

impl Stream for TlsStream<TcpStream> {
    fn acknowledge(&self) {
        self.get_ref().0.acknowledge();
    }
}

/// A plain or an encrypted connection.
pub type Connection = Box<dyn Stream>;

/// Connects to the first address of `host` that answers. `limit` is for all addresses together.
pub async fn connect(host: &str, port: u16, limit: Duration) -> Result<TcpStream> {
    let addresses = timeout(limit, lookup_host((host, port)))
        .await
        .map_err(|_| timed_out())
        .flatten()
        .with_context(|| format!("Cannot look up {host}"))?;
    let addresses: Vec<_> = addresses.collect();
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await.map_err(|_| timed_out()).flatten() {
            Ok(stream) => {
                stream.set_nodelay(true).context("Cannot set TCP_NODELAY")?;
                return Ok(stream);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure).with_context(|| format!("Cannot connect to {host}:{port}"))
}

/// Encrypts a connection to `host`, whose certificate must be valid for that name or IP address.
pub async fn secure(
    stream: TcpStream,
    host: &str,
    tls: Arc<ClientConfig>,
    limit: Duration,
) -> Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).with_context(|| format!("{host:?} is no name of a server"))?;
    timeout(limit, TlsConnector::from(tls).connect(name, stream))
        .await
        .map_err(|_| timed_out())
        .flatten()
        .map_err(explained)
        .with_context(|| format!("Cannot agree on TLS with {host}"))
}

/// What `openssl req -x509` makes unasked, and many a server shows, is refused in words that help nobody.
fn explained(error: io::Error) -> io::Error {
    if !error.to_string().contains("CaUsedAsEndEntity") {
        return error;
    }
    let advice = "the server's certificate is that of an authority (CA:TRUE): make it one without, \
                  or sign one with it";
    io::Error::new(io::ErrorKind::InvalidData, advice)
}

/// TLS as a client that trusts the system's certificates and those of `ca_file` (PEM).
pub fn client_tls(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>> {
    let mut roots = system_roots().clone();
    if let Some(path) = ca_file {
        let unreadable = || format!("Cannot read the certificates of {}", path.display());
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(path).with_context(unreadable)? {
            roots.add(certificate.with_context(unreadable)?).with_context(unreadable)?;
        }
        ensure!(roots.len() > before, "{} holds no certificate", path.display());
    }
    if roots.is_empty() {
        bail!("No certificate authority is trusted: the system has none, and no ca_file is given");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

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

/// How long to wait before the next attempt after `failures` in a row: from one second, doubling to a minute, of which
/// `chance` (0 to 1) takes away up to a half, so that many clients do not come back at one instant.
pub fn reconnect_delay(failures: u32, chance: f64) -> Duration {
    let longest = Duration::from_secs(1 << failures.saturating_sub(1).min(6)).min(Duration::from_secs(60));
    longest.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_said_is_one_short_line_without_secrets() {
        let said = format!("no\r\n\u{1b}[31m{}\u{202e} hunter2 {}", '\0', "x".repeat(1000));
        let line = printable(&said, &["hunter2", ""]);
        assert!(line.starts_with("no   [31m   [REDACTED] xxx"), "{line}");
        assert_eq!(line.chars().count(), 500);
    }

    #[test]
    fn a_ca_file_without_certificates_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(format!("{:#}", client_tls(Some(&path)).unwrap_err()).contains("ca.pem"));
        std::fs::write(&path, "no certificate").unwrap();
        assert!(client_tls(Some(&path)).unwrap_err().to_string().contains("holds no certificate"));
    }

    #[tokio::test]
    async fn a_connection_to_nobody_says_where_to() {
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let error = connect("localhost", port, Duration::from_secs(20)).await.unwrap_err();
        assert!(error.to_string().contains(&format!("localhost:{port}")), "{error}");
    }

    #[test]
    fn delays_grow_to_a_minute_and_are_never_nothing() {
        let delays: Vec<_> = (1..=8).map(|n| reconnect_delay(n, 0.0).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(reconnect_delay(1, 1.0), Duration::from_millis(500));
        assert_eq!(reconnect_delay(0, 0.0), Duration::from_secs(1));
    }
}
