//! A mail that was another question becomes a ticket of its own.

use guichet::desk::{LedgerId, Outcome, State, TicketNumber};

use crate::cast::{ALICE, BOB, MARIE, TOM};
use crate::client::Verdict;
use crate::stage::Stage;

async fn outcome(stage: &Stage, ledger: i64) -> Outcome {
    stage.gateway.store.ledger_line(LedgerId(ledger)).await.unwrap().unwrap().outcome.unwrap()
}

/// Marie asks about a printer, is answered, and then asks about something else in the same thread.
async fn with_another_question() -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Imprimante", "Bonjour, elle ne répond plus.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "Est-elle allumée ?")).await;
    let other = MARIE.answers(&stage.last_to(MARIE.address), "Au fait, il me faudrait l'accès au VPN.");
    stage.before(&other.attached("formulaire.txt", "text/plain", b"signed")).await;
    stage
}

#[tokio::test]
async fn it_has_its_author_its_words_and_its_files_and_both_sides_know_both_numbers() {
    let mut stage = with_another_question().await;
    let about_vpn = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&about_vpn, "#scinder Accès au VPN")).await;

    let told = stage.last_to(MARIE.address);
    assert!(told.mail.subject.contains("R-000002") && told.mail.subject.contains("Accès au VPN"), "{}", stage.story());
    assert!(told.mail.body.text.contains("R-000001"), "{}", told.mail.body.text);
    let to_alice: Vec<String> =
        stage.letters().iter().rev().take(3).map(|(_, letter)| letter.mail.body.text.clone()).collect();
    let read = to_alice.join("\n");
    assert!(read.contains("R-000002") && read.contains("Ce courriel était sur R-000001"), "{read}");
    assert!(read.contains("formulaire.txt"), "{read}");

    let entries = stage.entries_of("R-000002").await;
    assert!(entries.iter().any(|entry| entry.contains("accès au VPN")), "{entries:?}");
    let left = stage.entries_of("R-000001").await;
    assert!(!left.iter().any(|entry| entry.contains("me faudrait")), "{left:?}");
    assert_eq!(outcome(&stage, 3).await, Outcome::Ticket(TicketNumber(2)), "the mail is on one ticket");
    let first = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket;
    assert_eq!(first.asked_at, None, "nothing else waits there");
}

#[tokio::test]
async fn later_answers_go_by_the_letter_that_they_answer() {
    let mut stage = with_another_question().await;
    let of_printer = stage.last_to(MARIE.address);
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#split VPN access")).await;
    let of_vpn = stage.last_to(MARIE.address);
    stage.mail(&MARIE.answers(&of_printer, "Elle est allumée.")).await;
    stage.mail(&MARIE.answers(&of_vpn, "C'est pour lundi.")).await;
    assert_eq!(outcome(&stage, 5).await, Outcome::Ticket(TicketNumber(1)));
    assert_eq!(outcome(&stage, 6).await, Outcome::Ticket(TicketNumber(2)));
}

#[tokio::test]
async fn what_cannot_be_split_is_held_and_said() {
    let mut stage = with_another_question().await;
    let about_vpn = stage.last_to(ALICE.address);
    let first = stage.letters().iter().find(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == ALICE.address));
    let first = first.unwrap().1.clone();
    for (answered, words, said) in [
        (&first, "#scinder Imprimante", "Le billet a commencé par ce courriel"),
        (&about_vpn, "#scinder", "Il manque un titre"),
        (&about_vpn, "#scinder VPN\n#répondre\nJe m'en occupe.", "sans réponse"),
        (&about_vpn, "#scinder VPN\nJe m'en occupe.", "sans réponse"),
        (&about_vpn, "#scinder VPN\n#scinder Accès", "une fois par courriel"),
    ] {
        stage.mail(&ALICE.answers(answered, words)).await;
        let text = stage.last_to(ALICE.address).mail.body.text.replace('\n', " ");
        assert!(text.contains(said) && text.contains("RIEN N’A ÉTÉ FAIT"), "{words}: {text}");
        assert!(stage.gateway.store.ticket(TicketNumber(2)).await.unwrap().is_none(), "{words}");
    }
    let refused = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&refused, "#scinder VPN")).await;
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("répond à une lettre sur un courriel du demandeur"));
    stage.mail(&ALICE.answers(&about_vpn, "#scinder VPN")).await;
    stage.mail(&ALICE.answers(&about_vpn, "#scinder Accès")).await;
    let refused = stage.last_to(ALICE.address).mail.body.text.replace('\n', " ");
    assert!(refused.contains("n’est plus sur ce billet"), "{refused}");
}

#[tokio::test]
async fn a_strangers_mail_on_somebodys_ticket_becomes_the_strangers_own_and_nobody_is_written_to_unasked() {
    let mut stage = with_another_question().await;
    let to_marie = stage.last_to(MARIE.address);
    stage.mail(&TOM.answers(&to_marie, "And my screen is black.").judged(Verdict::None)).await;
    let about_tom = stage.last_to(ALICE.address);
    let before = stage.letters().len();
    stage.mail(&ALICE.answers(&about_tom, "#scinder Écran noir")).await;
    let to_tom = stage.letters()[before..]
        .iter()
        .filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == TOM.address));
    assert_eq!(to_tom.count(), 0, "{}", stage.story());
    let ticket = stage.gateway.store.ticket(TicketNumber(2)).await.unwrap().unwrap();
    let requester = &ticket.contacts[&ticket.ticket.requester.unwrap()];
    assert_eq!((requester.address.as_str(), ticket.ticket.state), (TOM.address, State::New), "{}", stage.story());
    let tom = stage.last_to(BOB.address);
    assert!(tom.mail.subject.contains("R-000002") || stage.last_to(ALICE.address).mail.subject.contains("R-000002"));
    assert!(!stage.last_to(MARIE.address).mail.body.text.contains("screen"));
}
