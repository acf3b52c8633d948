//! The throw-away servers of `tests/support`: each starts, serves, and stops with the test that asked for it.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Delivery, Dovecot, LineClient, Postfix, PostgreSql, eventually};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const REQUEST: &[u8] = b"From: Marie <marie@client.test>\r\nSubject: The printer hums\r\n\r\nSince this morning.\r\n";

#[test]
fn dovecot_greets_logs_in_and_serves_a_message_byte_for_byte() {
    let dovecot = Dovecot::start();
    dovecot.append("support@helpdesk.test", REQUEST);

    let mut imap = log_in(&dovecot, "support@helpdesk.test");
    imap.say("b SELECT INBOX", "* 1 EXISTS");
    imap.hear("b OK");
    imap.say("c UID FETCH 1 RFC822.SIZE", &format!("* 1 FETCH (UID 1 RFC822.SIZE {})", REQUEST.len()));
    imap.hear("c OK");
    assert_eq!(dovecot.messages("support@helpdesk.test", "INBOX"), [REQUEST]);
}

#[test]
fn dovecot_refuses_a_wrong_password() {
    let dovecot = Dovecot::start();
    let mut imap = LineClient::connect(dovecot.imap_port()).unwrap();
    imap.hear("* OK");
    imap.say("a LOGIN support@helpdesk.test wrong", "a NO");
}

#[test]
fn dovecot_restarted_in_mid_idle_serves_the_same_mail_on_the_same_port() {
    let mut dovecot = Dovecot::start();
    dovecot.append("support@helpdesk.test", REQUEST);
    let mut idle = log_in(&dovecot, "support@helpdesk.test");
    idle.say("b SELECT INBOX", "b OK");
    idle.say("c IDLE", "+");

    dovecot.restart();

    idle.hear("* BYE");
    let mut again = log_in(&dovecot, "support@helpdesk.test");
    again.say("b SELECT INBOX", "* 1 EXISTS");
}

#[test]
fn dovecot_ends_with_its_owner() {
    let dovecot = Dovecot::start();
    let port = dovecot.imap_port();
    drop(dovecot);
    assert!(LineClient::connect(port).is_err(), "somebody still listens on the IMAP port");
}

#[test]
fn dovecot_shows_a_certificate_of_the_authority_that_it_names() {
    let dovecot = Dovecot::start();
    let greeting = greeting_over_tls(dovecot.imaps_port(), dovecot.ca_file());
    assert!(greeting.starts_with("* OK"), "{greeting}");
}

#[test]
fn postfix_keeps_the_mail_of_its_domain_and_throws_the_rest_away() {
    let postfix = Postfix::start(&Delivery::Maildir);
    send(&postfix, &["support@helpdesk.test", "somebody@elsewhere.test"]);

    let message = eventually("a delivered mail", || postfix.messages().pop());
    let message = String::from_utf8(message).unwrap();
    assert!(message.contains("Delivered-To: support@helpdesk.test"), "{message}");
    assert!(message.ends_with("Since this morning.\n"), "{message}");
    eventually("the mail thrown away", || postfix.log().contains("postfix/discard").then_some(()));
    assert_eq!(postfix.messages().len(), 1);
}

#[test]
fn postfix_hands_mail_to_dovecot_by_lmtp() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&Delivery::Lmtp(dovecot.lmtp_port()));
    send(&postfix, &["support@helpdesk.test"]);

    eventually("a mail in the mailbox", || dovecot.messages("support@helpdesk.test", "INBOX").pop());
}

#[test]
fn postfix_hands_mail_on_by_smtp() {
    let last = Postfix::start(&Delivery::Maildir);
    let first = Postfix::start(&Delivery::Smtp(last.smtp_port()));
    send(&first, &["support@helpdesk.test"]);

    eventually("a mail at the second Postfix", || last.messages().pop());
}

#[test]
fn postfix_shows_a_certificate_of_the_authority_that_it_names() {
    let postfix = Postfix::start(&Delivery::Maildir);
    let greeting = greeting_over_tls(postfix.smtps_port(), postfix.ca_file());
    assert!(greeting.starts_with("220 "), "{greeting}");
}

#[test]
fn postfix_ends_with_its_owner() {
    let postfix = Postfix::start(&Delivery::Maildir);
    let port = postfix.smtp_port();
    drop(postfix);
    assert!(LineClient::connect(port).is_err(), "somebody still listens on the SMTP port");
}

#[tokio::test]
async fn postgresql_gives_every_test_a_database_of_its_own() {
    let (one, other) = (PostgreSql::start(), PostgreSql::start());
    for database in [&one, &other] {
        let pool = sqlx::PgPool::connect(&database.url()).await.unwrap();
        let answer: i32 = sqlx::query_scalar("select 1").fetch_one(&pool).await.unwrap();
        assert_eq!(answer, 1);
        sqlx::query("create table only_here (id bigint primary key)").execute(&pool).await.unwrap();
        pool.close().await;
    }
}

fn log_in(dovecot: &Dovecot, user: &str) -> LineClient {
    let mut imap = LineClient::connect(dovecot.imap_port()).expect("Dovecot listens");
    imap.hear("* OK");
    imap.say(&format!("a LOGIN {user} \"{}\"", Dovecot::PASSWORD), "a OK");
    imap
}

fn send(postfix: &Postfix, recipients: &[&str]) {
    let mut smtp = LineClient::connect(postfix.smtp_port()).expect("Postfix listens");
    smtp.hear("220 ");
    smtp.say("EHLO client.test", "250 ");
    smtp.say("MAIL FROM:<marie@client.test>", "250 ");
    for recipient in recipients {
        smtp.say(&format!("RCPT TO:<{recipient}>"), "250 ");
    }
    smtp.say("DATA", "354 ");
    smtp.send(REQUEST);
    smtp.say(".", "250 ");
    smtp.say("QUIT", "221 ");
}

/// The first line of a server that speaks TLS from the first byte, whose certificate for `localhost` is verified.
fn greeting_over_tls(port: u16, ca_file: &Path) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca_file).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(client), "localhost".try_into().unwrap()).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut line = String::new();
    BufReader::new(StreamOwned::new(connection, stream)).read_line(&mut line).unwrap();
    line
}
