//! Stories with a scripted relay.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::*;
use crate::mail::Address;
use crate::net::peer::{Peer, Step, hear, say};
use crate::net::{self, Login, What};

const LETTER: &[u8] = b"Subject: x\r\n\r\n.hello\r\n";

fn settings(peer: &Peer, tls: Tls) -> Settings {
    Settings {
        host: "localhost".to_owned(),
        port: peer.port,
        tls,
        login: None,
        timeout: Duration::from_secs(20),
        ca_file: Some(peer.ca_file.clone()),
        helo: "desk.test".to_owned(),
    }
}

fn with_login(peer: &Peer, tls: Tls) -> Settings {
    Settings { login: Some(Login::new("support", "hunter2")), ..settings(peer, tls) }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Greeting and EHLO with these extensions.
fn hello(extensions: &str) -> Vec<Step> {
    let lines: String = extensions.split(',').map(|one| format!("250-{one}\r\n")).collect();
    vec![say("220 hello\r\n"), hear("EHLO desk.test"), say(format!("250-relay.test\r\n{lines}250 HELP\r\n"))]
}

/// A letter to one recipient, up to the answer to the final dot.
fn letter(last: &str) -> Vec<Step> {
    vec![
        hear("MAIL FROM:<support@desk.test>"),
        say("250 ok\r\n"),
        hear("RCPT TO:<marie@client.test>"),
        say("250 ok\r\n"),
        hear("DATA"),
        say("354 go on\r\n"),
        Step::HearLetter("Subject: x\r\n\r\n..hello\r\n"),
        say(last),
    ]
}

/// A transaction up to the answer to MAIL.
fn mail(last: &str) -> Vec<Step> {
    vec![hear("MAIL"), say(last)]
}

/// A transaction up to the answer to RCPT.
fn rcpt(last: &str) -> Vec<Step> {
    [mail("250 ok\r\n"), vec![hear("RCPT"), say(last)]].concat()
}

/// A transaction up to the answer to DATA.
fn data(last: &str) -> Vec<Step> {
    [rcpt("250 ok\r\n"), vec![hear("DATA"), say(last)]].concat()
}

fn script(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

async fn open(peer: &Peer) -> Session {
    Session::open(&settings(peer, Tls::None)).await.unwrap()
}

/// Sends the letter to Marie.
async fn send(session: &mut Session) -> Outcome {
    let outcomes = session.send(Some(&address("support@desk.test")), &[address("marie@client.test")], LETTER).await;
    let [outcome] = &outcomes[..] else { panic!("{outcomes:?}") };
    outcome.clone()
}

/// What becomes of the letter with a relay that says hello and then follows this.
async fn outcome(extensions: &str, then: Vec<Step>) -> Outcome {
    let peer = Peer::play([script(&[&hello(extensions), &then])]).await;
    let outcome = send(&mut open(&peer).await).await;
    peer.heard().await;
    outcome
}

fn sent(reply: &str) -> Outcome {
    Outcome::Sent { reply: reply.to_owned() }
}

fn deferred(reply: &str) -> Outcome {
    Outcome::Deferred { reply: reply.to_owned() }
}

fn too_large(reply: &str, bytes_max: Option<u64>) -> Outcome {
    Outcome::TooLarge { reply: reply.to_owned(), bytes_max }
}

fn refused(reply: &str) -> Outcome {
    Outcome::Refused { reply: reply.to_owned() }
}

fn forever() -> Leave {
    Leave::until(tokio::time::Instant::now() + Duration::from_secs(3_600))
}

#[tokio::test]
async fn a_letter_is_sent_with_and_without_pipelining() {
    for extensions in ["8BITMIME", "PIPELINING"] {
        assert_eq!(outcome(extensions, letter("250 2.0.0 kept\r\n")).await, sent("250 2.0.0 kept"));
    }
}

#[tokio::test]
async fn letters_follow_each_other_on_one_connection() {
    let (one, bye) = (letter("250 kept\r\n"), vec![hear("QUIT"), say("221 bye\r\n")]);
    let peer = Peer::play([script(&[&hello("PIPELINING"), &one, &one, &one, &bye])]).await;
    let mut session = open(&peer).await;
    for _ in 0..3 {
        assert_eq!(send(&mut session).await, sent("250 kept"));
    }
    session.close().await;
    peer.heard().await;
}

/// A transaction that is begun before the letter ahead of it is answered, and what both are answered.
fn begun(answers: &str) -> Vec<Step> {
    let answered = letter("");
    let ahead = [&answered[..7], &[hear("MAIL"), hear("RCPT TO:<marie@client.test>"), hear("DATA")]].concat();
    script(&[&ahead, &[say(answers)]])
}

/// Sends the letter to Marie, and announces another one to this recipient.
async fn send_before(session: &mut Session, next: &str) -> Outcome {
    let (from, to, next) = (address("support@desk.test"), [address("marie@client.test")], [address(next)]);
    let (letter, next) = (Letter::new(Some(&from), &to, LETTER), Letter::new(Some(&from), &next, LETTER));
    let mut outcomes = session.send_while(&forever(), &letter, Some(&next)).await;
    outcomes.remove(0)
}

#[tokio::test]
async fn a_letter_is_begun_with_the_end_of_the_one_before_it() {
    let (both, last) = (begun("250 kept\r\n250 ok\r\n250 ok\r\n354 go\r\n"), letter("250 kept too\r\n"));
    let bye = [hear("QUIT"), say("221 bye\r\n")];
    let peer = Peer::play([script(&[&hello("PIPELINING"), &both, &last[6..], &bye])]).await;
    let mut session = open(&peer).await;
    assert_eq!(send_before(&mut session, "marie@client.test").await, sent("250 kept"));
    assert_eq!(send(&mut session).await, sent("250 kept too"));
    session.close().await;
    peer.heard().await;
}

#[tokio::test]
async fn each_of_two_letters_in_one_breath_has_its_own_answer() {
    for (answers, first, second) in [
        (
            "550 5.7.1 spam\r\n250 ok\r\n550 5.1.1 nobody\r\n554 no\r\n",
            refused("550 5.7.1 spam"),
            refused("550 5.1.1 nobody"),
        ),
        ("250 kept\r\n250 ok\r\n450 4.2.0 later\r\n503 no\r\n", sent("250 kept"), deferred("450 4.2.0 later")),
    ] {
        let peer = Peer::play([script(&[&hello("PIPELINING"), &begun(answers)])]).await;
        let mut session = open(&peer).await;
        assert_eq!(send_before(&mut session, "marie@client.test").await, first);
        assert_eq!(send(&mut session).await, second);
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_connection_on_which_another_letter_was_begun_is_given_up() {
    let first = hello("PIPELINING").into_iter().chain(letter("")).take(10);
    let first: Vec<Step> = first.chain([hear("MAIL"), hear("RCPT TO:<paul@client.test>"), hear("DATA")]).collect();
    let answers = say("250 kept\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    let second = script(&[&hello("PIPELINING"), &letter("250 kept too\r\n")]);
    let peer = Peer::play([script(&[&first, &[answers, Step::Ignore]]), second]).await;
    let mut session = open(&peer).await;
    assert_eq!(send_before(&mut session, "paul@client.test").await, sent("250 kept"));
    assert_eq!(send(&mut session).await, sent("250 kept too"));
    peer.heard().await;
}

#[tokio::test]
async fn nothing_is_said_into_a_letter_that_was_begun_and_does_not_come() {
    let answers = "250 kept\r\n250 ok\r\n250 ok\r\n354 go\r\n";
    let peer = Peer::play([script(&[&hello("PIPELINING"), &begun(answers), &[Step::Ignore]])]).await;
    let mut session = open(&peer).await;
    send_before(&mut session, "marie@client.test").await;
    session.close().await;
    let heard = peer.heard().await;
    assert!(!heard.iter().any(|line| line.contains("QUIT")), "{heard:?}");
}

#[tokio::test]
async fn refusals_at_each_phase_are_told_apart() {
    for phase in [mail, rcpt, data, letter] {
        assert_eq!(outcome("SIZE", phase("450 4.2.0 later\r\n")).await, deferred("450 4.2.0 later"));
    }
    for phase in [rcpt, data, letter] {
        assert_eq!(outcome("SIZE", phase("550 5.1.1 never\r\n")).await, refused("550 5.1.1 never"));
    }
    let not_you = "550 5.7.1 not you";
    let sender = || What::SenderRefused("support@desk.test".to_owned(), not_you.to_owned());
    assert_eq!(barred(outcome("SIZE", mail("550 5.7.1 not you\r\n")).await), (sender(), Barred::Sender));
}

#[tokio::test]
async fn a_refusal_that_is_about_more_than_the_letter_is_told_apart_at_each_phase() {
    for phase in [mail, rcpt, data, letter] {
        let login = barred(outcome("SIZE", phase("530 5.7.0 log in first\r\n")).await);
        assert_eq!(login, (What::LoginWanted("530 5.7.0 log in first".to_owned()), Barred::All));
        let quota = barred(outcome("SIZE", phase("550 5.7.232 enough\r\n")).await);
        assert_eq!(quota, (What::QuotaReached("550 5.7.232 enough".to_owned()), Barred::All));
        let (what, of) = barred(outcome("SIZE", phase("550 5.7.26 no SPF\r\n")).await);
        assert!(matches!(what, What::SenderRefused(..)) && of == Barred::Sender, "{what:?}");
    }
    for phase in [rcpt, data, letter] {
        let closing = barred(outcome("SIZE", phase("421 4.7.28 too much\r\n")).await);
        assert!(matches!(closing, (What::QuotaReached(_), Barred::All)), "{closing:?}");
    }
    let late = "553 5.7.1 <support@desk.test>: Sender address rejected: not yours\r\n";
    assert_eq!(barred(outcome("SIZE", rcpt(late)).await).1, Barred::Sender);
}

fn barred(outcome: Outcome) -> (What, Barred) {
    match outcome {
        Outcome::Barred { obstacle, of } => (obstacle.what().clone(), of),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_about_the_size_is_told_apart_wherever_it_comes() {
    for said in ["552 5.3.4 too big", "554 5.3.4 too big", "550 5.2.3 too long", "552 too big", "523 too long"] {
        for phase in [mail, letter] {
            assert_eq!(outcome("SIZE", phase(&format!("{said}\r\n"))).await, too_large(said, None));
        }
    }
    for said in ["552 5.2.2 mailbox full", "550 5.7.1 no 5.3.4"] {
        assert_eq!(outcome("SIZE", letter(&format!("{said}\r\n"))).await, refused(said));
    }
    let announced = "the letter has 22 bytes, and the relay takes at most 10 (SIZE)";
    assert_eq!(outcome("SIZE 10", vec![]).await, too_large(announced, Some(10)));
}

#[tokio::test]
async fn a_domain_goes_as_dns_has_it_and_a_name_that_is_not_ascii_says_why_it_cannot() {
    let script = script(&[
        &hello("8BITMIME"),
        &[hear("MAIL FROM:<>"), say("250 ok\r\n"), hear("RCPT TO:<marie@xn--bcher-kva.test>"), say("550 5.1.1 no\r\n")],
    ]);
    let peer = Peer::play([script]).await;
    let mut session = open(&peer).await;
    let to = |text: &str| [text.parse::<Address>().unwrap()];
    let outcomes = session.send(None, &to("marie@bücher.test"), LETTER).await;
    assert_eq!(outcomes, [refused("550 5.1.1 no")]);
    let outcomes = session.send(None, &to("élise@client.test"), LETTER).await;
    assert!(matches!(&outcomes[0], Outcome::Refused { reply } if reply.contains("SMTPUTF8")), "{outcomes:?}");
    peer.heard().await;
}

#[tokio::test]
async fn a_relay_that_closes_with_421_or_without_a_word_defers_until_the_final_dot() {
    for phase in [rcpt, data] {
        assert_eq!(outcome("SIZE", phase("421 4.3.2 restart\r\n")).await, deferred("421 4.3.2 restart"));
        assert_eq!(outcome("SIZE", phase("")).await, deferred("the relay closed the connection"));
        assert!(matches!(outcome("SIZE", phase("welcome\r\n")).await, Outcome::Deferred { .. }));
    }
    assert_eq!(outcome("SIZE", letter("421 4.3.2 restart\r\n")).await, deferred("421 4.3.2 restart"));
}

#[tokio::test]
async fn a_connection_cut_after_the_final_dot_leaves_the_letter_in_doubt() {
    for last in ["", "250", "hello\r\n", "354 again\r\n"] {
        for extensions in ["SIZE", "PIPELINING"] {
            let outcome = outcome(extensions, letter(last)).await;
            assert!(matches!(outcome, Outcome::InDoubt { .. }), "{last:?} {outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_relay_that_falls_silent_is_left_and_the_letter_judged_by_when() {
    let before = script(&[&hello("SIZE"), &letter("").split_off(0)[..3], &[Step::Ignore]]);
    let after = script(&[&hello("SIZE"), &letter(""), &[Step::Ignore]]);
    for (silent, is_in_doubt) in [(before, false), (after, true)] {
        let peer = Peer::play([silent]).await;
        let settings = Settings { timeout: Duration::from_millis(300), ..settings(&peer, Tls::None) };
        let mut session = Session::open(&settings).await.unwrap();
        let outcome = send(&mut session).await;
        assert_eq!(matches!(outcome, Outcome::InDoubt { .. }), is_in_doubt, "{outcome:?}");
        assert_eq!(matches!(outcome, Outcome::Deferred { .. }), !is_in_doubt, "{outcome:?}");
        // The next letter is not judged by a late answer to this one: there is no connection left to hear it on.
        assert_eq!(barred(send(&mut session).await).1, Barred::All);
    }
}

#[tokio::test]
async fn a_refused_recipient_does_not_stop_the_others() {
    for extensions in ["SIZE", "PIPELINING"] {
        let then = vec![
            hear("MAIL FROM:<>"),
            say("250 ok\r\n"),
            hear("RCPT TO:<a@x.test>"),
            say("550 5.1.1 nobody\r\n"),
            hear("RCPT TO:<b@x.test>"),
            say("250 ok\r\n"),
            hear("RCPT TO:<c@x.test>"),
            say("451 4.7.1 greylisted\r\n"),
            hear("DATA"),
            say("354 go on\r\n"),
            Step::HearLetter("hello"),
            say("250 kept\r\n"),
        ];
        let peer = Peer::play([script(&[&hello(extensions), &then])]).await;
        let recipients = ["a@x.test", "b@x.test", "c@x.test"].map(address);
        let outcomes = open(&peer).await.send(None, &recipients, LETTER).await;
        assert_eq!(outcomes, [refused("550 5.1.1 nobody"), sent("250 kept"), deferred("451 4.7.1 greylisted")]);
    }
}

#[tokio::test]
async fn a_relay_that_wants_a_letter_for_nobody_gets_an_empty_one_and_the_next_one_whole() {
    let nobody = |data: &str| {
        vec![hear("MAIL"), say("250 ok\r\n"), hear("RCPT"), say("550 nobody\r\n"), hear("DATA"), say(data)]
    };
    let wanted = script(&[&nobody("354 go on\r\n"), &[hear("."), say("554 no recipients\r\n")]]);
    let unwanted = script(&[&nobody("503 no recipients\r\n"), &[hear("RSET"), say("250 ok\r\n")]]);
    for first in [wanted, unwanted] {
        let peer = Peer::play([script(&[&hello("PIPELINING"), &first, &letter("250 kept\r\n")])]).await;
        let mut session = open(&peer).await;
        assert_eq!(send(&mut session).await, refused("550 nobody"));
        assert_eq!(send(&mut session).await, sent("250 kept"));
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_mail_refused_in_a_pipeline_leaves_no_answer_unread() {
    let first = vec![
        hear("MAIL"),
        say("550 not you\r\n"),
        hear("RCPT"),
        say("503 MAIL first\r\n"),
        hear("DATA"),
        say("503 MAIL first\r\n"),
    ];
    let peer = Peer::play([script(&[&hello("PIPELINING"), &first, &letter("250 kept\r\n")])]).await;
    let mut session = open(&peer).await;
    assert_eq!(barred(send(&mut session).await).1, Barred::Sender);
    assert_eq!(send(&mut session).await, sent("250 kept"));
}

#[tokio::test]
async fn an_idle_connection_that_the_relay_closed_costs_no_attempt() {
    let kept = letter("250 kept\r\n");
    let closed_by_421 = script(&[&hello("SIZE"), &kept, &[say("421 idle too long\r\n")]]);
    let closed = script(&[&hello("PIPELINING"), &kept]);
    for first in [closed_by_421, closed] {
        let peer = Peer::play([first, script(&[&hello("SIZE"), &kept])]).await;
        let mut session = open(&peer).await;
        assert_eq!(send(&mut session).await, sent("250 kept"));
        assert_eq!(send(&mut session).await, sent("250 kept"));
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_relay_that_closes_each_new_connection_defers() {
    let tired = script(&[&hello("SIZE"), &[hear("MAIL"), say("421 too busy\r\n")]]);
    let peer = Peer::play([tired.clone(), tired]).await;
    assert_eq!(send(&mut open(&peer).await).await, deferred("421 too busy"));
    peer.heard().await;
}

#[tokio::test]
async fn extensions_are_used_where_offered_and_needed() {
    let peer = Peer::play([script(&[
        &hello("SMTPUTF8,8BITMIME,SIZE 100"),
        &[
            hear("MAIL FROM:<support@desk.test> SIZE=18 BODY=8BITMIME SMTPUTF8"),
            say("550 no\r\n"),
            hear("MAIL FROM:<support@desk.test> SIZE=18 BODY=8BITMIME"),
            say("550 no\r\n"),
        ],
    ])])
    .await;
    let mut session = open(&peer).await;
    let bytes = "Subject: x\r\n\r\né\r\n".as_bytes();
    for recipient in ["é@x.test", "e@x.test"] {
        session.send(Some(&address("support@desk.test")), &[address(recipient)], bytes).await;
    }
    let too_large = session.send(None, &[address("e@x.test")], &[b'x'; 101]).await;
    assert!(matches!(&too_large[0], Outcome::TooLarge { bytes_max: Some(100), .. }), "{too_large:?}");
    let heard = peer.heard().await;
    assert!(!heard.last().unwrap().contains("SMTPUTF8"), "{heard:?}");
}

#[tokio::test]
async fn extensions_are_read_however_they_are_written() {
    let odd = "250-\r\n250- \u{b}\r\n250-=\r\n250-\u{a0}\r\n250-pipelining\r\n250 8bitMIME\r\n";
    let then = [
        hear("MAIL FROM:<> BODY=8BITMIME"),
        hear("RCPT TO:<a..b@[192.0.2.1]>"),
        hear("DATA"),
        say("250 ok\r\n250 ok\r\n354 go on\r\n"),
        Step::HearLetter("é"),
        say("250 kept\r\n"),
    ];
    let peer = Peer::play([script(&[&[say("220\n"), hear("EHLO"), say(odd)], &then])]).await;
    let outcomes = open(&peer).await.send(None, &[address("a..b@[192.0.2.1]")], "\r\n\r\né".as_bytes()).await;
    assert_eq!(outcomes, [sent("250 kept")]);
    peer.heard().await;
}

#[tokio::test]
async fn what_the_relay_does_not_offer_is_refused_for_those_who_need_it() {
    let peer = Peer::play([script(&[&hello("SIZE"), &letter("250 kept\r\n")])]).await;
    let mut session = open(&peer).await;
    let recipients = ["é@x.test", "marie@client.test"].map(address);
    let outcomes = session.send(Some(&address("support@desk.test")), &recipients, LETTER).await;
    assert!(matches!(&outcomes[0], Outcome::Refused { reply } if reply.contains("SMTPUTF8")), "{outcomes:?}");
    assert_eq!(outcomes[1], sent("250 kept"));
    let header = session.send(None, &recipients[1..], "Subject: é\r\n\r\n".as_bytes()).await;
    assert!(matches!(&header[0], Outcome::Refused { reply } if reply.contains("8BITMIME")), "{header:?}");
}

#[tokio::test]
async fn logins_use_what_is_offered() {
    let plain =
        script(&[&hello("AUTH LOGIN PLAIN"), &[hear("AUTH PLAIN AHN1cHBvcnQAaHVudGVyMg=="), say("235 welcome\r\n")]]);
    let login = script(&[
        &hello("AUTH=LOGIN"),
        &[
            hear("AUTH LOGIN"),
            say("334 VXNlcm5hbWU6\r\n"),
            hear("c3VwcG9ydA=="),
            say("334 UGFzc3dvcmQ6\r\n"),
            hear("aHVudGVyMg=="),
            say("235 welcome\r\n"),
        ],
    ]);
    for script in [plain, login] {
        let peer = Peer::play([script]).await;
        Session::open(&with_login(&peer, Tls::None)).await.unwrap();
        peer.heard().await;
    }
}

#[tokio::test]
async fn a_refused_login_is_told_apart_and_quotes_no_password() {
    for (answer, is_login) in [
        ("535 wrong: AHN1cHBvcnQAaHVudGVyMg== is hunter2\r\n", true),
        ("454 4.7.0 directory down\r\n", false),
        ("421 too often: AHN1cHBvcnQAaHVudGVyMg== is hunter2\r\n", false),
        ("AHN1cHBvcnQAaHVudGVyMg== is hunter2\r\n", false),
    ] {
        let peer = Peer::play([script(&[&hello("AUTH PLAIN"), &[hear("AUTH"), say(answer)]])]).await;
        let failure = Session::open(&with_login(&peer, Tls::None)).await.unwrap_err();
        assert_eq!(matches!(failure.what(), What::LoginRefused(_)), is_login, "{failure}");
        assert!(!failure.to_string().contains("hunter2") && !failure.to_string().contains("AHN1"), "{failure}");
    }
    let peer = Peer::play([hello("AUTH GSSAPI")]).await;
    let failure = Session::open(&with_login(&peer, Tls::None)).await.unwrap_err();
    assert_eq!(failure.what(), &What::NoMechanism("GSSAPI".to_owned()));
}

#[tokio::test]
async fn a_relay_that_offers_no_login_may_take_letters_without_and_hears_no_password() {
    let peer = Peer::play([script(&[&hello("SIZE"), &letter("250 kept\r\n")])]).await;
    let mut session = Session::open(&with_login(&peer, Tls::None)).await.unwrap();
    assert!(!session.offers_login());
    assert_eq!(send(&mut session).await, sent("250 kept"));
    let wants_one = [hear("MAIL FROM"), say("530 5.7.0 log in first\r\n")];
    let peer = Peer::play([script(&[&hello("SIZE"), &wants_one])]).await;
    let mut session = Session::open(&with_login(&peer, Tls::None)).await.unwrap();
    let Outcome::Barred { obstacle, of: Barred::All } = send(&mut session).await else { panic!("no letter fails") };
    assert!(obstacle.remedy().contains("where a login is offered (usually 465"), "{}", obstacle.remedy());
}

#[tokio::test]
async fn a_relay_that_does_not_want_us_is_a_failure_of_its_own() {
    for (greeting, what) in [
        ("421 busy\r\n", What::NotNow("421 busy".to_owned())),
        ("554 not you\r\n", What::Unwelcome("554 not you".to_owned())),
    ] {
        let peer = Peer::play([vec![say(greeting)]]).await;
        let failure = Session::open(&settings(&peer, Tls::None)).await.unwrap_err();
        assert_eq!(failure.what(), &what);
    }
    let refused = vec![say("220 hello\r\n"), hear("EHLO"), say("550 who is desk.test\r\n")];
    let peer = Peer::play([refused]).await;
    let failure = Session::open(&settings(&peer, Tls::None)).await.unwrap_err();
    assert!(failure.remedy().contains("helo"), "{}", failure.remedy());
}

#[tokio::test]
async fn tls_is_spoken_from_the_start_or_after_starttls() {
    let letter = letter("250 kept\r\n");
    let implicit = script(&[&[Step::Secure], &hello("PIPELINING"), &letter]);
    let clear = script(&[&hello("STARTTLS,AUTH PLAIN"), &[hear("STARTTLS"), say("220 go\r\n"), Step::Secure]]);
    let start_tls = script(&[&clear, &hello("PIPELINING")[1..], &letter]);
    for (tls, script) in [(Tls::Implicit, implicit), (Tls::StartTls, start_tls)] {
        let peer = Peer::play([script]).await;
        let mut session = Session::open(&settings(&peer, tls)).await.unwrap();
        assert_eq!(send(&mut session).await, sent("250 kept"));
        let heard = peer.heard().await;
        assert!(!heard.iter().any(|line| line.contains("AUTH")), "{heard:?}");
    }
}

#[tokio::test]
async fn starttls_is_never_done_without() {
    let start = |answer: &str| script(&[&hello("STARTTLS,AUTH PLAIN"), &[hear("STARTTLS"), say(answer)]]);
    for script in [
        hello("AUTH PLAIN"),
        start("454 not now\r\n"),
        start("220 go\r\n250-relay.test\r\n250 AUTH PLAIN\r\n"),
        script(&[&start("220 go\r\n"), &[Step::Secure]]),
    ] {
        let peer = Peer::play_as("elsewhere.test", [script]).await;
        let failure = Session::open(&with_login(&peer, Tls::StartTls)).await.unwrap_err();
        let insecure = [What::NoStartTls, What::Injected];
        let is_refused = matches!(failure.what(), What::StartTlsRefused(_) | What::Certificate(_));
        assert!(is_refused || insecure.contains(failure.what()), "{failure}");
        let heard = peer.heard().await;
        assert!(!heard.iter().any(|line| line.contains("AUTH")), "{heard:?}");
    }
}

/// A gateway that was paused does not know it: the letter may have left by another one meanwhile.
#[tokio::test]
async fn whoever_has_no_leave_any_more_does_not_end_the_letter() {
    for extensions in ["", "PIPELINING"] {
        let peer = Peer::play([script(&[&hello(extensions), &data("354 go\r\n")])]).await;
        let over = Leave::until(tokio::time::Instant::now());
        let outcomes = open(&peer)
            .await
            .send_while(&over, &Letter::new(None, &[address("marie@client.test")], LETTER), None)
            .await;
        assert!(
            matches!(&outcomes[..], [Outcome::Deferred { reply }] if reply.contains("somebody else")),
            "{outcomes:?}"
        );
        let heard = peer.heard().await;
        assert!(heard.iter().all(|line| !line.contains("Subject") && line != "."), "{heard:?}");
    }
}

#[tokio::test]
async fn letters_go_to_memory_and_to_files_with_their_envelopes() {
    let (from, to) = (address("support@desk.test"), [address("marie@client.test")]);
    let list = std::sync::Arc::default();
    let folder = tempfile::tempdir().unwrap();
    for transport in [Transport::Memory(std::sync::Arc::clone(&list)), Transport::File(folder.path().to_owned())] {
        let mut connection = transport.open().await.unwrap();
        for _ in 0..2 {
            let outcomes = connection.send(&forever(), &Letter::new(Some(&from), &to, LETTER), None).await;
            assert!(matches!(outcomes[..], [Outcome::Sent { .. }]));
        }
        connection.close().await;
    }
    let mail = SentMail { return_path: Some(from), recipients: to.to_vec(), bytes: LETTER.to_vec() };
    assert_eq!(*list.lock().unwrap(), [mail.clone(), mail]);
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Gives out one token for ever.
#[derive(Debug)]
struct Token;

impl net::Bearer for Token {
    fn token(&self) -> BoxFuture<'_, Result<SecretString, net::Obstacle>> {
        Box::pin(ready(Ok("token-1".to_owned().into())))
    }

    fn refused<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, bool> {
        Box::pin(ready(false))
    }
}

#[tokio::test]
async fn a_relay_that_refuses_a_token_hears_us_out_and_is_told_apart_from_one_that_refuses_a_password() {
    let by_token = |peer: &Peer| Settings {
        login: Some(Login::by_token("support", Arc::new(Token))),
        ..settings(peer, Tls::None)
    };
    let auth = hear("AUTH XOAUTH2 dXNlcj1zdXBwb3J0AWF1dGg9QmVhcmVyIHRva2VuLTEBAQ==");
    let taken = [auth.clone(), say("235 2.7.0 welcome\r\n")];
    let peer = Peer::play([script(&[&hello("AUTH LOGIN XOAUTH2"), &taken])]).await;
    Session::open(&by_token(&peer)).await.unwrap();
    peer.heard().await;

    let off = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.\r\n";
    let refused = [auth, say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n"), hear(""), say(off)];
    let peer = Peer::play([script(&[&hello("AUTH XOAUTH2"), &refused])]).await;
    let obstacle = Session::open(&by_token(&peer)).await.unwrap_err();
    assert!(matches!(obstacle.what(), What::TokenRefused(_)), "{obstacle}");
    assert!(obstacle.remedy().contains("Set-TransportConfig"), "{}", obstacle.remedy());
    peer.heard().await;

    let peer = Peer::play([hello("AUTH PLAIN")]).await;
    let obstacle = Session::open(&by_token(&peer)).await.unwrap_err();
    assert!(matches!(obstacle.what(), What::NoMechanism(_)), "{obstacle}");
}
