//! Agents work by mail: answers that cross, mails handed in for others, what was held.

use guichet::desk::EscalationBy;
use guichet::known_fix::Library;

use crate::cast::{ACME, ALICE, ANNA, BOB, L2, LUC, MARIE};
use crate::house;
use crate::stage::Stage;

#[tokio::test]
async fn an_answer_that_crosses_a_colleagues_is_held_until_its_author_says_ok() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let seen_by_bob = stage.last_to(BOB.address);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.")).await;
    stage.mail(&BOB.answers(&seen_by_bob, "Please restart it.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_held_answer_can_be_withdrawn() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Voici.\n#fermer")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#annuler")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_agent_hands_in_a_customers_mail() {
    let mut stage = Stage::new().await;
    let original = MARIE.writes("Souris perdue", "Ma souris a disparu.").to(&[ALICE.address]);
    stage.mail(&ALICE.forwards(&original, "")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Une autre vous attend à l'accueil.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn an_agent_writes_down_a_call() {
    let mut stage = Stage::new().await;
    stage.mail(&ALICE.writes("Souris perdue", "#demandeur marie@client.test\nElle a perdu sa souris.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Une autre vous attend à l'accueil.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_team_that_is_escalated_to_by_cc_reads_along() {
    let mut policy = house::policy();
    policy.teams[0].escalation = EscalationBy::Cc;
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ ouvrir.")).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "Je l'ouvrirai demain.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "D'accord, à demain matin.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn what_looks_like_a_secret_is_held_before_a_vendor() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Portail", "Bonjour, le portail me refuse.\nMot de passe : Tulipe-1987!")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
    assert!(stage.letters().iter().any(|(sent, _)| sent.recipients[0].as_str() == ACME));
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_new_agents_first_answers_each_get_a_receipt() {
    let mut policy = house::policy();
    policy.receipts_at_first = 1;
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Changez la pile.")).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Quelle pile faut-il acheter ?")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Une AA.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_case_number_that_stands_in_the_text_of_a_robot_is_learned() {
    let mut stage = Stage::new().await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nA keyboard does not write.")).await;
    let receipt = ANNA.answers(&stage.last_to(ACME), "Thank you. Your case INC0123456 has been created.");
    stage.mail(&receipt.with("Auto-Submitted", "auto-replied")).await;
    insta::assert_snapshot!(stage.told());
}
