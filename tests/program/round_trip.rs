//! The built program between Postfix and Dovecot, with a written configuration and TLS on every connection: what it does
//! on a real mail system, from a request to its answer.

use std::fmt::Write;
use std::fs;

use crate::support::{Delivery, Dovecot, Guichet, LineClient, Postfix, PostgreSql, eventually};
use guichet::mail::{self, InboundMail, ReturnPath};
use serde_json::Value;
use tempfile::TempDir;

const SUPPORT: &str = "support@helpdesk.test";
const ALINE: &str = "aline@helpdesk.test";
const MARIE: &str = "marie@helpdesk.test";
const PIERRE: &str = "pierre@helpdesk.test";
/// `Traités`, as IMAP and a Maildir write it (RFC 3501 §5.1.3).
const PROCESSED: &str = "Trait&AOk-s";

/// `Indésirables`.
const JUNK: &str = "Ind&AOk-sirables";

/// What proves an author to the program under test.
#[derive(Clone, Copy, PartialEq)]
enum Authentication {
    Header,
    Token,
}

#[test]
fn a_request_is_acknowledged_answered_and_accounted_for_on_sqlite() {
    tell_a_whole_request("sqlite:guichet.db", Authentication::Header);
}

#[test]
fn a_request_is_acknowledged_answered_and_accounted_for_on_postgresql() {
    let database = PostgreSql::start();
    tell_a_whole_request(&database.url(), Authentication::Token);
}

fn tell_a_whole_request(store: &str, authentication: Authentication) {
    let office = Office::open(&Settings { store, authentication, ..Settings::default() });
    let guichet = office.serve();

    office.send(MARIE, "L'imprimante fume", "", "Depuis ce matin, l'imprimante du 3e fume.");
    let acknowledgement = office.mail_to(MARIE, "[SD R-000001]");
    assert_eq!(acknowledgement.return_path, ReturnPath::Null);
    let letter = office.mail_to(ALINE, "l'imprimante du 3e fume");
    assert_eq!(letter.from.as_ref().unwrap().address.to_string(), SUPPORT);

    office.send(ALINE, &format!("Re: {}", letter.subject), &in_reply_to(&letter), "Débranchez-la, j'arrive.");
    let answer = office.mail_to(MARIE, "Débranchez-la, j'arrive.");
    assert_eq!(answer.from.as_ref().unwrap().address.to_string(), SUPPORT);
    assert!(answer.in_reply_to.iter().any(|id| id.as_str() == "1@client.test"), "{:?}", answer.in_reply_to);

    office.await_processed(2);
    let [sum] = &office.ask(&["reconcile", "--json"])[..] else { panic!("one mailbox has one sum") };
    assert_eq!((&sum["recorded"], &sum["on_tickets"], &sum["difference"]), (&2.into(), &2.into(), &0.into()));
    let [ticket] = &office.ask(&["ticket", "list", "--json"])[..] else { panic!("one request is one ticket") };
    assert_eq!((&ticket["ref"], &ticket["requester"]), (&"R-000001".into(), &MARIE.into()));
    for line in ["Mail taken in", "Mail is on R-000001", "The acknowledgement", "The answer of R-000001 is sent"] {
        guichet.await_log(line);
    }
    assert_eq!(guichet.stop().code(), Some(0));
    assert_eq!(office.dovecot.messages(SUPPORT, "INBOX").len(), 0);
}

#[test]
fn what_agents_send_and_solve_teaches_the_known_fixes_while_the_service_runs() {
    let office = Office::open(&Settings::default());
    let badge = known_fix("insigne", "la carte d'accès est refusée", "Passez au comptoir.");
    let fixes = office.folder.path().join("fixes");
    fs::write(fixes.join("insigne.md"), &badge).unwrap();
    fs::write(fixes.join("wifi.md"), known_fix("wifi", "pas de wifi dans la salle", "Redémarrez.")).unwrap();
    fs::write(fixes.join("vpn.md"), known_fix("vpn", "le VPN est lent", "Attendez.")).unwrap();
    let guichet = office.serve();
    let words = "Le lecteur du troisième clignote rouge quand j'approche ma puce.";
    office.send(MARIE, "Entrée", "", words);
    let letter = office.mail_to(ALINE, words);
    office.send(ALINE, &format!("Re: {}", letter.subject), &in_reply_to(&letter), "#solution insigne");
    office.mail_to(MARIE, "Passez au comptoir");

    let [suggestion] = &office.ask(&["fix", "suggestions", "--json"])[..] else { panic!("one suggestion") };
    let symptom = words.trim_end_matches('.');
    assert_eq!((&suggestion["id"], &suggestion["symptom"]), (&"insigne".into(), &symptom.into()));
    assert!(Guichet::run(office.folder.path(), &["fix", "suggestions", "accept", "R-000001"]).status.success());
    let amended = fs::read_to_string(fixes.join("insigne.md")).unwrap();
    assert_eq!(amended, badge.replace("refusée\"]", &format!("refusée\", \"{symptom}\"]")));
    guichet.await_log("The known fixes changed and were read again");
    assert_eq!(office.ask(&["fix", "suggestions", "--json"]), [Value::Null; 0]);
    office.send(PIERRE, "Porte", "", &format!("Bonjour, {}", words.to_lowercase()));
    assert!(office.mail_to(PIERRE, "R-000002").body.text.contains("Passez au comptoir"));

    let letter = office.mail_to(ALINE, "R-000002");
    let command = "#résolu\n#solution nouveau Puce perdue\n\nLe comptoir en programme une neuve.";
    office.send(ALINE, &format!("Re: {}", letter.subject), &in_reply_to(&letter), command);
    let draft = fixes.join("puce-perdue.md");
    let draft = eventually("the draft", || fs::read_to_string(&draft).ok().filter(|text| !text.is_empty()));
    assert!(draft.contains("Le comptoir en programme une neuve.") && draft.contains("answer = \"never\""), "{draft}");
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn check_judges_the_newest_mails_by_the_border_that_was_named() {
    let office = Office::open(&Settings::default());
    let told = |words: &str| {
        let output = Guichet::run(office.folder.path(), &["check"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains(words), "{told}");
    };
    told("✓ authors of support: there is no mail yet");
    let mail = office.sent.mail(MARIE, "La souris", "", "Elle saute.");
    office.dovecot.append(SUPPORT, &mail);
    told("✗ authors of support: no Authentication-Results of mx.helpdesk.test counts in the 1 newest mails");
    office.send(MARIE, "La souris", "", "Elle saute toujours.");
    eventually("the mail", || (office.dovecot.messages(SUPPORT, "INBOX").len() == 2).then_some(()));
    told("✓ authors of support: 1 of the 2 newest mails bear results that count, such as dmarc=pass of helpdesk.test");
}

#[test]
fn handled_mail_is_filed_where_the_server_has_peoples_folders() {
    let office = Office::open(&Settings { dovecot: Dovecot::start_below_inbox, ..Settings::default() });
    let guichet = office.serve();
    office.send(MARIE, "Le tiroir coince", "", "Celui du bas, depuis ce matin.");
    office.mail_to(MARIE, "[SD R-000001]");
    office.await_processed(1);
    guichet.await_log("Handled mail goes to \"INBOX.Traités\" on this server");
    assert!(!guichet.log().contains("cannot be"), "{}", guichet.log());
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn what_is_taken_for_junk_is_accounted_for_and_people_who_are_known_are_served() {
    let office = Office::open(&Settings { dovecot: Dovecot::start_with_junk, ..Settings::default() });
    let guichet = office.serve();
    office.send(MARIE, "Le tiroir coince", "", "Celui du bas, depuis ce matin.");
    office.mail_to(MARIE, "[SD R-000001]");

    let junk = |from, subject| stamped(&office.sent.mail(from, subject, "", "Regardez."));
    office.dovecot.append_to(SUPPORT, JUNK, &junk(PIERRE, "Le meilleur prix"));
    office.dovecot.append_to(SUPPORT, JUNK, &junk(MARIE, "La porte grince"));
    office.mail_to(MARIE, "[SD R-000002]");
    office.await_processed(2);
    eventually("one mail that stays junk", || (office.dovecot.messages(SUPPORT, JUNK).len() == 1).then_some(()));
    assert!(office.dovecot.messages(PIERRE, "INBOX").is_empty(), "nothing answers it");

    let sums = office.ask(&["reconcile", "--json"]);
    let told = |sum: &Value| {
        [&sum["mailbox"], &sum["on_tickets"], &sum["quarantined"], &sum["difference"]].map(Value::to_string)
    };
    assert_eq!(told(&sums[0]), ["\"support\"", "1", "0", "0"]);
    assert_eq!(told(&sums[1]), ["\"support/junk\"", "1", "1", "0"]);
    let check = Guichet::run(office.folder.path(), &["check"]).stdout;
    let check = String::from_utf8(check).unwrap();
    assert!(check.contains("✓ mailbox support/junk: signed in to localhost, messages in Indésirables: 1"), "{check}");
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn servers_that_are_restarted_are_served_again_without_a_word_from_the_operator() {
    let mut office = Office::open(&Settings::default());
    let guichet = office.serve();
    office.send(MARIE, "Le réseau est lent", "", "Depuis lundi.");
    office.mail_to(MARIE, "Le réseau est lent");
    office.await_processed(1);
    eventually("IDLE", || office.dovecot.is_idle(SUPPORT).then_some(()));

    office.dovecot.restart();
    office.postfix.restart_after(|| {});
    office.send(MARIE, "Le réseau est arrêté", "", "Depuis mardi.");
    office.mail_to(MARIE, "Le réseau est arrêté");

    let dovecot = &office.dovecot;
    office.postfix.restart_after(|| {
        dovecot.append(SUPPORT, &stamped(&office.sent.mail(MARIE, "Le réseau est revenu", "", "Depuis mercredi.")));
        guichet.await_log("Letters wait");
    });
    office.mail_to(MARIE, "Le réseau est revenu");
    office.await_processed(3);
    assert_eq!(guichet.stop().code(), Some(0));
    assert_eq!(office.ask(&["ticket", "list", "--json"]).len(), 3);
}

#[test]
fn of_two_gateways_on_one_database_one_watches_and_the_other_takes_over() {
    let database = PostgreSql::start();
    let office = Office::open(&Settings { store: &database.url(), ..Settings::default() });
    let first = office.serve();
    first.await_log("Watching support");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(office.folder.path().join("guichet.toml"), elsewhere.path().join("guichet.toml")).unwrap();
    fs::create_dir(elsewhere.path().join("fixes")).unwrap();
    let second = Guichet::serve(elsewhere.path());
    second.await_log("standing by");
    assert!(!second.log().contains("Watching support"));

    assert_eq!(first.stop().code(), Some(0));
    second.await_log("Watching support");
    office.send(MARIE, "Le clavier colle", "", "Depuis le café de ce matin.");
    office.mail_to(MARIE, "[SD R-000001]");
    office.await_processed(1);
    assert_eq!(second.stop().code(), Some(0));
}

#[test]
fn a_mailbox_with_a_certificate_of_nobody_we_trust_hears_no_password() {
    let office = Office::open(&Settings { mailbox_trusts: Server::Postfix, ..Settings::default() });
    let guichet = office.serve();
    guichet.await_log("The mailbox support cannot be watched");
    let log = guichet.log();
    assert!(log.contains("nobody trusts here") && log.contains("ca_file"), "{log}");
    eventually("the refusal in Dovecot's log", || office.dovecot.log().contains("certificate unknown").then_some(()));
    assert_eq!(guichet.stop().code(), Some(0));
    let log = office.dovecot.log();
    assert!(log.contains("no auth attempts") && !log.contains("Login:"), "{log}");
}

#[test]
fn a_relay_with_a_certificate_of_nobody_we_trust_gets_no_letter() {
    let office = Office::open(&Settings { relay_trusts: Server::Dovecot, ..Settings::default() });
    let guichet = office.serve();
    office.dovecot.append(SUPPORT, &stamped(&office.sent.mail(MARIE, "L'écran est noir", "", "Depuis hier.")));
    guichet.await_log("Letters wait");
    let log = guichet.log();
    assert!(log.contains("nobody trusts here") && log.contains("ca_file"), "{log}");
    assert_eq!(guichet.stop().code(), Some(0));
    let log = office.postfix.log();
    assert!(log.contains("certificate unknown") && !log.contains("postfix/cleanup"), "{log}");
}

// A mail system with a desk in it.

#[derive(Clone, Copy)]
enum Server {
    Dovecot,
    Postfix,
}

struct Settings<'a> {
    /// How the mailbox is kept.
    dovecot: fn() -> Dovecot,
    store: &'a str,
    authentication: Authentication,
    /// Whose authority vouches for the mailbox's certificate.
    mailbox_trusts: Server,
    /// Whose authority vouches for the relay's certificate.
    relay_trusts: Server,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Settings {
            dovecot: Dovecot::start,
            store: "sqlite:guichet.db",
            authentication: Authentication::Header,
            mailbox_trusts: Server::Dovecot,
            relay_trusts: Server::Postfix,
        }
    }
}

struct Office {
    dovecot: Dovecot,
    postfix: Postfix,
    folder: TempDir,
    sent: Sent,
}

impl Office {
    fn open(settings: &Settings<'_>) -> Self {
        let dovecot = (settings.dovecot)();
        let postfix = Postfix::start(&Delivery::Lmtp(dovecot.lmtp_port()));
        let folder = tempfile::tempdir().unwrap();
        let sent = Sent { count: 0.into() };
        let office = Self { dovecot, postfix, folder, sent };
        fs::create_dir(office.folder.path().join("fixes")).unwrap();
        fs::write(office.folder.path().join("guichet.toml"), office.configuration(settings)).unwrap();
        office
    }

    fn configuration(&self, settings: &Settings<'_>) -> String {
        let authority = |server| match server {
            Server::Dovecot => self.dovecot.ca_file(),
            Server::Postfix => self.postfix.ca_file(),
        };
        let authentication = match settings.authentication {
            Authentication::Header => {
                "authentication = \"header\"\nauthserv_id = \"mx.helpdesk.test\"\nborder = \"relay.helpdesk.test\""
            }
            Authentication::Token => "authentication = \"token\"",
        };
        format!(
            r#"
[store]
url = "{store}"

[[desk]]
name = "support"
display_name = "Guichet d'essai"
addresses = ["{SUPPORT}"]
known_fixes = "fixes"

[[mailbox]]
name = "support"
host = "localhost"
port = {imaps}
user = "{SUPPORT}"
password = "{password}"
processed_folder = "Traités"
ca_file = "{mailbox_authority}"
{authentication}

[smtp]
host = "localhost"
port = {smtps}
retry_seconds = [1]
ca_file = "{relay_authority}"

[[agent]]
address = "{ALINE}"
name = "Aline Roy"
level = "L1"
"#,
            store = settings.store,
            imaps = self.dovecot.imaps_port(),
            smtps = self.postfix.smtps_port(),
            password = Dovecot::PASSWORD,
            mailbox_authority = authority(settings.mailbox_trusts).display(),
            relay_authority = authority(settings.relay_trusts).display(),
        )
    }

    fn serve(&self) -> Guichet {
        Guichet::serve(self.folder.path())
    }

    /// The rows that another command answers, beside the running one.
    fn ask(&self, arguments: &[&str]) -> Vec<Value> {
        let output = Guichet::run(self.folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Sends a mail to the desk through Postfix.
    fn send(&self, from: &str, subject: &str, header: &str, text: &str) {
        let mut smtp = LineClient::connect(self.postfix.smtp_port()).expect("Postfix listens");
        smtp.hear("220 ");
        smtp.say("EHLO client.test", "250 ");
        smtp.say(&format!("MAIL FROM:<{from}> BODY=8BITMIME"), "250 ");
        smtp.say(&format!("RCPT TO:<{SUPPORT}>"), "250 ");
        smtp.say("DATA", "354 ");
        smtp.send(&self.sent.mail(from, subject, header, text));
        smtp.say(".", "250 ");
        smtp.say("QUIT", "221 ");
    }

    /// Waits for a mail with these words in somebody's mailbox.
    fn mail_to(&self, recipient: &str, words: &str) -> InboundMail {
        let read = || self.dovecot.messages(recipient, "INBOX").iter().map(|raw| mail::parse(raw)).collect::<Vec<_>>();
        eventually(&format!("'{words}' in the mailbox of {recipient}"), || {
            read().into_iter().find(|mail| mail.subject.contains(words) || mail.body.text.contains(words))
        })
    }

    /// Waits until so many handled mails stand in the folder for them.
    fn await_processed(&self, count: usize) {
        eventually(&format!("{count} mails in the folder of handled mail"), || {
            (self.dovecot.messages(SUPPORT, PROCESSED).len() == count).then_some(())
        });
    }
}

fn known_fix(id: &str, symptom: &str, body: &str) -> String {
    format!(
        "+++\nid = \"{id}\" # sécurité\ntitle = \"{id}\"\nlanguage = \"fr\"\nsymptoms = [\"{symptom}\"]\nanswer = \"suggest\"\n+++\n{body}\n"
    )
}

fn in_reply_to(mail: &InboundMail) -> String {
    format!("In-Reply-To: <{}>\r\n", mail.message_id.as_ref().unwrap().as_str())
}

/// A mail as Postfix would have delivered it, which is down.
fn stamped(mail: &[u8]) -> Vec<u8> {
    let stamp = "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=helpdesk.test\r\n\
        Received: from client.test by relay.helpdesk.test (Postfix) with ESMTP id 1; Mon, 2 Mar 2026 08:30:00 +0000\r\n";
    [stamp.as_bytes(), mail].concat()
}

/// Writes mails as they reach Postfix.
struct Sent {
    count: std::cell::Cell<u32>,
}

impl Sent {
    fn mail(&self, from: &str, subject: &str, header: &str, text: &str) -> Vec<u8> {
        self.count.set(self.count.get() + 1);
        let mut mail = String::new();
        write!(
            mail,
            "From: {from}\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\nMessage-ID: <{}@client.test>\r\n{header}\
            Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n",
            self.count.get()
        )
        .unwrap();
        mail.into_bytes()
    }
}
