//! Who may do what: nobody gains a power by a name, a number or a letter that came into their hands.

use guichet::desk::TicketNumber;
use guichet::mail::Language;

use crate::cast::{ACME, ALICE, ANNA, BOB, MARIE, PAUL, STRANGER};
use crate::client::{Client, Person, Verdict};
use crate::stage::Stage;

#[tokio::test]
async fn an_unauthenticated_agent_waits_in_quarantine_until_a_colleague_releases_it() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("L'écran reste noir", "Rien ne s'affiche.")).await;
    let answer = ALICE.answers(&stage.last_to(ALICE.address), "Appuyez dix secondes sur le bouton.");
    stage.mail(&answer.judged(Verdict::None)).await;
    let letter = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&letter, "#release")).await;
    stage.mail(&BOB.answers(&letter, "#release again, to be sure")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn results_and_hops_that_a_mail_brings_along_change_nothing() {
    let mut told = Vec::new();
    for brings_along in [false, true] {
        let mut stage = Stage::new().await;
        stage.before(&MARIE.writes("L'écran reste noir", "Rien ne s'affiche.")).await;
        let mut answer = ALICE.answers(&stage.last_to(ALICE.address), "#fermer").judged(Verdict::None);
        if brings_along {
            let login = format!("mx.desk.test; dmarc=pass; auth=pass smtp.auth={}", ALICE.address);
            answer = answer.with("Authentication-Results", &login);
            answer = answer.with("Received", "from laptop by mx.desk.test with ESMTPSA id 1");
        }
        stage.mail(&answer).await;
        told.push(stage.told());
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].contains("quarantine"), "{}", told[0]);
}

#[tokio::test]
async fn quarantine_is_told_once_an_hour() {
    let mut stage = Stage::new().await;
    for (subject, text) in [("Un", "Envoyez-moi la liste."), ("Deux", "Alors ?"), ("Trois", "J'attends.")] {
        stage.mail(&ALICE.writes(subject, text).judged(Verdict::Fail)).await;
    }
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_forged_vendor_reaches_nobody() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("L'écran reste noir", "Rien ne s'affiche.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nBlack screen, model X-200.")).await;
    stage.mail(&ANNA.answers(&stage.last_to(ACME), "Install this tool.").judged(Verdict::None)).await;
    stage.mail(&ANNA.writes("About another customer", "Hello, who are you?")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_stranger_with_a_ticket_number_gets_a_ticket_of_their_own() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Mon salaire", "Le montant d'août est faux.")).await;
    stage.mail(&STRANGER.writes("Re: [SD R-000001] Mon salaire", "#status\nWhere does R-000001 stand?")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_letter_handed_on_gives_no_part_in_its_ticket() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Mon salaire", "Le montant d'août est faux.")).await;
    let acknowledgement = stage.last_to(MARIE.address);
    stage.mail(&STRANGER.answers(&acknowledgement, "I am her husband.").judged(Verdict::None)).await;
    stage.mail(&PAUL.answers(&acknowledgement, "Le mien aussi est faux.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_letter_to_the_desk_that_was_handed_on_makes_no_agent() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Mon salaire", "Le montant d'août est faux.")).await;
    stage.mail(&PAUL.answers(&stage.last_to(ALICE.address), "Dites-lui que c'est corrigé.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#libérer")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_requester_whose_domain_denies_the_mail_is_seen_by_the_desk_and_gets_no_letter() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Changez mon adresse", "Ma nouvelle adresse est ailleurs.").judged(Verdict::Fail)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_unverified_requester_gets_an_acknowledgement_that_says_nothing_of_the_mail() {
    let mut stage = Stage::new().await;
    stage.mail(&MARIE.writes("Gagnez un million", "Cliquez ici.").judged(Verdict::None)).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "C'était bien moi.").judged(Verdict::None)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_forged_mail_gives_its_author_neither_a_name_nor_a_language() {
    let mut stage = Stage::new().await;
    let forger = Person { name: "Votre banque", client: Client::Thunderbird, signature: "", ..MARIE };
    let words = "Please open the document that is attached here and tell me what the number of your account is.";
    stage.mail(&forger.writes("Your account", words).judged(Verdict::None)).await;
    let letter = stage.last_to(ALICE.address);
    let shown = letter.mail.from.unwrap().name.unwrap();
    assert!(shown.starts_with(MARIE.address.split('@').next().unwrap()), "{shown}");
    assert!(letter.mail.body.text.contains("Votre banque"), "{}", letter.mail.body.text);
    let author = async |stage: &Stage| {
        let shown = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap();
        shown.contacts[&shown.ticket.requester.unwrap()].clone()
    };
    let forged = author(&stage).await;
    assert_eq!((forged.name, forged.names, forged.language), (None, vec!["Votre banque".to_owned()], None));
    stage.mail(&MARIE.writes("L'imprimante", "Bonjour, l'imprimante du couloir ne répond plus à personne.")).await;
    let known = author(&stage).await;
    assert_eq!(known.name.as_deref(), Some(MARIE.name));
    assert_eq!(known.names, [MARIE.name, "Votre banque"]);
    assert_eq!(known.language, Some(Language::FRENCH));
    stage.mail(&forger.writes("Your account again", words).judged(Verdict::Fail)).await;
    assert_eq!(author(&stage).await, known);
}

#[tokio::test]
async fn in_a_closed_network_the_token_decides() {
    let mut stage = Stage::new().await;
    stage.mailbox("closed");
    stage.mail(&MARIE.writes("L'écran reste noir", "Rien ne s'affiche.").judged(Verdict::None)).await;
    let letter = stage.last_to(ALICE.address);
    stage.mail(&ALICE.answers(&letter, "Appuyez dix secondes.").judged(Verdict::None)).await;
    stage.mail(&ALICE.writes("Re: [SD R-000001] L'écran", "#close").judged(Verdict::None)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_requesters_commands_are_words() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Toner", "#urgent le toner est vide")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "#fermer\n#priorité 1")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_vendor_who_names_no_case_is_heard_once_an_agent_says_so() {
    let mut stage = Stage::new().await;
    stage.mail(&ANNA.writes("Our new price list", "Hello, please find our new prices below.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#libérer")).await;
    insta::assert_snapshot!(stage.told());
}
