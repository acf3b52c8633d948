//! Known fixes: offered once, and believed only when the requester says so.

use std::sync::Arc;

use guichet::gateway::Shelf;

use crate::cast::{ALICE, BOB, MARIE, PAUL, STRANGER};
use crate::house;
use crate::stage::Stage;

const TONER: &str = r#"+++
id = "toner-vide"
title = "Remplacer la cartouche de toner"
language = "fr"
symptoms = ["le toner est vide", "l'imprimante demande une cartouche", "remplacer la cartouche de toner"]
answer = "suggest"
+++

Les cartouches sont dans l'armoire du couloir. Ouvrez le capot, tirez l'ancienne, poussez la nouvelle.
"#;

const VPN: &str = r#"+++
id = "vpn"
title = "Le VPN ne se connecte pas"
language = "fr"
symptoms = ["le vpn ne se connecte pas", "connexion vpn impossible"]
answer = "suggest"
+++

Redémarrez le client VPN.
"#;

async fn stage(how: &str) -> Stage {
    let toner = TONER.replace("suggest", how);
    Stage::with(house::policy(), house::library(&[&toner, VPN])).await
}

#[tokio::test]
async fn a_known_fix_is_suggested_and_yes_resolves() {
    let mut stage = stage("suggest").await;
    stage
        .mail(&MARIE.writes("Cartouche de toner", "Bonjour, le toner est vide, comment remplacer la cartouche ?"))
        .await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Oui")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn no_brings_a_human() {
    let mut stage = stage("suggest").await;
    stage
        .mail(&MARIE.writes("Cartouche de toner", "Bonjour, le toner est vide, comment remplacer la cartouche ?"))
        .await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Non")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Oui")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_known_fix_that_answers_by_itself_says_how_to_reach_a_human() {
    let mut stage = stage("auto").await;
    stage
        .mail(&MARIE.writes("Cartouche de toner", "Bonjour, le toner est vide, comment remplacer la cartouche ?"))
        .await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Oui mais l'armoire est fermée à clé.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn who_has_tried_something_gets_no_automatic_answer() {
    let mut stage = stage("auto").await;
    let words = "Bonjour, le toner est vide, comment remplacer la cartouche ? J'ai déjà essayé ce que dit l'affiche.";
    stage.mail(&MARIE.writes("Cartouche de toner", words)).await;
    assert!(stage.story().contains("[acknowledgement]") && !stage.story().contains("[known_fix]"), "{}", stage.story());
}

#[tokio::test]
async fn an_agent_sends_a_known_fix() {
    let mut stage = stage("never").await;
    stage
        .mail(&MARIE.writes("Cartouche de toner", "Bonjour, le toner est vide, comment remplacer la cartouche ?"))
        .await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#solution toner-vide")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "OUI !")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_article_refused_too_often_is_only_suggested_and_the_team_is_told() {
    let mut stage = stage("auto").await;
    let words = "Bonjour, le toner est vide, comment remplacer la cartouche ?";
    for requester in [&MARIE, &PAUL, &STRANGER] {
        stage.before(&requester.writes("Cartouche de toner", words)).await;
        stage.mail(&requester.answers(&stage.last_to(requester.address), "Non, ça ne marche toujours pas.")).await;
    }
    stage.mail(&MARIE.writes("Cartouche de toner, encore", words)).await;
    stage.gateway.store.resume_known_fix("toner-vide").await.unwrap();
    stage.mail(&PAUL.writes("Cartouche de toner, encore", words)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_resolved_ticket_becomes_a_draft_that_names_nobody_and_is_in_use_at_once() {
    let mut stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let shelf =
        Shelf::open(vec![("support".to_owned(), folder.path().to_owned())], guichet::config::known_fixes, 0.5).unwrap();
    stage.gateway.shelf = Arc::new(shelf);
    let asked = "Bonjour,\n\nL'agrafeuse du photocopieur est coincée. Rappelez-moi au 514 555-0142 ou écrivez à marie@client.test.";
    stage.before(&MARIE.writes("Agrafeuse du photocopieur", asked)).await;
    let answer = "Bonjour Marie,\n\nOuvrez le tiroir de gauche et retirez la cartouche d'agrafes.\nVotre mot de passe : Soleil99\n\nMerci";
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#résolu\n{answer}"))).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#fix new Agrafeuse coincée (Marie Tremblay)")).await;
    stage.gateway.tend_shelf().await.unwrap();
    let file = std::fs::read_to_string(folder.path().join("agrafeuse-coincee.md")).unwrap();
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#solution agrafeuse-coincee")).await;
    insta::assert_snapshot!(format!("{}\n--- agrafeuse-coincee.md\n{file}", stage.told()));
}

#[tokio::test]
async fn the_text_under_the_command_is_the_solution_and_goes_to_nobody() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Écran noir", "Bonjour, l'écran du portable reste noir.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nC'est réglé.")).await;
    let command = "#solution nouveau L'écran reste noir\nTenez le bouton dix secondes.";
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), command)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn no_draft_is_made_of_what_is_not_solved_yet() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Écran noir", "Bonjour, l'écran du portable reste noir.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#solution nouveau L'écran reste noir\nUn câble.")).await;
    assert!(stage.gateway.store.drafts().await.unwrap().is_empty());
    assert!(stage.story().contains("[command_refused]"), "{}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#solution nouveau")).await;
    insta::assert_snapshot!(stage.told());
}
