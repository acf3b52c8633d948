//! Tickets that were merged: whatever answers one of them goes on where it goes on.

use guichet::desk::{Ticket, TicketNumber};
use guichet::store::{LedgerFilter, Standing};

use crate::cast::{ACME, ALICE, ANNA, BOB, MARIE, ROBOT, TOM};
use crate::client::{Client, Person, Received};
use crate::laws::tickets;
use crate::stage::Stage;

const BRIEF: &str = "The badge reader of Marie Tremblay at the north door blinks red and opens for nobody since noon.";

/// Works for the vendor, at an address that nobody configured.
const OTTO: Person =
    Person { name: "Otto Field", address: "otto@field.acme.test", client: Client::Gmail, signature: "" };

fn all_to(stage: &Stage, address: &str) -> Vec<Received> {
    let to = stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address));
    to.map(|(_, letter)| letter.clone()).collect()
}

fn text_to(stage: &Stage, address: &str) -> String {
    stage.last_to(address).mail.body.text
}

async fn ticket(stage: &Stage, number: i64) -> Ticket {
    stage.gateway.store.ticket(TicketNumber(number)).await.unwrap().unwrap().ticket
}

/// Marie asked, Tom asked the same.
async fn asked_twice() -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Lecteur de badges", "Bonjour, la porte nord ne s'ouvre plus avec mon badge.")).await;
    stage.before(&TOM.writes("Door", "Hello, my badge opens nothing at the north door today.")).await;
    stage
}

/// Marie's ticket went to the vendor, whose system confirmed, and was merged into Tom's.
async fn merged_while_the_vendor_works() -> Stage {
    let mut stage = asked_twice().await;
    let first = all_to(&stage, ALICE.address)[0].clone();
    stage.before(&ALICE.answers(&first, &format!("#escalate L3 acme\n{BRIEF}"))).await;
    let confirmed = ROBOT.answers(&stage.last_to(ACME), "Your request has been received.");
    stage.before(&confirmed.with("Auto-Submitted", "auto-replied")).await;
    stage.before(&ALICE.answers(&first, "#fusionner R-2")).await;
    stage
}

#[tokio::test]
async fn a_vendors_answer_to_a_merged_ticket_is_on_the_one_that_goes_on() {
    let mut stage = Box::pin(merged_while_the_vendor_works()).await;
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "Requester A can hold the badge there for five seconds.")).await;
    insta::assert_snapshot!(stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#publier")).await;
    let told = text_to(&stage, MARIE.address);
    assert!(told.contains("Marie Tremblay can hold the badge") && !told.contains("blinks red"), "{told}");
    assert_eq!(stage.last_to(MARIE.address).id(), stage.last_to(TOM.address).id(), "one answer for both");
}

#[tokio::test]
async fn a_case_goes_on_in_its_own_thread_with_the_same_stand_ins() {
    let mut stage = Box::pin(merged_while_the_vendor_works()).await;
    let (case, robot) = (stage.last_to(ACME).id(), ticket(&stage, 1).await.case("acme").unwrap().last_heard.clone());
    let answer =
        ALICE.answers(&all_to(&stage, ALICE.address)[1].clone(), "#vendor acme: Tom Baker and Marie Tremblay tried.");
    stage.mail(&answer).await;
    let letter = stage.last_to(ACME).mail;
    assert!(letter.references.iter().any(|id| id.as_str() == case), "{:?}", letter.references);
    assert_eq!(letter.in_reply_to.first(), robot.as_ref());
    assert!(letter.subject.contains("PRN-4711"), "{}", letter.subject);
    assert!(letter.body.text.contains("Requester B and Requester A tried"), "{}", letter.body.text);
}

#[tokio::test]
async fn whoever_writes_for_the_vendor_is_known_by_mark_thread_or_letter_after_the_merger() {
    let mut stage = Box::pin(merged_while_the_vendor_works()).await;
    let letter = stage.last_to(ACME);
    let mails = [
        OTTO.answers(&letter, "We send somebody on Thursday."),
        OTTO.answers(&letter, "Somebody comes on Friday instead.").unthreaded(),
        ANNA.writes("Re: [JIRA] (PRN-4711) Door", "He brings a new reader."),
    ];
    for mail in mails {
        let before = all_to(&stage, ALICE.address).len();
        stage.mail(&mail).await;
        assert_eq!(all_to(&stage, ALICE.address).len(), before + 1, "{}", stage.story());
    }
    let ledger = stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
    assert!(ledger.iter().all(|line| line.standing() == Standing::Ticket), "{}", stage.story());
    assert_eq!(tickets(&stage).await.len(), 2);
}

#[tokio::test]
async fn a_vendors_answer_from_before_the_merger_can_still_be_published() {
    let mut stage = asked_twice().await;
    let first = all_to(&stage, ALICE.address)[0].clone();
    stage.before(&ALICE.answers(&first, &format!("#escalate L3 acme\n{BRIEF}"))).await;
    stage.before(&ANNA.answers(&stage.last_to(ACME), "Its clock is wrong, please set it to noon.")).await;
    let told = stage.last_to(ALICE.address);
    stage.before(&ALICE.answers(&first, "#fusionner R-2")).await;
    stage.mail(&ALICE.answers(&told, "#publier")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
    let published =
        all_to(&stage, TOM.address).iter().filter(|l| l.mail.body.text.contains("Its clock is wrong")).count();
    assert_eq!(published, 1, "{}", stage.story());
}

#[tokio::test]
async fn requesters_and_agents_answers_to_letters_of_a_merged_ticket_go_on_with_it() {
    let mut stage = asked_twice().await;
    let (first, to_marie) = (all_to(&stage, ALICE.address)[0].clone(), stage.last_to(MARIE.address));
    stage.before(&BOB.answers(&all_to(&stage, BOB.address)[0].clone(), "#fusionner R-2")).await;
    stage.mail(&MARIE.answers(&to_marie, "Elle s'est ouverte une fois, puis plus.")).await;
    assert_eq!(stage.entries_of("R-000002").await.len(), 2, "{}", stage.story());
    stage.mail(&ALICE.answers(&first, "Le lecteur sera remplacé demain matin.")).await;
    assert!(!text_to(&stage, TOM.address).contains("remplacé"), "held, because Tom reads along now: {}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
    for reader in [MARIE.address, TOM.address] {
        assert!(text_to(&stage, reader).contains("sera remplacé demain"), "{reader}: {}", stage.story());
    }
}

#[tokio::test]
async fn what_was_held_before_the_merger_is_withdrawn_after_it_once_and_for_all() {
    let mut stage = asked_twice().await;
    let first = all_to(&stage, ALICE.address)[0].clone();
    stage.before(&ALICE.answers(&first, "#priorité beaucoup\nNous venons à seize heures.")).await;
    let refused = stage.last_to(ALICE.address);
    stage.before(&ALICE.answers(&first, "#fusionner R-2")).await;
    assert_eq!((ticket(&stage, 1).await.held.len(), ticket(&stage, 2).await.held.len()), (0, 1));
    stage.mail(&ALICE.answers(&refused, "#annuler")).await;
    assert_eq!(ticket(&stage, 2).await.held, []);
    stage.mail(&ALICE.answers(&refused, "#ok")).await;
    assert!(!text_to(&stage, MARIE.address).contains("seize heures"), "{}", stage.story());
}

#[tokio::test]
async fn a_chain_of_mergers_ends_at_one_ticket_and_never_in_a_circle() {
    let mut stage = asked_twice().await;
    let (first, second) = (all_to(&stage, ALICE.address)[0].clone(), all_to(&stage, ALICE.address)[1].clone());
    let to_marie = stage.last_to(MARIE.address);
    stage.before(&ALICE.writes("Porte", "#demandeur lea@client.test\nElle ne s'ouvre pas.")).await;
    stage.before(&ALICE.answers(&second, "#fusionner R-3")).await;
    stage.before(&ALICE.answers(&first, "#fusionner R-2")).await;
    assert_eq!(ticket(&stage, 1).await.merged_into, Some(TicketNumber(3)));
    for reference in ["R-1", "R-2", "R-3"] {
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#fusionner {reference}"))).await;
        assert!(text_to(&stage, ALICE.address).contains("RIEN N’A ÉTÉ FAIT"), "{reference}: {}", stage.story());
    }
    stage.mail(&MARIE.answers(&to_marie, "Toujours fermée.")).await;
    assert_eq!(stage.entries_of("R-000003").await.last().map(String::as_str), Some("Toujours fermée."));
    assert!(ticket(&stage, 3).await.merged_into.is_none());
}

#[tokio::test]
async fn a_note_of_a_merged_ticket_holds_an_answer_that_repeats_it() {
    const NOTE: &str =
        "Ce monsieur a déjà cassé deux lecteurs à coups de pied et le service juridique prépare une lettre.";
    let mut stage = asked_twice().await;
    let (first, second) = (all_to(&stage, ALICE.address)[0].clone(), all_to(&stage, ALICE.address)[1].clone());
    stage.before(&ALICE.answers(&first, &format!("#note\n{NOTE}"))).await;
    stage.before(&ALICE.answers(&first, "#fusionner R-2")).await;
    stage.mail(&BOB.answers(&all_to(&stage, BOB.address)[1].clone(), NOTE)).await;
    stage.mail(&ALICE.answers(&second, &format!("Bonjour. {NOTE}"))).await;
    for reader in [MARIE.address, TOM.address] {
        assert!(!text_to(&stage, reader).contains("coups de pied"), "{reader}: {}", stage.story());
    }
}
