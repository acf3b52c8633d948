//! Commands that miss by a hair, and words that stand where an argument belongs: nothing of such a mail leaves.

use crate::cast::{ACME, ALICE, BOB, MARIE};
use crate::stage::Stage;

/// A stage on which Marie asked for help, and both agents know of it.
async fn with_a_request(subject: &str) -> Stage {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes(subject, "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
}

/// The letters that Marie or the vendor got since.
fn left(stage: &Stage) -> usize {
    let is_outside = |address: &str| address == MARIE.address || address == ACME;
    let outside = stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|one| is_outside(one.as_str())));
    outside.count()
}

#[tokio::test]
async fn what_misses_a_command_by_a_hair_reaches_nobody() {
    for text in [
        "# note\nClient fâché.",
        "- #note\nClient fâché.",
        "*#note*\nClient fâché.",
        "＃note\nClient fâché.",
        "\\#note\nClient fâché.",
        "Bonjour, #note client fâché.",
        "Bonjour,\n\n1. #note client fâché",
        "#prendre #note client fâché",
        "#escalader L3 Lexmark : il n'écrit plus",
        "#escalader L3 il n'écrit plus",
        "#pièces deux",
        "#scinder Client fâché",
        "#note",
    ] {
        let mut stage = with_a_request("Clavier").await;
        let before = left(&stage);
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), text)).await;
        assert_eq!(left(&stage), before, "{text}");
        let refusal = stage.last_to(ALICE.address).mail.body.text;
        assert!(refusal.starts_with("RIEN N’A ÉTÉ FAIT"), "{text}: {refusal}");
    }
}

#[tokio::test]
async fn a_command_in_the_subject_holds_the_answer_unless_the_requester_wrote_it() {
    let mut stage = with_a_request("Que veut dire #note").await;
    let letter = stage.last_to(ALICE.address);
    let before = left(&stage);
    let mut answer = ALICE.answers(&letter, "Client fâché.");
    answer.subject = format!("#note {}", answer.subject);
    stage.mail(&answer).await;
    assert_eq!(left(&stage), before);
    stage.mail(&ALICE.answers(&letter, "C'est un mot à nous.")).await;
    assert_eq!(left(&stage), before + 1);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_would_be_right() {
    let mut stage = with_a_request("Clavier").await;
    let letter = stage.last_to(ALICE.address);
    for text in [
        "#escalader N3 Lexmark : vide\n#retour N2\n#assigner Carl\n#priorité haute\n#desk ventes\n#fusionner imprimante",
        "#fusionner R-1\n#attente 2020-01-01\n#pièces 3\n#pièces trois\n#solution toner",
    ] {
        stage.mail(&ALICE.answers(&letter, text)).await;
    }
    stage
        .mail(&BOB.answers(&letter, "#escalate L3 Lexmark: empty\n#assign Carl\n#pending 2020-01-01\n#merge R-1"))
        .await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_colleague_is_named_by_first_name_and_participles_are_commands() {
    let mut stage = with_a_request("Clavier").await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#assignée Bob\n#attente demain")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#résolue\nC'était la pile.")).await;
    insta::assert_snapshot!(stage.told());
}
