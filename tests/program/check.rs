//! Broken set-ups, and what `guichet check` says of each: the cause and what to do, within the time that is promised.
//!
//! Run with `--nocapture` it prints all of them as a table.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Delivery, Dovecot, Guichet, Postfix};
use serde_json::Value;

const USER: &str = "support@helpdesk.test";
/// A line is promised within ten seconds; the program itself starts and ends beside that.
const PROMISED: Duration = Duration::from_secs(14);

/// A folder with a configuration in which all is well, to be broken in one place.
struct SetUp {
    folder: tempfile::TempDir,
    configuration: String,
}

impl SetUp {
    fn new(dovecot: &Dovecot, postfix: &Postfix) -> SetUp {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "password", &format!("{}\n", Dovecot::PASSWORD), 0o600);
        let configuration = format!(
            r#"[store]
url = "sqlite:guichet.db"

[[desk]]
name = "support"
display_name = "Support"
addresses = ["{USER}"]
tag = "SD"
languages = ["fr", "en"]

[[mailbox]]
name = "support"
host = "localhost"
port = {imap}
tls = "none"
user = "{USER}"
password_file = "password"
folder = "INBOX"
processed_folder = "Handled"
authserv_id = "mx.helpdesk.test"

[smtp]
host = "localhost"
port = {smtp}
tls = "none"

[[agent]]
name = "Aline Roy"
address = "aline@helpdesk.test"
level = "L1"
"#,
            imap = dovecot.imap_port(),
            smtp = postfix.smtp_port(),
        );
        SetUp { folder, configuration }
    }

    fn with(mut self, good: &str, broken: &str) -> SetUp {
        assert!(self.configuration.contains(good), "{good}");
        self.configuration = self.configuration.replacen(good, broken, 1);
        self
    }

    fn and(mut self, more: &str) -> SetUp {
        self.configuration += more;
        self
    }

    fn file(self, name: &str, text: &str, mode: u32) -> SetUp {
        write(self.folder.path(), name, text, mode);
        self
    }

    /// Exit status and what was printed.
    fn check(&self) -> (i32, String) {
        self.run(&["check"])
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        write(self.folder.path(), "guichet.toml", &self.configuration, 0o600);
        let started = Instant::now();
        let output = Guichet::run(self.folder.path(), arguments);
        assert!(started.elapsed() < PROMISED, "{:?}", started.elapsed());
        let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(!told.contains(Dovecot::PASSWORD) && !told.contains("panicked"), "{told}");
        (output.status.code().unwrap(), told)
    }

    /// Tells one thing to be wrong, with these words.
    #[track_caller]
    fn tells(&self, what_is_broken: &str, expected: &[&str]) {
        let (status, told) = self.check();
        let wrong = told.split_inclusive('\n').skip_while(|line| !line.starts_with('✗'));
        let wrong: String = wrong.take_while(|line| line.starts_with(['✗', ' '])).collect();
        let wrong = if wrong.is_empty() { &told } else { &wrong };
        for words in expected {
            assert!(wrong.contains(words), "{what_is_broken}: {words:?} is not in\n{told}");
        }
        assert_ne!(status, 0, "{told}");
        let shown = wrong.trim().replace('\n', "<br>").replace('|', "\\|");
        eprintln!("| {what_is_broken} | {} |", hidden(&shown, self.folder.path()));
    }
}

/// The text without what is different each time.
fn hidden(text: &str, folder: &Path) -> String {
    text.replace(&format!("{}/", folder.display()), "").replace(&folder.display().to_string(), ".")
}

fn write(folder: &Path, name: &str, text: &str, mode: u32) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

fn servers() -> (Dovecot, Postfix) {
    (Dovecot::start(), Postfix::start(&Delivery::Maildir))
}

/// A server that says `greeting` to whoever comes, and nothing more.
fn greeter(greeting: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming().flatten() {
            let mut side = stream.try_clone().unwrap();
            side.write_all(greeting.as_bytes()).unwrap();
            kept.push(stream);
        }
    });
    port
}

/// A relay that answers each command that begins so with these words, and 250 to every other one.
fn relay(hello: &'static str, refuses: &'static str, said: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut side = stream.try_clone().unwrap();
            side.write_all(b"220 relay.test\r\n").unwrap();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let answer = match line.as_str() {
                    line if line.starts_with("EHLO") => hello,
                    line if line.starts_with(refuses) => said,
                    _ => "250 2.0.0 Ok\r\n",
                };
                if side.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    port
}

fn mail(header: &str) -> Vec<u8> {
    format!("{header}From: Marie <marie@client.test>\r\nTo: {USER}\r\nSubject: Clavier\r\n\r\nIl colle.\r\n")
        .into_bytes()
}

const RESULTS: &str = "Authentication-Results: mx.helpdesk.test; dmarc=pass header.from=client.test\r\n\
    Received: from client.test by mx.helpdesk.test with ESMTP; Mon, 2 Nov 2026 09:00:00 +0000\r\n";

#[test]
fn where_all_is_well_nothing_is_wrong_and_nothing_stays() {
    let (dovecot, postfix) = servers();
    dovecot.append(USER, &mail(RESULTS));
    let setup = SetUp::new(&dovecot, &postfix).and("[http]\nlisten = \"127.0.0.1:0\"\n");
    let (status, told) = setup.check();
    assert_eq!(status, 0, "{told}");
    for part in [
        "✓ configuration: desks 1, mailboxes 1, agents 1",
        "✓ mailbox support: signed in to localhost, messages in INBOX: 1; IDLE, MOVE, UIDPLUS",
        "✓ handled mail of support: Handled will be made with the first",
        "✓ first day of support: nothing in the folder is older than a day",
        "✓ authors of support: 1 of the 1 newest mails bear results that count, such as dmarc=pass of client.test",
        "✓ letters of support@helpdesk.test: the relay would take them; nothing was sent",
        "✓ letters of support@helpdesk.test to agents and vendors: 1 addresses would be taken",
        "✓ http: 127.0.0.1:0 is free",
        "✓ templates en",
        "✓ clock of support: 20",
    ] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    assert!(postfix.messages().is_empty(), "a letter was sent");
    assert!(dovecot.messages(USER, "Handled").is_empty() && dovecot.messages(USER, "INBOX").len() == 1);
    assert!(!setup.folder.path().join("guichet.db").exists(), "a store was made");
    let (status, json) = setup.run(&["check", "--json"]);
    let lines: Value = serde_json::from_str(&json).unwrap();
    let lines = lines.as_array().unwrap();
    assert!(status == 0 && lines.len() > 8 && lines.iter().all(|line| line["ok"] != false), "{json}");
    assert!(lines.iter().all(|line| line["what"].is_string() && line["found"].is_string()), "{json}");
}

#[test]
fn what_is_wrong_with_the_way_to_the_mailbox() {
    let (dovecot, postfix) = servers();
    let set_up = || SetUp::new(&dovecot, &postfix);
    let port = format!("port = {}\ntls = \"none\"\nuser", dovecot.imap_port());
    set_up()
        .with(&port, "port = 9\ntls = \"none\"\nuser")
        .tells("mailbox: nobody listens at host and port", &["✗ mailbox support: ", "localhost:9", "port"]);
    set_up()
        .file("password", "wrong\n", 0o600)
        .tells("mailbox: the password is wrong", &["✗ mailbox support: ", "refuses user and password", "app password"]);
    set_up()
        .with("folder = \"INBOX\"", "folder = \"Aide\"")
        .tells("mailbox: there is no such folder", &["✗ mailbox support: ", "Aide"]);
    let silent = greeter("");
    set_up()
        .with(&port, &format!("port = {silent}\ntls = \"none\"\nuser"))
        .tells("mailbox: the server is silent", &["✗ mailbox support: ", "port"]);
    let mute = greeter("* OK hello\r\n");
    set_up()
        .with(&port, &format!("port = {mute}\ntls = \"none\"\nuser"))
        .tells("mailbox: the server greets and then is silent", &["✗ mailbox support: "]);
}

#[test]
fn what_is_wrong_with_tls_on_the_way_to_both() {
    let (dovecot, postfix) = servers();
    let imap = |port: u16, tls: &str| {
        let good = format!("port = {}\ntls = \"none\"\nuser", dovecot.imap_port());
        SetUp::new(&dovecot, &postfix).with(&good, &format!("port = {port}\n{tls}\nuser"))
    };
    let smtp = |port: u16, tls: &str| {
        let good = format!("port = {}\ntls = \"none\"\n\n[[agent]]", postfix.smtp_port());
        SetUp::new(&dovecot, &postfix).with(&good, &format!("port = {port}\n{tls}\n\n[[agent]]"))
    };
    let implicit = |ca_file: &Path| format!("tls = \"implicit\"\nca_file = \"{}\"", ca_file.display());
    imap(dovecot.imaps_port(), "tls = \"starttls\"").tells(
        "mailbox: starttls where the port speaks TLS from the first byte",
        &["✗ mailbox support: ", "speaks TLS from the first byte", "Write tls = \"implicit\" in [[mailbox]]"],
    );
    imap(dovecot.imap_port(), "tls = \"implicit\"").tells(
        "mailbox: implicit where the port greets in clear",
        &["✗ mailbox support: ", "greets in clear", "Write tls = \"starttls\" in [[mailbox]]"],
    );
    imap(postfix.smtp_port(), "tls = \"none\"").tells(
        "mailbox: the port is the relay's",
        &["✗ mailbox support: ", "is no IMAP server: it speaks SMTP", "host and port of the IMAP server"],
    );
    imap(dovecot.imaps_port(), "tls = \"implicit\"").tells(
        "mailbox: an authority that nobody trusts here",
        &["✗ mailbox support: the certificate of localhost:", "authority of", "whom nobody trusts here", "ca_file"],
    );
    let strange = implicit(postfix.ca_file());
    imap(dovecot.imaps_port(), &strange).tells(
        "mailbox: ca_file holds another authority",
        &["whom nobody trusts here", "into ca_file of [[mailbox]], which is"],
    );
    let (status, told) = imap(dovecot.imaps_port(), &implicit(dovecot.ca_file())).check();
    assert_eq!(status, 0, "{told}");

    smtp(postfix.smtps_port(), "tls = \"starttls\"").tells(
        "relay: starttls where the port speaks TLS from the first byte",
        &["✗ relay: ", "speaks TLS from the first byte", "Write tls = \"implicit\" in [smtp]"],
    );
    smtp(postfix.smtp_port(), "tls = \"implicit\"").tells(
        "relay: implicit where the port greets in clear",
        &["✗ relay: ", "greets in clear", "Write tls = \"starttls\" in [smtp]"],
    );
    smtp(dovecot.imap_port(), "tls = \"none\"")
        .tells("relay: the port is the mailbox's", &["✗ relay: ", "is no SMTP server: it speaks IMAP"]);
    smtp(postfix.smtps_port(), "tls = \"implicit\"")
        .tells("relay: an authority that nobody trusts here", &["✗ relay: ", "whom nobody trusts here"]);
}

#[test]
fn what_is_wrong_with_the_rights_in_the_mailbox() {
    let postfix = Postfix::start(&Delivery::Maildir);
    let dovecot = Dovecot::start_guarded();
    dovecot.append(USER, &mail(RESULTS));
    let set_up = || SetUp::new(&dovecot, &postfix);
    dovecot.allow(USER, "INBOX", "lrs");
    set_up().tells(
        "mailbox: the folder may be read and not changed",
        &[
            "✗ mailbox support: INBOX may be read and not changed (rights missing: te)",
            "lrswte",
            "processed_folder = \"\"",
        ],
    );
    dovecot.allow(USER, "INBOX", "lrswteik");
    set_up().with("\"Handled\"", "\"Handled..old\"").tells(
        "handled mail: the folder cannot be made",
        &[
            "✗ handled mail of support: there is no folder Handled..old, and it cannot be made: ",
            "Make it with a mail client",
        ],
    );
    dovecot.allow(USER, "Handled", "lrs");
    set_up().tells(
        "handled mail: nothing may be put into the folder",
        &["✗ handled mail of support: Handled is there, and nothing may be put into it (rights missing: i)", "right i"],
    );
    dovecot.allow(USER, "Handled", "lrswteik");
    for _ in 0..8 {
        dovecot.append(USER, &mail(RESULTS));
    }
    set_up().tells(
        "mailbox: nearly full",
        &["✗ room of support: the mailbox is nearly full: 9 of 10 messages (90 %)", "quota"],
    );
}

#[test]
fn what_is_wrong_with_the_authors() {
    let (dovecot, postfix) = servers();
    let set_up = || SetUp::new(&dovecot, &postfix);
    let as_user = |user: &str| set_up().with(&format!("user = \"{USER}\""), &format!("user = \"{user}\""));
    dovecot.append("none@helpdesk.test", &mail("Received: by mx.helpdesk.test with ESMTP\r\n"));
    as_user("none@helpdesk.test")
        .tells("authors: the server adds no Authentication-Results", &["✗ authors of support: ", "docs/own-server.md"]);
    let other = RESULTS.replace("mx.helpdesk.test", "mail.cegep.test");
    dovecot.append("other@helpdesk.test", &mail(&other));
    as_user("other@helpdesk.test").tells(
        "authors: authserv_id is another than the mails carry",
        &["✗ authors of support: ", "mail.cegep.test", "authserv_id = \"mail.cegep.test\""],
    );
    for host in ["mx1.cegep.test", "mx2.cegep.test"] {
        dovecot.append("two@helpdesk.test", &mail(&RESULTS.replace("mx.helpdesk.test", host)));
    }
    as_user("two@helpdesk.test").tells(
        "authors: two servers take mail in, none is named",
        &["✗ authors of support: ", "authserv_id = [\"mx1.cegep.test\", \"mx2.cegep.test\"]"],
    );
    as_user("two@helpdesk.test").with("\"mx.helpdesk.test\"", "\"mx1.cegep.test\"").tells(
        "authors: two servers take mail in, one is named",
        &["✗ authors of support: ", "authserv_id = [\"mx1.cegep.test\", \"mx2.cegep.test\"]"],
    );
    let (status, told) =
        as_user("two@helpdesk.test").with("\"mx.helpdesk.test\"", "[\"mx1.cegep.test\", \"mx2.cegep.test\"]").check();
    assert!(status == 0 && told.contains("2 of the 2 newest mails"), "{told}");
    let below = RESULTS.split_inclusive('\n').rev().collect::<String>();
    dovecot.append("below@helpdesk.test", &mail(&below));
    as_user("below@helpdesk.test").tells(
        "authors: the filter writes below the server's Received",
        &["✗ authors of support: ", "results = \"below\""],
    );
}

#[test]
fn what_is_wrong_with_the_relay() {
    let dovecot = Dovecot::start();
    let tells = |main_cf: &str, what_is_broken: &str, expected: &[&str]| {
        let postfix = Postfix::start_with(&Delivery::Maildir, main_cf);
        SetUp::new(&dovecot, &postfix).tells(what_is_broken, expected);
    };
    let reject = |address: &str, words: &str| format!("inline:{{ {{ {address} = REJECT {words} }} }}");
    tells(
        &format!(
            "smtpd_sender_restrictions = check_sender_access {}\nsmtpd_delay_reject = no\n",
            reject(USER, "not yours")
        ),
        "relay: it refuses the desk's address as sender",
        &[
            "✗ letters of support@helpdesk.test: the relay refuses support@helpdesk.test as the sender: 5",
            "not yours",
            "Let the account",
        ],
    );
    tells(
        &format!(
            "smtpd_recipient_restrictions = check_recipient_access {}\n",
            reject("aline@helpdesk.test", "no such user")
        ),
        "relay: an agent's address is refused",
        &["the relay refuses letters to aline@helpdesk.test: 5", "no such user", "Look whether that address exists"],
    );
    tells(
        "message_size_limit = 1000000\n",
        "relay: letters may be no larger than 1 MB",
        &["✗ relay: the relay takes letters of at most 1000000 bytes (SIZE)", "enclosure_bytes = 750000"],
    );
    let postfix = Postfix::start(&Delivery::Maildir);
    let smtp = format!("port = {}\ntls = \"none\"\n", postfix.smtp_port());
    let set_up = || SetUp::new(&dovecot, &postfix);
    set_up()
        .with(&smtp, &format!("{smtp}user = \"u\"\npassword_file = \"password\"\n"))
        .tells("relay: a user is configured, and no login is offered", &["✗ relay: ", "AUTH", "user"]);
    set_up()
        .with(&smtp, "port = 9\ntls = \"none\"\n")
        .tells("relay: nobody listens there", &["✗ relay: ", "localhost:9"]);
    let silent = greeter("");
    let port = |port: u16| format!("port = {port}\ntls = \"none\"\n");
    set_up().with(&smtp, &port(silent)).tells("relay: it is silent", &["✗ relay: "]);
    let null = relay("250 relay.test\r\n", "MAIL FROM:<>", "550 5.7.1 who are you\r\n");
    set_up().with(&smtp, &port(null)).tells(
        "relay: it refuses an empty return path",
        &[
            "✗ letters of support@helpdesk.test: the relay refuses <> as the sender: 550 5.7.1 who are you",
            "empty return path",
        ],
    );
    let grey = relay("250 relay.test\r\n", "RCPT", "450 4.2.0 greylisted\r\n");
    set_up().with(&smtp, &port(grey)).tells("relay: it puts off", &["450 4.2.0 greylisted", "quarter of an hour"]);
    let login = relay("250-relay.test\r\n250 AUTH PLAIN\r\n", "AUTH", "535 5.7.8 no\r\n");
    set_up()
        .with(&smtp, &format!("{}user = \"u\"\npassword_file = \"password\"\n", port(login)))
        .tells("relay: it refuses the login", &["✗ relay: ", "535 5.7.8 no", "password"]);
}

#[test]
fn what_is_wrong_on_this_machine() {
    let (dovecot, postfix) = servers();
    let set_up = || SetUp::new(&dovecot, &postfix);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    set_up()
        .and(&format!("[http]\nlisten = \"{address}\"\n"))
        .tells("http: the port is taken", &["✗ http: 127.0.0.1:", "is taken by another program", "ss -ltnp"]);
    drop(taken);
    set_up().and("[http]\nlisten = \"192.0.2.1:8025\"\n").tells(
        "http: the address is not this machine's",
        &["✗ http: nobody can listen at 192.0.2.1:8025", "127.0.0.1:8025"],
    );
    set_up().file("password", &format!("{}\n", Dovecot::PASSWORD), 0o644).tells(
        "secrets: everybody may read the password's file",
        &["✗ secrets in ", "every account of this machine", "(mode 644)", "Run: chmod 600 "],
    );
    let plain = set_up().with("password_file = \"password\"", &format!("password = \"{}\"", Dovecot::PASSWORD));
    write(plain.folder.path(), "other.toml", &plain.configuration, 0o644);
    let (status, told) = plain.run(&["check", "--config", "other.toml"]);
    assert!(status == 1 && told.contains("✗ secrets in other.toml: a secret stands in it"), "{told}");
    eprintln!(
        "| secrets: everybody may read a configuration with a password | {} |",
        told.lines().find(|line| line.starts_with('✗')).unwrap()
    );
    set_up()
        .file("password", "", 0o600)
        .tells("secrets: the password's file is empty", &["password_file names", "which is empty", "first line"]);
    set_up()
        .file("letters/fr/answer.txt.hbs", "{{#if ticket}}Bonjour {{requster}}\n{{/if}}", 0o644)
        .and("[letters]\nfolder = \"letters\"\n")
        .tells(
            "templates: a name that does not exist, in one branch",
            &["✗ templates: ", "fr/answer.txt.hbs", "requster", "Mend the file"],
        );
    set_up()
        .file(
            "letters/fr/chase.html.hbs",
            "{{> _top}}\n<p style=\"color:#999999;background:#ffffff\">Bonjour</p>\n{{> _bottom}}",
            0o644,
        )
        .and("[letters]\nfolder = \"letters\"\n")
        .tells(
            "templates: words that few can read",
            &[
                "✗ fr/chase.html.hbs: these words are too much like what is behind them: <p style=\"color:#999999;background:#ffffff\"> (2.8:1)",
                "contrast of 4.5:1",
            ],
        );
    set_up()
        .file("fixes/a.md", "no front matter\n", 0o644)
        .with("tag = \"SD\"\n", "tag = \"SD\"\nknown_fixes = \"fixes\"\n")
        .tells(
            "known fixes: an article cannot be read",
            &["✗ known fixes of support: ", "a.md", "the others are in use"],
        );
    set_up()
        .with("tag = \"SD\"\n", "tag = \"SD\"\nknown_fixes = \"nowhere\"\n")
        .tells("known fixes: there is no such folder", &["✗ known fixes of support: ", "nowhere", "known_fixes"]);
    set_up()
        .with("url = \"sqlite:guichet.db\"", "url = \"sqlite:password/guichet.db\"")
        .tells("store: its folder is a file", &["✗ store: ", "password"]);
    set_up().with(&format!("user = \"{USER}\""), "user = \"aline@helpdesk.test\"").tells(
        "people: an agent's address is the watched mailbox itself",
        &[
            "✗ people: letters to aline@helpdesk.test come into the mailbox that guichet watches",
            "address of their own",
        ],
    );
    set_up().with("aline@helpdesk.test", USER).tells(
        "people: an agent has the desk's address",
        &["support@helpdesk.test is a desk's address already", "an address of its own"],
    );
}

#[test]
fn faults_are_told_in_french_and_as_json_too() {
    let (dovecot, postfix) = servers();
    let set_up = SetUp::new(&dovecot, &postfix).file("password", &format!("{}\n", Dovecot::PASSWORD), 0o640);
    write(set_up.folder.path(), "guichet.toml", &set_up.configuration, 0o600);
    let mut french = Command::new(env!("CARGO_BIN_EXE_guichet"));
    french.arg("check").current_dir(set_up.folder.path()).env("LC_ALL", "fr_CA.UTF-8");
    let told = String::from_utf8(french.output().unwrap().stdout).unwrap();
    for part in [
        "✓ boîte support\u{a0}: connecté à localhost",
        "✗ secrets dans ",
        "tous les membres de son groupe",
        "Exécutez\u{a0}: chmod 600 ",
        "✓ relais\u{a0}: ",
    ] {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
    let (status, json) = set_up.run(&["check", "--json"]);
    let lines: Value = serde_json::from_str(&json).unwrap();
    let wrong: Vec<&Value> = lines.as_array().unwrap().iter().filter(|line| line["ok"] == false).collect();
    assert!(status == 1 && wrong.len() == 1, "{json}");
    assert!(wrong[0]["problem"].as_str().unwrap().contains("every member of its group"), "{json}");
    assert!(wrong[0]["remedy"].as_str().unwrap().starts_with("Run: chmod 600 "), "{json}");
}

#[test]
fn a_gateway_of_the_same_configuration_may_hold_the_port() {
    let (dovecot, postfix) = servers();
    dovecot.append(USER, &mail(RESULTS));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let set_up = SetUp::new(&dovecot, &postfix).and(&format!("[http]\nlisten = \"127.0.0.1:{port}\"\n"));
    write(set_up.folder.path(), "guichet.toml", &set_up.configuration, 0o600);
    let serving = Guichet::serve(set_up.folder.path());
    let (_, told) = set_up.check();
    assert!(told.contains("✓ http: a gateway of this configuration answers at"), "{told}");
    assert!(told.contains("✓ service: a gateway of this configuration runs"), "{told}");
    assert!(serving.stop().success());
}

#[test]
fn mail_that_will_not_be_answered_is_counted_before_the_first_start() {
    let (dovecot, postfix) = servers();
    dovecot.append(USER, &mail(RESULTS));
    dovecot.append_at(USER, &mail(RESULTS), "01-Mar-2020 08:00:00 +0000");
    dovecot.append_at(USER, &mail(RESULTS), "02-Mar-2021 08:00:00 +0000");
    let (_, told) = SetUp::new(&dovecot, &postfix).check();
    assert!(told.contains("✓ first day of support: 2 messages in the folder are older than a day"), "{told}");
}
