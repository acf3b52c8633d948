//! Whom people belong to, and what the operator's rules hand on by themselves.

use std::time::Duration;

use guichet::desk::{
    ClockName, ClockState, Escalation, Level, Organisation, Policy, Priority, State, Target, TicketNumber, Vendor,
};
use guichet::known_fix::Library;
use guichet::mail::Language;
use guichet::store::TicketShown;
use jiff::SignedDuration;

use crate::cast::{ACME, ALICE, BOB, L2, LUC, MARIE, STRANGER, TOM};
use crate::client::{Client, Person, Verdict};
use crate::stage::Stage;
use crate::{clocks, house};

const CABLES: &str = "help@cables.test";

/// Nobody here has ever heard of her.
const ZOE: Person = Person { name: "Zoé", address: "zoe@client.test", client: Client::Gmail, signature: "" };

/// Marie, Tom and Paul are the client's people, for whom an answer is promised within an hour, and whose vendor is acme.
fn policy() -> Policy {
    let policy = clocks::policy();
    let client = Organisation {
        name: "client".to_owned(),
        display_name: "Client inc.".to_owned(),
        domains: vec!["client.test".to_owned()],
        addresses: Vec::new(),
        calendar: None,
        language: Some(Language::ENGLISH),
        vendor: Some("acme".to_owned()),
    };
    let hour = Some(Duration::from_secs(3600));
    let agreed = Target { organisation: Some("client".to_owned()), tto: hour, ..Target::default() };
    let cables = Vendor {
        name: "cables".to_owned(),
        address: house::address(CABLES),
        domains: vec!["cables.test".to_owned()],
        ..policy.vendors[0].clone()
    };
    Policy {
        vendors: policy.vendors.iter().cloned().chain([cables]).collect(),
        targets: policy.targets.iter().cloned().chain([agreed]).collect(),
        organisations: vec![client],
        managers: Vec::new(),
        ..policy
    }
}

fn ruled(rules: Vec<Escalation>) -> Policy {
    Policy { escalations: rules, ..policy() }
}

/// What is about the pay goes to L2, and is urgent.
fn payroll() -> Escalation {
    Escalation {
        name: "paie".to_owned(),
        words: vec!["feuille de temps".to_owned(), "paie".to_owned()],
        level: Some(Level::L2),
        set_priority: Some(Priority(2)),
        ..Escalation::default()
    }
}

/// Keyboards of the client's are acme's.
fn keyboards() -> Escalation {
    Escalation {
        name: "claviers".to_owned(),
        words: vec!["clavier".to_owned()],
        organisation: Some("client".to_owned()),
        level: Some(Level::L3),
        ..Escalation::default()
    }
}

async fn stage(policy: Policy) -> Stage {
    Stage::with(policy, Library::default()).await
}

async fn shown(stage: &Stage) -> TicketShown {
    stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap()
}

async fn organisation(stage: &Stage) -> Option<String> {
    shown(stage).await.ticket.organisation
}

fn count_to(stage: &Stage, address: &str) -> usize {
    stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address)).count()
}

#[tokio::test]
async fn whom_a_requester_belongs_to_is_known_to_agents_alone() {
    let mut stage = stage(policy()).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    assert_eq!(organisation(&stage).await.as_deref(), Some("client"));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader N3 : A keyboard writes nothing.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Nous avons demandé au fabricant.")).await;
    for (sent, letter) in stage.letters() {
        let names = [&letter.mail.body.text, &letter.mail.subject].iter().any(|text| text.contains("Client inc."));
        let is_staff = |to: &str| [ALICE.address, BOB.address, L2].contains(&to);
        assert_eq!(names, is_staff(sent.recipients[0].as_str()), "{}", letter.mail.body.text);
    }
    assert_eq!(count_to(&stage, ACME), 1, "of two vendors the organisation's is meant");
}

#[tokio::test]
async fn a_ticket_belongs_to_whoever_asks_and_goes_with_the_request_to_somebody_else() {
    let mut stage = stage(policy()).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let target = async |stage: &Stage| shown(stage).await.ticket.clock(ClockName::Tto, None).unwrap().target;
    assert_eq!(target(&stage).await, 3600, "as it was agreed with the client");
    let given = format!("#demandeur {}", STRANGER.address);
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &given)).await;
    assert_eq!((organisation(&stage).await, target(&stage).await), (None, 7200), "as everybody's");
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("#requester {}", TOM.address))).await;
    assert_eq!(organisation(&stage).await.as_deref(), Some("client"));
}

#[tokio::test]
async fn a_call_and_a_mail_that_an_agent_hands_on_belong_to_the_one_who_asks() {
    let mut stage = stage(policy()).await;
    let asked = MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.");
    stage.mail(&ALICE.forwards(&asked, "")).await;
    assert_eq!(organisation(&stage).await.as_deref(), Some("client"));
}

#[tokio::test]
async fn where_nothing_tells_people_are_written_to_in_the_language_of_their_organisation() {
    let mut stage = stage(policy()).await;
    stage.mail(&ZOE.writes("4711", "4711")).await;
    let text = stage.last_to(ZOE.address).mail.body.text;
    assert!(text.contains("We have received your request"), "{text}");
    stage.mail(&STRANGER.writes("4711", "4711")).await;
    let text = stage.last_to(STRANGER.address).mail.body.text;
    assert!(text.contains("Nous avons bien reçu votre demande"), "{text}");
}

#[tokio::test]
async fn a_rule_takes_a_request_to_the_second_level_and_the_first_hears_of_it_once() {
    let mut stage = stage(ruled(vec![payroll()])).await;
    stage.mail(&MARIE.writes("Accès", "Bonjour,\n\nMa Feuille  de temps ne s'ouvre plus.")).await;
    stage.mail(&LUC.answers(&stage.last_to(L2), "Je regarde cela.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn words_within_other_words_and_other_senders_are_not_meant() {
    let rules = vec![
        payroll(),
        Escalation { name: "eux".to_owned(), senders: vec!["elsewhere.test".to_owned()], ..payroll() },
        Escalation { name: "bas".to_owned(), priority: Some(Priority(2)), words: Vec::new(), ..payroll() },
    ];
    let mut stage = stage(ruled(rules)).await;
    stage.mail(&MARIE.writes("Paiement", "Bonjour, la page des paiements est vide.")).await;
    assert_eq!(shown(&stage).await.ticket.level, Level::L1);
    assert_eq!(count_to(&stage, L2), 0);
}

#[tokio::test]
async fn a_rule_hands_a_request_to_the_vendor_and_names_nobody() {
    let mut stage = stage(ruled(vec![keyboards()])).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier de Marie Tremblay n'écrit plus du tout.")).await;
    let to_vendor = stage.last_to(ACME).mail.body.text;
    assert!(to_vendor.contains("n'écrit plus du tout"), "{to_vendor}");
    for hidden in ["Marie", "Tremblay", "555-0142", "client", "Client"] {
        assert!(!to_vendor.contains(hidden), "{hidden}: {to_vendor}");
    }
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn what_looks_secret_or_is_proven_by_nothing_goes_to_no_vendor_by_itself() {
    for (mail, why) in [
        (
            MARIE.writes("Clavier", "Bonjour, le clavier est mort. Mon mot de passe : Tigre-4711-bleu"),
            "le texte semble contenir un secret",
        ),
        (
            MARIE.writes("Clavier", "Bonjour, le clavier est mort.").judged(Verdict::None),
            "l’expéditeur n’a pas pu être authentifié",
        ),
    ] {
        let mut stage = stage(ruled(vec![keyboards()])).await;
        stage.mail(&mail).await;
        assert_eq!((count_to(&stage, ACME), shown(&stage).await.ticket.level), (0, Level::L1), "{why}");
        let told = stage.last_to(ALICE.address).mail.body.text;
        assert!(told.contains(why) && told.contains("#escalader N3 acme"), "{told}");
        assert_eq!(count_to(&stage, ALICE.address), 1);
    }
}

#[tokio::test]
async fn who_took_a_ticket_already_decides_where_it_goes() {
    let mut stage = stage(ruled(vec![payroll()])).await;
    let asked = MARIE.writes("Ma paie", "Bonjour, ma paie n'est pas arrivée.");
    stage.mail(&ALICE.forwards(&asked, "")).await;
    let ticket = shown(&stage).await.ticket;
    assert_eq!((ticket.level, ticket.priority, ticket.agent.is_some()), (Level::L1, Priority(2), true));
    assert_eq!(count_to(&stage, L2), 0);
}

#[tokio::test]
async fn behind_many_cases_within_an_hour_rules_hand_a_vendor_no_more_and_the_first_level_is_told() {
    let mut policy = ruled(vec![keyboards()]);
    policy.limits.cases_by_rule_per_vendor_per_hour = 2;
    let mut stage = stage(policy).await;
    let request =
        |post: usize| MARIE.writes(&format!("Poste {post}"), &format!("Bonjour, le clavier {post} n'écrit plus."));
    let [first, second] = [1, 2].map(request);
    stage.mails(&[&first, &second]).await;
    assert_eq!(count_to(&stage, ACME), 2);
    stage.mail(&request(3)).await;
    assert_eq!(count_to(&stage, ACME), 2, "{}", stage.story());
    let told = stage.last_to(ALICE.address);
    assert!(told.mail.body.text.contains("trop de dossiers y ont été ouverts"), "{}", told.mail.body.text);
    let third = stage.gateway.store.ticket(TicketNumber(3)).await.unwrap().unwrap().ticket;
    assert_eq!((third.level, third.state), (Level::L1, State::New), "its clocks go on");
    let tripped = stage.gateway.store.brakes_tripped(third.opened_at - SignedDuration::from_hours(1)).await.unwrap();
    assert!(tripped.contains(&("vendor".to_owned(), 1)) && tripped.contains(&("kind".to_owned(), 0)), "{tripped:?}");

    stage.mail(&ALICE.answers(&told, "#escalader L3 acme : un troisième clavier")).await;
    assert_eq!(count_to(&stage, ACME), 3, "what an agent sends always leaves: {}", stage.story());
    stage.wait(SignedDuration::from_hours(2)).await;
    stage.mail(&request(4)).await;
    assert_eq!(count_to(&stage, ACME), 4, "{}", stage.story());
}

#[tokio::test]
async fn a_promise_that_the_first_level_breaks_takes_the_ticket_to_the_second() {
    let forgotten = Escalation {
        name: "oublie".to_owned(),
        clock: Some(ClockName::Tto),
        level: Some(Level::L2),
        ..Escalation::default()
    };
    let mut stage = stage(ruled(vec![forgotten])).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.wait(SignedDuration::from_mins(50)).await;
    stage.wait(SignedDuration::from_mins(15)).await;
    stage.wait(SignedDuration::from_hours(24)).await;
    let escalated =
        |shown: &TicketShown| shown.history.iter().filter(|happened| happened.event.name() == "escalated").count();
    assert_eq!(escalated(&shown(&stage).await), 1);
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_ticket_whose_organisation_or_team_has_left_the_configuration_keeps_its_clocks() {
    let mut policy = policy();
    policy.teams[0].first_answer = Some(Duration::from_secs(4 * 3600));
    let mut stage = stage(policy.clone()).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader N2 : voir le port")).await;
    let before = shown(&stage).await.ticket.clocks;
    assert_eq!(before.iter().filter(|clock| clock.state == ClockState::Running).count(), 3, "{before:?}");

    let gone = Policy { organisations: Vec::new(), targets: clocks::policy().targets, teams: Vec::new(), ..policy };
    stage.gateway.policy = gone;
    stage.restart().await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Et la souris non plus.")).await;
    let after = shown(&stage).await.ticket;
    assert_eq!(after.organisation.as_deref(), Some("client"));
    for clock in &before {
        let kept = after.clock(clock.name, clock.party.as_deref()).unwrap();
        assert_eq!((kept.target, kept.state), (clock.target, clock.state), "{clock:?}");
        assert!(kept.run_ms >= clock.run_ms);
    }
    stage.wait(SignedDuration::from_hours(2)).await;
    let ticket = shown(&stage).await.ticket;
    assert!(ticket.clock(ClockName::Tto, None).is_some_and(|clock| clock.breached), "what was promised stays promised");
    assert!(stage.last_to(ALICE.address).mail.body.text.contains("client"), "by its bare name");
}
