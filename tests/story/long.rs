//! Tickets on which much was written: nothing falls out of what the desk knows of them.

use guichet::desk::TicketNumber;

use crate::cast::{ACME, ALICE, L2, MARIE};
use crate::client::Mail;
use crate::stage::Stage;

const ASKED: &str = "Bonjour, la balance de la réception affiche trois grammes de trop depuis le déménagement.";
const NOTE: &str =
    "Cette balance a été achetée d'occasion sans facture, et la directrice ne veut pas que cela se sache.";

/// Marie asked, and goes on to write.
async fn after_many_mails(before: &[&str]) -> Stage {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Balance", ASKED)).await;
    for words in before {
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), words)).await;
    }
    let letter = stage.last_to(MARIE.address);
    let mails: Vec<Mail> =
        (0..70).map(|at| MARIE.answers(&letter, &format!("Relevé {at} : toujours pareil."))).collect();
    stage.mails(&mails.iter().collect::<Vec<_>>()).await;
    stage
}

#[tokio::test]
async fn what_was_asked_first_is_the_request_however_much_follows() {
    let mut stage = after_many_mails(&[]).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2")).await;
    let told = stage.last_to(L2).mail.body.text;
    assert!(told.contains("trois grammes de trop"), "{told}");
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L3 acme")).await;
    let told = stage.last_to(ACME).mail.body.text;
    assert!(told.contains("trois grammes de trop") && !told.contains("Relevé"), "{told}");
}

#[tokio::test]
async fn a_note_of_long_ago_still_holds_the_answer_that_repeats_it() {
    let mut stage = after_many_mails(&[&format!("#note\n{NOTE}")]).await;
    let before = stage.letters().iter().filter(|(sent, _)| sent.recipients[0].as_str() == MARIE.address).count();
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("Bonjour Marie. {NOTE}"))).await;
    let after = stage.letters().iter().filter(|(sent, _)| sent.recipients[0].as_str() == MARIE.address).count();
    assert_eq!(after, before, "{}", stage.last_to(MARIE.address).mail.body.text);
}

#[tokio::test]
async fn an_answer_to_a_letter_of_long_ago_reaches_who_asked() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Balance", ASKED)).await;
    let first = stage.last_to(ALICE.address);
    let letter = stage.last_to(MARIE.address);
    let mails: Vec<Mail> = (0..70).map(|at| MARIE.answers(&letter, &format!("Relevé {at}."))).collect();
    stage.mails(&mails.iter().collect::<Vec<_>>()).await;
    stage.mail(&ALICE.answers(&first, "Posez-la bien à plat, loin du chauffage.")).await;
    let told = stage.last_to(MARIE.address).mail.body.text;
    assert!(told.contains("bien à plat"), "{told}");
}

#[tokio::test]
async fn a_name_that_was_signed_long_ago_is_still_no_vendors_to_read() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Balance", ASKED)).await;
    let mut signed = MARIE.answers(&stage.last_to(MARIE.address), "");
    signed.text = "Elle affiche maintenant quatre grammes.\n\nCordialement,\nMimi Tremblay-Desrosiers".to_owned();
    stage.before(&signed).await;
    let letter = stage.last_to(MARIE.address);
    let mails: Vec<Mail> = (0..70).map(|at| MARIE.answers(&letter, &format!("Relevé {at}."))).collect();
    stage.mails(&mails.iter().collect::<Vec<_>>()).await;
    let brief = "#escalate L3 acme\nThe scale of Mimi Desrosiers shows too much.";
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), brief)).await;
    let told = stage.last_to(ACME).mail.body.text;
    assert!(told.contains("shows too much") && !told.contains("Desrosiers"), "{told}");
    let shown = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap();
    let requester = &shown.contacts[&shown.ticket.requester.unwrap()];
    assert_eq!(requester.name.as_deref(), Some(MARIE.name));
}
