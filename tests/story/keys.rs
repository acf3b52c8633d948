//! Letters are signed; the key that signs can be changed, and an old one be made worthless.

use guichet::desk::{LedgerId, Outcome, Reason, TicketNumber};
use guichet::mail::token::Token;
use guichet::store::Retired;

use crate::cast::{ACME, ALICE, ANNA, BOB, MARIE};
use crate::client::{Person, Received, Verdict};
use crate::stage::Stage;

async fn outcome(stage: &Stage, ledger: i64) -> Outcome {
    stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap().outcome.unwrap()
}

fn key_of(letter: &Received) -> String {
    let token = Token::find_all(&letter.id())[0].to_string();
    token.split('.').nth(3).unwrap().to_owned()
}

#[tokio::test]
async fn letters_of_an_older_key_stay_good_until_it_is_retired_and_open_nothing_from_then_on() {
    let mut stage = Stage::new().await;
    let now = stage.gateway.time.now();
    stage.mail(&MARIE.writes("Imprimante", "L'imprimante du deuxième ne répond plus.")).await;
    let (receipt, to_alice, to_bob) =
        (stage.last_to(MARIE.address), stage.last_to(ALICE.address), stage.last_to(BOB.address));
    assert_eq!(key_of(&to_alice), "1");

    assert_eq!(stage.gateway.store.retire_key(1, now).await.unwrap(), Retired::Signs);
    assert_eq!(stage.gateway.store.rotate_key(now).await.unwrap(), 2);
    stage.mail(&BOB.answers(&to_bob, "Is it switched on?")).await;
    let question = stage.last_to(MARIE.address);
    assert!(question.mail.body.text.contains("switched on") && key_of(&question) == "2");

    assert_eq!(stage.gateway.store.retire_key(1, now).await.unwrap(), Retired::Done);
    assert_eq!(stage.gateway.store.retire_key(1, now).await.unwrap(), Retired::Already);
    assert_eq!(stage.gateway.store.retire_key(3, now).await.unwrap(), Retired::Unknown);
    stage.mail(&ALICE.answers(&to_alice, "Je passe la voir.")).await;
    assert_eq!(outcome(&stage, 3).await, Outcome::Quarantine(Reason::KeyRetired));
    assert_eq!(stage.last_to(MARIE.address).id(), question.id(), "nothing reached the requester: {}", stage.story());
    let told = stage.last_to(ALICE.address).mail.body.text;
    assert!(told.contains("NON ENVOYÉ AU DEMANDEUR") && told.contains("clé retirée"), "{told}");

    // The requester's own thread goes on.
    stage.mail(&MARIE.answers(&receipt, "Elle est allumée.")).await;
    assert_eq!(outcome(&stage, 4).await, Outcome::Ticket(TicketNumber(1)));
    let answered = stage.last_to(BOB.address);
    assert_eq!(key_of(&answered), "2");
    stage.mail(&BOB.answers(&answered, "I will come by.")).await;
    assert!(stage.last_to(MARIE.address).mail.body.text.contains("I will come by"), "{}", stage.story());
}

#[tokio::test]
async fn whoever_signs_with_a_retired_key_opens_no_ticket_by_it() {
    let mut stage = Stage::new().await;
    let now = stage.gateway.time.now();
    stage.mail(&MARIE.writes("Imprimante", "L'imprimante du deuxième ne répond plus.")).await;
    let receipt = stage.last_to(MARIE.address);
    let answer = |text: &str| MARIE.answers(&receipt, text).judged(Verdict::None);
    stage.mail(&answer("Elle clignote.")).await;
    assert_eq!(outcome(&stage, 2).await, Outcome::Ticket(TicketNumber(1)), "the token alone");
    stage.gateway.store.rotate_key(now).await.unwrap();
    stage.gateway.store.retire_key(1, now).await.unwrap();
    stage.mail(&answer("Elle ne clignote plus.")).await;
    assert_ne!(outcome(&stage, 3).await, Outcome::Ticket(TicketNumber(1)), "{}", stage.story());
}

#[tokio::test]
async fn nobody_new_speaks_for_a_vendor_by_a_letter_of_a_retired_key() {
    for (retires, on) in [(false, 1), (true, 2)] {
        let mut stage = Stage::new().await;
        let now = stage.gateway.time.now();
        stage.mail(&MARIE.writes("Imprimante", "L'imprimante du deuxième ne répond plus.")).await;
        let briefed = ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nThe printer does not answer.");
        stage.mail(&briefed).await;
        if retires {
            stage.gateway.store.rotate_key(now).await.unwrap();
            stage.gateway.store.retire_key(1, now).await.unwrap();
        }
        // A colleague whom the vendor handed our letter, at an address that nobody configured.
        let colleague = Person { name: "Nora New", address: "nora@labs.acme.test", ..ANNA };
        stage.mail(&colleague.answers(&stage.last_to(ACME), "Is it switched on?")).await;
        assert_eq!(outcome(&stage, 3).await, Outcome::Ticket(TicketNumber(on)), "{}", stage.story());
    }
}
