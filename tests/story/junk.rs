//! What the mail server takes for junk: answers to us and people whom we know come through, and the rest stands in one list a day.

use guichet::desk::{LedgerId, Outcome};
use guichet::store::{MailboxStatus, Received};
use jiff::SignedDuration;

use crate::cast::{ALICE, BOB, DESK, MARIE, STRANGER, TOM};
use crate::client::{Person, Verdict};
use crate::stage::Stage;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Where a mail stands.
async fn outcome(stage: &Stage, ledger: i64) -> String {
    let line = stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap();
    match line.outcome.unwrap() {
        Outcome::Ticket(ticket) => ticket.to_string(),
        Outcome::Quarantine(reason) => format!("quarantine {}", reason.code()),
        Outcome::Suppressed(reason) => format!("suppressed {}", reason.code()),
    }
}

fn letters_to(stage: &Stage, person: &Person) -> usize {
    let is_to = |recipients: &[guichet::mail::Address]| recipients.iter().any(|to| to.as_str() == person.address);
    stage.letters().iter().filter(|(sent, _)| is_to(&sent.recipients)).count()
}

#[tokio::test]
async fn a_strangers_mail_is_told_in_one_list_a_day_and_an_agent_lets_it_in() {
    let mut stage = Stage::new().await;
    stage.mailbox("support/junk");
    stage.mail(&STRANGER.writes("Votre devis", "Bonjour, voici le devis que vous attendez.")).await;
    stage.mail(&TOM.writes("Win a printer", "Click here.").judged(Verdict::None)).await;
    assert_eq!(outcome(&stage, 1).await, "quarantine junk");
    stage.wait(HOUR * 8).await;
    assert!(stage.letters().is_empty(), "neither acknowledged, nor told at once, nor called out: {}", stage.story());
    let status = stage.gateway.store.status().await.unwrap();
    assert_eq!((status.quarantined, status.junk), (0, 2));

    stage.wait(HOUR * 16).await;
    let list = stage.last_to(ALICE.address);
    let (listed, _) = list.mail.body.text.rsplit_once("\n\nGuichet").unwrap();
    insta::assert_snapshot!(listed);
    assert_eq!((letters_to(&stage, &ALICE), letters_to(&stage, &BOB)), (1, 1));
    stage.wait(HOUR * 48).await;
    assert_eq!(letters_to(&stage, &ALICE), 1, "told once");

    stage.mailbox("support");
    stage.mail(&ALICE.answers(&list, "#libérer 1")).await;
    assert_eq!(outcome(&stage, 1).await, "R-000001", "{}", stage.story());
    assert_eq!(letters_to(&stage, &STRANGER), 0, "what was let in is for the desk to answer");
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Merci, c'est reçu.")).await;
    assert_eq!(letters_to(&stage, &STRANGER), 1, "{}", stage.story());
    assert_eq!(stage.gateway.store.status().await.unwrap().junk, 1);
}

#[tokio::test]
async fn whoever_asked_before_is_taken_in_when_the_author_is_proven() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus.")).await;
    stage.mailbox("support/junk");
    stage.mail(&MARIE.writes("Souris", "Bonjour, la souris ne clique plus.")).await;
    assert_eq!(outcome(&stage, 2).await, "R-000002", "{}", stage.story());
    assert!(stage.last_to(MARIE.address).mail.subject.contains("R-000002"), "acknowledged");
    stage.mail(&MARIE.writes("Facture", "Payez ici.").judged(Verdict::None)).await;
    stage.mail(&MARIE.writes("Rappel", "Payez ici.").judged(Verdict::Fail)).await;
    assert_eq!(outcome(&stage, 3).await, "quarantine junk");
    assert_eq!(outcome(&stage, 4).await, "quarantine junk");
}

#[tokio::test]
async fn a_token_of_ours_is_taken_in_whoever_bears_it() {
    let mut stage = Stage::new().await;
    stage.mail(&TOM.writes("Keyboard", "Hello, the keyboard does not write any more.")).await;
    stage.mailbox("support/junk");
    let answer = TOM.answers(&stage.last_to(TOM.address), "It is the one by the window.");
    stage.mail(&answer.judged(Verdict::None)).await;
    assert_eq!(outcome(&stage, 2).await, "R-000001", "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Which window?")).await;
    assert!(stage.last_to(TOM.address).mail.body.text.contains("Which window?"), "an agent is no stranger");
}

#[tokio::test]
async fn spam_makes_nobody_known() {
    let mut stage = Stage::new().await;
    stage.mail(&STRANGER.writes("Buy now", "Buy this printer now.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#spam")).await;
    stage.mailbox("support/junk");
    stage.mail(&STRANGER.writes("Buy it today", "Buy this printer today.")).await;
    assert_eq!(outcome(&stage, 3).await, "quarantine junk");
}

#[tokio::test]
async fn whoever_claims_to_be_one_of_us_gets_no_challenge_there() {
    let mut stage = Stage::new().await;
    stage.mailbox("support/junk");
    stage.mail(&ALICE.writes("Urgent", "Bonjour, cliquez ici.").judged(Verdict::Fail)).await;
    assert_eq!(outcome(&stage, 1).await, "quarantine junk");
    assert!(stage.letters().is_empty(), "{}", stage.story());
    stage.wait(HOUR * 24).await;
    stage.mailbox("support");
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#release 1")).await;
    assert_eq!(outcome(&stage, 1).await, "R-000001", "a colleague lets it in, for the desk alone: {}", stage.story());
}

#[tokio::test]
async fn what_has_no_effect_anywhere_stands_in_no_list() {
    let mut stage = Stage::new().await;
    stage.mailbox("support/junk");
    let news = STRANGER.writes("News of the week", "Ten new printers.").to(&["readers@elsewhere.test"]);
    stage.mail(&news.with("List-Id", "<readers.elsewhere.test>").with("Precedence", "bulk")).await;
    assert_eq!(outcome(&stage, 1).await, "suppressed list");
    stage.wait(HOUR * 24).await;
    assert!(stage.letters().is_empty(), "{}", stage.story());
}

#[tokio::test]
async fn a_months_junk_that_stood_there_before_is_in_no_list() {
    let mut stage = Stage::new().await;
    stage.later(HOUR * 24 * 30);
    let now = stage.gateway.time.now();
    let watching = MailboxStatus {
        name: "support/junk".to_owned(),
        state: "watching".to_owned(),
        last_exchange: Some(now),
        uid_validity: Some(1),
        waiting: 0,
        waiting_since: None,
        trouble: None,
        uid_next: None,
        unseen: 0,
    };
    stage.gateway.store.tell_mailbox(&watching, now).await.unwrap();
    let came = |uid: u32, ago: SignedDuration| Received {
        mailbox: "support/junk".to_owned(),
        uid: Some((1, uid)),
        raw: STRANGER.writes(&format!("Offre {uid}"), "Cliquez ici.").bytes().into(),
        raw_sha256: None,
        size: 100,
        internal_date: now - ago,
        received_at: now,
        answered: false,
    };
    stage.gateway.store.record(&[came(1, HOUR * 30), came(2, HOUR * 20)]).await.unwrap();
    stage.look().await;
    assert_eq!(outcome(&stage, 1).await, "suppressed before_first_start");
    assert_eq!(outcome(&stage, 2).await, "quarantine junk");
}

#[tokio::test]
async fn whoever_moves_a_mail_out_of_the_junk_has_said_that_it_is_none() {
    let mut stage = Stage::new().await;
    let mail = STRANGER.writes("Votre devis", "Bonjour, voici le devis que vous attendez.").to(&[DESK]);
    stage.mailbox("support/junk");
    stage.mail(&mail).await;
    stage.mailbox("support");
    stage.mail(&mail).await;
    assert_eq!(
        (outcome(&stage, 1).await.as_str(), outcome(&stage, 2).await.as_str()),
        ("suppressed duplicate", "R-000001")
    );
    assert_eq!(letters_to(&stage, &STRANGER), 1, "acknowledged");
    stage.mailbox("support/junk");
    stage.mail(&mail).await;
    assert_eq!(outcome(&stage, 3).await, "suppressed duplicate", "and one that came both ways is one request");
    stage.wait(HOUR * 24).await;
    assert!(!stage.last_to(ALICE.address).mail.subject.contains("indésirable"), "{}", stage.story());
}
