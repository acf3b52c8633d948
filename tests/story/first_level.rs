//! A team whose answers go to the requester by way of the first level (`direct = false`).

use guichet::desk::{Agent, Level, Policy};
use guichet::known_fix::Library;

use crate::cast::{ACME, ALICE, ANNA, BOB, L2, LUC, MARIE};
use crate::client::{Person, Received};
use crate::house::{self, address};
use crate::stage::Stage;

const FIX: &str = "+++\nid = \"scanner-lamp\"\ntitle = \"La lampe du numériseur reste rouge\"\nlanguage = \"fr\"\n\
                   symptoms = [\"lampe rouge du numériseur\"]\nanswer = \"never\"\n+++\nTenez le bouton dix secondes.\n";

fn policy() -> Policy {
    let mut policy = house::policy();
    policy.teams[0].direct = false;
    policy
}

/// Marie asked, the second level has the ticket, and Marie asked again.
async fn escalated(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, house::library(&[FIX])).await;
    stage.before(&MARIE.writes("Numériseur", "Bonjour, le numériseur rend des pages toutes grises.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2\nÀ regarder.")).await;
    stage.before(&MARIE.answers(&stage.last_to(MARIE.address), "Toutes grises encore ce matin.")).await;
    stage
}

fn texts_to(stage: &Stage, address: &str) -> Vec<String> {
    let to = stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address));
    to.map(|(_, letter)| letter.mail.body.text.clone()).collect()
}

fn reached_marie(stage: &Stage, words: &str) -> usize {
    texts_to(stage, MARIE.address).iter().filter(|text| text.contains(words)).count()
}

#[tokio::test]
async fn its_answer_waits_until_the_first_level_passes_it_on_in_its_authors_name_and_once() {
    let mut stage = escalated(policy()).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "Nettoyez la vitre avec un chiffon sec.")).await;
    assert_eq!(reached_marie(&stage, "chiffon sec"), 0, "{}", stage.story());
    let asked: Vec<Received> = [ALICE.address, BOB.address].map(|agent| stage.last_to(agent)).to_vec();
    stage.mail(&ALICE.answers(&asked[0], "#ok")).await;
    stage.mail(&BOB.answers(&asked[1], "#ok")).await;
    assert_eq!(reached_marie(&stage, "chiffon sec"), 1, "{}", stage.story());
    assert_eq!(stage.last_to(MARIE.address).mail.from.unwrap().name.as_deref(), Some("Luc Côté via Guichet"));
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn the_first_level_publishes_or_drops_it() {
    for (word, reached) in [("#publier", 1), ("#publish", 1), ("#annuler", 0)] {
        let mut stage = escalated(policy()).await;
        stage.before(&LUC.answers(&stage.last_to(L2), "Nettoyez la vitre avec un chiffon sec.")).await;
        let asked = stage.last_to(ALICE.address);
        stage.mail(&ALICE.answers(&asked, word)).await;
        stage.mail(&ALICE.answers(&asked, "#ok")).await;
        assert_eq!(reached_marie(&stage, "chiffon sec"), reached, "{word}: {}", stage.story());
        let told = texts_to(&stage, LUC.address).last().cloned().unwrap();
        assert_eq!(told.contains("a écarté votre réponse"), reached == 0, "{word}: {told}");
    }
}

#[tokio::test]
async fn no_command_goes_past_the_first_level() {
    for words in [
        "#répondre\nNettoyez la vitre.",
        "#résolu\nNettoyez la vitre.",
        "#fermer\nNettoyez la vitre.",
        "#attente demandeur\nNettoyez la vitre.",
        "#prendre\nNettoyez la vitre.",
        "#publier",
        "#publier\nNettoyez la vitre.",
        "#solution scanner-lamp",
    ] {
        let mut stage = escalated(policy()).await;
        let letter = stage.last_to(L2);
        stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalate L3 acme\nA scanner shows grey.")).await;
        stage.before(&ANNA.answers(&stage.last_to(ACME), "Nettoyez la vitre, please.")).await;
        let (to_l1, to_marie) = (texts_to(&stage, ALICE.address).len(), texts_to(&stage, MARIE.address).len());
        stage.mail(&LUC.answers(&letter, words)).await;
        stage.mail(&LUC.answers(&stage.last_to(LUC.address), "#ok")).await;
        assert_eq!(texts_to(&stage, MARIE.address).len(), to_marie, "{words}: {}", stage.story());
        assert_eq!(texts_to(&stage, ALICE.address).len(), to_l1 + 1, "{words}: {}", stage.story());
        stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#ok")).await;
        assert_eq!(texts_to(&stage, MARIE.address).len(), to_marie + 1, "{words}: {}", stage.story());
    }
}

#[tokio::test]
async fn an_agent_of_its_level_answers_as_the_team_does() {
    let lea = Person { name: "Léa Roy", address: "lea@helpdesk.test", ..LUC };
    let mut policy = policy();
    let (address, name) = (address(lea.address), lea.name.to_owned());
    policy.agents.push(Agent { address, name, level: Level::L2, language: None, desk: None });
    let mut stage = escalated(policy).await;
    stage.mail(&lea.answers(&stage.last_to(L2), "Nettoyez la vitre avec un chiffon sec.")).await;
    assert_eq!(reached_marie(&stage, "chiffon sec"), 0, "{}", stage.story());
}

#[tokio::test]
async fn where_nobody_is_at_the_first_level_it_answers_itself() {
    let mut policy = policy();
    policy.agents.clear();
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Numériseur", "Bonjour, le numériseur rend des pages toutes grises.")).await;
    let answer = LUC.writes("[SD R-000001] Numériseur", "#répondre\nNettoyez la vitre avec un chiffon sec.");
    stage.mail(&answer).await;
    assert_eq!(reached_marie(&stage, "chiffon sec"), 1, "{}", stage.story());
}
