//! What an operator reads where a server is not as it was written down: the same for the mailbox and for the relay.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{imap, smtp};

const PATIENCE: Duration = Duration::from_secs(20);
/// A quarter of it is left to ask a silent server otherwise.
const IMPATIENCE: Duration = Duration::from_millis(800);

const BOTH: [Protocol; 2] = [Protocol::Imap, Protocol::Smtp];

/// What a server does with each connection.
#[derive(Clone)]
struct Does {
    tls: Option<Arc<ServerConfig>>,
    greets: &'static [u8],
    /// What it answers to the first words that it hears, before TLS.
    answers: &'static [u8],
    then: Then,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Closes,
    Waits,
}

fn does(greets: &'static [u8], answers: &'static [u8], then: Then) -> Does {
    Does { tls: None, greets, answers, then }
}

/// Answers with the port that it listens on.
async fn serve(does: Does) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Does { tls, greets, answers, then } = does.clone();
            tokio::spawn(async move {
                let mut heard = [0; 4096];
                if let Some(tls) = tls {
                    let Ok(mut stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
                    let _ = stream.write_all(greets).await;
                    let _ = stream.flush().await;
                    if stream.read(&mut heard).await.is_ok_and(|read| read > 0) {
                        let _ = stream.write_all(answers).await;
                        let _ = stream.flush().await;
                    }
                    while then == Then::Waits && stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
                    return;
                }
                let _ = stream.write_all(greets).await;
                if !answers.is_empty() && stream.read(&mut heard).await.is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(answers).await;
                }
                while then == Then::Waits && stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    port
}

/// A server, and how long we are patient with it.
struct Written {
    host: &'static str,
    port: u16,
    tls: Tls,
    ca_file: Option<PathBuf>,
    limit: Duration,
}

impl Written {
    fn at(port: u16, tls: Tls) -> Written {
        Written { host: "localhost", port, tls, ca_file: None, limit: PATIENCE }
    }

    async fn obstacle(&self, protocol: Protocol) -> Obstacle {
        match protocol {
            Protocol::Imap => {
                let settings = imap::Settings {
                    name: "support".to_owned(),
                    host: self.host.to_owned(),
                    port: self.port,
                    tls: self.tls,
                    login: Login::new("support", "hunter2"),
                    folder: imap::Which::Named("INBOX".to_owned()),
                    poll: PATIENCE,
                    idle_timeout: PATIENCE,
                    exchange_timeout: self.limit,
                    message_bytes_max: 1000,
                    ca_file: self.ca_file.clone(),
                };
                match imap::Session::connect(&settings).await.unwrap_err() {
                    imap::Failure::Barred(obstacle) => obstacle,
                    other => panic!("{other}"),
                }
            }
            Protocol::Smtp => {
                let settings = smtp::Settings {
                    host: self.host.to_owned(),
                    port: self.port,
                    tls: self.tls,
                    login: Some(Login::new("support", "hunter2")),
                    timeout: self.limit,
                    ca_file: self.ca_file.clone(),
                    helo: "desk.test".to_owned(),
                };
                smtp::Session::open(&settings).await.unwrap_err()
            }
            Protocol::Http(_) => unreachable!("no mail server"),
        }
    }

    /// Its cause on both protocols, `AT` for host and port.
    async fn causes(&self) -> [String; 2] {
        let mut causes = Vec::new();
        for protocol in BOTH {
            let obstacle = self.obstacle(protocol).await;
            let (cause, remedy) = (obstacle.cause(), obstacle.remedy());
            assert!(remedy.ends_with(['.', '?']) && !cause.ends_with('.'), "{cause} / {remedy}");
            for telling in ["Error", "Invalid", "Some(", "hunter2", "AlertReceived"] {
                assert!(!cause.contains(telling) && !remedy.contains(telling), "{cause} / {remedy}");
            }
            causes.push(cause.replace(&format!("{}:{}", self.host, self.port), "AT"));
        }
        causes.try_into().unwrap()
    }
}

#[tokio::test]
async fn what_is_in_the_way_to_a_server_is_told_in_one_sentence() {
    use Then::*;
    let tls_record = b"\x16\x03\x03\x00\x02\x02\x00";
    let http = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    for (server, tls, expected) in [
        (does(b"", b"", Closes), Tls::None, "AT closes the connection without a word"),
        (does(b"", b"", Closes), Tls::StartTls, "AT closes the connection without a word"),
        (does(b"", b"", Closes), Tls::Implicit, "AT closes the connection when TLS begins"),
        (does(b"", b"", Waits), Tls::Implicit, "AT accepts the connection and does not answer when TLS begins"),
        (does(b"", b"", Waits), Tls::StartTls, "AT accepts the connection and says nothing"),
        (does(b"", b"", Waits), Tls::None, "AT accepts the connection and says nothing"),
        (
            does(b"", tls_record, Waits),
            Tls::StartTls,
            "AT speaks TLS from the first byte, and tls = \"starttls\" waits for a greeting in clear",
        ),
        (
            does(b"", tls_record, Waits),
            Tls::None,
            "AT speaks TLS from the first byte, and tls = \"none\" waits for a greeting in clear",
        ),
        (does(b"", http, Waits), Tls::StartTls, "AT is no IMAP server: it speaks HTTP"),
        (does(b"", http, Waits), Tls::None, "AT is no IMAP server: it speaks HTTP"),
        (does(b"", http, Closes), Tls::Implicit, "AT is no IMAP server: it speaks HTTP"),
        (does(b"SSH-2.0-x\r\n", b"", Waits), Tls::Implicit, "AT is no IMAP server: it speaks SSH"),
        (does(b"SSH-2.0-x\r\n", b"", Waits), Tls::StartTls, "AT is no IMAP server: it speaks SSH"),
        (does(b"+OK pop\r\n", b"", Waits), Tls::None, "AT is no IMAP server: it speaks POP3"),
        (does(b"220 ftpd ready\r\n", b"", Waits), Tls::None, "AT is no IMAP server: it speaks FTP"),
        (does(b"hello\r\nworld\r\n", b"", Waits), Tls::None, "AT is no IMAP server: it says \"hello\""),
        (does(b"hello\r\nworld\r\n", b"", Waits), Tls::Implicit, "AT is no IMAP server: it says \"hello\""),
        (
            does(b"", b"\x15\x03\x03\x00\x02\x02\x46", Closes),
            Tls::Implicit,
            "AT and guichet have no version or cipher of TLS in common",
        ),
        (
            does(b"", b"\x15\x03\x03\x00\x02\x02\x28", Closes),
            Tls::Implicit,
            "AT and guichet have no version or cipher of TLS in common",
        ),
        (does(b"", b"\x15\x03\x03\x00\x02\x02\x31", Closes), Tls::Implicit, "TLS with AT breaks off (access denied)"),
    ] {
        let written = Written { limit: IMPATIENCE, ..Written::at(serve(server).await, tls) };
        let expected = [expected.to_owned(), expected.replace("IMAP", "SMTP")];
        assert_eq!(written.causes().await, expected, "{tls:?}");
    }
}

#[tokio::test]
async fn each_protocol_is_told_from_the_other() {
    let (imap, smtp) = (&b"* OK IMAP4rev1\r\n"[..], &b"220 mx.test ESMTP\r\n"[..]);
    for tls in [Tls::Implicit, Tls::StartTls, Tls::None] {
        for (greeting, protocol, other) in [(smtp, Protocol::Imap, "SMTP"), (imap, Protocol::Smtp, "IMAP")] {
            let written = Written::at(serve(does(greeting, b"", Then::Waits)).await, tls);
            let obstacle = written.obstacle(protocol).await;
            assert!(matches!(obstacle.what(), What::OtherProtocol(Some(told), _) if *told == other), "{obstacle}");
        }
    }
    for (greeting, protocol, port) in [(imap, Protocol::Imap, "(993)"), (smtp, Protocol::Smtp, "(465)")] {
        let written = Written::at(serve(does(greeting, b"", Then::Waits)).await, Tls::Implicit);
        let obstacle = written.obstacle(protocol).await;
        assert_eq!(obstacle.what(), &What::GreetsInClear);
        assert!(obstacle.cause().ends_with("greets in clear, and tls = \"implicit\" wants TLS from the first byte"));
        assert!(obstacle.remedy().contains("Write tls = \"starttls\"") && obstacle.remedy().contains(port));
    }
}

#[tokio::test]
async fn hosts_and_ports_that_lead_nowhere_are_told() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let nowhere = Written::at(port, Tls::Implicit);
    assert_eq!(nowhere.causes().await, ["nothing listens at AT (connection refused)"; 2]);
    let unknown = Written { host: "no-such-host.invalid", ..Written::at(port, Tls::Implicit) };
    for cause in unknown.causes().await {
        let names = ["no-such-host.invalid is the name of no host", "no name server answers"];
        assert!(names.iter().any(|name| cause.contains(name)), "{cause}");
    }
    let misspelled = Written { host: "mail..example.com", ..Written::at(port, Tls::Implicit) };
    for cause in misspelled.causes().await {
        assert!(cause.starts_with("mail..example.com is") || cause.contains("no name server"), "{cause}");
    }
    let unreachable = |kind: std::io::ErrorKind| open::not_reached(&kind.into());
    assert_eq!(unreachable(std::io::ErrorKind::NetworkUnreachable), What::NoRoute);
    assert_eq!(unreachable(std::io::ErrorKind::HostUnreachable), What::NoRoute);
    assert_eq!(unreachable(std::io::ErrorKind::PermissionDenied), What::Forbidden);
    assert_eq!(unreachable(std::io::ErrorKind::TimedOut), What::NoAnswer);
}

/// A certificate of an authority, and what a client would have to trust.
struct Made {
    tls: Arc<ServerConfig>,
    authority: String,
}

fn made(change: impl FnOnce(&mut CertificateParams)) -> Made {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "Desk Root");
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.signed_by(&key, &issuer).unwrap();
    Made { tls: server_config(certificate.der().clone(), &key), authority: pem }
}

fn server_config(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

#[tokio::test]
async fn a_certificate_is_refused_in_words_that_help() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    let names = |params: &mut CertificateParams, names: &[&str]| {
        params.subject_alt_names =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
                .unwrap()
                .subject_alt_names;
    };
    let other = made(|params| names(params, &["mail.desk.test", "*.desk.test", "192.0.2.7"]));
    let nameless = made(|params| names(params, &[]));
    let old = made(|params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 2);
    });
    let early = made(|params| {
        params.not_before = rcgen::date_time_ymd(2190, 1, 2);
        params.not_after = rcgen::date_time_ymd(2191, 1, 1);
    });
    let authority = made(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    for (made, cause, remedy) in [
        (
            &other,
            "the certificate of AT is for mail.desk.test, *.desk.test, 192.0.2.7 and not for localhost",
            "Write one of these names as host",
        ),
        (&nameless, "the certificate of AT holds no host's name (subjectAltName)", "subjectAltName holds localhost"),
        (&old, "the certificate of AT expired on 2020-01-02", "Have it renewed"),
        (&early, "the certificate of AT is not valid before 2190-01-02", "by NTP"),
        (&authority, "the certificate of AT is that of an authority (CA:TRUE)", "without CA:TRUE"),
    ] {
        std::fs::write(&trusted, &made.authority).unwrap();
        let port = serve(Does { tls: Some(Arc::clone(&made.tls)), ..does(b"", b"", Then::Waits) }).await;
        let written = Written { ca_file: Some(trusted.clone()), ..Written::at(port, Tls::Implicit) };
        assert_eq!(written.causes().await, [cause; 2]);
        let told = written.obstacle(Protocol::Imap).await.remedy();
        assert!(told.contains(remedy), "{told}");
    }

    std::fs::write(&trusted, &old.authority).unwrap();
    let strange = made(|_| ());
    let own_key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&own_key).unwrap();
    let own = server_config(own.der().clone(), &own_key);
    for (tls, cause) in [
        (&strange.tls, "the certificate of AT is signed by \"Desk Root\", whom nobody trusts here"),
        (&own, "the certificate of AT is signed by itself"),
    ] {
        let port = serve(Does { tls: Some(Arc::clone(tls)), ..does(b"", b"", Then::Waits) }).await;
        let written = Written { ca_file: Some(trusted.clone()), ..Written::at(port, Tls::Implicit) };
        assert_eq!(written.causes().await, [cause; 2]);
        assert!(written.obstacle(Protocol::Smtp).await.remedy().contains("ca_file"), "{cause}");
    }
}

#[tokio::test]
async fn a_web_server_behind_tls_is_told_from_a_silent_one() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    let made = made(|_| ());
    std::fs::write(&trusted, &made.authority).unwrap();
    for (answers, cause) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "AT is no IMAP server: it speaks HTTP"),
        (b"", "AT accepts the connection and says nothing"),
    ] {
        let port = serve(Does { tls: Some(Arc::clone(&made.tls)), ..does(b"", answers, Then::Waits) }).await;
        let written = Written { ca_file: Some(trusted.clone()), limit: IMPATIENCE, ..Written::at(port, Tls::Implicit) };
        assert_eq!(written.causes().await, [cause.to_owned(), cause.replace("IMAP", "SMTP")]);
    }
}

#[tokio::test]
async fn a_ca_file_of_no_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let port = serve(does(b"", b"", Then::Waits)).await;
    let written = Written { ca_file: Some(path.clone()), ..Written::at(port, Tls::Implicit) };
    let causes = written.causes().await;
    assert!(causes[0].contains("ca.pem is of no use: No such file"), "{causes:?}");
    std::fs::write(&path, "no certificate").unwrap();
    assert!(written.causes().await[1].ends_with("ca.pem is of no use: it holds no certificate"));
}

#[test]
fn what_a_server_said_is_one_short_line_without_secrets() {
    let said = format!("no\r\n\u{1b}[31m{}\u{202e} hunter2 {}", '\0', "x".repeat(1000));
    let line = printable(&said, &["hunter2", ""]);
    assert!(line.starts_with("no   [31m   [REDACTED] xxx"), "{line}");
    assert_eq!(line.chars().count(), 500);
}
