//! What always holds of clocks, whatever people do and whatever becomes of time.

use std::collections::HashMap;

use guichet::desk::{ClockName, ClockState, Event, Happened, State, Ticket, TicketNumber};
use guichet::known_fix::Library;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cast::{ALICE, MARIE};
use crate::clocks;
use crate::stage::Stage;

/// What may happen next.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    /// The clock of the machine is set, by so many minutes.
    Set(i64),
    Look,
    Restart,
    Command(&'static str),
    Asks,
}

fn step() -> impl Strategy<Value = Step> {
    let commands = [
        "Bonjour, est-ce mieux ?",
        "#note\nÀ voir.",
        "#attente 2 jours",
        "#résolu\nVoilà.",
        "#rouvrir",
        "#priorité 1",
        "#priorité 3",
        "#escalader L2 : à voir",
        "#retour L1 : merci",
    ];
    prop_oneof![
        4 => (1_i64..400).prop_map(Step::Wait),
        1 => (1_000_i64..12_000).prop_map(Step::Wait),
        1 => (-3_000_i64..3_000).prop_map(Step::Set),
        2 => Just(Step::Look),
        1 => Just(Step::Restart),
        4 => prop::sample::select(commands.to_vec()).prop_map(Step::Command),
        2 => Just(Step::Asks),
    ]
}

async fn take(stage: &mut Stage, step: &Step) {
    match step {
        Step::Wait(minutes) => {
            stage.gateway.time.advance(SignedDuration::from_mins(*minutes));
            stage.look().await;
        }
        Step::Set(minutes) => {
            stage.gateway.time.advance(SignedDuration::from_mins(*minutes));
            stage.gateway.compute_anew().await.unwrap();
            stage.look().await;
        }
        Step::Look => stage.look().await,
        Step::Restart => stage.restart().await,
        Step::Command(words) => stage.mail(&ALICE.answers(&stage.last_to(ALICE.address), words)).await,
        Step::Asks => stage.mail(&MARIE.answers(&stage.last_to(MARIE.address), "Il y a encore ceci.")).await,
    }
}

async fn ticket(stage: &Stage) -> (Ticket, Vec<Happened>) {
    let shown = stage.gateway.store.ticket(TicketNumber(1)).await.unwrap().unwrap();
    (shown.ticket, shown.history)
}

/// Each threshold is told once a promise, and none while the ticket waits or is over.
pub(crate) fn thresholds_are_told_once_and_never_of_a_ticket_that_waits(history: &[Happened], opened_at: Timestamp) {
    let mut told: HashMap<(ClockName, Option<String>, bool), u32> = HashMap::new();
    let mut ticket = Ticket::new(TicketNumber(1), "support", "", guichet::mail::Language::FRENCH, opened_at);
    for happened in history {
        match &happened.event {
            Event::ClocksSet { clocks } => {
                for clock in clocks.iter().filter(|clock| clock.run_ms == 0 && !clock.warned && !clock.breached) {
                    told.remove(&(clock.name, clock.party.clone(), false));
                    told.remove(&(clock.name, clock.party.clone(), true));
                }
            }
            Event::ClockWarned { clock, party } | Event::ClockBreached { clock, party } => {
                let is_breach = matches!(happened.event, Event::ClockBreached { .. });
                *told.entry((*clock, party.clone(), is_breach)).or_default() += 1;
                assert!(matches!(ticket.state, State::New | State::Open), "{happened:?}: {:?}", ticket.state);
            }
            _ => {}
        }
        ticket = ticket.after(happened);
    }
    assert!(told.values().all(|count| *count == 1), "{told:?}");
}

/// What has run and what has paused is the working time since the clock began, as long as nobody set the machine's.
fn what_has_run_and_paused_is_all_working_time(ticket: &Ticket, now: Timestamp) {
    let calendar = clocks::calendar();
    for clock in ticket.clocks.iter().filter(|clock| clock.name == ClockName::Ttr && clock.state != ClockState::Stopped)
    {
        let counted = clock.run_ms_at(&calendar, now) + clock.paused_ms_at(&calendar, now);
        let worked = i64::try_from(calendar.between(ticket.opened_at, now).as_millis()).unwrap();
        assert_eq!(counted, worked, "{clock:?}");
    }
}

#[test]
fn thresholds_are_told_once_and_time_adds_up_whatever_happens() {
    let mut runner = TestRunner::deterministic();
    let days = prop::collection::vec(step(), 1..16);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut warned, mut breached) = (0, 0);
    for _ in 0..24 {
        let steps = days.new_tree(&mut runner).unwrap().current();
        runtime.block_on(async {
            let mut stage = Stage::with(clocks::policy(), Library::default()).await;
            stage.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
            let mut is_steady = true;
            for step in &steps {
                take(&mut stage, step).await;
                let (ticket, history) = ticket(&stage).await;
                thresholds_are_told_once_and_never_of_a_ticket_that_waits(&history, ticket.opened_at);
                is_steady &= !matches!(step, Step::Set(_)) && !ticket.state.is_over();
                if is_steady {
                    what_has_run_and_paused_is_all_working_time(&ticket, stage.gateway.time.now());
                }
                warned += history.iter().filter(|h| matches!(h.event, Event::ClockWarned { .. })).count();
                breached += history.iter().filter(|h| matches!(h.event, Event::ClockBreached { .. })).count();
            }
        });
    }
    assert!(warned > 10 && breached > 10, "the days are eventful: {warned}, {breached}");
}
