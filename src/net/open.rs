//! The way to a server: its address, its port, TLS, its first word; and what is in the way of each.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificate::{Distrust, Verifier};
use super::{Moment, Obstacle, Protocol, Server, Stream, Tls, What, printable};

/// Of what arrives before TLS is agreed on, so much is kept to be recognised.
const FIRST_BYTES: usize = 128;
/// Many a server lets its clients wait a few seconds before it greets; one that says nothing for longer is asked in other
/// ways what it is.
const ASKED_OTHERWISE_AFTER: Duration = Duration::from_secs(7);
/// … and so long at most.
const ASKED_OTHERWISE_FOR: Duration = Duration::from_secs(2);
/// Of a server's words, so many characters are told.
const WORDS_MAX: usize = 100;

/// Connects to the first address of the host that answers. `limit` is for all addresses together.
pub async fn connect(server: &Server, limit: Duration) -> Result<TcpStream, Obstacle> {
    let no = |what| Obstacle::new(server, what);
    let found = timeout(limit, lookup_host((server.host.as_str(), server.port))).await;
    let found = found.map_err(|_| no(What::NoNameServer))?.map_err(|error| no(not_found(&error)))?;
    let addresses: Vec<_> = found.collect();
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut failure = What::HostUnknown;
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Where it cannot be done it only takes longer.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => failure = not_reached(&error),
            Err(_) => failure = What::NoAnswer,
        }
    }
    Err(no(failure))
}

/// The standard library tells what getaddrinfo says by its words alone (EAI_NONAME and EAI_AGAIN, RFC 3493 §6.1).
fn not_found(error: &io::Error) -> What {
    let said = error.to_string();
    if error.kind() == io::ErrorKind::InvalidInput {
        What::HostMisspelled
    } else if said.contains("emporary failure") {
        What::NoNameServer
    } else {
        What::HostUnknown
    }
}

pub(super) fn not_reached(error: &io::Error) -> What {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => What::PortClosed,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => {
            What::NoRoute
        }
        io::ErrorKind::PermissionDenied => What::Forbidden,
        io::ErrorKind::TimedOut => What::NoAnswer,
        _ => What::Unreachable(printable(&error.to_string(), &[])),
    }
}

/// Encrypts a connection to the server, whose certificate must be valid for its host.
pub async fn secure(
    stream: TcpStream,
    server: &Server,
    limit: Duration,
) -> Result<TlsStream<Noting<TcpStream>>, Obstacle> {
    let no = |what| Obstacle::new(server, what);
    let name = ServerName::try_from(server.host.clone()).map_err(|_| no(What::HostMisspelled))?;
    let tls = client_tls(server).map_err(no)?;
    let agreed = TlsConnector::from(tls).connect(name, Noting::new(stream)).into_fallible();
    match timeout(limit, agreed).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err((error, stream))) => Err(no(no_tls(&error, &stream.first, server))),
        Err(_) => Err(no(What::Silent(Moment::Tls))),
    }
}

fn no_tls(error: &io::Error, first: &[u8], server: &Server) -> What {
    use rustls::Error as Tls;
    if !first.is_empty() && !is_tls(first) {
        return unlike_tls(first, server);
    }
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) else {
        return What::Cut(Moment::Tls);
    };
    match error {
        Tls::InvalidCertificate(error) => What::Certificate(Distrust::of(error)),
        Tls::PeerIncompatible(_)
        | Tls::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => {
            What::NoCommonTls
        }
        Tls::AlertReceived(AlertDescription::CertificateRequired) => What::CertificateWanted,
        Tls::AlertReceived(alert) => What::TlsBroken(in_words(alert.as_str().unwrap_or("UnknownAlert"))),
        _ => What::TlsBroken("it does not follow the protocol".to_owned()),
    }
}

/// `AccessDenied` as people write it.
fn in_words(name: &str) -> String {
    let spaced = name.chars().flat_map(|c| c.is_ascii_uppercase().then_some(' ').into_iter().chain([c]));
    spaced.collect::<String>().trim_start().to_ascii_lowercase()
}

/// The server greets without TLS, or speaks something else.
fn unlike_tls(first: &[u8], server: &Server) -> What {
    match recognised(first) {
        Some(protocol) if protocol == server.protocol.name() => What::GreetsInClear,
        other => What::OtherProtocol(other, words(first)),
    }
}

/// What arrived instead of a greeting.
pub fn unlike(server: &Server, said: &[u8]) -> Obstacle {
    let what = match recognised(said) {
        _ if said.is_empty() => What::Cut(Moment::Greeting),
        _ if is_tls(said) => What::SpeaksTls,
        Some(protocol) if protocol == server.protocol.name() => What::OtherProtocol(None, words(said)),
        other => What::OtherProtocol(other, words(said)),
    };
    Obstacle::new(server, what)
}

/// Whether a greeting may be one of the server's protocol.
pub fn is_like(server: &Server, said: &[u8]) -> bool {
    recognised(said) == Some(server.protocol.name())
}

/// A handshake or an alert (RFC 8446 §5.1).
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, ..])
}

/// Which protocol begins so.
fn recognised(bytes: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_ascii_uppercase();
    let starts = |start: &str| text.starts_with(start);
    let is_reply = || {
        let mut bytes = text.bytes();
        (0..3).all(|_| bytes.next().is_some_and(|byte| byte.is_ascii_digit()))
            && !bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric())
    };
    match () {
        () if starts("* OK") || starts("* BYE") || starts("* PREAUTH") => Some(Protocol::Imap.name()),
        () if starts("+OK") || starts("-ERR") => Some("POP3"),
        () if starts("SSH-") => Some("SSH"),
        () if starts("HTTP/") || starts("<!DOCTYPE") || starts("<HTML") => Some("HTTP"),
        () if is_reply() && (text.contains("FTPD") || text.contains("FTP SERV")) => Some("FTP"),
        () if is_reply() => Some(Protocol::Smtp.name()),
        () => None,
    }
}

/// The first line, as far as it can be told.
fn words(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    printable(&String::from_utf8_lossy(line), &[]).chars().take(WORDS_MAX).collect()
}

/// What comes of waiting for a server's first word by `reading`. A server that says nothing is asked on a connection of its
/// own what it is: one that waits for TLS answers TLS, one that waits for a request complains of ours.
pub async fn greeted<T>(server: &Server, limit: Duration, reading: impl Future<Output = T>) -> Result<T, Obstacle> {
    let mut reading = pin!(reading);
    let patience = ASKED_OTHERWISE_AFTER.min(limit * 3 / 4);
    if let Ok(read) = timeout(patience, &mut reading).await {
        return Ok(read);
    }
    let asked = async {
        match timeout(ASKED_OTHERWISE_FOR, asked_otherwise(server)).await {
            Ok(Some(said)) => unlike(server, &said),
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        read = &mut reading => Ok(read),
        obstacle = asked => Err(obstacle),
        () = sleep(limit - patience) => Err(Obstacle::new(server, What::Silent(Moment::Greeting))),
    }
}

/// What the server answers to an empty request behind TLS where TLS is agreed on first, else to the beginning of TLS.
async fn asked_otherwise(server: &Server) -> Option<Vec<u8>> {
    let mut stream = connect(server, ASKED_OTHERWISE_FOR).await.ok()?;
    let mut said = vec![0; FIRST_BYTES];
    let read = if server.tls == Tls::Implicit {
        let mut stream = secure(stream, server, ASKED_OTHERWISE_FOR).await.ok()?;
        stream.write_all(b"\r\n\r\n").await.ok()?;
        stream.flush().await.ok()?;
        stream.read(&mut said).await.ok()?
    } else {
        let name = ServerName::try_from(server.host.clone()).ok()?;
        let mut hello = Vec::new();
        ClientConnection::new(client_tls(server).ok()?, name).ok()?.write_tls(&mut hello).ok()?;
        hello.extend_from_slice(b"\r\n\r\n");
        stream.write_all(&hello).await.ok()?;
        stream.read(&mut said).await.ok()?
    };
    said.truncate(read);
    // What is only cut tells nothing.
    (!said.is_empty()).then_some(said)
}

/// TLS as a client that trusts the system's certificates and those of `ca_file` (PEM).
pub(super) fn client_tls(server: &Server) -> Result<Arc<ClientConfig>, What> {
    let roots = roots(server)?;
    if roots.is_empty() {
        return Err(What::NoAuthorities);
    }
    let broken = |error: &dyn std::fmt::Display| What::TlsBroken(printable(&error.to_string(), &[]));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = Verifier { inner: verifier.map_err(|error| broken(&error))?, server: server.to_string() };
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| broken(&error))?;
    Ok(Arc::new(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()))
}

fn roots(server: &Server) -> Result<RootCertStore, What> {
    let mut roots = system_roots().clone();
    let Some(path) = &server.ca_file else { return Ok(roots) };
    let no = |why: String| What::CaFile(path.clone(), printable(&why, &[]));
    let text = std::fs::read(path).map_err(|error| no(error.to_string()))?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|_| no("it is no PEM".to_owned()))?;
        roots.add(certificate).map_err(|_| no("it holds what is no certificate".to_owned()))?;
    }
    if roots.len() == before {
        return Err(no("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

/// A stream that keeps the first bytes which it read, so that what is no TLS can be recognised.
#[derive(Debug)]
pub struct Noting<S> {
    stream: S,
    first: Vec<u8>,
}

impl<S> Noting<S> {
    fn new(stream: S) -> Noting<S> {
        Noting { stream, first: Vec::with_capacity(FIRST_BYTES) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Noting<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let room = FIRST_BYTES - self.first.len();
        let new = &buffer.filled()[before..];
        self.first.extend_from_slice(&new[..new.len().min(room)]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Noting<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Stream for TlsStream<Noting<TcpStream>> {
    fn acknowledge(&self) {
        self.get_ref().0.stream.acknowledge();
    }
}
