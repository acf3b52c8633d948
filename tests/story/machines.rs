//! Machines report: one key is one ticket, nothing is acknowledged, and a human confirms what is over.

use guichet::desk::{Event, KeyFrom, Machine, Outcome, Policy, Reason, Sender};
use guichet::known_fix::Library;
use guichet::store::LedgerFilter;
use jiff::SignedDuration;
use regex::Regex;

use crate::cast::{ALICE, BOB, MARIE};
use crate::client::{Client, Mail, Person, Verdict};
use crate::house;
use crate::laws::tickets;
use crate::stage::Stage;

const NAGIOS: Person = Person { name: "Nagios", address: "nagios@sonde.test", client: Client::Robot, signature: "" };
const BACULA: Person = Person { name: "Bacula", address: "bacula@copies.test", client: Client::Robot, signature: "" };

/// A monitoring that names hosts in its subject, and a backup that names its task in its text.
fn policy() -> Policy {
    let pattern = |text: &str| Regex::new(text).unwrap();
    let nagios = Machine {
        name: "nagios".to_owned(),
        sender: Sender::Address(house::address(NAGIOS.address)),
        desk: None,
        key_from: KeyFrom::Subject,
        key: pattern(r"^\*\* \w+ alert: (?P<key>\S+) is"),
        opens: None,
        recovers: Some(pattern("^\\*\\* RECOVERY")),
    };
    let bacula = Machine {
        name: "bacula".to_owned(),
        sender: Sender::Domain("copies.test".to_owned()),
        key_from: KeyFrom::Body,
        key: pattern(r"(?m)^Job: *(?P<key>[\w-]+)"),
        opens: Some(pattern("(?i)error|failed")),
        recovers: Some(pattern("(?m)^Termination: OK")),
        ..nagios.clone()
    };
    Policy { machines: vec![nagios, bacula], ..house::policy() }
}

async fn stage() -> Stage {
    Stage::with(policy(), Library::default()).await
}

fn down(host: &str) -> Mail {
    let subject = format!("** PROBLEM alert: {host} is DOWN **");
    NAGIOS.writes(&subject, &format!("Host {host} does not answer.")).with("Auto-Submitted", "auto-generated")
}

fn up(host: &str) -> Mail {
    let subject = format!("** RECOVERY alert: {host} is UP **");
    NAGIOS.writes(&subject, &format!("Host {host} answers again.")).with("Auto-Submitted", "auto-generated")
}

#[tokio::test]
async fn fifty_failures_of_one_key_are_one_ticket_and_one_letter_a_colleague() {
    let mut stage = stage().await;
    for number in 0..50 {
        stage.mail(&down("web1").again(number)).await;
    }
    stage.mail(&down("web2")).await;
    let tickets = tickets(&stage).await;
    assert_eq!(tickets.len(), 2, "{}", stage.story());
    assert_eq!(tickets[0].entries.len(), 50);
    assert_eq!(stage.letters().len(), 4, "two tickets to two colleagues, and nothing else:\n{}", stage.story());
    assert!(tickets.iter().all(|shown| shown.ticket.requester.is_none() && shown.ticket.participants.is_empty()));
}

#[tokio::test]
async fn fifty_failures_in_one_commit_are_one_ticket() {
    let mut stage = stage().await;
    let mails: Vec<Mail> = (0..50).map(|number| down("web1").again(number)).collect();
    stage.mails(&mails.iter().collect::<Vec<_>>()).await;
    assert_eq!(tickets(&stage).await.len(), 1, "{}", stage.story());
}

#[tokio::test]
async fn a_recovery_proposes_to_close_and_a_colleague_does() {
    let mut stage = stage().await;
    stage.mail(&down("web1").cc(&[MARIE.address])).await;
    stage.mail(&up("web1")).await;
    stage.mail(&up("web1").again(2)).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu")).await;
    stage.later(SignedDuration::from_hours(24));
    stage.mail(&down("web1").again(3)).await;
    stage.mail(&up("web1").again(4)).await;
    stage.mail(&down("web1").again(5)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_key_may_stand_in_the_text_and_what_reports_no_failure_opens_nothing() {
    let mut stage = stage().await;
    let report = |job: &str, ends: &str| BACULA.writes("Backup report", &format!("Job: {job}\nTermination: {ends}"));
    stage.mail(&report("compta", "OK")).await;
    stage.mail(&report("compta", "Error")).await;
    stage.mail(&report("paie", "Error")).await;
    stage.mail(&report("paie", "Running")).await;
    stage.mail(&report("paie", "OK")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn what_nobody_proves_is_on_a_ticket_of_its_own_and_closes_nothing() {
    let mut stage = stage().await;
    stage.mail(&down("web1")).await;
    stage.mail(&up("web1").judged(Verdict::None)).await;
    let lines = stage.gateway.store.ledger(&LedgerFilter::default()).await.unwrap();
    let newest = lines.iter().max_by_key(|line| line.id).unwrap();
    assert_eq!(newest.outcome, Some(Outcome::Suppressed(Reason::NothingFailed)));
    for (number, verdict) in [Verdict::None, Verdict::Fail].into_iter().enumerate() {
        stage.mail(&down("web1").again(number + 10).judged(verdict)).await;
    }
    stage.mail(&up("web1").again(20).judged(Verdict::Fail)).await;
    let tickets = tickets(&stage).await;
    assert_eq!(tickets.len(), 2, "{}", stage.story());
    let recovered =
        |at: usize| tickets[at].history.iter().any(|happened| matches!(happened.event, Event::MachineRecovered { .. }));
    assert_eq!((recovered(0), recovered(1)), (false, true), "{}", stage.story());
}

#[tokio::test]
async fn without_its_key_each_mail_of_a_machine_is_a_ticket_and_none_is_acknowledged() {
    let mut stage = stage().await;
    stage.mail(&NAGIOS.writes("Nagios restarted", "The scheduler was restarted.")).await;
    stage.mail(&NAGIOS.writes("Licence", "The licence ends on Monday.")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn nobody_answers_a_machine_and_reports_go_where_their_ticket_was_merged() {
    let mut stage = stage().await;
    stage.before(&MARIE.writes("Intranet", "Bonjour, l'intranet ne répond plus.")).await;
    stage.mail(&down("web1")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#reply\nThank you.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#merge R-000001")).await;
    let letters = stage.letters().len();
    stage.mail(&down("web1").again(2)).await;
    assert_eq!(stage.letters().len(), letters, "{}", stage.story());
    stage.mail(&up("web1")).await;
    insta::assert_snapshot!(stage.told());
}
