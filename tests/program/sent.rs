//! The built program puts copies of its letters into Dovecot's folder for sent mail.

use std::collections::BTreeSet;
use std::fs;

use guichet::mail;
use tempfile::TempDir;

use crate::support::{Delivery, Dovecot, Guichet, LineClient, Postfix, PostgreSql, eventually};

const SUPPORT: &str = "support@helpdesk.test";

/// A desk whose mailbox is on Dovecot and whose letters leave for good.
struct House {
    dovecot: Dovecot,
    postfix: Postfix,
    folder: TempDir,
    /// The folder for sent mail, as IMAP writes it.
    sent: &'static str,
}

impl House {
    fn of(dovecot: Dovecot, sent: &'static str) -> House {
        House::with_store(dovecot, sent, "sqlite:guichet.db")
    }

    fn with_store(dovecot: Dovecot, sent: &'static str, store: &str) -> House {
        let postfix = Postfix::start(&Delivery::Maildir);
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!(
            r#"
[store]
url = "{store}"

[[desk]]
name = "support"
display_name = "Guichet d'essai"
addresses = ["{SUPPORT}"]

[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{SUPPORT}"
password = "{password}"
processed_folder = ""
authentication = "token"

[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
retry_seconds = [1]

[sent]
mailbox = "support"

[log]
filter = "info,guichet::gateway::sent=debug"

[[agent]]
address = "aline@helpdesk.test"
name = "Aline Roy"
level = "L1"
"#,
            imap = dovecot.imap_port(),
            smtp = postfix.smtp_port(),
            password = Dovecot::PASSWORD,
        );
        fs::write(folder.path().join("guichet.toml"), configuration).unwrap();
        House { dovecot, postfix, folder, sent }
    }

    fn serve(&self) -> Guichet {
        Guichet::serve(self.folder.path())
    }

    /// Requests of clients who have not written before: a letter to each, and one to the agent.
    fn write(&self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let mail = format!(
                "From: client{number}@helpdesk.test\r\nTo: {SUPPORT}\r\nSubject: Clavier {number}\r\n\
                Message-ID: <{number}@client.test>\r\n\r\nIl ne va plus.\r\n"
            );
            self.dovecot.append(SUPPORT, mail.as_bytes());
        }
    }

    fn copies(&self) -> Vec<String> {
        ids(&self.dovecot.messages(SUPPORT, self.sent))
    }

    /// Waits until so many letters left, or more, and each has its copy; one that left twice has one, too.
    fn await_copies(&self, letters: usize) {
        let left = || ids(&self.postfix.messages()).into_iter().collect::<BTreeSet<_>>();
        eventually(&format!("copies of {letters} letters"), || {
            let copied: BTreeSet<String> = self.copies().into_iter().collect();
            (copied.len() >= letters && copied == left()).then_some(())
        });
        assert_eq!(self.copies().len(), left().len(), "each letter has one copy");
    }

    fn status(&self) -> String {
        String::from_utf8(Guichet::run(self.folder.path(), &["status"]).stdout).unwrap()
    }

    /// Somebody else's client at the same mailbox.
    fn client(&self, commands: &[&str]) {
        let mut imap = LineClient::connect(self.dovecot.imap_port()).unwrap();
        imap.hear("* OK");
        imap.say(&format!("a LOGIN {SUPPORT} {}", Dovecot::PASSWORD), "a OK");
        for command in commands {
            imap.say(&format!("b {command}"), "b OK");
        }
    }
}

fn ids(messages: &[Vec<u8>]) -> Vec<String> {
    messages.iter().map(|raw| mail::parse(raw).message_id.unwrap().to_string()).collect()
}

#[test]
fn each_letter_has_one_copy_though_the_gateway_is_killed_and_the_server_stopped_among_them() {
    let mut house = House::of(Dovecot::start_with_sent(), "Envoy&AOk-s");
    house.write(1..=8);
    let guichet = house.serve();
    guichet.await_log("The copy of a letter goes to Envoyés");
    guichet.kill();
    let guichet = house.serve();
    house.await_copies(16);

    house.dovecot.restart();
    house.write(9..=10);
    house.await_copies(20);
    assert!(house.status().contains("copies that are yet to lie in the folder for sent mail: 0"), "{}", house.status());
    assert_eq!(guichet.stop().code(), Some(0));
    let check = String::from_utf8(Guichet::run(house.folder.path(), &["check"]).stdout).unwrap();
    for line in
        ["✓ copies of letters in support/sent: put into Envoyés", "– not tried: whether support/sent takes a copy"]
    {
        assert!(check.contains(line), "{check}");
    }
}

#[test]
fn a_folder_that_is_missing_or_taken_away_is_made() {
    for (dovecot, sent) in [(Dovecot::start(), "Sent"), (Dovecot::start_below_inbox(), "Sent")] {
        let house = House::of(dovecot, sent);
        let guichet = house.serve();
        house.write([1]);
        house.await_copies(2);
        let name = if guichet.log().contains("INBOX.Sent") { "INBOX.Sent" } else { "Sent" };
        house.client(&[&format!("DELETE {name}")]);
        house.write([2]);
        eventually("copies in the folder that was made again", || (house.copies().len() == 2).then_some(()));
        assert_eq!(guichet.stop().code(), Some(0));
    }
}

#[test]
fn copies_wait_where_the_account_is_full_and_come_once_there_is_room() {
    let house = House::of(Dovecot::start_guarded(), "Sent");
    house.write(1..=9);
    let guichet = house.serve();
    eventually("letters", || (house.postfix.messages().len() >= 18).then_some(()));
    eventually("the trouble", || house.status().contains("Make room in the account").then_some(()));
    assert_eq!(house.copies().len(), 1, "there was room for one");
    assert_eq!(guichet.stop().code(), Some(0));

    house.client(&["SELECT INBOX", "STORE 1:* +FLAGS.SILENT (\\Deleted)", "EXPUNGE"]);
    let guichet = house.serve();
    eventually("nine copies more", || (house.copies().len() == 10).then_some(()));
    house.client(&["SELECT Sent", "STORE 1:* +FLAGS.SILENT (\\Deleted)", "EXPUNGE"]);
    assert_eq!(guichet.stop().code(), Some(0));
    let guichet = house.serve();
    eventually("all copies", || house.status().contains("folder for sent mail: 0").then_some(()));
    assert_eq!(house.copies().len(), 8);
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn of_two_gateways_one_puts_the_copies_and_the_other_takes_over_where_it_dies() {
    let database = PostgreSql::start();
    let house = House::with_store(Dovecot::start_with_sent(), "Envoy&AOk-s", &database.url());
    let first = house.serve();
    first.await_log("Watching support ");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(house.folder.path().join("guichet.toml"), elsewhere.path().join("guichet.toml")).unwrap();
    let second = Guichet::serve(elsewhere.path());
    second.await_log("Another gateway watches support/sent: standing by");
    house.write(1..=8);
    first.await_log("The copy of a letter goes to Envoyés");
    first.kill();
    house.await_copies(16);
    second.await_log("The copy of a letter lies in Envoyés");
    assert_eq!(second.stop().code(), Some(0));
}
