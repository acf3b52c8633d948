//! Two gateways share one PostgreSQL and see that the same is due at the same moment: it happens once. Both have looked before
//! either commits, or one is killed at any point of it.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::ops::AsyncFn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use guichet::desk::clock::{Calendar, DaysOff, Week};
use guichet::desk::{Desk, Event, Manager, Policy, Target, Vendor};
use guichet::gateway::{Gateway, TakenIn};
use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::cast::{ACME, ALICE, BOB, MARIE};
use crate::client::{Mail, Verdict};
use crate::house;
use crate::laws::tickets;
use crate::stage::Stage;
use crate::support::{Held, PostgreSql};

const CLAIRE: &str = "claire@helpdesk.test";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of two gateways that see the same due.
#[derive(Clone, Copy, Debug)]
enum Both {
    /// Both have looked before either decides.
    Do,
    /// One is killed when it has looked and is about to decide.
    OneDiesDeciding,
    /// One is killed after so many polls of its work, wherever that is.
    OneDiesAfter(usize),
}

/// Often enough that the machine does it in other orders, too.
const ROUNDS: [Both; 5] = [Both::Do, Both::OneDiesDeciding, Both::OneDiesAfter(8), Both::OneDiesAfter(30), Both::Do];

/// Takes what a gateway takes to look at what is due, so that it waits where it is about to decide.
const NOBODY_DECIDES: &str = "begin; update counter set next = next where name = 'ticket'";
const WAITING: &str = "select pg_stat_clear_snapshot(); select count(*) from pg_stat_activity where datname = \
    current_database() and wait_event_type = 'Lock'";
/// Others' sessions that are in the middle of something.
const AT_WORK: &str = "select pg_stat_clear_snapshot(); select count(*) from pg_stat_activity where datname = \
    current_database() and pid <> pg_backend_pid() and (state <> 'idle' or xact_start is not null)";

/// It works around the clock, so that whatever is promised falls due at an hour that is easily said.
fn policy() -> Policy {
    let house = house::policy();
    let always = Calendar {
        name: "always".to_owned(),
        zone: TimeZone::UTC,
        week: Week::read(["mon-sun 00:00-24:00"]).unwrap(),
        days_off: DaysOff::default(),
    };
    let desk = Desk { calendar: Some(always.clone()), ..house.desks[0].clone() };
    let chief = Manager { address: house::address(CLAIRE), name: "Claire Roy".to_owned(), language: None, desk: None };
    let vendor = Vendor { first_answer: Duration::from_secs(8 * 3600), ..house.vendors[0].clone() };
    Policy { desks: [desk].into(), calendars: vec![always], managers: vec![chief], vendors: vec![vendor], ..house }
}

/// A house and the gateway beside the stage's own.
struct Two {
    stage: Stage,
    other: Gateway,
    database: PostgreSql,
    /// What they do is done by whoever holds a lease: the other one does not even begin.
    is_leased: bool,
}

impl Two {
    async fn new(policy: Policy) -> Two {
        let database = PostgreSql::start();
        let stage = Stage::at(&database.url(), policy).await;
        let other = stage.beside().await;
        Two { stage, other, database, is_leased: false }
    }

    async fn mail(&mut self, mail: &Mail) {
        self.stage.mail(mail).await;
    }

    /// An agent answers the last letter that they got.
    async fn says(&mut self, words: &str) {
        let letter = self.stage.last_to(ALICE.address);
        self.mail(&ALICE.answers(&letter, words)).await;
    }

    /// Time goes by, and then both do what is due.
    async fn later(&mut self, by: SignedDuration, both: Both) {
        self.stage.later(by);
        match both {
            Both::Do => {}
            Both::OneDiesDeciding => {
                let nobody_decides = self.nobody_decides().await;
                tokio::select! {
                    looked = self.stage.gateway.look() => panic!("it decided nothing: {looked:?}"),
                    () = until_waiting(nobody_decides, || 1) => {}
                }
                self.one_is_started_anew().await;
            }
            Both::OneDiesAfter(polls) => {
                let work = async {
                    look(&self.stage.gateway).await;
                    take_in(&self.stage.gateway).await;
                    self.stage.gateway.send_all_due().await.unwrap();
                };
                Box::pin(cut_short(work, polls)).await;
                self.one_is_started_anew().await;
            }
        }
        let met = Box::pin(self.work_together()).await;
        assert!(met || self.is_leased || !matches!(both, Both::Do), "only one saw what is due:\n{}", self.story());
    }

    /// The leases of the dead run out: by PostgreSQL's own clock, for which nobody waits here.
    async fn one_is_started_anew(&mut self) {
        self.stage.gateway.store.close().await;
        self.at_rest().await;
        self.database.sql("update delivery set lease_until = null; delete from lease");
        self.stage.restart().await;
    }

    /// Each step is done by both, and neither decides before the other one has looked; whether both were about to decide the same.
    async fn work_together(&mut self) -> bool {
        let met = Box::pin(self.both(look)).await;
        let met_again = Box::pin(self.both(take_in)).await;
        let [one, other] = [&self.stage.gateway, &self.other].map(Gateway::send_all_due);
        let (one, other) = tokio::join!(one, other);
        one.and(other).unwrap();
        self.stage.look().await;
        met || met_again
    }

    async fn both(&self, step: impl AsyncFn(&Gateway)) -> bool {
        let nobody_decides = self.nobody_decides().await;
        let ended = AtomicUsize::new(0);
        let run = async |gateway: &Gateway| {
            step(gateway).await;
            ended.fetch_add(1, Ordering::Relaxed);
        };
        let at_once = async {
            until_waiting(nobody_decides, || 2 - ended.load(Ordering::Relaxed)).await;
            ended.load(Ordering::Relaxed) == 0
        };
        let ((), (), met) = tokio::join!(run(&self.stage.gateway), run(&self.other), at_once);
        met
    }

    /// A session, once nothing is under way any more: what a look gives up or a killed program had begun with ends by itself.
    async fn at_rest(&self) -> Held {
        let mut session = self.database.session("select 1");
        while session.ask(AT_WORK) != "0" {
            tokio::task::yield_now().await;
        }
        session
    }

    async fn nobody_decides(&self) -> Held {
        let mut session = self.at_rest().await;
        session.ask(NOBODY_DECIDES);
        session
    }

    /// So often something happened to all tickets together.
    async fn happened(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        let all = tickets(&self.stage).await;
        all.iter().flat_map(|shown| &shown.history).filter(|one| is_it(&one.event)).count()
    }

    /// Letters with these words to somebody; the same one that left twice is one.
    fn letters(&self, address: &str, words: &str) -> usize {
        let to =
            self.stage.letters().iter().filter(|(sent, _)| sent.recipients.iter().any(|to| to.as_str() == address));
        let with =
            to.filter(|(_, letter)| letter.mail.body.text.contains(words) || letter.mail.subject.contains(words));
        with.map(|(_, letter)| letter.id()).collect::<BTreeSet<_>>().len()
    }

    fn story(&self) -> &str {
        self.stage.story()
    }
}

/// Until so many have looked and are about to decide; from then on they do.
async fn until_waiting(mut nobody_decides: Held, many: impl Fn() -> usize) {
    while nobody_decides.ask(WAITING).parse::<usize>().unwrap() < many() {
        tokio::task::yield_now().await;
    }
}

async fn look(gateway: &Gateway) {
    while gateway.look().await.unwrap() > 0 {}
}

async fn take_in(gateway: &Gateway) {
    while gateway.take_in().await.unwrap() != TakenIn::Nothing {}
}

/// Polls work so often at most and drops it where it stands then, as a killed program leaves it; whether it had ended.
async fn cut_short(work: impl Future<Output = ()>, polls: usize) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| match left.checked_sub(1) {
        None => Poll::Ready(false),
        Some(less) => {
            left = less;
            work.as_mut().poll(context).map(|()| true)
        }
    })
    .await
}

#[tokio::test]
async fn a_threshold_is_told_once() {
    let promised = Target { tto: Some(Duration::from_secs(2 * 3600)), ..Target::default() };
    let mut two = Two::new(Policy { targets: vec![promised], ..policy() }).await;
    for (round, both) in (1..).zip(ROUNDS) {
        two.mail(&MARIE.writes("Clavier", &format!("Bonjour, le clavier numéro {round} n'écrit plus."))).await;
        let before = two.letters(BOB.address, "");
        two.later(MINUTE * 100, both).await;
        let warned = two.happened(|event| matches!(event, Event::ClockWarned { .. })).await;
        assert_eq!((warned, two.letters(BOB.address, "") - before), (round, 1), "{both:?}: {}", two.story());
        two.later(MINUTE * 30, both).await;
        let breached = two.happened(|event| matches!(event, Event::ClockBreached { .. })).await;
        assert_eq!((breached, two.letters(CLAIRE, "")), (round, round), "{both:?}: {}", two.story());
        two.says("#résolu\nLa pile est changée.").await;
    }
}

#[tokio::test]
async fn a_list_and_a_report_come_once() {
    let house = policy();
    let desk = Desk { worklist_at: Time::new(8, 0, 0, 0).ok(), ..house.desks[0].clone() };
    let mut two = Two::new(Policy { desks: [desk].into(), ..house }).await;
    two.mail(&MARIE.writes("Clavier", "Bonjour, le clavier n'écrit plus du tout.")).await;
    two.says("#prendre").await;
    Box::pin(two.work_together()).await;
    two.is_leased = true;
    for (day, both) in (1..).zip(ROUNDS) {
        two.later(DAY, both).await;
        assert_eq!(two.letters(ALICE.address, "Vos billets ouverts"), day, "{both:?}: {}", two.story());
        // The day before the first one is a Monday.
        assert_eq!(two.letters(CLAIRE, "Rapport du"), day / 7, "{both:?}: {}", two.story());
    }
    let week = DAY * 7;
    for (week_number, both) in (1..).zip(&ROUNDS[..4]) {
        two.later(week, *both).await;
        assert_eq!(two.letters(CLAIRE, "Rapport du"), week_number, "{both:?}: {}", two.story());
    }
}

#[tokio::test]
async fn quarantine_is_told_and_called_out_once() {
    let mut two = Two::new(policy()).await;
    for (round, both) in (1..).zip(ROUNDS) {
        for number in 1..=2 {
            let text = format!("Envoyez-moi la liste {number} du groupe {round}.");
            two.mail(&ALICE.writes("Liste", &text).judged(Verdict::Fail)).await;
        }
        let before = two.letters(BOB.address, "");
        two.later(HOUR, both).await;
        assert_eq!(two.letters(BOB.address, "") - before, 1, "{both:?}: {}", two.story());
        two.later(HOUR * 4, both).await;
        assert_eq!(two.letters(CLAIRE, "en quarantaine attendent"), round, "{both:?}: {}", two.story());
    }
}

#[tokio::test]
async fn an_answer_that_was_held_leaves_once() {
    let mut two = Two::new(Policy { relay_hold: Duration::from_secs(300), ..policy() }).await;
    for (round, both) in (1..).zip(ROUNDS) {
        two.mail(&MARIE.writes("Clavier", &format!("Bonjour, le clavier numéro {round} n'écrit plus."))).await;
        two.says(&format!("Voici essai{round}.")).await;
        let word = format!("essai{round}.");
        assert_eq!(two.letters(MARIE.address, &word), 0, "{both:?}: {}", two.story());
        two.later(MINUTE * 5, both).await;
        assert_eq!(two.letters(MARIE.address, &word), 1, "{both:?}: {}", two.story());
        let answered = two.happened(|event| matches!(event, Event::Answered { .. })).await;
        assert_eq!(answered, round, "{both:?}: {}", two.story());
    }
}

#[tokio::test]
async fn who_does_not_answer_is_reminded_once_and_what_waits_ends_once() {
    let mut two = Two::new(policy()).await;
    for (round, both) in (1..).zip(ROUNDS) {
        two.mail(&MARIE.writes("Clavier", &format!("Bonjour, le clavier numéro {round} n'écrit plus."))).await;
        two.says("#attente demandeur\nQuel modèle est-ce ?").await;
        let before = two.letters(MARIE.address, "");
        two.later(DAY * 3, both).await;
        two.later(DAY * 4, both).await;
        assert_eq!(two.letters(MARIE.address, "") - before, 2, "{both:?}: {}", two.story());
        two.later(DAY * 5 + HOUR, both).await;
        assert_eq!(two.letters(MARIE.address, "") - before, 2, "{both:?}: {}", two.story());
        for name in ["reminded", "resolved", "closed"] {
            assert_eq!(two.happened(|event| event.name() == name).await, round, "{name}, {both:?}: {}", two.story());
        }
    }
}

#[tokio::test]
async fn a_silent_vendor_is_chased_once_at_a_time() {
    let mut two = Two::new(policy()).await;
    for (round, both) in (1..).zip(ROUNDS) {
        two.mail(&MARIE.writes("Clavier", &format!("Bonjour, le clavier numéro {round} n'écrit plus."))).await;
        two.says("#escalader N3 acme\nA keyboard writes nothing at all.").await;
        for chases in 1..=2 {
            let before = two.letters(ACME, "");
            two.later(DAY * 2, both).await;
            let chased = two.happened(|event| matches!(event, Event::VendorChased { .. })).await;
            assert_eq!(
                (chased, two.letters(ACME, "") - before),
                (2 * round - 2 + chases, 1),
                "{both:?}: {}",
                two.story()
            );
        }
        two.says("#résolu\nUn nouveau clavier est arrivé.").await;
    }
}
