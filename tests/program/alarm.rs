//! The operator hears of what keeps the service from its work, and of what is about to end; and tries it all beforehand.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use crate::configuration::Configuration;
use crate::support::{AUTHSERV_ID, Delivery, Dovecot, Guichet, LineClient, Postfix, TokenServer, eventually};

const SUPPORT: &str = "support@helpdesk.test";
const ALINE: &str = "aline@helpdesk.test";

struct Office {
    hook: TokenServer,
    dovecot: Dovecot,
    postfix: Postfix,
    folder: TempDir,
}

impl Office {
    /// `deliver`: whether the relay's mail arrives in the mailbox.
    fn open(deliver: bool, alarm: &str) -> Office {
        let hook = TokenServer::start(Duration::from_secs(3600));
        let dovecot = Dovecot::start();
        let delivery = if deliver { Delivery::Lmtp(dovecot.lmtp_port()) } else { Delivery::Maildir };
        let postfix = Postfix::start(&delivery);
        let folder = tempfile::tempdir().unwrap();
        let configuration = Configuration::new()
            .with_ports(dovecot.imap_port(), postfix.smtp_port())
            .with_store("sqlite:guichet.db")
            .with_key("[[desk]]", "addresses", &format!("[{SUPPORT:?}]"))
            .with_key("[[mailbox]]", "user", &format!("{SUPPORT:?}"))
            .with_key("[[mailbox]]", "password", &format!("{:?}", Dovecot::PASSWORD))
            .with_lines(
                "[[mailbox]]",
                "authserv_id",
                &format!("authserv_id = {AUTHSERV_ID:?}\nborder = \"relay.helpdesk.test\""),
            )
            .without_key("[smtp]", "user")
            .without_key("[smtp]", "password")
            .without("[[agent]]")
            .without("[[team]]")
            .without("[[vendor]]")
            .and(&format!("[[agent]]\nname = \"Aline\"\naddress = {ALINE:?}\nlevel = \"L1\"\nlanguage = \"en\""))
            .and(&format!("[alarm]\nwebhook = {:?}\nafter_seconds = 1\n{alarm}", hook.url("hook")));
        configuration.write(folder.path());
        Office { hook, dovecot, postfix, folder }
    }

    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = Guichet::run(self.folder.path(), arguments);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    /// Sends a mail as somebody of the house does.
    fn send(&self, from: &str, subject: &str, text: &str) {
        let mut smtp = LineClient::connect(self.postfix.smtp_port()).expect("Postfix listens");
        smtp.hear("220 ");
        smtp.say("EHLO client.test", "250 ");
        smtp.say(&format!("MAIL FROM:<{from}>"), "250 ");
        smtp.say(&format!("RCPT TO:<{SUPPORT}>"), "250 ");
        smtp.say("DATA", "354 ");
        let id = subject.len() + text.len();
        smtp.send(format!("From: {from}\r\nTo: {SUPPORT}\r\nMessage-ID: <{id}@client.test>\r\n").as_bytes());
        smtp.send(format!("Subject: {subject}\r\n\r\n{text}\r\n").as_bytes());
        smtp.say(".", "250 ");
        smtp.say("QUIT", "221 ");
    }
}

/// How often that was posted, and that it was.
fn told(hook: &TokenServer, words: &str) -> usize {
    hook.posted().iter().filter(|said| said.contains(words)).count()
}

fn hears(hook: &TokenServer, words: &str) {
    eventually(words, || (told(hook, words) > 0).then_some(()));
}

#[test]
fn a_mailbox_that_is_not_read_is_told_once_and_once_more_when_it_is_over() {
    let mut office = Office::open(true, "canary_minutes = 0");
    let guichet = Guichet::serve(office.folder.path());
    guichet.await_log("Watching support");
    let hook = &office.hook;
    office.dovecot.restart_after(|| hears(hook, "The mailbox support is not read: "));
    hears(&office.hook, "this is over");
    hears(&office.hook, "It was: The mailbox support is not read");
    let posted = office.hook.posted();
    assert_eq!((told(&office.hook, "guichet needs you"), posted.len()), (1, 2), "{posted:?}");
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_mail_to_ourselves_that_comes_back_is_accounted_for_and_one_that_does_not_is_told() {
    let office = Office::open(true, "canary_minutes = 60");
    let guichet = Guichet::serve(office.folder.path());
    let ledger = eventually("the canary", || {
        let (_, ledger) = office.run(&["ledger", "list", "--json"]);
        ledger.contains("\"own\"").then_some(ledger)
    });
    assert!(ledger.contains("suppressed") && ledger.matches("\"id\"").count() == 1, "{ledger}");
    assert_eq!(office.run(&["ticket", "list", "--json"]).1.trim(), "[]");
    assert_eq!(guichet.stop().code(), Some(0));

    let lost = Office::open(false, "canary_minutes = 60");
    let guichet = Guichet::serve(lost.folder.path());
    hears(&lost.hook, "has not come back");
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_secret_that_ends_tomorrow_is_told_and_checked() {
    let office = Office::open(true, "canary_minutes = 0");
    let tomorrow = jiff::Zoned::now().date().tomorrow().unwrap();
    let file = office.folder.path().join("guichet.toml");
    let password = format!("password = {:?}", Dovecot::PASSWORD);
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("\n\n[smtp]").unwrap();
    let oauth2 = format!(
        "[mailbox.oauth2]\nflow = \"client_credentials\"\nclient_id = \"x\"\nclient_secret = \"x\"\ntoken_url = {:?}\n\
         secret_expires = \"{tomorrow}\"",
        office.hook.url("token")
    );
    fs::write(&file, format!("{}\n{oauth2}\n\n[smtp]{after}", before.replace(&password, ""))).unwrap();
    let (_, said) = office.run(&["check"]);
    assert!(said.contains(&format!("✗ the client secret of support: it ends on {tomorrow}")), "{said}");
    let guichet = Guichet::serve(office.folder.path());
    hears(&office.hook, &format!("The client secret of support ends on {tomorrow}"));
    assert_eq!(told(&office.hook, "is about to end"), 1);
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn agents_and_channels_are_tried_by_a_letter_each() {
    let office = Office::open(true, "canary_minutes = 0");
    let (works, said) = office.run(&["check", "alarm"]);
    assert!(works && said.contains(": told") && told(&office.hook, "a trial of the alarm") == 1, "{said}");
    let (works, said) = office.run(&["check", "agents"]);
    assert!(works && said.contains(&format!("✓ {ALINE}: a letter was sent")), "{said}");
    let letter = eventually("the letter", || office.dovecot.messages(ALINE, "INBOX").pop());
    assert!(String::from_utf8_lossy(&letter).contains("#help"));
    let (works, said) = office.run(&["check", "agents"]);
    assert!(!works && said.contains("has not answered the letter of"), "{said}");

    let guichet = Guichet::serve(office.folder.path());
    office.send(ALINE, "Re: answer with #help", "#help\r\n\r\nOn Monday, the desk wrote:\r\n> #help");
    eventually("the list of commands", || (office.dovecot.messages(ALINE, "INBOX").len() == 2).then_some(()));
    let (works, said) = office.run(&["check", "agents"]);
    assert!(works && said.contains("and was believed: letters and commands go both ways"), "{said}");
    assert_eq!(guichet.stop().code(), Some(0));
}
