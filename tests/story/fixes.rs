//! Known fixes: offered once, and believed only when the requester says so.

use crate::cast::{ALICE, MARIE, PAUL, STRANGER};
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
