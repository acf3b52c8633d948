//! The built program before Debian's other IMAP servers, Courier and Cyrus: folders below INBOX, no MOVE, no UIDNEXT, an IDLE
//! that tells once a minute.

use std::fs;

use crate::support::{Courier, Cyrus, Delivery, Guichet, MailboxServer, Postfix, eventually};
use guichet::mail;
use serde_json::Value;
use tempfile::TempDir;

/// `Traités`, where these servers have people's folders (RFC 3501 §5.1.3).
const PROCESSED: &str = "INBOX.Trait&AOk-s";
const JUNK: &str = "INBOX.Spam";
/// Nobody names it and neither server marks it: where people's folders are.
const SENT: &str = "INBOX.Sent";

#[test]
fn a_mailbox_of_courier_is_served_renumbered_and_accounted_for() {
    let courier = Courier::start();
    courier.create(JUNK);
    // It marks no folder for junk: the operator names it.
    let mut house = House::of(courier, "junk_folder = \"Spam\"");
    house.tell_a_day();

    let guichet = house.serve();
    guichet.await_log("Watching support ");
    house.server.renumber();
    house.write("L'écran saute");
    house.await_acknowledged();
    assert!(guichet.log().contains("renumbered"), "{}", guichet.log());
    house.await_accounted_for();

    // Mail that comes and goes while nobody looks is missed, though SELECT tells no UIDNEXT.
    assert_eq!(guichet.stop().code(), Some(0));
    let unseen = house.mail("Parti");
    house.server.append("INBOX", &unseen);
    let mut imap = house.server.log_in();
    imap.say("b SELECT INBOX", "b OK");
    imap.say("c STORE 1 +FLAGS.SILENT (\\Deleted)", "c OK");
    imap.say("d EXPUNGE", "d OK");
    let output = Guichet::run(house.folder.path(), &["reconcile", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let sums: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sums[0]["lost"], 1, "{sums:?}");
}

#[test]
fn a_mailbox_is_served_with_nothing_beyond_rfc_3501() {
    let mut house = House::of(Courier::start_bare(), "");
    let guichet = house.serve();
    guichet.await_log("Watching support ");
    for subject in ["L'imprimante fume", "Le tiroir coince"] {
        house.write(subject);
        house.await_acknowledged();
    }
    eventually("the handled mail", || (house.server.count(PROCESSED) == Some(2)).then_some(()));
    house.await_copies();
    // It cannot be expunged alone: it stays, marked, and is not taken for new.
    assert_eq!(house.server.count("INBOX"), Some(2));
    let output = Guichet::run(house.folder.path(), &["reconcile"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_mailbox_of_cyrus_is_served_and_accounted_for() {
    let cyrus = Cyrus::start();
    cyrus.create(&format!("{JUNK} (USE (\\Junk))"));
    House::of(cyrus, "").tell_a_day();
}

/// A desk whose mailbox is on that server. Postfix keeps what it sends.
struct House<S> {
    server: S,
    postfix: Postfix,
    folder: TempDir,
    written: u32,
}

impl<S: MailboxServer> House<S> {
    fn of(server: S, more: &str) -> Self {
        let postfix = Postfix::start(&Delivery::Maildir);
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("fixes")).unwrap();
        let configuration = format!(
            r#"
[store]
url = "sqlite:guichet.db"

[[desk]]
name = "support"
display_name = "Guichet d'essai"
addresses = ["support@helpdesk.test"]
known_fixes = "fixes"

[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{user}"
password = "{password}"
processed_folder = "Traités"
poll_seconds = 2
authentication = "token"
{more}

[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
retry_seconds = [1]

[sent]
mailbox = "support"

[[agent]]
address = "aline@elsewhere.test"
name = "Aline Roy"
level = "L1"
"#,
            imap = server.port(),
            user = S::USER,
            password = S::PASSWORD,
            smtp = postfix.smtp_port(),
        );
        fs::write(folder.path().join("guichet.toml"), configuration).unwrap();
        House { server, postfix, folder, written: 0 }
    }

    /// A mail is acknowledged and moved; the gateway is killed over more of them, the server restarted, and junk comes.
    fn tell_a_day(&mut self) {
        let guichet = self.serve();
        self.write("L'imprimante fume");
        self.await_acknowledged();
        eventually("the handled mail", || (self.server.count(PROCESSED) == Some(1)).then_some(()));

        for at in 0..4 {
            self.write(&format!("Le tiroir {at} coince"));
        }
        guichet.await_log("R-000002");
        guichet.kill();
        let guichet = self.serve();
        self.await_acknowledged();

        self.server.restart();
        self.write("Le réseau est lent");
        self.await_acknowledged();
        // Where the server was stopped between COPY and EXPUNGE, one that cannot MOVE has a copy more.
        eventually("all handled mail", || {
            let is_moved = self.server.count(PROCESSED) >= Some(self.written) && self.server.count("INBOX") == Some(0);
            is_moved.then_some(())
        });

        self.await_copies();
        let junk = "From: zoe@elsewhere.test\r\nSubject: Le meilleur prix\r\nMessage-ID: <junk@elsewhere.test>\r\n\r\nVoyez.\r\n";
        self.server.append(JUNK, junk.as_bytes());
        let [_, junk] = self.await_accounted_for();
        assert_eq!((&junk["mailbox"], &junk["quarantined"]), (&"support/junk".into(), &1.into()));
        let output = Guichet::run(self.folder.path(), &["check"]);
        let check = String::from_utf8(output.stdout).unwrap();
        for line in [
            "✓ mailbox support: signed in to 127.0.0.1",
            "✓ handled mail of support: moved to INBOX.Traités",
            "✓ mailbox support/junk: signed in to 127.0.0.1, messages in INBOX.Spam: 1",
            "✓ copies of letters in support/sent: put into INBOX.Sent",
        ] {
            assert!(check.contains(line), "{check}");
        }
        assert_eq!(guichet.stop().code(), Some(0));
    }

    fn serve(&self) -> Guichet {
        Guichet::serve(self.folder.path())
    }

    fn mail(&mut self, subject: &str) -> Vec<u8> {
        self.written += 1;
        let count = self.written;
        format!(
            "From: client{count}@helpdesk.test\r\nTo: support@helpdesk.test\r\nSubject: {subject}\r\n\
            Message-ID: <{count}@client.test>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDepuis ce matin.\r\n"
        )
        .into_bytes()
    }

    /// Puts a mail of a new client into the INBOX.
    fn write(&mut self, subject: &str) {
        // Cyrus replaces what is not ASCII in a header.
        let subject = subject.replace('é', "e");
        let mail = self.mail(&subject.replace(['À', 'É'], "E"));
        self.server.append("INBOX", &mail);
    }

    /// Waits until each mail so far was acknowledged, and sees that none was twice (a copy of the same bytes may be).
    fn await_acknowledged(&self) {
        let ids = || {
            let letters = self.postfix.messages();
            let cited = letters.iter().filter_map(|raw| mail::parse(raw).in_reply_to.first().cloned());
            let mut ids: Vec<String> = cited.map(|id| id.as_str().to_owned()).collect();
            ids.sort();
            ids.dedup();
            ids.len()
        };
        eventually("the acknowledgements", || (ids() == self.written as usize).then_some(()));
    }

    /// Waits until each letter that left has its copy; one that left twice has one, too.
    fn await_copies(&self) {
        eventually("all copies", || {
            let status = Guichet::run(self.folder.path(), &["status"]).stdout;
            let is_all = String::from_utf8_lossy(&status).contains("in the folder for sent mail: 0");
            (is_all && self.server.count(SENT) >= Some(2 * self.written)).then_some(())
        });
        let mut imap = self.server.log_in();
        imap.say(&format!("b SELECT {SENT}"), "b OK");
        for raw in self.postfix.messages() {
            let id = mail::parse(&raw).message_id.unwrap();
            imap.send(format!("c SEARCH HEADER Message-ID {:?}\r\n", id.as_str()).as_bytes());
            let found = imap.line().expect("the IMAP server answers");
            assert_eq!(found.split_ascii_whitespace().count(), 3, "{id}: {found}");
            imap.hear("c OK");
        }
    }

    /// Waits until every message of the two folders is accounted for.
    fn await_accounted_for(&self) -> [Value; 2] {
        eventually("a difference of nothing", || {
            let output = Guichet::run(self.folder.path(), &["reconcile", "--json"]);
            let sums: Vec<Value> = serde_json::from_slice(&output.stdout).ok()?;
            let [all, junk] = <[Value; 2]>::try_from(sums).ok()?;
            let is_told = junk["in_folder"].as_u64() == junk["recorded"].as_u64() && all["difference"] == 0;
            (output.status.success() && is_told).then_some([all, junk])
        })
    }
}
