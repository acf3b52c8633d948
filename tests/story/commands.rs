//! Commands that miss by a hair, and words that stand where an argument belongs: nothing of such a mail leaves.

use guichet::desk::clock::{Calendar, DaysOff, Week};
use guichet::known_fix::Library;
use jiff::SignedDuration;

use crate::cast::{ACME, ALICE, BOB, DESK, MARIE, TOM};
use crate::house;
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
        "#imprimer Client fâché",
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

#[tokio::test]
async fn an_empty_text_is_refused_with_how_to_write_it() {
    for (french, why, english, because) in [
        ("#note", "La note est vide. Écrivez-la", "#note", "The note is empty. Write it"),
        ("#répondre", "La réponse est vide. Écrivez-la", "#reply", "The answer is empty. Write it"),
        (
            "#escalader N2 :",
            "Il n’y a rien derrière le deux-points",
            "#escalate L2:",
            "There is nothing behind the colon",
        ),
        ("#fournisseur acme", "Il n’y a rien pour acme. Écrivez", "#vendor acme", "There is nothing for acme. Write"),
        ("#pièces 1", "#pièces joint des fichiers à un texte", "#attach 1", "#attach encloses files with a text"),
        ("#publier", "Écrivez sous la commande le texte", "#publish", "Write below the command the text"),
    ] {
        let mut stage = with_a_request("Clavier").await;
        let letter = stage.last_to(ALICE.address);
        let before = left(&stage);
        for (agent, text, reason) in [(ALICE, french, why), (BOB, english, because)] {
            stage.mail(&agent.answers(&letter, text)).await;
            let refusal = stage.last_to(agent.address).mail.body.text;
            assert!(refusal.contains(reason), "{text}: {refusal}");
        }
        assert_eq!(left(&stage), before, "{french}");
    }
}

#[tokio::test]
async fn what_only_asks_or_confirms_opens_no_ticket() {
    for (subject, text, answer) in [
        ("Question", "#liste", "R-000001"),
        ("Question", "#aide", "#escalader N2"),
        ("Question", "#aide\n#liste", "#escalader N2"),
        ("Question", "#statut", "Ce courriel ne désigne aucun billet."),
        ("Question", "#ok", "Rien n’est retenu pour cette lettre."),
        ("Question", "#annuler svp", "Rien n’est retenu pour cette lettre."),
        ("Question", "#libérer", "Rien n’est retenu pour cette lettre."),
        ("Question", "K7QX2MZ4", "Ce code ne répond à aucune lettre."),
        ("#aide", "", "« #aide » se trouve dans l’objet"),
        ("#liste", "Merci", "« #liste » se trouve dans l’objet"),
        ("Question", "- #ok", "« - #ok » ressemble à une commande"),
    ] {
        let mut stage = with_a_request("Clavier").await;
        stage.mail(&ALICE.writes(subject, text).to(&[DESK])).await;
        assert!(!stage.story().contains("R-000002"), "{text}: {}", stage.story());
        let answered = stage.last_to(ALICE.address).mail.body.text.replace('\u{a0}', " ");
        assert!(answered.contains(answer), "{text}: {answered}");
    }
}

#[tokio::test]
async fn days_are_named_in_the_desks_zone() {
    let mut stage = with_a_request("Clavier").await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&letter, "#attente jusqu'au 3 décembre")).await;
    stage.mail(&BOB.answers(&letter, "#pending until 2027-01-04")).await;
    stage.mail(&ALICE.answers(&letter, "#attente 2 jours")).await;
    stage.mail(&BOB.answers(&letter, "#status")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Statut")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn who_asks_hears_once_that_specialists_work_on_it() {
    let mut stage = with_a_request("Clavier").await;
    let letter = stage.last_to(ALICE.address);
    let passed_on = |stage: &Stage| stage.story().matches("[passed_on]").count();
    stage.mail(&ALICE.answers(&letter, "#escaladé au N2 : la prise est morte")).await;
    assert_eq!(passed_on(&stage), 1);
    stage.mail(&ALICE.answers(&letter, "#escalader N3 acme : la prise est morte")).await;
    assert_eq!(passed_on(&stage), 1);
    stage.mail(&ALICE.answers(&letter, "#retourné au N1 : retour à la case départ")).await;
    stage.mail(&ALICE.answers(&letter, "#escaladée à N2 : encore la prise")).await;
    assert_eq!(passed_on(&stage), 2);
}

#[tokio::test]
async fn the_team_reads_what_else_who_asks_has_open_and_nobody_else_does() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#attente jusqu'au 3 décembre")).await;
    for subject in ["Écran", "Souris", "Micro", "Casque", "Câble"] {
        stage.later(SignedDuration::from_hours(1));
        stage.before(&MARIE.writes(subject, "Bonjour, il ne marche plus du tout.")).await;
    }
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#fermer")).await;
    stage.before(&TOM.writes("Keyboard", "Hello, my keyboard does not write any more.")).await;
    stage.later(SignedDuration::from_hours(1));
    stage.mail(&MARIE.writes("Chaise", "Bonjour, la chaise grince.")).await;
    let acknowledged = stage.last_to(MARIE.address).mail.body.text;
    assert!(!acknowledged.contains("Écran"), "{acknowledged}");
    let told = stage.last_to(ALICE.address).mail.body.text;
    insta::assert_snapshot!(told.split("Si vous").next().unwrap());
    let told = stage.last_to(BOB.address).mail.body.text;
    assert!(
        told.contains("Other open tickets of this requester:") && told.contains("Écran · new · nobody owns it"),
        "{told}"
    );
    stage.mail(&TOM.writes("Screen", "Hello, my screen is black.")).await;
    let told = stage.last_to(BOB.address).mail.body.text;
    assert!(told.contains("Keyboard") && !told.contains("Écran"), "{told}");
}

#[tokio::test]
async fn a_moment_is_answered_as_it_was_understood_and_one_that_reads_in_two_ways_is_refused() {
    let mut stage = with_a_request("Clavier").await;
    let letter = stage.last_to(ALICE.address);
    // It is Monday, 3 August 2026, a little after nine.
    for (agent, text, said) in [
        (ALICE, "#attente demain à 9 h 30", "en attente jusqu’au mardi 4 août à 9 h 30"),
        (ALICE, "#attente lundi matin", "en attente jusqu’au lundi 10 août à 8 h"),
        (ALICE, "#attente midi : le dîner", "en attente jusqu’au lundi 3 août à 12 h"),
        (ALICE, "#attente le 4", "en attente jusqu’au mardi 4 août à 8 h"),
        (ALICE, "#attente une semaine", "en attente jusqu’au lundi 10 août à 9 h"),
        (BOB, "#pending tomorrow 2pm", "pending until Tuesday, August 4 at 14:00"),
        (BOB, "#pending next Monday at 10:15", "pending until Monday, August 10 at 10:15"),
        (BOB, "#pending Dec 4", "pending until Friday, December 4 at 08:00"),
        (ALICE, "#attente 04/12", "« 04/12 » n’est pas un motif d’attente"),
        (ALICE, "#attente demain à 9", "« demain à 9 » n’est pas un motif d’attente"),
        (ALICE, "#attente aujourd'hui", "Le lundi 3 août à 8 h n’est plus à venir."),
        (BOB, "#pending until 8:30", "Monday, August 3 at 08:30 is not ahead any more."),
    ] {
        stage.mail(&agent.answers(&letter, text)).await;
        let answered = stage.last_to(agent.address).mail.body.text.replace('\u{a0}', " ");
        assert!(answered.contains(said), "{text}: {answered}");
    }
}

#[tokio::test]
async fn a_day_without_an_hour_is_the_desks_opening_by_its_calendar() {
    let mut policy = house::policy();
    let week = Week::read(["mon-fri 08:30-16:30"]).unwrap();
    let days_off = DaysOff { days: vec!["2026-08-10".parse().unwrap()], ..DaysOff::default() };
    let zone = policy.desks.first().time_zone.clone();
    policy.desks[0].calendar = Some(Calendar { name: "office".to_owned(), zone, week, days_off });
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let letter = stage.last_to(ALICE.address);
    for (text, said) in [
        ("#attente demain", "mardi 4 août à 8 h 30"),
        // A day off, and a Saturday.
        ("#attente lundi", "mardi 11 août à 8 h 30"),
        ("#attente samedi", "mardi 11 août à 8 h 30"),
        ("#attente samedi 10 h", "samedi 8 août à 10 h"),
    ] {
        stage.mail(&ALICE.answers(&letter, text)).await;
        let answered = stage.last_to(ALICE.address).mail.body.text.replace('\u{a0}', " ");
        assert!(answered.contains(said), "{text}: {answered}");
    }
}

#[tokio::test]
async fn whoever_read_along_and_asks_now_or_is_added_again_has_each_letter_once() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.").cc(&[TOM.address])).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#demandeur tom@client.test\n#cc +tom@client.test")).await;
    let letters = stage.letters().len();
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#répondre\nQuel modèle est-ce ?")).await;
    let to_tom = stage.letters()[letters..].iter().filter(|(sent, _)| sent.recipients[0].as_str() == TOM.address);
    assert_eq!(to_tom.count(), 1, "{}", stage.story());
}
