//! A relay gives each letter another Message-ID, as Amazon SES and Outlook.com do. Who answers may cite that one alone: a phone
//! that drops References, an address book that drops the sub-address.

use guichet::desk::TicketNumber;

use crate::cast::{ALICE, DESK, MARIE, STRANGER};
use crate::client::{Mail, Person, Received, bounce};
use crate::stage::Stage;

const GIVEN: &str = "010d0190a1b2c3d4-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9-000000@ca-central-1.amazonses.com";

async fn marie_asked() -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
}

/// The letter went on under the other identifier.
async fn relayed(stage: &Stage, purpose: &str) {
    let one = format!("select min(id) from letter where purpose = '{purpose}'");
    stage.write_past(&format!("insert into relayed_as values ('{GIVEN}', ({one}))")).await;
}

/// The answer of a client that leaves nothing of the letter but the identifier that the relay gave it.
fn bare_answer(person: &Person, letter: &Received, text: &str) -> Mail {
    let mut mail = Mail { text: text.to_owned(), html: None, ..person.answers(letter, text) }.to(&[DESK]);
    mail.subject = "Re: Clavier".to_owned();
    mail.in_reply_to = Some(GIVEN.to_owned());
    mail.references = vec![GIVEN.to_owned()];
    mail
}

#[tokio::test]
async fn an_answer_to_the_identifier_that_the_relay_gave_finds_its_ticket() {
    let mut stage = marie_asked().await;
    relayed(&stage, "acknowledgement").await;
    let letter = stage.last_to(MARIE.address);
    stage.mail(&bare_answer(&MARIE, &letter, "Il manque aussi la touche E.")).await;
    assert_eq!(stage.gateway.store.ticket(TicketNumber(2)).await.unwrap(), None, "{}", stage.story());
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("la touche E"), "{}", stage.story());
}

#[tokio::test]
async fn an_agents_plain_answer_to_it_goes_to_the_requester() {
    let mut stage = marie_asked().await;
    relayed(&stage, "new_ticket").await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&bare_answer(&ALICE, &letter, "Je vous apporte un autre clavier.")).await;
    assert!(stage.last_to(MARIE.address).mail.body.text.contains("un autre clavier"), "{}", stage.story());
}

#[tokio::test]
async fn a_delivery_report_that_cites_it_counts() {
    let mut stage = marie_asked().await;
    relayed(&stage, "acknowledgement").await;
    stage.raw_mails(&[&bounce(GIVEN, MARIE.address)]).await;
    assert!(stage.story().contains("delivery_failed contact=marie hard=true letter=1"), "{}", stage.story());
}

#[tokio::test]
async fn who_was_not_written_to_gains_nothing_by_it() {
    let mut stage = marie_asked().await;
    relayed(&stage, "new_ticket").await;
    let letters = stage.letters().len();
    let to_alice = stage.last_to(ALICE.address);
    stage.mail(&bare_answer(&STRANGER, &to_alice, "#résolu")).await;
    let ticket = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket;
    assert_eq!(ticket.state, guichet::desk::State::New, "{}", stage.story());
    assert!(stage.letters()[letters..].iter().all(|(sent, _)| sent.recipients[0].as_str() != MARIE.address));
}
