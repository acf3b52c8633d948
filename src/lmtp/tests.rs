//! Conversations of MTAs with us.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::*;

/// A keeper that keeps in memory, or cannot.
#[derive(Default)]
struct Memory {
    mails: Mutex<Vec<Kept>>,
    is_broken: AtomicBool,
    /// Nothing is kept before this is given.
    waits_for: Option<Notify>,
    asked: Notify,
}

impl Keeper for Memory {
    fn is_ours(&self, recipient: &Address) -> bool {
        ["support@desk.test", "aide@desk.test"].iter().any(|ours| recipient.is_within(&ours.parse().unwrap()))
    }

    async fn keep(&self, mail: Kept) -> Result<String, NotKept> {
        self.asked.notify_one();
        if let Some(signal) = &self.waits_for {
            signal.notified().await;
        }
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(NotKept);
        }
        let mut mails = self.mails.lock().unwrap();
        mails.push(mail);
        Ok(format!("mail {}", mails.len()))
    }
}

impl Memory {
    fn texts(&self) -> Vec<String> {
        let mails = self.mails.lock().unwrap();
        mails.iter().map(|mail| String::from_utf8_lossy(mail.bytes()).into_owned()).collect()
    }
}

fn terms() -> Terms {
    Terms::new("desk.test", 100_000)
}

/// All that is answered to an MTA that says all of this and hangs up.
async fn answers(keeper: &Memory, terms: &Terms, said: &[u8]) -> String {
    let (here, mut there) = tokio::io::duplex(4 << 20);
    there.write_all(said).await.unwrap();
    there.shutdown().await.unwrap();
    converse(here, keeper, terms, &CancellationToken::new()).await.unwrap();
    let mut answers = String::new();
    there.read_to_string(&mut answers).await.unwrap();
    answers
}

/// The replies alone, each by its code and the enhanced one.
fn codes(answers: &str) -> Vec<&str> {
    let last = answers.lines().filter(|line| line.as_bytes()[3] == b' ');
    last.map(|line| line.match_indices(' ').nth(1).map_or(line, |(at, _)| &line[..at])).collect()
}

async fn heard(stream: &mut DuplexStream, end: &str) -> String {
    let mut heard = String::new();
    while !heard.ends_with(end) {
        let byte = stream.read_u8().await.unwrap_or_else(|error| panic!("waited for {end:?}: {error}; heard {heard}"));
        heard.push(char::from(byte));
    }
    heard
}

const BEGIN: &str = "LHLO mx.desk.test\r\nMAIL FROM:<marie@client.test> SIZE=40 BODY=8BITMIME\r\n";

#[tokio::test]
async fn a_mail_is_kept_with_its_envelope_on_top_and_answered() {
    let keeper = Memory::default();
    let said = format!("{BEGIN}RCPT TO:<support@desk.test>\r\nDATA\r\nSubject: x\r\n\r\n..\r\na\r\n.\r\nQUIT\r\n");
    let answers = answers(&keeper, &terms(), said.as_bytes()).await;
    assert_eq!(
        answers,
        "220 desk.test LMTP guichet\r\n250-desk.test\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n\
         250-SMTPUTF8\r\n250 SIZE 100000\r\n250 2.1.0 OK\r\n250 2.1.5 OK\r\n354 Go on, and end with a dot\r\n\
         250 2.0.0 <support@desk.test> Taken in, mail 1\r\n221 2.0.0 Goodbye\r\n"
    );
    let expected =
        "Return-Path: <marie@client.test>\r\nDelivered-To: support@desk.test\r\nSubject: x\r\n\r\n.\r\na\r\n";
    assert_eq!(keeper.texts(), [expected]);
}

#[tokio::test]
async fn each_recipient_is_answered_in_order_and_the_mail_is_kept_once() {
    let keeper = Memory::default();
    let said = format!(
        "{BEGIN}RCPT TO:<support@desk.test>\r\nRCPT TO:<nobody@desk.test>\r\nRCPT TO:<Aide+t0ken@DESK.test>\r\n\
         RCPT TO:<marie@client.test>\r\nDATA\r\nx\r\n.\r\n"
    );
    let answers = answers(&keeper, &terms(), said.as_bytes()).await;
    assert_eq!(
        codes(&answers)[2..],
        ["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "550 5.1.1", "354 Go", "250 2.0.0", "250 2.0.0"]
    );
    assert!(
        answers.contains("<support@desk.test> Taken in, mail 1\r\n250 2.0.0 <Aide+t0ken@DESK.test> Taken in, mail 1")
    );
    assert_eq!(keeper.texts().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_kept_is_left_with_the_mta_for_each_recipient() {
    let keeper = Memory::default();
    keeper.is_broken.store(true, Ordering::Relaxed);
    let mail = "RCPT TO:<support@desk.test>\r\nRCPT TO:<aide@desk.test>\r\nDATA\r\nx\r\n.\r\n";
    let answers = answers(&keeper, &terms(), format!("{BEGIN}{mail}NOOP\r\n").as_bytes()).await;
    assert_eq!(codes(&answers)[5..], ["354 Go", "451 4.3.0", "451 4.3.0", "250 2.0.0"]);
    assert_eq!(keeper.texts().len(), 0);
}

#[tokio::test]
async fn nobody_hears_that_a_mail_is_taken_before_it_is_kept() {
    let keeper = Memory { waits_for: Some(Notify::new()), ..Memory::default() };
    let (here, mut there) = tokio::io::duplex(4096);
    let (terms, stop) = (terms(), CancellationToken::new());
    let mta = async {
        there.write_all(format!("{BEGIN}RCPT TO:<support@desk.test>\r\nDATA\r\nx\r\n.\r\n").as_bytes()).await.unwrap();
        heard(&mut there, "354 Go on, and end with a dot\r\n").await;
        keeper.asked.notified().await;
        let early = tokio::time::timeout(Duration::from_millis(20), there.read_u8()).await;
        assert!(early.is_err(), "{early:?}");
        // What is under way when all is to stop is finished, and then nothing more is begun.
        stop.cancel();
        keeper.waits_for.as_ref().unwrap().notify_one();
        let mut rest = String::new();
        there.read_to_string(&mut rest).await.unwrap();
        assert_eq!(codes(&rest), ["250 2.0.0", "421 4.3.2"]);
    };
    let (served, ()) = tokio::join!(converse(here, &keeper, &terms, &stop), mta);
    served.unwrap();
}

#[tokio::test]
async fn a_text_that_does_not_end_in_time_is_not_taken() {
    let keeper = Memory::default();
    let (stop, short) = (CancellationToken::new(), Duration::from_millis(5));
    let begun = format!("{BEGIN}RCPT TO:<support@desk.test>\r\nDATA\r\nhalf of a mail\r\n");
    // The MTA falls silent; or all is to stop.
    for terms in [Terms { patience: short, ..terms() }, Terms { last_patience: short, ..terms() }] {
        let (here, mut there) = tokio::io::duplex(4096);
        there.write_all(begun.as_bytes()).await.unwrap();
        let mta = async {
            heard(&mut there, "354 Go on, and end with a dot\r\n").await;
            if terms.patience != short {
                stop.cancel();
            }
            let mut rest = String::new();
            there.read_to_string(&mut rest).await.unwrap();
            rest
        };
        let (served, rest) = tokio::join!(converse(here, &keeper, &terms, &stop), mta);
        served.unwrap();
        let expected = if terms.patience == short { "421 4.4.2" } else { "421 4.3.2" };
        assert_eq!(codes(&rest), [expected]);
    }
    assert_eq!(answers(&keeper, &terms(), begun.as_bytes()).await.matches("\r\n250 2.0.0").count(), 0);
    assert_eq!(keeper.texts().len(), 0);
}

#[tokio::test]
async fn commands_have_their_order() {
    let keeper = Memory::default();
    for (said, expected) in [
        ("EHLO x", "500 5.5.1"),
        ("HELO x", "500 5.5.1"),
        ("LHLO", "501 5.5.4"),
        ("MAIL FROM:<a@b.test>", "503 5.5.1"),
        ("LHLO x\r\nRCPT TO:<support@desk.test>", "503 5.5.1"),
        ("LHLO x\r\nDATA", "503 5.5.1"),
        ("LHLO x\r\nMAIL FROM:<>\r\nDATA", "503 5.5.1"),
        ("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@desk.test>\r\nDATA", "503 5.5.1"),
        ("LHLO x\r\nMAIL FROM:<>\r\nMAIL FROM:<>", "503 5.5.1"),
        ("LHLO x\r\nMAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>", "250 2.1.0"),
        ("LHLO x\r\nMAIL FROM:a@b.test", "501 5.5.4"),
        ("LHLO x\r\nMAIL FROM:<a@b.test> RET=FULL", "555 5.5.4"),
        ("LHLO x\r\nMAIL FROM:<a@b.test> SIZE=100001", "552 5.3.4"),
        ("LHLO x\r\nMAIL FROM:<marie@caf\u{e9}.test> SMTPUTF8", "250 2.1.0"),
        ("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<support@desk.test> NOTIFY=NEVER", "555 5.5.4"),
        ("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<@relay.test:support@desk.test>", "550 5.1.1"),
        ("VRFY support", "252 2.1.5"),
        ("EXPN support", "500 5.5.1"),
        ("NOOP anything", "250 2.0.0"),
        ("RSET now", "501 5.5.4"),
    ] {
        let answers = answers(&keeper, &terms(), format!("{said}\r\n").as_bytes()).await;
        assert_eq!(codes(&answers).last(), Some(&expected), "{said}: {answers}");
    }
    assert_eq!(keeper.texts().len(), 0);
}

#[tokio::test]
async fn a_line_without_its_end_takes_no_memory_and_whoever_speaks_something_else_is_told_goodbye() {
    let keeper = Memory::default();
    let endless = [&b"NOOP "[..], &vec![b'x'; 1 << 20], b"\r\nNOOP\r\n"].concat();
    assert_eq!(codes(&answers(&keeper, &terms(), &endless).await)[1..], ["500 5.5.2", "250 2.0.0"]);
    assert_eq!(codes(&answers(&keeper, &terms(), b"NOOP\nNOOP\r\n").await)[1..], ["500 5.5.2", "250 2.0.0"]);
    let web = "GET / HTTP/1.1\r\n".repeat(100);
    let answers = answers(&keeper, &terms(), web.as_bytes()).await;
    assert_eq!(codes(&answers).len(), 22, "{answers}");
    assert!(answers.ends_with("421 4.7.0 Too many faults\r\n"), "{answers}");
}

#[tokio::test]
async fn a_mail_is_kept_whole_or_refused() {
    let keeper = Memory::default();
    let line = format!("{}\r\n", "x".repeat(998));
    let mail =
        |lines: usize| format!("{BEGIN}RCPT TO:<support@desk.test>\r\nDATA\r\n{}.\r\nRSET\r\n", line.repeat(lines));
    let terms = Terms { bytes_max: 1_500_000, ..terms() };
    assert_eq!(codes(&answers(&keeper, &terms, mail(1500).as_bytes()).await)[5..], ["250 2.0.0", "250 2.0.0"]);
    assert_eq!(codes(&answers(&keeper, &terms, mail(1501).as_bytes()).await)[5..], ["552 5.3.4", "250 2.0.0"]);
    let mails = keeper.mails.lock().unwrap();
    let [kept] = &mails[..] else { panic!("{}", mails.len()) };
    assert!(kept.is_whole() && kept.bytes().len() > 1_500_000);
    assert!(kept.bytes().starts_with(b"Return-Path: <marie@client.test>\r\n"));
}

/// What an attacker has in a mail that a careless server hands on as it is.
#[tokio::test]
async fn no_mail_is_smuggled_in_behind_an_end_that_is_none() {
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"] {
        let keeper = Memory::default();
        let forged = "MAIL FROM:<alice@desk.test>\r\nRCPT TO:<support@desk.test>\r\nDATA\r\nforged\r\n";
        let said = format!("{BEGIN}RCPT TO:<support@desk.test>\r\nDATA\r\nx{end}{forged}.\r\n");
        answers(&keeper, &terms(), said.as_bytes()).await;
        let texts = keeper.texts();
        assert_eq!(texts.len(), 1, "{end:?}: {texts:#?}");
        assert!(
            texts[0].ends_with("forged\r\n") && texts[0].starts_with("Return-Path: <marie@client.test>"),
            "{texts:#?}"
        );
    }
}

/// Pieces that conversations are made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "LHLO x\r\n",
        "MAIL FROM:<a@b.test>\r\n",
        "MAIL FROM:<>\r\n",
        "RCPT TO:<support@desk.test>\r\n",
        "RCPT TO:<nobody@desk.test>\r\n",
        "DATA\r\n",
        ".\r\n",
        "..\n",
        "RSET\r\n",
        "MAIL FR\u{e9}M:<",
        "\r\n",
        " SIZE=",
    ];
    prop_oneof![9 => proptest::sample::select(known.to_vec()).prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()]
}

proptest! {
    #[test]
    fn whatever_is_said_each_mail_that_is_taken_is_kept(pieces in proptest::collection::vec(piece(), 0..40)) {
        let keeper = Memory::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answers = runtime.block_on(answers(&keeper, &terms(), &pieces.concat()));
        let kept = keeper.texts().len();
        for number in 1..=kept + 1 {
            prop_assert_eq!(answers.contains(&format!("Taken in, mail {number}\r\n")), number <= kept);
        }
    }
}
