//! What proves the author of each mail stands in the ledger, and by what.

use std::sync::Arc;

use guichet::desk::{Judged, LedgerId, Outcome, Proof, Reason};
use guichet::gateway::{AuthenticationBy, TakenIn, TimeSource};
use guichet::mail::Authentication::{self, Failed, Passed, Unverified};
use guichet::mail::authenticity::{self, Border};
use guichet::store::{LedgerLine, Received, Settings, Store};
use jiff::Timestamp;
use sqlx::Connection;

use crate::cast::{ALICE, BOB, MARIE};
use crate::client::Verdict;
use crate::house;
use crate::stage::Stage;

async fn line(stage: &Stage, ledger: i64) -> LedgerLine {
    stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap()
}

async fn proof(stage: &Stage, ledger: i64) -> Proof {
    line(stage, ledger).await.proof.unwrap()
}

async fn take_in(stage: &Stage) {
    while stage.gateway.take_in().await.unwrap() != TakenIn::Nothing {}
}

fn by_header(authentication: Authentication, reason: authenticity::Reason) -> Proof {
    Proof::Header(Judged { authentication, reason })
}

fn dmarc(authentication: Authentication, result: &str) -> Proof {
    let reason = authenticity::Reason::Dmarc { result: result.to_owned(), domain: "client.test".to_owned() };
    by_header(authentication, reason)
}

#[tokio::test]
async fn what_the_border_wrote_is_kept_with_its_reason() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Clavier", "Le clavier n'écrit plus.");
    for (verdict, at) in [(Verdict::Pass, 1), (Verdict::Fail, 2), (Verdict::None, 3)] {
        stage.mail(&request.clone().again(at).judged(verdict)).await;
    }
    assert_eq!(proof(&stage, 1).await, dmarc(Passed, "pass"));
    assert_eq!(proof(&stage, 2).await, dmarc(Failed, "fail"));
    assert_eq!(proof(&stage, 3).await, by_header(Unverified, authenticity::Reason::NoResults));
    assert_eq!(proof(&stage, 2).await.to_string(), "dmarc=fail of client.test");
}

#[tokio::test]
async fn in_a_closed_network_the_ledger_says_that_the_token_decides() {
    let mut stage = Stage::new().await;
    stage.mailbox("closed");
    stage.mail(&MARIE.writes("Clavier", "Le clavier n'écrit plus.")).await;
    assert_eq!(proof(&stage, 1).await, Proof::Token);
}

#[tokio::test]
async fn nothing_proves_the_author_of_a_mail_whose_mailbox_is_not_in_the_configuration() {
    let mut stage = Stage::new().await;
    stage.mailbox("gone");
    stage.mail(&MARIE.writes("Clavier", "Le clavier n'écrit plus.")).await;
    assert_eq!(proof(&stage, 1).await, Proof::Nothing);
}

/// An agent answers the first letter, and nothing says that it was the agent.
async fn answered_without_proof() -> Stage {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Le clavier n'écrit plus.")).await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&letter, "Branchez le câble.").judged(Verdict::None)).await;
    stage
}

#[tokio::test]
async fn a_colleague_who_lets_a_mail_out_of_quarantine_vouches_for_it() {
    let mut stage = answered_without_proof().await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#release")).await;
    assert_eq!(proof(&stage, 2).await, Proof::Release, "{}", stage.story());
}

#[tokio::test]
async fn an_author_who_answers_the_challenge_has_proven_the_mail() {
    let mut stage = answered_without_proof().await;
    let challenge = stage.last_to(ALICE.address);
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    let code = challenge.mail.body.text.split_whitespace().find(is_code).unwrap().to_owned();
    stage.mail(&ALICE.answers(&challenge, &code).judged(Verdict::None)).await;
    assert_eq!(proof(&stage, 2).await, Proof::Challenge, "{}", stage.story());
    assert_eq!(proof(&stage, 3).await, by_header(Unverified, authenticity::Reason::NoResults));
}

#[tokio::test]
async fn once_the_border_is_named_right_a_mail_that_is_tried_again_is_judged_anew() {
    let mut stage = Stage::new().await;
    let right = stage.gateway.mailboxes[0].authentication.clone();
    stage.gateway.mailboxes[0].authentication = AuthenticationBy::Header(Border::named("mx.typo.test"));
    stage.mail(&ALICE.writes("Clavier", "#liste")).await;
    assert_eq!(line(&stage, 1).await.outcome, Some(Outcome::Quarantine(Reason::AgentUnverified)));
    assert_eq!(proof(&stage, 1).await, by_header(Unverified, authenticity::Reason::NoResults));

    stage.gateway.mailboxes[0].authentication = right;
    stage.gateway.store.ledger_retry(LedgerId(1)).await.unwrap();
    assert_eq!(line(&stage, 1).await.proof, None);
    take_in(&stage).await;
    assert_eq!(proof(&stage, 1).await.authentication(), Passed);
    assert_eq!(line(&stage, 1).await.outcome, Some(Outcome::Suppressed(Reason::OnlyAsked)));
}

#[tokio::test]
async fn a_mail_that_the_operator_lets_out_needs_no_border() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Clavier", "Le clavier n'écrit plus.").judged(Verdict::Fail)).await;
    assert_eq!(proof(&stage, 1).await.authentication(), Failed);
    stage.gateway.store.ledger_release(LedgerId(1)).await.unwrap();
    assert_eq!(line(&stage, 1).await.proof, None);
    take_in(&stage).await;
    assert_eq!(proof(&stage, 1).await, Proof::Release);
}

#[tokio::test]
async fn what_stands_in_the_row_before_the_decision_is_what_is_decided_by() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("guichet.db").display());
    let now: Timestamp = "2026-08-03T13:00:00Z".parse().unwrap();
    let store = Store::open(&Settings { url: url.clone() }).await.unwrap();
    let raw = ALICE.writes("Clavier", "#liste").judged(Verdict::None).bytes();
    let mail = Received {
        mailbox: "support".to_owned(),
        uid: Some((1, 1)),
        raw_sha256: None,
        size: raw.len() as u64,
        raw: raw.into(),
        internal_date: now,
        received_at: now,
        answered: false,
    };
    let ledger = store.record(&[mail]).await.unwrap()[0].unwrap();
    store.close().await;

    let found = r#"{"by":"header","authentication":"passed","reason":"login","account":"alice@helpdesk.test"}"#;
    let mut rows = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("update ledger set proof = $1").bind(found).execute(&mut rows).await.unwrap();
    rows.close().await.unwrap();

    let gateway = house::gateway(&url, house::policy(), Arc::default(), TimeSource::standing(now)).await;
    while gateway.take_in().await.unwrap() != TakenIn::Nothing {}
    let line = gateway.store.ledger_line(ledger).await.unwrap().unwrap();
    assert_eq!(line.outcome, Some(Outcome::Suppressed(Reason::OnlyAsked)));
    let account = "alice@helpdesk.test".to_owned();
    assert_eq!(line.proof, Some(by_header(Passed, authenticity::Reason::Login { account })));
}
