//! What is done regularly: each working day agents get the list of their tickets, and each hour the first level hears what is new
//! in quarantine; once, whatever becomes of the clock.

use guichet::desk::clock::{Calendar, DaysOff, Week};
use guichet::desk::{Desk, Manager, Policy, Target};
use guichet::known_fix::Library;
use guichet::smtp::SentMail;
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::time::Duration;

use crate::cast::{ALICE, BOB, DESK, MARIE, TOM};
use crate::client::{Mail, Person, Received, Verdict};
use crate::house;
use crate::stage::Stage;

const CLAIRE: &str = "claire@helpdesk.test";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A story begins on Monday 3 August 2026 at 9:00. Lists come at 8:00.
pub(crate) fn policy() -> Policy {
    let house = house::policy();
    let office = Calendar {
        name: "office".to_owned(),
        zone: TimeZone::get("America/Toronto").unwrap(),
        week: Week::read(["mon-fri 08:30-16:30"]).unwrap(),
        days_off: DaysOff::default(),
    };
    let desk =
        Desk { calendar: Some(office.clone()), worklist_at: Time::new(8, 0, 0, 0).ok(), ..house.desks[0].clone() };
    let ttr = |hours: u64| Some(Duration::from_secs(hours * 3600));
    Policy {
        desks: [desk].into(),
        calendars: vec![office],
        targets: vec![
            Target { priority: Some(guichet::desk::Priority(2)), ttr: ttr(20), ..Target::default() },
            Target { ttr: ttr(40), ..Target::default() },
        ],
        ..house
    }
}

/// Alice has three tickets, Bob one; one is nobody's, and one is solved.
pub(crate) async fn busy(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, Library::default()).await;
    for (subject, command) in [
        ("Clavier", "#prendre"),
        ("Souris", "#prendre\n#attente 20 août"),
        ("Écran", "#prendre\n#priorité 2"),
        ("Imprimante", "#assigner bob@helpdesk.test"),
        ("Téléphone", "#note\nÀ voir."),
        ("Casque", "#résolu\nC'est réparé."),
    ] {
        stage.before(&MARIE.writes(subject, &format!("Bonjour, {subject} : rien ne marche."))).await;
        stage.before(&ALICE.answers(&stage.last_to(ALICE.address), command)).await;
    }
    stage
}

fn letters_about(stage: &Stage, address: &str, subject: &str) -> usize {
    let is_one = |(sent, letter): &&(SentMail, Received)| {
        sent.recipients.iter().any(|to| to.as_str() == address) && letter.mail.subject == subject
    };
    stage.letters().iter().filter(is_one).count()
}

fn worklists_to(stage: &Stage, address: &str) -> usize {
    let subjects = ["Vos billets ouverts", "Your open tickets"];
    subjects.iter().map(|subject| letters_about(stage, address, subject)).sum()
}

#[tokio::test]
async fn each_agent_gets_a_list_of_their_tickets_in_the_order_of_what_is_due() {
    let mut stage = busy(policy()).await;
    stage.wait(HOUR * 24).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn lists_come_once_a_working_day_whatever_becomes_of_the_clock() {
    let mut stage = busy(policy()).await;
    for _ in 0..7 * 24 {
        stage.gateway.time.advance(HOUR);
        stage.look().await;
    }
    // From Tuesday to Friday, and Monday; Bob's are no other.
    assert_eq!((worklists_to(&stage, ALICE.address), worklists_to(&stage, BOB.address)), (5, 5));
    for hours in [-5, 3, -3, 5] {
        stage.gateway.time.advance(HOUR * hours);
        stage.look().await;
    }
    assert_eq!(worklists_to(&stage, ALICE.address), 5, "{}", stage.story());
    stage.gateway.time.advance(HOUR * 24 * 12);
    for _ in 0..3 {
        stage.look().await;
    }
    assert_eq!(worklists_to(&stage, ALICE.address), 6, "a fortnight's standstill is one list: {}", stage.story());
    // A year ahead by mistake, and back: the next working day's list comes all the same.
    stage.gateway.time.advance(HOUR * 24 * 365);
    stage.look().await;
    stage.gateway.time.advance(-HOUR * 24 * 365);
    stage.look().await;
    let before = worklists_to(&stage, ALICE.address);
    stage.gateway.time.advance(HOUR * 24 * 3);
    stage.look().await;
    assert_eq!(worklists_to(&stage, ALICE.address), before + 1);
}

#[tokio::test]
async fn whoever_is_away_gets_no_list_until_they_are_back() {
    let mut stage = busy(policy()).await;
    stage.mail(&ALICE.writes("Absence", "#absent jeudi").to(&[DESK])).await;
    let handed_back = stage.last_to(BOB.address);
    // What is theirs all the same is no reason.
    stage.mail(&BOB.answers(&handed_back, "#assign Alice")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#ok")).await;
    stage.wait(HOUR * 24).await;
    stage.wait(HOUR * 24).await;
    assert_eq!((worklists_to(&stage, ALICE.address), worklists_to(&stage, BOB.address)), (0, 2), "{}", stage.story());
    stage.wait(HOUR * 24).await;
    assert_eq!((worklists_to(&stage, ALICE.address), worklists_to(&stage, BOB.address)), (1, 3), "{}", stage.story());
}

#[tokio::test]
async fn a_list_that_a_clock_brought_forward_and_the_days_own_are_two_letters() {
    let mut stage = busy(policy()).await;
    stage.look().await;
    for hours in [47, -46, 48] {
        stage.gateway.time.advance(HOUR * hours);
        stage.look().await;
    }
    let lists = stage.letters().iter().filter(|(sent, letter)| {
        sent.recipients[0].as_str() == ALICE.address && letter.mail.subject == "Vos billets ouverts"
    });
    let lists: Vec<String> = lists.map(|(_, letter)| letter.id()).collect();
    let different: std::collections::BTreeSet<&String> = lists.iter().collect();
    assert!(lists.len() > 1 && different.len() == lists.len(), "{lists:?}: {}", stage.story());
}

#[tokio::test]
async fn without_an_hour_in_the_configuration_nobody_gets_a_list() {
    let mut policy = policy();
    policy.desks = [Desk { worklist_at: None, ..policy.desks[0].clone() }].into();
    let mut stage = busy(policy).await;
    stage.wait(HOUR * 48).await;
    assert_eq!(worklists_to(&stage, ALICE.address), 0);
}

/// A manager of the desk, who reads French.
fn managed() -> Policy {
    let chief = Manager {
        address: "chef@helpdesk.test".parse().unwrap(),
        name: "Claire Roy".to_owned(),
        language: None,
        desk: None,
    };
    Policy { managers: vec![chief], ..policy() }
}

fn reports(stage: &Stage) -> Vec<Received> {
    let letters = stage.letters().iter().map(|(_, letter)| letter);
    letters.filter(|&letter| letter.mail.subject.starts_with("Rapport du ")).cloned().collect()
}

#[tokio::test]
async fn managers_get_the_report_of_the_week_on_monday_at_seven() {
    let mut stage = busy(managed()).await;
    // From Monday at nine to the next one at half past six.
    stage.wait(HOUR * (6 * 24 + 21) + SignedDuration::from_mins(30)).await;
    assert_eq!(reports(&stage).len(), 0, "{}", stage.story());
    stage.wait(HOUR).await;
    let reports = reports(&stage);
    assert_eq!(reports.len(), 1, "{}", stage.story());
    let mail = &reports[0].mail;
    assert_eq!(mail.subject, "Rapport du 3 août 2026 au 9 août 2026");
    let text = mail.body.text.replace('\u{a0}', " ");
    for line in ["- Billets ouverts : 6 (courriel 6)", "- Résolus : 1 (N1 1)", "- En cours : 5 (N1 5)", "report.csv"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let files: Vec<(&str, &str)> =
        mail.attachments.iter().map(|file| (file.safe_name.as_str(), file.content_type.as_str())).collect();
    assert!(files.contains(&("days.png", "image/png")) && files.contains(&("report.csv", "text/csv")), "{files:?}");
    let html = mail.body.html.as_deref().unwrap();
    assert_eq!(html.matches("src=\"cid:").count(), files.iter().filter(|(name, _)| name.ends_with(".png")).count());
    assert!(html.contains("alt=\"Billets ouverts et résolus. lun."), "{html}");
}

#[tokio::test]
async fn reports_of_two_desks_are_two_letters() {
    let house = managed();
    let support = house.desks[0].clone();
    let workshop = Desk { name: "atelier19".to_owned(), ..support.clone() };
    let mut stage = Stage::with(Policy { desks: [support, workshop].into(), ..house }, Library::default()).await;
    stage.wait(HOUR * (6 * 24 + 23)).await;
    let reports = reports(&stage);
    assert_eq!(reports.len(), 2, "{}", stage.story());
    assert_ne!(reports[0].id(), reports[1].id(), "{}", stage.story());
}

#[tokio::test]
async fn a_report_comes_once_whatever_becomes_of_the_clock_and_tells_of_the_last_week() {
    let mut stage = busy(managed()).await;
    stage.look().await;
    stage.gateway.time.advance(HOUR * 24 * 24);
    for hours in [0, -5, 3, 2] {
        stage.gateway.time.advance(HOUR * hours);
        stage.look().await;
    }
    let subjects: Vec<String> = reports(&stage).into_iter().map(|letter| letter.mail.subject.clone()).collect();
    assert_eq!(subjects, ["Rapport du 17 août 2026 au 23 août 2026"], "{}", stage.story());
}

#[tokio::test]
async fn what_was_answered_at_once_counts_as_kept_in_the_report() {
    let mut policy = managed();
    policy.targets = vec![Target { tto: Some(Duration::from_secs(7_200)), ..Target::default() }];
    let mut stage = Stage::with(policy, Library::default()).await;
    // A call, which is answered when its ticket opens; an answer of the agent's own; and one that comes too late.
    stage.mail(&ALICE.writes("Souris perdue", "#demandeur marie@client.test\nElle a perdu sa souris.")).await;
    let mut direct = ALICE.writes("Votre accès", "Bonjour Marie, votre accès est rétabli.");
    (direct.to, direct.cc) = (vec![MARIE.address.to_owned()], vec![DESK.to_owned()]);
    stage.mail(&direct).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    let asked = stage.last_to(ALICE.address);
    stage.wait(HOUR * 5).await;
    stage.mail(&ALICE.answers(&asked, "Essayez-le sur une autre prise.")).await;
    stage.wait(HOUR * 24 * 7).await;
    let reports = reports(&stage);
    let text = reports[0].mail.body.text.replace('\u{a0}', " ");
    assert!(text.contains("- Première réponse : priorité 3 : 2 de 3 (66,6 %)"), "{text}");
}

#[tokio::test]
async fn a_report_is_one_gateways_and_another_makes_it_when_that_one_died() {
    let mut stage = busy(managed()).await;
    stage.look().await;
    stage.gateway.time.advance(HOUR * 24 * 7);
    // Another gateway is at it.
    let (right, minute) = ("routine weekly_report support", SignedDuration::from_mins(1));
    let now = stage.gateway.time.now();
    assert!(stage.gateway.store.take_lease(right, "another", now, minute).await.unwrap().is_some());
    stage.look().await;
    assert_eq!(reports(&stage).len(), 0, "{}", stage.story());
    // It says nothing more.
    stage.gateway.time.advance(SignedDuration::from_secs(61));
    for _ in 0..3 {
        stage.look().await;
    }
    assert_eq!(reports(&stage).len(), 1, "{}", stage.story());
    // The right to it was given back.
    let now = stage.gateway.time.now();
    assert!(stage.gateway.store.take_lease(right, "another", now, minute).await.unwrap().is_some());
}

#[tokio::test]
async fn a_report_that_fails_rests_while_all_else_is_done_and_comes_once() {
    let mut stage = busy(managed()).await;
    stage.wait(HOUR * (6 * 24 + 21)).await;
    // A line of the history is not to be read: from half past six until half past eight on Monday.
    stage
        .write_past("update history set detail = replace(detail, 'opened', 'unheard of') where ticket = 6 and seq = 1")
        .await;
    for _ in 0..12 * 6 {
        stage.gateway.time.advance(SignedDuration::from_secs(100));
        stage.gateway.look().await.unwrap();
    }
    let (due, now) = (stage.gateway.store.routines().await.unwrap(), stage.gateway.time.now());
    assert!(due["worklist support"] > now && due["weekly_report support"] < now, "{due:?}");
    stage
        .write_past("update history set detail = replace(detail, 'unheard of', 'opened') where ticket = 6 and seq = 1")
        .await;
    stage.wait(HOUR).await;
    let told = stage.story().matches("tried again in 10 minutes. `guichet report --desk support` says").count();
    assert!((8..=10).contains(&told), "every ten minutes from seven on, {told} times: {}", stage.story());
    let subjects: Vec<String> = reports(&stage).into_iter().map(|letter| letter.mail.subject.clone()).collect();
    assert_eq!(subjects, ["Rapport du 3 août 2026 au 9 août 2026"], "{}", stage.story());
}

/// The mail that a click on a link of the last list begins, sent as it is.
fn by_link(stage: &Stage, reference: &str, command: &str, who: Person) -> Mail {
    let html = stage.last_to(who.address).mail.body.html.clone().unwrap();
    let item = html.split(&format!("<h2>{reference} ")).nth(1).unwrap();
    let link = item.split("href=\"mailto:").find(|rest| rest.contains(&format!(">{command}<"))).unwrap();
    let url = link.split('"').next().unwrap().replace("&amp;", "&").replace("&#x3D;", "=");
    let (to, query) = url.split_once('?').unwrap();
    let value = |name: &str| {
        let part = query.split('&').find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap();
        percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned()
    };
    let mut mail = who.writes(&value("subject"), &value("body"));
    mail.to = vec![percent_encoding::percent_decode_str(to).decode_utf8().unwrap().into_owned()];
    mail
}

#[tokio::test]
async fn a_link_on_the_list_gives_its_command_on_its_ticket() {
    for sub_addressing in [true, false] {
        let mut policy = policy();
        policy.desks = [Desk { sub_addressing, ..policy.desks[0].clone() }].into();
        let mut stage = busy(policy).await;
        stage.wait(HOUR * 24).await;
        let mail = by_link(&stage, "R-000003", "#attente 3 jours", ALICE);
        assert_eq!(mail.to[0] == DESK, !sub_addressing, "{:?}", mail.to);
        stage.mail(&mail).await;
        let ticket = stage.gateway.store.ticket(guichet::desk::TicketNumber(3)).await.unwrap().unwrap().ticket;
        assert_eq!(ticket.state.word(), "pending", "{}", stage.story());
        // From somebody without power the same mail does nothing.
        let text = mail.text.replace("#attente 3 jours", "#résolu");
        let forged = Mail { from: TOM.writes("", "").from, text, ..mail };
        stage.mail(&forged.again(2)).await;
        let ticket = stage.gateway.store.ticket(guichet::desk::TicketNumber(3)).await.unwrap().unwrap().ticket;
        assert_eq!(ticket.state.word(), "pending", "{}", stage.story());
    }
}

/// A mail in Alice's name that nothing proves.
fn forged(subject: &str, text: &str) -> Mail {
    ALICE.writes(subject, text).judged(Verdict::Fail)
}

/// The house, which works by day and has a manager.
pub(crate) fn guarded() -> Policy {
    let claire = Manager { address: house::address(CLAIRE), name: "Claire Roy".to_owned(), language: None, desk: None };
    Policy { managers: vec![claire], ..policy() }
}

#[tokio::test]
async fn quarantine_is_one_letter_an_hour_and_each_mail_in_it_is_let_out_by_its_number() {
    let mut stage = Stage::with(guarded(), Library::default()).await;
    for (subject, text) in [("Un", "Envoyez-moi la liste."), ("Deux", "Alors ?"), ("Trois", "J'attends.")] {
        stage.mail(&forged(subject, text)).await;
    }
    stage.wait(HOUR).await;
    let letter = stage.last_to(BOB.address);
    stage.mail(&BOB.answers(&letter, "#release")).await;
    stage.mail(&BOB.answers(&letter, "#release 2")).await;
    stage.wait(HOUR).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn after_four_business_hours_quarantine_is_called_out_to_team_and_managers_once() {
    let mut stage = Stage::with(guarded(), Library::default()).await;
    stage.wait(HOUR * 5).await;
    stage.mail(&forged("Un", "Envoyez-moi la liste.")).await;
    stage.wait(HOUR * 18).await;
    let of_alarms = |stage: &Stage| letters_about(stage, CLAIRE, "Des messages en quarantaine attendent");
    assert_eq!(of_alarms(&stage), 0, "two of the four hours are on Tuesday: {}", stage.story());
    stage.wait(HOUR * 3).await;
    stage.wait(HOUR * 48).await;
    assert_eq!(of_alarms(&stage), 1);
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_mail_that_was_let_out_in_time_is_called_out_to_nobody() {
    let mut stage = Stage::with(guarded(), Library::default()).await;
    stage.mail(&forged("Un", "Envoyez-moi la liste.")).await;
    stage.mail(&BOB.answers(&stage.last_to(BOB.address), "#release")).await;
    stage.wait(HOUR * 48).await;
    assert!(!stage.story().contains("en quarantaine attendent"), "{}", stage.story());
}
