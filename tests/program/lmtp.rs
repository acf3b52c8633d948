//! Mail that a real Postfix hands over by LMTP to the built program, which watches no mailbox.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use crate::configuration::Configuration;
use crate::support::{Delivery, Guichet, LineClient, Postfix, eventually};
use guichet::desk::LedgerId;
use guichet::store::{self, Store};
use serde_json::Value;
use tempfile::TempDir;

const DESK: &str = "support@helpdesk.test";

/// A desk whose mail Postfix hands over; letters leave by the same one.
struct Office {
    folder: TempDir,
    port: u16,
    postfix: Postfix,
}

impl Office {
    fn open() -> Office {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let office =
            Office { folder: tempfile::tempdir().unwrap(), port, postfix: Postfix::start(&Delivery::Lmtp(port)) };
        configuration(&format!("127.0.0.1:{port}"), office.postfix.smtp_port()).write(office.folder.path());
        office
    }

    fn serve(&self) -> Guichet {
        let guichet = Guichet::serve(self.folder.path());
        guichet.await_log("Taking mail by LMTP");
        guichet
    }

    /// Hands a mail to Postfix, as any server of the world does.
    fn send(&self, recipients: &[&str], number: usize, body: &str) {
        let mut client = LineClient::connect(self.postfix.smtp_port()).unwrap();
        client.hear("220 ");
        client.say("EHLO client.test", "250 ");
        client.say("MAIL FROM:<marie@helpdesk.test>", "250 ");
        for recipient in recipients {
            client.say(&format!("RCPT TO:<{recipient}>"), "250 ");
        }
        client.say("DATA", "354 ");
        client.send(
            format!(
                "Return-Path: <forged@desk.test>\r\nFrom: Marie <marie@helpdesk.test>\r\nTo: {DESK}\r\nSubject: Chair {number}\r\n\
                 Message-ID: <{number}@client.test>\r\n\r\n{body}\r\n.\r\n"
            )
            .as_bytes(),
        );
        client.hear("250 ");
        client.say("QUIT", "221 ");
    }

    fn ask(&self, arguments: &[&str]) -> Vec<Value> {
        ask(&self.folder, arguments)
    }

    /// The bytes of a mail.
    fn raw(&self, mail: i64) -> String {
        let url = format!("sqlite:{}", self.folder.path().join("guichet.db").display());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let raw = runtime.block_on(async {
            let store = Store::open(&store::Settings { url }).await.unwrap();
            let raw = store.raw(LedgerId(mail)).await.unwrap();
            store.close().await;
            raw
        });
        String::from_utf8(raw.unwrap().bytes).unwrap()
    }

    /// The ledger, once it has so many rows that are all decided.
    fn ledger(&self, rows: usize) -> Vec<Value> {
        eventually(&format!("{rows} decided mails"), || {
            let ledger = self.ask(&["ledger", "--json"]);
            (ledger.len() == rows && ledger.iter().all(|row| row["outcome"] != "pending")).then_some(ledger)
        })
    }
}

fn ask(folder: &TempDir, arguments: &[&str]) -> Vec<Value> {
    let output = Guichet::run(folder.path(), arguments);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {told}"))
}

fn configuration(listen: &str, relay: u16) -> Configuration {
    let house =
        Configuration::new().with_ports(1, relay).without_key("[smtp]", "user").without_key("[smtp]", "password");
    let house = house.with_an_agent_elsewhere().with_key("[[desk]]", "addresses", &format!("[{DESK:?}]"));
    house.without("[[mailbox]]").and(&format!(
        "[[mailbox]]\nname = \"support\"\nwatch = false\nauthserv_id = \"mx.helpdesk.test\"\n\n[lmtp]\nlisten = {listen:?}"
    ))
}

#[test]
fn a_request_that_postfix_hands_over_is_acknowledged_and_accounted_for() {
    let office = Office::open();
    let guichet = office.serve();
    office.send(&[DESK, "support+x@helpdesk.test"], 1, "The wheel came off.\r\n..dot");
    let [mail] = &office.ledger(1)[..] else { panic!("two recipients of a mail are one mail") };
    assert_eq!((&mail["outcome"], &mail["mailbox"]), (&"ticket".into(), &"support".into()), "{mail}");
    guichet.await_log("The acknowledgement of R-000001 is sent");
    let taken = "Taken in, mail 1)";
    eventually("two answers", || (office.postfix.log().matches(taken).count() == 2).then_some(()));

    // The envelope is Postfix's word, whatever the mail brings along; and Postfix vouches for the author.
    let raw = office.raw(1);
    let top: Vec<&str> = raw.lines().take(3).collect();
    assert_eq!(top[0], "Return-Path: <marie@helpdesk.test>");
    let both = ["Delivered-To: support@helpdesk.test", "Delivered-To: support+x@helpdesk.test"];
    assert!(both.iter().all(|field| top.contains(field)), "{raw}");
    assert!(raw.contains("\r\n.dot\r\n") && !raw.contains("forged@desk.test"), "{raw}");
    assert_eq!(mail["authentication"]["verdict"], "passed", "{mail}");

    // A mailbox that nobody has goes back to its sender; the program takes no part in it.
    office.send(&["nobody@helpdesk.test"], 2, "Hello?");
    let is_refused = |line: &str| line.contains("to=<nobody@helpdesk.test>") && line.contains("said: 550 5.1.1");
    eventually("a refusal", || office.postfix.log().lines().any(is_refused).then_some(()));

    let sums = office.ask(&["reconcile", "--json"]);
    assert_eq!(
        (&sums[0]["recorded"], &sums[0]["in_folder"], &sums[0]["difference"]),
        (&1.into(), &Value::Null, &0.into())
    );
    let checked = Guichet::run(office.folder.path(), &["check"]);
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(told.contains("✓ lmtp: a gateway of this configuration takes mail at 127.0.0.1:"), "{told}");
    assert_eq!(guichet.stop().code(), Some(0));

    // While nobody is there, mail waits with Postfix.
    office.send(&[DESK], 3, "Chair again.");
    eventually("a deferral", || office.postfix.log().contains("status=deferred").then_some(()));
    let guichet = office.serve();
    assert_eq!(office.ledger(2).len(), 2);
    assert_eq!(guichet.stop().code(), Some(0));
}

#[test]
fn a_mail_that_postfix_hands_over_again_after_a_crash_is_one_request() {
    let office = Office::open();
    let guichet = office.serve();
    let mut mta = LineClient::connect(office.port).unwrap();
    mta.hear("220 ");
    mta.say("LHLO mx.helpdesk.test", "250 ");
    let hand_over = |mta: &mut LineClient| {
        mta.say("MAIL FROM:<marie@helpdesk.test>", "250 ");
        mta.say(&format!("RCPT TO:<{DESK}>"), "250 ");
        mta.say("DATA", "354 ");
        mta.send(b"From: marie@helpdesk.test\r\nSubject: Chair\r\nMessage-ID: <1@client.test>\r\n\r\nIt fell.\r\n");
    };
    // The text is on its way when the program dies: nothing of it was taken.
    hand_over(&mut mta);
    guichet.kill();
    assert_eq!(mta.line().unwrap_or_default(), "");
    let guichet = office.serve();
    assert_eq!(office.ledger(0).len(), 0);

    // It is written down, and the program dies before the answer reaches the MTA, which tries again.
    let mut mta = LineClient::connect(office.port).unwrap();
    mta.hear("220 ");
    mta.say("LHLO mx.helpdesk.test", "250 ");
    hand_over(&mut mta);
    mta.send(b".\r\n");
    eventually("the mail", || (!office.ask(&["ledger", "--json"]).is_empty()).then_some(()));
    guichet.kill();
    drop(mta);
    let guichet = office.serve();
    let mut mta = LineClient::connect(office.port).unwrap();
    mta.hear("220 ");
    mta.say("LHLO mx.helpdesk.test", "250 ");
    hand_over(&mut mta);
    mta.say(".", "250 2.0.0");
    let ledger = office.ledger(2);
    let outcomes: Vec<_> = ledger.iter().map(|row| (row["outcome"].as_str(), row["reason"].as_str())).collect();
    assert!(
        outcomes.contains(&(Some("ticket"), None)) && outcomes.contains(&(Some("suppressed"), Some("duplicate"))),
        "{ledger:?}"
    );
    assert_eq!(office.ask(&["ticket", "list", "--json"]).len(), 1);
    // An MTA that says nothing keeps nobody from stopping.
    assert_eq!(guichet.stop().code(), Some(0));
    assert!(mta.line().unwrap_or_default().starts_with("421 4.3.2"));
}

#[test]
fn a_socket_that_a_killed_gateway_left_is_replaced_and_a_file_is_not() {
    let folder = tempfile::tempdir().unwrap();
    configuration("unix:lmtp.sock", 1).write(folder.path());
    let socket = folder.path().join("lmtp.sock");
    let guichet = Guichet::serve(folder.path());
    guichet.await_log("Taking mail by LMTP");
    guichet.kill();
    assert!(socket.exists());
    let check = || String::from_utf8(Guichet::run(folder.path(), &["check"]).stdout).unwrap();
    assert!(check().contains("✓ lmtp: nobody listens at unix:"), "{}", check());

    let guichet = Guichet::serve(folder.path());
    guichet.await_log("Taking mail by LMTP");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    let mut stream = BufReader::new(UnixStream::connect(&socket).unwrap());
    stream.get_mut().write_all(b"LHLO x\r\nQUIT\r\n").unwrap();
    let mut said = String::new();
    stream.read_line(&mut said).unwrap();
    assert_eq!(said, "220 helpdesk.test LMTP guichet\r\n");
    stream.read_to_string(&mut said).unwrap();
    assert!(said.ends_with("221 2.0.0 Goodbye\r\n"), "{said}");
    assert!(check().contains("✓ lmtp: a gateway of this configuration takes mail at unix:"), "{}", check());
    assert_eq!(guichet.stop().code(), Some(0));

    fs::remove_file(&socket).unwrap();
    fs::write(&socket, "somebody's file").unwrap();
    assert!(check().contains("✗ lmtp: unix:") && check().contains("is taken by another program"), "{}", check());
    let refused = Guichet::run(folder.path(), &["serve"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("Cannot listen at unix:"), "{told}");
    assert_eq!(fs::read_to_string(&socket).unwrap(), "somebody's file");
}
