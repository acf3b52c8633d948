//! TLS from the first byte, and on request.

use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use guichet::demo::server::{ImapMishap, ImapMoment, Servers, Settings, SmtpMishap, SmtpMoment, Tls};

use crate::client::{CLOSED, Client};
use crate::{post, support};

/// A server's settings for `localhost`, and a client that believes them.
fn certificate() -> (Arc<ServerConfig>, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let server = server.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let client = client.with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

async fn servers(tls: Tls) -> Servers {
    let settings = Settings { imap_tls: tls.clone(), smtp_tls: tls, ..Settings::default() };
    Servers::start_with(post(), settings).await.unwrap()
}

async fn encrypted(stream: TcpStream, connector: &TlsConnector) -> Client<TlsStream<TcpStream>> {
    Client::new(connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap())
}

#[tokio::test]
async fn both_servers_speak_tls_from_the_first_byte() {
    let (certificate, connector) = certificate();
    let servers = servers(Tls::Implicit(certificate)).await;
    let mut imap = encrypted(TcpStream::connect(servers.imap()).await.unwrap(), &connector).await;
    assert!(imap.line().await.starts_with("* OK "));
    assert!(imap.imap("LOGIN support@desk.test secret").await.ends_with("Welcome"));
    let mut smtp = encrypted(TcpStream::connect(servers.smtp()).await.unwrap(), &connector).await;
    assert!(smtp.line().await.starts_with("220 "));
    assert!(!smtp.smtp("EHLO client.test").await.contains("STARTTLS"));
}

#[tokio::test]
async fn imap_is_encrypted_on_request_and_nobody_logs_in_before() {
    let (certificate, connector) = certificate();
    let servers = servers(Tls::StartTls(certificate)).await;
    let mut client = Client::connect(servers.imap()).await;
    let greeting = client.line().await;
    assert!(greeting.contains("STARTTLS LOGINDISABLED") && !greeting.contains("AUTH="), "{greeting}");
    assert!(client.imap("LOGIN support@desk.test secret").await.starts_with("t NO [PRIVACYREQUIRED]"));
    assert_eq!(client.imap("STARTTLS").await, "t OK Go on");
    let mut client = encrypted(client.into_stream(), &connector).await;
    let capability = client.imap("CAPABILITY").await;
    assert!(!capability.contains("STARTTLS") && capability.contains("AUTH=PLAIN"), "{capability}");
    assert!(client.imap("LOGIN support@desk.test secret").await.ends_with("Welcome"));
}

#[tokio::test]
async fn smtp_is_encrypted_on_request_and_nobody_logs_in_before() {
    let (certificate, connector) = certificate();
    let servers = servers(Tls::StartTls(certificate)).await;
    let mut client = Client::outside(servers.smtp()).await;
    let offer = client.smtp("EHLO client.test").await;
    assert!(offer.contains("STARTTLS") && !offer.contains("AUTH"), "{offer}");
    assert!(client.smtp("AUTH LOGIN").await.starts_with("538 "));
    servers.mishaps().smtp(SmtpMoment::StartTls, SmtpMishap::Reply(454, "4.7.0 Not now".to_owned()));
    assert_eq!(client.smtp("STARTTLS").await, "454 4.7.0 Not now");
    assert!(client.smtp("STARTTLS").await.starts_with("220 "));
    let mut client = encrypted(client.into_stream(), &connector).await;
    let offer = client.smtp("EHLO client.test").await;
    assert!(!offer.contains("STARTTLS") && offer.contains("AUTH PLAIN LOGIN"), "{offer}");
}

#[tokio::test]
async fn the_offer_can_be_stripped_and_answers_injected() {
    let (certificate, _connector) = certificate();
    let servers = servers(Tls::StartTls(certificate)).await;
    servers.mishaps().imap(ImapMoment::CommandIs("STARTTLS"), ImapMishap::Insert("* 1 EXISTS\r\n".to_owned()));
    let mut client = Client::connect(servers.imap()).await;
    client.line().await;
    assert_eq!(client.imap("STARTTLS").await, "t OK Go on");
    assert_eq!(client.line().await, "* 1 EXISTS");
    servers.mishaps().smtp(SmtpMoment::StartTls, SmtpMishap::Insert("250 AUTH\r\n".to_owned()));
    let mut client = Client::outside(servers.smtp()).await;
    assert!(client.smtp("STARTTLS").await.starts_with("220 "));
    assert_eq!(client.line().await, "250 AUTH");

    servers.mishaps().hide_capability("STARTTLS");
    let mut client = Client::outside(servers.smtp()).await;
    assert!(!client.smtp("EHLO client.test").await.contains("STARTTLS"));
    assert!(client.smtp("STARTTLS").await.starts_with("500 "));
    let mut client = Client::connect(servers.imap()).await;
    assert!(!client.line().await.contains("LOGINDISABLED"));
    assert!(client.imap("STARTTLS").await.starts_with("t BAD"));
}

#[tokio::test]
async fn a_client_can_be_taken_for_somebody_unasked() {
    let servers = servers(Tls::None).await;
    servers.mishaps().imap(ImapMoment::Greeting, ImapMishap::Preauthenticate(support()));
    let mut client = Client::connect(servers.imap()).await;
    assert_eq!(client.line().await, "* PREAUTH You are known");
    assert!(client.imap("SELECT INBOX").await.ends_with("Selected"));
    servers.mishaps().imap(ImapMoment::Greeting, ImapMishap::Bye);
    let mut client = Client::connect(servers.imap()).await;
    assert_eq!((client.line().await.as_str(), client.line().await.as_str()), ("* BYE Not now", CLOSED));
}
