//! Whoever marks a letter of ours as junk gets no automatic one any more, and still our people's answers.

use guichet::desk::{LedgerId, Outcome, TicketNumber};

use crate::cast::{ALICE, DESK, MARIE, PAUL};
use crate::client::Received;
use crate::stage::Stage;

/// An abuse report about this letter (RFC 5965), as a provider's feedback loop sends it.
fn complaint(about: &Received, recipient: &str) -> Vec<u8> {
    let original = String::from_utf8_lossy(&about.bytes).into_owned();
    format!(
        "Return-Path: <fbl@provider.test>\r\nDelivered-To: {DESK}\r\nDate: Mon, 3 Aug 2026 10:00:05 -0400\r\nFrom: \
         <fbl@provider.test>\r\nTo: {DESK}\r\nSubject: FW: letter\r\nMessage-ID: <arf.{}@provider.test>\r\nMIME-Version: \
         1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=arf\r\n\r\n--arf\r\nContent-Type: \
         text/plain\r\n\r\nThis is an email abuse report.\r\n--arf\r\nContent-Type: \
         message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: \
         <{recipient}>\r\n\r\n--arf\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--arf--\r\n",
        original.len()
    )
    .into_bytes()
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

#[tokio::test]
async fn automatic_letters_are_held_agents_are_told_once_and_answers_still_go() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus.")).await;
    let acknowledged = stage.last_to(MARIE.address);
    let before = count_to(&stage, ALICE.address);
    stage.raw_mails(&[&complaint(&acknowledged, MARIE.address)]).await;
    let line = stage.gateway.store.ledger_line(LedgerId(2)).await.unwrap().unwrap();
    assert_eq!(line.outcome, Some(Outcome::Ticket(TicketNumber(1))), "{}", stage.story());
    let told = stage.last_to(ALICE.address).mail.body.text;
    assert!(told.contains("marie@client.test a marqué une de nos lettres"), "{told}");
    stage.raw_mails(&[&complaint(&acknowledged, "somebody@provider.test")]).await;
    assert_eq!(count_to(&stage, ALICE.address), before + 1, "told once: {}", stage.story());
    assert_eq!(count_to(&stage, "fbl@provider.test"), 0, "a report is never answered");

    let before = count_to(&stage, MARIE.address);
    stage.mail(&MARIE.writes("Écran", "Bonjour, l'écran est noir.")).await;
    assert_eq!(count_to(&stage, MARIE.address), before, "{}", stage.story());
    let new = stage.last_to(ALICE.address);
    assert!(new.mail.body.text.contains("indésirable"), "{}", new.mail.body.text);
    let status = stage.gateway.store.status().await.unwrap();
    assert_eq!((status.held_by_brakes, status.silenced), (vec![("complaint".to_owned(), 1)], 1));

    stage.mail(&ALICE.answers(&new, "Est-il branché ?")).await;
    assert_eq!(count_to(&stage, MARIE.address), before + 1, "a person's words leave");

    let marie = MARIE.address.parse().unwrap();
    let silenced = stage.gateway.store.silenced().await.unwrap();
    assert_eq!(silenced.iter().map(|(address, _)| address.as_str()).collect::<Vec<_>>(), [MARIE.address]);
    assert!(stage.gateway.store.lift_silence(&marie).await.unwrap());
    assert!(!stage.gateway.store.lift_silence(&marie).await.unwrap(), "there is nothing to lift");
    stage.mail(&MARIE.writes("Souris", "Bonjour, la souris aussi.")).await;
    assert!(stage.last_to(MARIE.address).mail.subject.contains("R-000003"), "acknowledged again");
}

#[tokio::test]
async fn nobody_is_silenced_by_a_report_that_cites_no_letter_or_one_with_several_readers() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus.").cc(&[PAUL.address])).await;
    let mut forged = stage.last_to(MARIE.address);
    forged.bytes = b"From: support@desk.test\r\nTo: marie@client.test\r\nMessage-ID: <R000001.1.r.1.AAAAAAAAAAAAAAAA@desk.test>\r\n\r\nx\r\n".to_vec();
    stage.raw_mails(&[&complaint(&forged, MARIE.address)]).await;
    assert_eq!(stage.gateway.store.status().await.unwrap().silenced, 0, "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Est-il branché ?")).await;
    let to_both = stage.last_to(MARIE.address);
    stage.raw_mails(&[&complaint(&to_both, MARIE.address)]).await;
    assert_eq!(stage.gateway.store.status().await.unwrap().silenced, 0, "either may have complained");
}
