//! What is promised runs in the desk's hours, waits while the ticket waits, and is told once when it runs out.

use guichet::desk::clock::{Calendar, DaysOff, Week};
use guichet::desk::{ClockName, ClockState, Desk, Manager, Policy, Priority, Target, TicketNumber};
use guichet::known_fix::Library;
use guichet::store::TicketFilter;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::time::Duration;

use crate::cast::{ALICE, BOB, DESK, LUC, MARIE};
use crate::client::{Client, Person, Received};
use crate::house;
use crate::stage::Stage;

pub(crate) const CLAIRE: &str = "claire@helpdesk.test";
pub(crate) const ON_CALL: &str = "garde@helpdesk.test";

/// The desk works from 8:30 to 12:00 and from 13:00 to 16:30. A story begins on Monday 3 August 2026 at 9:00.
pub(crate) fn calendar() -> Calendar {
    Calendar {
        name: "bureau".to_owned(),
        zone: TimeZone::get("America/Toronto").unwrap(),
        week: Week::read(["mon-fri 08:30-12:00, 13:00-16:30"]).unwrap(),
        days_off: DaysOff::default(),
    }
}

fn hours(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count * 3600))
}

/// Priority 1 within an hour, everything within two; solved within eight.
pub(crate) fn policy() -> Policy {
    let house = house::policy();
    let desk = Desk { calendar: Some(calendar()), on_call: Some(house::address(ON_CALL)), ..house.desks[0].clone() };
    let manager =
        Manager { address: house::address(CLAIRE), name: "Claire Roy".to_owned(), language: None, desk: None };
    Policy {
        desks: [desk].into(),
        calendars: vec![calendar()],
        targets: vec![
            Target { priority: Some(Priority(1)), tto: hours(1), ..Target::default() },
            Target { tto: hours(2), ttr: hours(8), tnr: hours(2), ..Target::default() },
        ],
        managers: vec![manager],
        ..house
    }
}

async fn stage() -> Stage {
    Stage::with(policy(), Library::default()).await
}

async fn asked() -> Stage {
    let mut stage = stage().await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// What has run and what has paused of a clock, in whole minutes, and its state.
async fn run_and_paused(stage: &Stage, name: ClockName) -> (i64, i64, ClockState) {
    let ticket = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket;
    let (clock, now) = (ticket.clock(name, None).unwrap(), stage.gateway.time.now());
    let minutes = |millis: i64| millis / 60_000;
    (minutes(clock.run_ms_at(&calendar(), now)), minutes(clock.paused_ms_at(&calendar(), now)), clock.state)
}

#[tokio::test]
async fn three_quarters_of_a_promise_warn_the_team_and_all_of_it_tells_the_manager() {
    let mut stage = asked().await;
    stage.wait(minutes(89)).await;
    stage.wait(minutes(31)).await;
    stage.wait(minutes(24 * 60)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn nothing_runs_at_noon_at_night_and_while_the_requester_is_asked() {
    let mut stage = asked().await;
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (0, 0, ClockState::Running));
    stage.later(minutes(60));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Quel modèle est-ce ?")).await;
    assert_eq!(run_and_paused(&stage, ClockName::Tto).await, (61, 0, ClockState::Stopped));
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (61, 0, ClockState::Paused));
    stage.later(minutes(24 * 60));
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Le K-120, et il est éteint.")).await;
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (61, 421, ClockState::Running));
    assert_eq!(run_and_paused(&stage, ClockName::Tnr).await, (0, 0, ClockState::Running));
    // From 10:04 to 14:04 is three hours of work.
    stage.later(minutes(4 * 60));
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (61 + 180, 421, ClockState::Running));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#résolu\nLa pile est changée.")).await;
    assert_eq!(run_and_paused(&stage, ClockName::Tnr).await, (181, 0, ClockState::Stopped));
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (242, 421, ClockState::Stopped));
    stage.later(minutes(24 * 60));
    stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il n'écrit toujours pas.")).await;
    assert_eq!(run_and_paused(&stage, ClockName::Ttr).await, (242, 421, ClockState::Running), "{}", stage.story());
}

#[tokio::test]
async fn another_priority_keeps_what_has_run() {
    let mut stage = asked().await;
    stage.later(minutes(49));
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#priorité 1")).await;
    stage.look().await;
    let ticket = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap().ticket;
    let clock = ticket.clock(ClockName::Tto, None).unwrap();
    assert_eq!((clock.target, clock.run_ms, clock.warned), (3600, 50 * 60_000, true), "{}", stage.story());
}

#[tokio::test]
async fn what_falls_due_at_night_is_told_in_the_morning_and_a_week_of_silence_tells_it_once() {
    let mut stage = asked().await;
    stage.mail(&MARIE.writes("Écran", "Bonjour, mon écran reste noir.")).await;
    stage.later(minutes(7 * 24 * 60 - 6 * 60));
    stage.look().await;
    assert!(!stage.story().contains("clock_"), "it is three in the morning: {}", stage.story());
    stage.later(minutes(7 * 60));
    stage.look().await;
    stage.wait(minutes(60)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_clock_that_jumps_back_and_forth_tells_nothing_twice() {
    let mut stage = asked().await;
    stage.wait(minutes(125)).await;
    let told = stage.letters().len();
    for hours in [-48, 24, -24, 48] {
        stage.gateway.time.advance(SignedDuration::from_hours(hours));
        stage.gateway.compute_anew().await.unwrap();
        stage.look().await;
    }
    let about_the_first_answer = stage.story().matches("clock_breached clock=tto").count();
    assert_eq!((about_the_first_answer, told > 3), (1, true), "{}", stage.story());
}

#[tokio::test]
async fn whoever_is_on_call_is_told_at_night_once() {
    let mut stage = stage().await;
    stage.later(minutes(12 * 60));
    stage.mail(&MARIE.writes("Serveur", "Bonjour, le serveur ne répond plus.")).await;
    stage.look().await;
    assert!(!stage.story().contains("on_call_paged"), "priority 3 waits for the morning: {}", stage.story());
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#priorité 1")).await;
    stage.wait(minutes(30)).await;
    insta::assert_snapshot!(stage.told());
}

#[tokio::test]
async fn a_team_has_a_time_of_its_own_to_take_up_what_is_escalated_to_it() {
    let mut policy = policy();
    policy.teams[0].first_answer = hours(1);
    let mut stage = Stage::with(policy, Library::default()).await;
    stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#escalader L2 : à ouvrir")).await;
    stage.wait(minutes(50)).await;
    stage.mail(&LUC.answers(&stage.last_to(crate::cast::L2), "#prendre")).await;
    stage.wait(minutes(60)).await;
    let told = stage.told();
    assert_eq!(told.matches("clock_warned clock=ola").count(), 1, "{told}");
    assert_eq!(told.matches("clock_breached clock=ola").count(), 0, "{told}");
    assert!(!told.contains(BOB.name), "{told}");
}

#[tokio::test]
async fn what_an_agent_answers_to_a_warning_is_a_note_and_what_a_manager_answers_is_held() {
    let mut stage = asked().await;
    stage.wait(minutes(125)).await;
    let letters = stage.letters().len();
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "Je m'en occupe cet après-midi.")).await;
    let claire = Person { name: "Claire Roy", address: CLAIRE, client: Client::Outlook, signature: "" };
    stage.mail(&claire.answers(&stage.last_to(CLAIRE), "#résolu\nPourquoi est-ce encore ouvert ?")).await;
    let to_marie = stage.letters()[letters..].iter().filter(|(sent, _)| sent.recipients[0].as_str() == MARIE.address);
    assert_eq!(to_marie.count(), 0, "{}", stage.story());
    let told = stage.told();
    assert!(told.contains("alice note_added") && told.contains("⇒ quarantine, unlisted_colleague"), "{told}");
    assert!(!told.contains("claire resolved"), "{told}");
}

#[tokio::test]
async fn a_ticket_that_cannot_be_read_keeps_no_other_from_what_falls_due() {
    let mut stage = asked().await;
    stage.mail(&LUC.writes("Imprimante", "Bonjour, l'imprimante du deuxième ne répond plus.")).await;
    stage.write_past("update ticket set people = '' where number = 1").await;
    let list = stage.gateway.store.ticket_page(&TicketFilter::default(), None, 50).await;
    assert!(format!("{:#}", list.unwrap_err()).starts_with("What the database holds of R-000001 cannot be read: "));
    stage.gateway.time.advance(minutes(91));
    while stage.gateway.look().await.unwrap() > 0 {}
    stage.write_past("update ticket set people = '[]' where number = 1").await;
    stage.look().await;
    assert_eq!((told(&stage, "Clavier"), told(&stage, "Imprimante")), (0, 1), "{}", stage.story());
    stage.wait(minutes(61)).await;
    assert_eq!(told(&stage, "Clavier"), 1, "it can be read again: {}", stage.story());
}

/// How many letters say what falls due on a ticket.
fn told(stage: &Stage, subject: &str) -> usize {
    let is_told = |letter: &&Received| {
        letter.mail.subject.ends_with(subject) && letter.mail.body.text.contains("Échéances sur vos billets")
    };
    stage.letters().iter().map(|(_, letter)| letter).filter(is_told).count()
}

#[tokio::test]
async fn an_absence_that_cannot_begin_keeps_nothing_else_from_happening() {
    let mut stage = asked().await;
    stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), "#prendre")).await;
    for agent in [ALICE, BOB] {
        stage.mail(&agent.writes("Absence", "#absent du 4 au 14 août").to(&[DESK])).await;
    }
    stage.mail(&LUC.writes("Imprimante", "Bonjour, l'imprimante du deuxième ne répond plus.")).await;
    stage.write_past("update ticket set people = '' where number = 1").await;
    stage.gateway.time.advance(SignedDuration::from_hours(25));
    while stage.gateway.look().await.unwrap() > 0 {}
    stage.write_past("update ticket set people = '[]' where number = 1").await;
    stage.look().await;
    assert_eq!(told(&stage, "Imprimante"), 1, "{}", stage.story());
    let gone_back = "Alice Gagnon is away until Monday, August 17 at 08:30.";
    let begun = stage.letters().iter().filter(|(_, letter)| letter.mail.body.text.contains(gone_back)).count();
    assert_eq!(begun, 1, "its ticket can be read again: {}", stage.story());
}
