//! When a ticket is first owned, and when a human first answers: what its clocks will go by.

use guichet::desk::{Ticket, TicketNumber};
use guichet::smtp::SentMail;

use crate::cast::{ACME, ALICE, ANNA, BOB, DESK, L2, LUC, MARIE, TOM};
use crate::house;
use crate::stage::Stage;

const TONER: &str = "+++\nid = \"toner\"\ntitle = \"Changer la cartouche\"\nlanguage = \"fr\"\n\
                     symptoms = [\"le toner est vide\", \"changer la cartouche de toner\"]\nanswer = \"auto\"\n+++\n\
                     Les cartouches sont dans l'armoire du couloir.\n";

/// Marie has asked.
async fn asked() -> Stage {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
}

/// In minutes since it was opened; each mail of a story takes one.
async fn owned_and_answered(stage: &Stage, number: i64) -> (Option<i64>, Option<i64>) {
    let Ticket { opened_at, owned_at, answered_at, .. } =
        stage.gateway.store.ticket(TicketNumber(number)).await.unwrap().unwrap().ticket;
    let minutes = |at: jiff::Timestamp| at.duration_since(opened_at).as_mins();
    (owned_at.map(minutes), answered_at.map(minutes))
}

#[tokio::test]
async fn a_plain_answer_is_both_and_nothing_later_changes_either() {
    let mut stage = asked().await;
    assert_eq!(owned_and_answered(&stage, 1).await, (None, None), "a confirmation is no answer");
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), Some(1)));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nElle est changée.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ ouvrir.")).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "#prendre")).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "#répondre\nJe l'ouvre demain.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), Some(1)), "{}", stage.story());
}

#[tokio::test]
async fn notes_escalations_and_taking_are_no_answer_and_the_second_levels_answer_is() {
    let mut stage = asked().await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#note\nEncore ce modèle.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ ouvrir.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (None, None));
    stage.mail(&LUC.answers(&stage.last_to(L2), "#prendre")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(3), None));
    stage.mail(&LUC.answers(&stage.last_to(L2), "#répondre\nJe l'ouvre demain.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(3), Some(4)), "{}", stage.story());
}

#[tokio::test]
async fn a_ticket_resolved_without_a_word_was_owned_and_never_answered() {
    let mut stage = asked().await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), None), "{}", stage.story());
}

#[tokio::test]
async fn oui_to_a_solution_says_what_is_known_unless_the_solution_came_with_a_question() {
    for (solution, answer, is_over) in [
        ("#résolu\nC'est remplacé.", "OUI", true),
        ("#résolu\nC'est remplacé.", "Oui, c'est réglé.", true),
        ("#résolu\nC'est remplacé.", "Ça marche", true),
        ("#résolu\nC'est remplacé.", "Oui, mais la souris ne marche plus.", false),
        ("#résolu\nC'est remplacé.", "Non", false),
        ("#résolu\nC'est remplacé. Voulez-vous aussi une souris ?", "Oui", false),
    ] {
        let mut stage = asked().await;
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), solution)).await;
        let before = stage.letters().len();
        stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), answer)).await;
        let state = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket.state;
        assert_eq!(
            (state.is_over(), stage.letters().len() == before),
            (is_over, is_over),
            "{answer}: {}",
            stage.story()
        );
    }
}

#[tokio::test]
async fn a_call_is_owned_at_once_and_answered_by_the_first_letter() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Souris perdue", "#demandeur marie@client.test\nElle a perdu sa souris.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(0), None));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Une autre vous attend à l'accueil.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(0), Some(1)));
}

#[tokio::test]
async fn a_ticket_that_an_agents_own_mail_to_a_customer_opens_is_answered_from_the_start() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Votre badge", "Il est prêt à l'accueil.").to(&[MARIE.address]).cc(&[DESK])).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(0), Some(0)), "{}", stage.story());
}

#[tokio::test]
async fn an_answer_that_went_to_desk_and_requester_alike_is_one_though_no_letter_leaves() {
    let mut stage = asked().await;
    let is_to_marie = |sent: &SentMail| sent.recipients.iter().any(|to| to.as_str() == MARIE.address);
    let to_marie = |stage: &Stage| stage.letters().iter().filter(|(sent, _)| is_to_marie(sent)).count();
    let before = to_marie(&stage);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.").to(&[DESK, MARIE.address])).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), Some(1)), "{}", stage.story());
    assert_eq!(to_marie(&stage), before, "she has it already");
}

#[tokio::test]
async fn a_known_fix_is_a_humans_answer_only_where_an_agent_sent_it() {
    let mut stage = Stage::with(house::policy(), house::library(&[TONER])).await;
    stage.mail(&MARIE.writes("Cartouche de toner", "Bonjour, le toner est vide, comment changer la cartouche ?")).await;
    assert!(stage.story().contains("known_fix_offered"), "{}", stage.story());
    assert_eq!(owned_and_answered(&stage, 1).await, (None, None));
    stage.mail(&TOM.writes("Printer", "Hello, it wants something from me.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#solution toner")).await;
    assert_eq!(owned_and_answered(&stage, 2).await, (Some(1), Some(2)), "{}", stage.story());
}

#[tokio::test]
async fn a_vendors_answer_is_ours_once_an_agent_passes_it_on() {
    let mut stage = asked().await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nThe keyboard does not write.")).await;
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "Hold the power key for ten seconds, then let go.")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), None));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#publier")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(1), Some(3)), "{}", stage.story());
}

#[tokio::test]
async fn a_merger_brings_nothing_of_the_other_ticket_and_an_answer_that_is_held_counts_when_it_leaves() {
    let mut stage = asked().await;
    let about_marie = stage.last_to(ALICE.address);
    stage.mail(&TOM.writes("Keyboard", "Hello, my keyboard types nothing at all.")).await;
    let about_tom = stage.last_to(BOB.address);
    stage.mail(&ALICE.answers(&about_marie, "Changez la pile.")).await;
    stage.mail(&ALICE.answers(&about_marie, "#fusionner R-2")).await;
    assert_eq!(owned_and_answered(&stage, 1).await, (Some(2), Some(2)));
    assert_eq!(owned_and_answered(&stage, 2).await, (None, None));
    stage.mail(&BOB.answers(&about_tom, "Please change the battery.")).await;
    assert_eq!(owned_and_answered(&stage, 2).await, (None, None), "held, for Marie reads along by now");
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    assert_eq!(owned_and_answered(&stage, 2).await, (Some(4), Some(4)), "{}", stage.story());
}
