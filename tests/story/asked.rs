//! Agents find and look at tickets by mail, and change nothing by it.

use data_encoding::HEXLOWER;
use guichet::desk::{LedgerId, Outcome, Reason};
use sha2::{Digest, Sha256};

use crate::cast::{ALICE, BOB, MARIE, TOM};
use crate::client::{Received, Verdict};
use crate::stage::Stage;

async fn outcome(stage: &Stage, ledger: i64) -> Outcome {
    stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap().outcome.unwrap()
}

async fn with_two_requests() -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Imprimante bloquée à l'étage", "Bonjour, elle ne répond plus.")).await;
    stage.before(&TOM.writes("Blocked account", "Hello, I cannot sign in.")).await;
    stage
}

#[tokio::test]
async fn a_search_answers_with_the_tickets_that_have_all_its_words() {
    let mut stage = with_two_requests().await;
    stage.mail(&ALICE.writes("Où est-ce ?", "#cherche BLOQUEE imprim")).await;
    let found = stage.last_to(ALICE.address).mail.body.text;
    assert!(
        found.contains("R-000001 · Marie Tremblay · Imprimante bloquée")
            && found.contains("priorité 3")
            && !found.contains("R-000002"),
        "{found}"
    );
    assert_eq!(outcome(&stage, 3).await, Outcome::Suppressed(Reason::OnlyAsked));

    stage.mail(&BOB.writes("Where", "#search tom@client")).await;
    let found = stage.last_to(BOB.address).mail.body.text;
    assert!(found.contains("Found for \"tom@client\": 1.") && found.contains("R-000002"), "{found}");
    stage.mail(&BOB.writes("Where", "#find scanner")).await;
    assert!(stage.last_to(BOB.address).mail.body.text.contains("Nothing found for \"scanner\""));
    stage.mail(&BOB.writes("Where", "#search")).await;
    let refused = stage.last_to(BOB.address).mail.body.text;
    assert!(
        refused.contains("#search printer") && !refused.contains("names no ticket"),
        "what would have been right: {refused}"
    );
    assert_eq!(outcome(&stage, 6).await, Outcome::Suppressed(Reason::OnlyAsked), "it is no request");
}

#[tokio::test]
async fn a_ticket_is_shown_in_a_letter_of_its_own_whose_answer_stays_on_it() {
    let mut stage = with_two_requests().await;
    let of_marie = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&of_marie, "#voir 1")).await;
    let shown = stage.last_to(ALICE.address);
    let text = &shown.mail.body.text;
    assert!(
        text.contains("R-000001") && text.contains("Marie Tremblay") && text.contains("elle ne répond plus"),
        "{text}"
    );
    stage.mail(&ALICE.answers(&shown, "#note Vue avec elle.")).await;
    assert!(
        stage.entries_of("R-000001").await.iter().any(|entry| entry.contains("Vue avec elle")),
        "{}",
        stage.story()
    );

    assert!(text.contains("à marie@client.test\u{a0}: accusé de réception."), "what left for whom: {text}");

    let is_to_alice = |letter: &&Received| letter.mail.to.iter().any(|to| to.as_str() == ALICE.address);
    let mut about_two =
        stage.letters().iter().map(|(_, letter)| letter).filter(|one| one.mail.subject.contains("R-000002"));
    let of_two = about_two.find(is_to_alice).unwrap().clone();
    stage.mail(&ALICE.answers(&of_two, "#voir 2")).await;
    let own = stage.last_to(ALICE.address).mail.body.text;
    assert!(own.contains("à tom@client.test\u{a0}: accusé de réception."), "of the ticket itself as well: {own}");

    stage.mail(&ALICE.writes("Et l'autre ?", "#voir R-000077")).await;
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("R-000077"), "says that there is none");
}

#[tokio::test]
async fn whoever_is_shown_a_ticket_reads_what_left_the_desk_and_under_which_name() {
    let mut stage = Stage::new().await;
    let mail = MARIE.writes("Clavier", "Voici le journal.").attached("journal.txt", "text/plain", b"disk full");
    stage.mail(&mail).await;
    let of_marie = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&of_marie, "#note\nÀ voir.")).await;
    stage.mail(&ALICE.answers(&of_marie, "#escalate L3 acme\n#pièces 1\nA keyboard writes nothing.")).await;
    stage.mail(&BOB.writes("Which", "#show 1")).await;
    let shown = stage.last_to(BOB.address).mail.body.text;
    let digest = HEXLOWER.encode(&Sha256::digest(b"disk full"));
    let case = format!("to support@acme.test, for acme, under a pseudonym: case; journal.txt (sha256 {digest}).");
    assert!(shown.replace('\n', " ").contains(&case), "{case}\n{shown}");
    assert!(shown.contains("to marie@client.test: acknowledgement."), "{shown}");
    assert!(!shown.contains("to alice@desk.test"), "what stays inside is no disclosure: {shown}");
}

#[tokio::test]
async fn nobody_finds_anything_in_an_agents_name() {
    let mut stage = with_two_requests().await;
    let before = stage.letters().len();
    stage.mail(&ALICE.writes("Où ?", "#cherche imprimante").judged(Verdict::None)).await;
    assert_eq!(outcome(&stage, 3).await, Outcome::Quarantine(Reason::AgentUnverified));
    let told = stage.letters()[before..].iter().filter(|(_, letter)| letter.mail.body.text.contains("R-000001"));
    assert_eq!(told.count(), 0, "{}", stage.story());
    stage.mail(&MARIE.writes("Où ?", "#cherche account")).await;
    assert!(!stage.last_to(MARIE.address).mail.body.text.contains("R-000002"), "a requester's words are text");
}
