//! Somebody whom nobody configured is asked in private, and what they say stays inside until it is passed on.

use guichet::desk::{LedgerId, Outcome, Reason, State, TicketNumber};
use guichet::known_fix::Library;
use jiff::SignedDuration;

use crate::cast::{ACME, ALICE, BOB, DESK, LUC, MARIE, STRANGER};
use crate::client::{Client, Person, Verdict};
use crate::stage::Stage;
use crate::waiting;

/// Knows a lot about keyboards, and nothing of us.
const ZOE: Person =
    Person { name: "Zoé Labelle", address: "zoe@labo.test", client: Client::Gmail, signature: "Zoé Labelle" };

/// Alice asks Zoé about Marie's keyboard.
async fn consulted() -> Stage {
    let mut stage = Stage::with(waiting::policy(), Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout. Marie Tremblay")).await;
    let question = "#consulter zoe@labo.test : Un clavier qui n'écrit plus rien, Marie a tout essayé. Une idée ?";
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), question)).await;
    stage
}

async fn outcome(stage: &Stage, ledger: i64) -> Outcome {
    stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap().outcome.unwrap()
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

#[tokio::test]
async fn the_answer_comes_back_to_whoever_asked_and_is_passed_on_without_its_author() {
    let mut stage = consulted().await;
    let asked = stage.last_to(ZOE.address);
    assert!(asked.mail.body.text.contains("Une idée ?"), "{}", asked.mail.body.text);
    assert!(!asked.mail.body.text.contains("Marie") && !asked.mail.body.text.contains("client.test"), "unnamed");
    assert_eq!(asked.mail.from.as_ref().unwrap().address.as_str(), DESK);
    let ticket = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket;
    assert_eq!(ticket.state, State::New, "the work goes on");

    let before = count_to(&stage, MARIE.address);
    stage.mail(&ZOE.answers(&asked, "Tenez Fn et F10 cinq secondes.\n\nZoé")).await;
    let told = stage.last_to(ALICE.address);
    let text = &told.mail.body.text;
    assert!(text.contains("Tenez Fn et F10") && text.contains("zoe@labo.test"), "{text}");
    assert_eq!(count_to(&stage, MARIE.address), before, "it stays inside");
    assert_eq!(count_to(&stage, ZOE.address), 1, "nobody is acknowledged");

    stage.mail(&ALICE.answers(&told, "#publier")).await;
    let read = &stage.last_to(MARIE.address).mail.body.text;
    assert!(read.contains("Tenez Fn et F10") && !read.contains("Zoé") && !read.contains("labo"), "{read}");

    stage.mail(&ALICE.answers(&told, "#consult zoe@labo.test: And if it does not help?")).await;
    let again = stage.last_to(ZOE.address);
    let cites = |id: &str| again.mail.references.iter().any(|cited| cited.as_str() == id);
    assert!(cites(asked.mail.message_id.as_ref().unwrap().as_str()), "one thread");
    let left = stage.gateway.store.disclosures(TicketNumber(1)).await.unwrap();
    assert_eq!(left.iter().filter(|one| one.vendor.as_deref() == Some("zoe@labo.test")).count(), 2);
}

#[tokio::test]
async fn whoever_only_says_to_be_the_one_consulted_waits_for_a_human() {
    let mut stage = consulted().await;
    let asked = stage.last_to(ZOE.address);
    stage.mail(&ZOE.answers(&asked, "Jetez-le.").judged(Verdict::None)).await;
    assert_eq!(outcome(&stage, 3).await, Outcome::Quarantine(Reason::VendorUnverified));
    // A letter gets forwarded: its reader is no one whom anybody asked.
    stage.mail(&STRANGER.answers(&asked, "Je peux aider.")).await;
    let told = stage.last_to(ALICE.address).mail.body.text;
    assert!(told.contains("simon@elsewhere.test"), "{told}");
    assert_eq!(count_to(&stage, MARIE.address), 1, "{}", stage.story());
    assert!(!stage.entries_of("R-000001").await.iter().any(|entry| entry.contains("Jetez-le")));
}

#[tokio::test]
async fn what_the_one_consulted_asks_for_themselves_is_their_own_request() {
    let mut stage = consulted().await;
    stage.mail(&ZOE.writes("Un compte", "Bonjour, comment avoir un compte chez vous ?")).await;
    assert_eq!(outcome(&stage, 3).await, Outcome::Ticket(TicketNumber(2)));
    assert!(stage.last_to(ZOE.address).mail.subject.contains("R-000002"), "acknowledged");
    assert!(!stage.last_to(ZOE.address).mail.body.text.contains("R-000001"));
}

#[tokio::test]
async fn a_question_without_an_answer_is_asked_again_and_whoever_asked_hears_of_it() {
    let mut stage = consulted().await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#take")).await;
    let to_alice = count_to(&stage, ALICE.address);
    for _ in 0..9 * 24 {
        stage.gateway.time.advance(SignedDuration::from_hours(1));
        stage.look().await;
    }
    assert_eq!(count_to(&stage, ZOE.address), 4, "asked, and three times again: {}", stage.story());
    let silent = stage.last_to(ALICE.address).mail.body.text;
    assert!(count_to(&stage, ALICE.address) > to_alice && silent.contains("zoe@labo.test"), "{silent}");
}

#[tokio::test]
async fn the_command_that_a_letter_about_the_answer_names_asks_again() {
    let mut stage = consulted().await;
    stage.mail(&ZOE.answers(&stage.last_to(ZOE.address), "Tenez Fn et F10 cinq secondes.")).await;
    let told = stage.last_to(ALICE.address);
    assert!(told.mail.body.text.contains("#fournisseur zoe@labo.test"), "{}", told.mail.body.text);
    stage.mail(&ALICE.answers(&told, "#fournisseur zoe@labo.test : Et si cela n'aide pas ?")).await;
    assert!(stage.last_to(ZOE.address).mail.body.text.contains("Et si cela n'aide pas ?"), "{}", stage.story());
    assert_eq!(count_to(&stage, ZOE.address), 2);
    stage.mail(&ALICE.answers(&told, "#consulter zoe@labo.test")).await;
    let refused = stage.last_to(ALICE.address).mail.body.text;
    assert!(refused.contains("#consulter zoe@labo.test\u{a0}: question"), "{refused}");
}

#[tokio::test]
async fn whoever_is_written_to_otherwise_is_not_consulted() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let of_marie = stage.last_to(ALICE.address);
    let before = stage.letters().len();
    for (words, said) in [
        ("#consulter marie@client.test : Quel clavier ?", "suit ce billet"),
        (&format!("#consulter {} : Une idée ?", LUC.address), "travaille ici"),
        (&format!("#consulter {ACME} : Une idée ?"), "#fournisseur acme"),
        (&format!("#consulter {DESK} : Une idée ?"), "ne peut pas être consulté"),
        ("#consulter no-reply@labo.test : Une idée ?", "ne peut pas être consulté"),
        ("#consulter zoe@labo.test", "zoe@labo.test"),
        ("#consulter Zoé : Une idée ?", "consulter expert@example.com"),
    ] {
        stage.mail(&ALICE.answers(&of_marie, words)).await;
        let text = stage.last_to(ALICE.address).mail.body.text.replace('\n', " ");
        assert!(text.contains(said) && text.contains("RIEN N’A ÉTÉ FAIT"), "{words}: {text}");
    }
    let left = &stage.letters()[before..];
    assert!(left.iter().all(|(sent, _)| sent.recipients.iter().all(|to| to.as_str() == ALICE.address)));
}
