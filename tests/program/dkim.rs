//! Letters that the built program signs, as they come out of a real Postfix, judged by what name servers publish.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::configuration::Configuration;
use crate::name_server::NameServer;
use crate::support::{Delivery, Guichet, LineClient, Postfix, eventually};
use guichet::dns::{Resolvers, Subject};
use guichet::mail;
use guichet::mail::authenticity::{Checked, Witnesses};

const DESK: &str = "support@helpdesk.test";

#[tokio::test(flavor = "multi_thread")]
async fn letters_bear_signatures_that_hold_behind_postfix() {
    let (names, postfix) = (NameServer::start().await, Postfix::start(&Delivery::Maildir));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let house = || configuration(port, postfix.smtp_port(), &names.settings().servers[0].to_string());
    house().write(folder.path());
    let run = |arguments: &[&str]| {
        let output = Guichet::run(folder.path(), arguments);
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };

    // What is printed is published and pasted, and no key is ever overwritten.
    let made = run(&["dkim", "new"]);
    for word in ["rsa", "ed25519"] {
        let file = folder.path().join(format!("secrets/dkim-helpdesk.test-guichet-{word}"));
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{made}");
    }
    let again = run(&["dkim", "new"]);
    assert!(again.contains("take another --selector"), "{again}");
    let (records, lines) = made.split_once("# Then paste these lines into the configuration.\n").unwrap();
    house().and(lines).write(folder.path());
    let told = run(&["check"]);
    assert!(told.contains("✗ DKIM key guichet-rsa._domainkey.helpdesk.test: nothing is published"), "{told}");
    let records: Vec<(String, String)> = records.lines().filter_map(record).collect();
    assert_eq!(records.len(), 2, "{made}");
    names.text(&records[0].0, &records[1].1);
    names.text(&records[1].0, &records[1].1);
    let told = run(&["check"]);
    assert!(told.contains("✗ DKIM key guichet-rsa._domainkey.helpdesk.test: another key is published"), "{told}");
    names.forget(&records[0].0);
    names.text(&records[0].0, &records[0].1);
    let told = run(&["check"]);
    assert_eq!(told.matches("the key that signs is published").count(), 2, "{told}");
    assert!(told.contains("✓ the time of the DKIM keys of helpdesk.test: good until "), "{told}");
    let (before, day) = lines.split_once("replace_by = \"").unwrap();
    let tomorrow = jiff::Zoned::now().date().tomorrow().unwrap();
    house().and(&format!("{before}replace_by = \"{tomorrow}{}", &day[10..])).write(folder.path());
    let told = run(&["check"]);
    assert!(told.contains(&format!("✗ the time of the DKIM keys of helpdesk.test: it ends on {tomorrow}")), "{told}");

    let guichet = Guichet::serve(folder.path());
    guichet.await_log("Taking mail by LMTP");
    hand_over(port);
    let letters = eventually("two letters", || Some(postfix.messages()).filter(|letters| letters.len() == 2));
    let resolvers = Resolvers::default();
    for letter in letters {
        let read = mail::parse(&letter);
        let subject = Subject { mail: &read, raw: Some(&letter), received_at: jiff::Timestamp::now() };
        let found = resolvers.look_up(&names.settings(), &Witnesses::default(), subject).await;
        let text = String::from_utf8_lossy(&letter);
        let held: Vec<_> =
            found.signatures.iter().map(|one| (one.algorithm.as_str(), one.result, one.weakness)).collect();
        let both = [("rsa-sha256", Checked::Pass, None), ("ed25519-sha256", Checked::Pass, None)];
        assert_eq!(held, both, "{found:?}\n{text}");
    }
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_key_that_cannot_sign_is_told_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (lines, words) in [
        ("domain = \"helpdesk.test\"", "there is no key"),
        ("domain = \"helpdesk.test\"\nrsa_selector = \"a\"", "rsa_selector and rsa_key_file go together"),
        (
            "domain = \"helpdesk.test\"\nrsa_selector = \"a\"\nrsa_key_file = \"nowhere\"",
            "where no rsa key can be read",
        ),
    ] {
        configuration(1, 1, "127.0.0.1:1").and(&format!("[[dkim]]\n{lines}")).write(folder.path());
        let output = Guichet::run(folder.path(), &["check"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && told.contains(words) && told.contains("[[dkim]]"), "{told}");
    }
}

fn configuration(lmtp: u16, relay: u16, name_server: &str) -> Configuration {
    let house =
        Configuration::new().with_ports(1, relay).without_key("[smtp]", "user").without_key("[smtp]", "password");
    let house = house.without("[[agent]]").without("[[team]]").without("[[vendor]]").without("[[mailbox]]");
    house.with_key("[[desk]]", "addresses", &format!("[{DESK:?}]")).and(&format!(
        "[[agent]]\nname = \"Aline\"\naddress = \"aline@helpdesk.test\"\nlevel = \"L1\"\n\n\
         [[mailbox]]\nname = \"support\"\nwatch = false\nauthentication = \"dns\"\nresolvers = [{name_server:?}]\n\n\
         [lmtp]\nlisten = \"127.0.0.1:{lmtp}\""
    ))
}

/// Name and text of a line of a zone file.
fn record(line: &str) -> Option<(String, String)> {
    let (name, texts) = line.split_once(". IN TXT ( ")?;
    let texts = texts.strip_suffix(" )")?.trim_matches('"').split("\" \"");
    Some((name.to_owned(), texts.collect()))
}

/// A request with an attachment, which the letter to the agent encloses.
fn hand_over(port: u16) {
    let mut mta = LineClient::connect(port).unwrap();
    mta.hear("220 ");
    mta.say("LHLO mx.helpdesk.test", "250 ");
    mta.say("MAIL FROM:<marie@helpdesk.test>", "250 ");
    mta.say(&format!("RCPT TO:<{DESK}>"), "250 ");
    mta.say("DATA", "354 ");
    mta.send(
        "From: Marie <marie@helpdesk.test>\r\nTo: support@helpdesk.test\r\nSubject: La clé\r\nMessage-ID: <1@client.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         La clé est cassée.\r\n.\u{20}\r\n--b\r\nContent-Type: application/octet-stream; name=a.bin\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nAAECAwQFBgcICQ==\r\n--b--\r\n.\r\n"
            .as_bytes(),
    );
    mta.hear("250 2.0.0");
    mta.say("QUIT", "221 ");
}
