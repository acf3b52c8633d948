//! What waits for somebody does not wait for ever: requesters are reminded, vendors chased, days kept, and what is solved is closed.

use std::time::Duration;

use guichet::desk::clock::{Calendar, Closure, DaysOff, Week};
use guichet::desk::{Actor, Desk, Event, Happened, Policy, Ticket, TicketNumber, Vendor, Waiting};
use guichet::known_fix::Library;
use guichet::smtp::SentMail;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use crate::cast::{ACME, ALICE, ANNA, BOB, MARIE, ROBOT, TOM};
use crate::client::{Person, Received};
use crate::house;
use crate::stage::Stage;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// From Monday to Friday by day; a story begins on Monday 3 August 2026 at 9:00.
fn office() -> Calendar {
    Calendar {
        name: "office".to_owned(),
        zone: TimeZone::get("America/Toronto").unwrap(),
        week: Week::read(["mon-fri 08:30-16:30"]).unwrap(),
        days_off: DaysOff::default(),
    }
}

/// The house, which works by day and whose vendor answers within a day of work.
pub(crate) fn policy() -> Policy {
    let house = house::policy();
    let desk = Desk { calendar: Some(office()), ..house.desks[0].clone() };
    let vendor = Vendor { first_answer: Duration::from_secs(8 * 3600), ..house.vendors[0].clone() };
    Policy { desks: [desk].into(), calendars: vec![office()], vendors: vec![vendor], ..house }
}

/// Alice asks Marie something.
pub(crate) async fn asked(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#attente demandeur\nQuel modèle est-ce ?")).await;
    stage
}

/// Alice hands the ticket to acme.
async fn escalated(policy: Policy) -> Stage {
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
        .before(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader N3 acme\nA keyboard writes nothing at all."))
        .await;
    stage
}

async fn ticket(stage: &Stage) -> Ticket {
    stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket
}

async fn events(stage: &Stage) -> Vec<String> {
    let history = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().history;
    history.iter().map(|happened| happened.event.name()).collect()
}

async fn count(stage: &Stage, event: &str) -> usize {
    events(stage).await.iter().filter(|name| *name == event).count()
}

fn letters_to(stage: &Stage, address: &str) -> usize {
    let to = |sent: &SentMail| sent.recipients.iter().any(|to| to.as_str() == address);
    stage.letters().iter().filter(|(sent, _)| to(sent)).count()
}

/// A day later, looked at each hour.
async fn days(stage: &mut Stage, count: u32) {
    for _ in 0..count * 24 {
        stage.gateway.time.advance(HOUR);
        stage.look().await;
    }
}

#[tokio::test]
async fn an_unanswered_question_is_asked_again_after_three_business_days_and_taken_for_solved_after_seven() {
    let mut stage = asked(policy()).await;
    stage.wait(DAY * 3 - HOUR).await;
    stage.wait(HOUR).await;
    stage.wait(DAY * 6).await;
    stage.wait(DAY).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "NON")).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn yes_to_a_reminder_solves_the_request_and_says_so_to_the_agent() {
    let mut stage = Stage::with(policy(), Library::default()).await;
    stage.before(&TOM.writes("Mouse", "Hello, my mouse does not move any more.")).await;
    stage.before(&BOB.answers(&stage.last_to(BOB.address), "Is it plugged in?")).await;
    stage.wait(DAY * 3).await;
    stage.mail(&TOM.answers(&stage.last_to(TOM.address), "YES")).await;
    stage.wait(DAY * 30).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn no_to_a_reminder_goes_to_the_agent_and_the_wait_is_over() {
    let mut stage = asked(policy()).await;
    stage.wait(DAY * 3).await;
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "NON, rien ne s'affiche.")).await;
    assert_eq!(ticket(&stage).await.state.word(), "open");
    days(&mut stage, 20).await;
    assert_eq!((count(&stage, "reminded").await, count(&stage, "resolved").await), (1, 0), "{}", stage.story());
}

#[tokio::test]
async fn holidays_and_weekends_do_not_count() {
    let mut policy = policy();
    let mut calendar = office();
    let [first, last] = ["2026-08-04", "2026-08-05"].map(|day| day.parse().unwrap());
    calendar.days_off.closures = vec![Closure { first, last }];
    policy.desks = [Desk { calendar: Some(calendar), ..policy.desks[0].clone() }].into();
    let mut stage = asked(policy).await;
    days(&mut stage, 6).await;
    // Thursday, Friday, and Monday the 10th.
    assert_eq!(count(&stage, "reminded").await, 0, "{}", stage.story());
    days(&mut stage, 2).await;
    let reminded_at = ticket(&stage).await.reminded_at.unwrap().to_zoned(office().zone).datetime();
    assert_eq!(reminded_at.date().to_string(), "2026-08-10");
    days(&mut stage, 7).await;
    assert_eq!(ticket(&stage).await.resolved_at.unwrap().to_zoned(office().zone).date().to_string(), "2026-08-14");
}

#[tokio::test]
async fn a_requester_who_is_away_is_reminded_once_back() {
    let mut stage = asked(policy()).await;
    let until = "2026-08-17T12:00:00Z".parse().unwrap();
    let away = Happened { at: stage.gateway.time.now(), by: Actor::SYSTEM, event: Event::RequesterAway { until } };
    let waits = ticket(&stage).await.after(&away);
    let next = guichet::desk::next_look(&stage.gateway.policy, &waits, stage.gateway.time.now()).unwrap();
    assert_eq!(next.to_zoned(office().zone).date().to_string(), "2026-08-20");
    // Back before the wait began changes nothing.
    let back = Happened { event: Event::RequesterAway { until: "2026-08-01T12:00:00Z".parse().unwrap() }, ..away };
    let next = guichet::desk::next_look(&stage.gateway.policy, &ticket(&stage).await.after(&back), back.at).unwrap();
    assert_eq!(next.to_zoned(office().zone).date().to_string(), "2026-08-06");
    days(&mut stage, 4).await;
}

#[tokio::test]
async fn nobody_is_asked_at_an_address_that_nobody_reads_and_the_owner_hears_of_it() {
    let scanner = Person { name: "Numériseur", address: "noreply@client.test", ..TOM };
    let mut stage = Stage::with(policy(), Library::default()).await;
    stage.before(&scanner.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre\n#attente demandeur")).await;
    days(&mut stage, 4).await;
    days(&mut stage, 7).await;
    assert_eq!(letters_to(&stage, scanner.address), 0);
    let events = events(&stage).await;
    assert!(events.contains(&"reminder_withheld".to_owned()) && !events.contains(&"reminded".to_owned()), "{events:?}");
    let told = stage.last_to(ALICE.address).mail.body.text.replace('\u{a0}', " ");
    assert!(told.contains("Le billet est résolu, car le demandeur n’a pas répondu."), "{told}");
}

#[tokio::test]
async fn zero_days_are_for_ever() {
    let mut policy = policy();
    policy.waiting = Waiting { reminder_days: 0, resolve_days: 0, close_days: 0, chases: 0, quarantine_hours: 0 };
    let mut stage = asked(policy.clone()).await;
    days(&mut stage, 40).await;
    assert_eq!(ticket(&stage).await.state.word(), "pending");
    assert!(!stage.story().contains("[reminder]"));
    let mut stage = asked(Policy { waiting: Waiting { resolve_days: 7, ..policy.waiting }, ..policy }).await;
    days(&mut stage, 40).await;
    assert_eq!(ticket(&stage).await.state.word(), "resolved");
    assert!(!stage.story().contains("[reminder]"));
}

#[tokio::test]
async fn a_ticket_that_waits_until_a_day_goes_on_that_day_and_its_owner_is_told() {
    let mut stage = Stage::with(policy(), Library::default()).await;
    stage.before(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre\n#attente 10 août")).await;
    stage.wait(DAY * 6).await;
    stage.wait(DAY).await;
    stage.wait(DAY).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_wait_of_an_old_store_ends_without_a_word() {
    let stage = asked(policy()).await;
    let at = stage.gateway.time.now();
    let by = Actor::SYSTEM;
    let until = guichet::desk::PendingReason::Until { at: at.checked_add(5.hours()).unwrap() };
    let old = Happened { at, by, event: Event::PutOnHold { reason: until, reminds: false } };
    assert_eq!(ticket(&stage).await.after(&old).waiting_since, None);
    let reason = guichet::desk::PendingReason::Requester;
    let old = Happened { at, by, event: Event::PutOnHold { reason, reminds: false } };
    let waits = ticket(&stage).await.after(&old);
    assert_eq!(guichet::desk::next_look(&stage.gateway.policy, &waits, at), None);
}

#[tokio::test]
async fn a_solved_request_is_closed_in_silence_after_five_days() {
    let mut stage = asked(policy()).await;
    stage.before(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nLa pile est changée.")).await;
    let letters = stage.letters().len();
    days(&mut stage, 4).await;
    assert_eq!(ticket(&stage).await.state.word(), "resolved");
    days(&mut stage, 2).await;
    assert_eq!((ticket(&stage).await.state.word(), stage.letters().len()), ("closed", letters), "{}", stage.story());
}

#[tokio::test]
async fn a_silent_vendor_is_chased_three_times_in_its_hours_and_then_whoever_escalated_is_told() {
    let mut stage = escalated(policy()).await;
    let confirmed = ROBOT.answers(&stage.last_to(ACME), "Your request has been received.");
    stage.mail(&confirmed.with("Auto-Submitted", "auto-generated")).await;
    for _ in 0..5 {
        stage.wait(DAY).await;
    }
    stage.wait(DAY * 30).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_chase_bears_the_vendors_mark_and_its_answer_ends_the_chasing() {
    let mut stage = escalated(policy()).await;
    let mut confirmed = ROBOT.answers(&stage.last_to(ACME), "Your request has been received.");
    confirmed.subject = "[keys.acme.test #5] AutoReply: Clavier".to_owned();
    stage.mail(&confirmed.with("Auto-Submitted", "auto-generated")).await;
    days(&mut stage, 2).await;
    let chase: Received = stage.last_to(ACME);
    assert_eq!(chase.mail.subject, "Re: [keys.acme.test #5] Clavier [SD R-000001]");
    let text = &chase.mail.body.text;
    assert!(text.contains("We still have no answer to our message of August 3, 2026"), "{text}");
    assert!(!chase.mail.writer.is_marked(), "{text}");
    assert!(!text.contains("Marie") && !text.contains("marie@"), "{text}");
    stage.mail(&ANNA.answers(&chase, "Which keyboard is it, the long one or the short one?")).await;
    let letters = letters_to(&stage, ACME);
    days(&mut stage, 30).await;
    assert_eq!(letters_to(&stage, ACME), letters, "{}", stage.story());
    assert_eq!(count(&stage, "vendor_silent").await, 0);
}

#[tokio::test]
async fn a_vendor_is_chased_in_its_own_hours_and_language_wherever_the_desk_is() {
    let mut policy = policy();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let theirs = Calendar { zone, week: Week::read(["mon-fri 09:00-17:00"]).unwrap(), ..office() };
    let vendor = &mut policy.vendors[0];
    (vendor.calendar, vendor.language) = (Some(theirs.clone()), guichet::mail::Language::FRENCH);
    let mut stage = escalated(policy).await;
    days(&mut stage, 4).await;
    let ticket = ticket(&stage).await;
    let case = ticket.case("acme").unwrap();
    assert!(case.chases > 1 && theirs.is_open(case.chased_at.unwrap()), "{case:?}");
    let text = stage.last_to(ACME).mail.body.text.replace('\u{a0}', " ");
    assert!(text.contains("Nous attendons toujours votre réponse à notre message du 3 août 2026"), "{text}");
}

#[tokio::test]
async fn after_a_month_of_standstill_a_question_is_asked_again_before_it_is_taken_for_solved() {
    let mut stage = asked(policy()).await;
    stage.later(DAY * 30);
    stage.look().await;
    assert_eq!((count(&stage, "reminded").await, count(&stage, "resolved").await), (1, 0), "{}", stage.story());
    days(&mut stage, 6).await;
    assert_eq!((count(&stage, "reminded").await, count(&stage, "resolved").await), (1, 1), "{}", stage.story());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_wait_is_reminded_once_and_ends_once_however_the_clock_jumps(
        jumps in prop::collection::vec(-100_i64..200, 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(jump(&jumps));
    }
}

async fn jump(jumps: &[i64]) {
    let mut stage = asked(policy()).await;
    for hours in jumps {
        stage.gateway.time.advance(SignedDuration::from_hours(*hours));
        stage.gateway.compute_anew().await.unwrap();
        stage.look().await;
        stage.look().await;
    }
    for _ in 0..2 {
        stage.gateway.time.advance(DAY * 400);
        for _ in 0..30 {
            stage.gateway.time.advance(DAY);
            stage.look().await;
        }
    }
    for event in ["reminded", "resolved", "closed"] {
        assert_eq!(count(&stage, event).await, 1, "{event}: {}", stage.story());
    }
}
