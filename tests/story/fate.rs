//! What would become of a mail is told before it comes, and is what becomes of it then.

use guichet::desk::{Outcome, Reason, Role, TicketNumber, Trust};
use guichet::gateway::Fate;
use guichet::mail::Address;

use crate::cast::{ALICE, BOB, MARIE};
use crate::client::{Mail, Verdict};
use crate::stage::Stage;

async fn fate(stage: &Stage, mail: &Mail) -> Fate {
    let now = stage.gateway.time.now();
    stage.gateway.fate_of("support", mail.bytes(), now).await.unwrap()
}

fn letters(fate: &Fate) -> Vec<(&'static str, &'static str, Vec<&str>)> {
    let letter = |letter: &guichet::gateway::Wrote| (letter.purpose.name(), letter.audience.word(), letter.to.len());
    assert!(fate.letters.iter().all(|one| letter(one).2 > 0), "each goes to somebody");
    let told = fate.letters.iter();
    told.map(|one| (one.purpose.name(), one.audience.word(), one.to.iter().map(Address::as_str).collect())).collect()
}

#[tokio::test]
async fn a_request_would_open_a_ticket_be_acknowledged_and_told_to_the_desk_and_nothing_is_written() {
    let mut stage = Stage::new().await;
    let mail = MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.");
    let foretold = fate(&stage, &mail).await;
    assert_eq!((foretold.explained.party, foretold.explained.trust), (Role::Requester, Trust::Verified));
    assert_eq!(foretold.proof, "dmarc=pass of client.test");
    assert_eq!(
        (foretold.outcome.clone(), foretold.opened.clone()),
        (Outcome::Ticket(TicketNumber(1)), vec![TicketNumber(1)])
    );
    assert_eq!(foretold.audience, Some("requester"));
    let told = [
        ("acknowledgement", "requester", vec![MARIE.address]),
        ("new_ticket", "desk", vec![ALICE.address]),
        ("new_ticket", "desk", vec![BOB.address]),
    ];
    assert_eq!(letters(&foretold), told);

    assert!(stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().is_none());
    assert!(stage.gateway.store.ledger(&guichet::store::LedgerFilter::default()).await.unwrap().is_empty());
    assert_eq!(letters(&fate(&stage, &mail).await), told, "the same once more");
    stage.mail(&mail).await;
    let left: Vec<&str> = stage.letters().iter().flat_map(|(sent, _)| &sent.recipients).map(Address::as_str).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    let again = fate(&stage, &mail).await;
    assert_eq!(again.outcome, Outcome::Suppressed(Reason::Duplicate), "it is there already");
}

#[tokio::test]
async fn an_agents_answer_and_a_forged_one_are_told_apart() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "Est-il branché ?");
    let foretold = fate(&stage, &answer).await;
    assert_eq!((foretold.explained.party, foretold.explained.trust), (Role::Agent, Trust::Verified));
    assert_eq!(foretold.explained.leads, [(TicketNumber(1), "token")]);
    assert!(foretold.opened.is_empty() && foretold.audience == Some("requester"));
    assert_eq!(letters(&foretold), [("answer", "requester", vec![MARIE.address])]);

    let forged = fate(&stage, &answer.judged(Verdict::None)).await;
    assert_eq!((forged.explained.party, forged.explained.trust), (Role::Agent, Trust::Unverified));
    assert_eq!((forged.outcome.clone(), forged.audience), (Outcome::Quarantine(Reason::AgentUnverified), None));
    assert!(letters(&forged).iter().all(|(_, audience, _)| *audience == "desk"), "{:?}", letters(&forged));
}
