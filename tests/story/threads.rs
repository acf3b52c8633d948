//! Threads: each mail joins what its author may, whoever wrote there first.

use guichet::store::TicketShown;
use proptest::prelude::*;

use crate::cast::{ALICE, DESK, MARIE, PAUL, STRANGER};
use crate::client::{Mail, Verdict};
use crate::laws::tickets;
use crate::stage::Stage;

const ROOT: &str = "kitchen.plan.2026@client.test";
const SECRET: &str = "mon augmentation de huit pour cent";

/// The stranger cites the thread in which Marie writes, with her in Cc.
fn squat() -> Mail {
    let mut mail = STRANGER.writes("Cuisine", "Où en est-on ?").cc(&[MARIE.address]);
    mail.in_reply_to = Some(ROOT.to_owned());
    mail.references = vec![ROOT.to_owned()];
    mail
}

fn maries_private_mail() -> Mail {
    let mut mail = MARIE.writes("RE: Cuisine", "Entre nous : la paie oublie mon augmentation.");
    mail.in_reply_to = Some(ROOT.to_owned());
    mail.references = vec![ROOT.to_owned()];
    mail
}

fn letters_to(stage: &Stage, address: &str) -> Vec<String> {
    let to = stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address));
    to.map(|(_, letter)| letter.mail.body.text.clone()).collect()
}

async fn asked_by(stage: &Stage, address: &str) -> Vec<TicketShown> {
    let mut tickets = tickets(stage).await;
    tickets.retain(|shown| shown.ticket.requester.is_some_and(|id| shown.contacts[&id].address.as_str() == address));
    tickets
}

/// Marie's mail has a ticket of its own, and nothing of it or of its answer reaches the stranger.
async fn marie_is_alone(mut stage: Stage, mail: &Mail) {
    stage.mail(mail).await;
    assert_eq!(asked_by(&stage, MARIE.address).await.len(), 1, "{}", stage.story());
    assert!(letters_to(&stage, MARIE.address).iter().any(|text| text.contains("bien reçu")), "{}", stage.story());
    let before = letters_to(&stage, STRANGER.address).len();
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("Elle verse bientôt {SECRET}."))).await;
    assert_eq!(letters_to(&stage, STRANGER.address).len(), before, "{}", stage.story());
    assert!(letters_to(&stage, MARIE.address).last().unwrap().contains(SECRET), "{}", stage.story());
}

#[tokio::test]
async fn a_thread_that_a_stranger_cited_first_takes_in_no_mail_of_its_people() {
    let mut stage = Stage::new().await;
    stage.mail(&squat()).await;
    Box::pin(marie_is_alone(stage, &maries_private_mail())).await;
}

#[tokio::test]
async fn an_identifier_that_a_stranger_wrote_under_takes_in_no_mail_that_cites_it() {
    let mut stage = Stage::new().await;
    let mail = Mail { id: ROOT.to_owned(), in_reply_to: None, references: Vec::new(), ..squat() };
    stage.mail(&mail).await;
    Box::pin(marie_is_alone(stage, &maries_private_mail())).await;
}

#[tokio::test]
async fn a_mail_is_not_taken_in_by_a_stranger_who_wrote_under_its_identifier_first() {
    let mut stage = Stage::new().await;
    let mail = Mail { id: "later@client.test".to_owned(), ..squat() };
    stage.mail(&mail).await;
    let mail = Mail { id: "later@client.test".to_owned(), ..maries_private_mail() };
    Box::pin(marie_is_alone(stage, &mail)).await;
}

#[tokio::test]
async fn what_somebody_forged_in_a_name_takes_in_no_mail_of_its_owner() {
    let mut stage = Stage::new().await;
    let forged = Mail { from: maries_private_mail().from, ..squat() };
    stage.mail(&forged.judged(Verdict::Fail)).await;
    stage.mail(&maries_private_mail()).await;
    assert!(letters_to(&stage, MARIE.address).iter().any(|text| text.contains("bien reçu")), "{}", stage.story());
    let tickets = tickets(&stage).await;
    assert_eq!(tickets.iter().map(|shown| shown.entries.len()).collect::<Vec<_>>(), [1, 1], "{}", stage.story());
}

#[tokio::test]
async fn an_agents_own_mail_to_a_customer_is_not_on_the_ticket_of_a_stranger_who_cited_the_thread_first() {
    let mut stage = Stage::new().await;
    let mail = Mail { cc: Vec::new(), ..squat() };
    stage.mail(&mail).await;
    let mut direct = ALICE.writes("RE: Cuisine", "Votre augmentation est en ordre.").to(&[MARIE.address]).cc(&[DESK]);
    direct.in_reply_to = Some(ROOT.to_owned());
    stage.mail(&direct).await;
    let of_marie = asked_by(&stage, MARIE.address).await;
    assert!(of_marie.len() == 1 && of_marie[0].entries.len() == 1, "{}", stage.story());
    assert_eq!(asked_by(&stage, STRANGER.address).await[0].entries.len(), 1, "{}", stage.story());
}

#[tokio::test]
async fn a_colleague_who_reads_along_joins_by_an_answer_to_all_and_goes_on_from_it() {
    let mut stage = Stage::new().await;
    let request = MARIE.writes("Cuisine", "Le four ne chauffe plus.").cc(&[PAUL.address]);
    stage.mail(&request).await;
    let more = request.answered_to_all_by(&PAUL, "Le grille-pain non plus.");
    stage.mail(&more).await;
    let mut again = PAUL.writes("Re: Cuisine", "Ni la bouilloire.");
    again.in_reply_to = Some(more.id.clone());
    stage.mail(&again).await;
    let tickets = tickets(&stage).await;
    assert!(tickets.len() == 1 && tickets[0].entries.len() == 3, "{}", stage.story());
}

/// How two mails may name one thread.
#[derive(Clone, Copy, Debug)]
enum Naming {
    Cites,
    CitesAmongOthers,
    Bears,
}

fn naming(mail: Mail, naming: Naming) -> Mail {
    match naming {
        Naming::Cites => Mail { in_reply_to: Some(ROOT.to_owned()), references: vec![ROOT.to_owned()], ..mail },
        Naming::CitesAmongOthers => {
            let references = vec!["first@client.test".to_owned(), ROOT.to_owned(), "last@client.test".to_owned()];
            Mail { in_reply_to: None, references, ..mail }
        }
        Naming::Bears => Mail { id: ROOT.to_owned(), in_reply_to: None, references: Vec::new(), ..mail },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whoever_wrote_in_a_thread_first_reads_nothing_of_those_who_did_not_write_to_them(
        first in prop::sample::select(vec![Naming::Cites, Naming::CitesAmongOthers, Naming::Bears]),
        then in prop::sample::select(vec![Naming::Cites, Naming::CitesAmongOthers, Naming::Bears]),
        verdict in prop::sample::select(vec![Verdict::Pass, Verdict::None]),
        in_cc in any::<bool>(),
        names_stranger in any::<bool>(),
        subject in prop::sample::select(vec!["Cuisine", "Re: Cuisine", "RE: Cuisine - confidentiel", "Re: [SD R-000001] Cuisine"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut stage = Stage::in_memory().await;
            let squat = STRANGER.writes("Cuisine", "Où en est-on ?");
            let squat = if in_cc { squat.cc(&[MARIE.address]) } else { squat.to(&[DESK, MARIE.address]) };
            stage.mail(&naming(squat, first).judged(verdict)).await;
            let mail = naming(MARIE.writes(subject, "La paie oublie mon augmentation."), then);
            let mail = if names_stranger { mail.cc(&[STRANGER.address]) } else { mail };
            stage.mail(&mail).await;
            stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), &format!("Elle verse {SECRET}."))).await;
            let reads = letters_to(&stage, STRANGER.address).iter().any(|text| text.contains(SECRET));
            assert!(!reads || names_stranger, "{}", stage.story());
            assert!(letters_to(&stage, MARIE.address).last().unwrap().contains(SECRET), "{}", stage.story());
        });
    }
}
