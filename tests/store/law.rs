//! A ticket is the fold of its history, also when both are read back.

use std::collections::BTreeSet;

use guichet::desk::*;
use guichet::mail::authenticity::{self, Checked, Dmarc, DmarcRecord, Found, Missing, Seal, Signature, Spf, Weakness};
use guichet::mail::{Authentication, Language};
use guichet::store::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cast::decide;
use crate::cast::*;

fn tickets() -> impl Strategy<Value = Vec<TicketNumber>> {
    proptest::collection::vec((1..9_i64).prop_map(TicketNumber), 0..4)
}

fn event() -> impl Strategy<Value = Event> {
    let contact = || (1..=2_i64).prop_map(ContactId);
    let vendor = || prop_oneof![Just("acme".to_owned()), Just("bêta \"L3\"".to_owned())];
    let level = || prop_oneof![Just(Level::L1), Just(Level::L2), Just(Level::L3)];
    let ledger = || proptest::option::of(Just(LedgerId(1)));
    prop_oneof![
        contact().prop_map(|agent| Event::Assigned { agent }),
        contact().prop_map(|from| Event::Unassigned { from }),
        Just(Event::Answered { letter: 1 }),
        (
            level(),
            level(),
            proptest::option::of(vendor()),
            proptest::option::of(contact()),
            proptest::option::of("[a-z]{1,9}"),
        )
            .prop_map(|(from, to, vendor, by, rule)| Event::Escalated { from, to, vendor, by, rule }),
        (level(), level()).prop_map(|(from, to)| Event::Returned { from, to }),
        level().prop_map(|level| Event::LevelCopied { level: CopiedLevel::Team(level) }),
        vendor().prop_map(|vendor| Event::LevelCopied { level: CopiedLevel::Vendor(vendor) }),
        vendor().prop_map(|vendor| Event::VendorCaseOpened { vendor, letter: id("case@desk.test") }),
        (vendor(), "[A-Z]{2,4}-[0-9]{1,6}", proptest::option::of("[a-z]{1,9} #[0-9]{1,3}"))
            .prop_map(|(vendor, number, mark)| Event::CaseNumberLearned { vendor, number, mark }),
        vendor().prop_map(|vendor| Event::VendorRefused { vendor }),
        (vendor(), "Ref:MSG[0-9]{5}").prop_map(|(vendor, watermark)| Event::WatermarkLearned { vendor, watermark }),
        (vendor(), any::<bool>(), proptest::option::of(contact())).prop_map(|(vendor, answer, from)| {
            Event::VendorHeard { vendor, message_id: Some(id("heard@vendor.test")), answer, from }
        }),
        contact().prop_map(|contact| Event::ParticipantAdded { contact }),
        contact().prop_map(|contact| Event::ParticipantRemoved { contact }),
        contact().prop_map(|contact| Event::RequesterChanged { contact }),
        any::<bool>().prop_map(|reminds| Event::PutOnHold { reason: PendingReason::Requester, reminds }),
        (0..1_000_i64)
            .prop_map(|seconds| Event::PutOnHold { reason: PendingReason::Until { at: at(seconds) }, reminds: true }),
        Just(Event::Reminded),
        Just(Event::ReminderWithheld { why: "unreachable".to_owned() }),
        vendor().prop_map(|vendor| Event::VendorSilent { vendor }),
        (0..1_000_i64).prop_map(|seconds| Event::RequesterAway { until: at(seconds) }),
        Just(Event::RequesterBack),
        proptest::option::of("[a-z]{1,9}").prop_map(|organisation| Event::OrganisationChanged { organisation }),
        vendor().prop_map(|vendor| Event::VendorAsked { vendor }),
        vendor().prop_map(|vendor| Event::VendorChased { vendor }),
        proptest::collection::vec(clock(), 1..4).prop_map(|clocks| Event::ClocksSet { clocks }),
        clock().prop_map(|clock| Event::ClockWarned { clock: clock.name, party: clock.party }),
        clock().prop_map(|clock| Event::ClockBreached { clock: clock.name, party: clock.party }),
        clock().prop_map(|clock| Event::EscalatedToManager { clock: clock.name }),
        Just(Event::OnCallPaged),
        Just(Event::Resumed),
        Just(Event::Resolved { code: Some("known_fix".to_owned()) }),
        Just(Event::Reopened),
        Just(Event::Closed),
        Just(Event::MarkedSpam),
        (1..=4_u8).prop_map(|priority| Event::PriorityChanged { priority: Priority(priority) }),
        "[a-zé ]{1,9}".prop_map(|service| Event::ServiceChanged { service }),
        "[a-z]{1,9}".prop_map(|desk| Event::DeskChanged { desk }),
        "[a-z-]{1,9}".prop_map(|fix| Event::KnownFixOffered { fix }),
        "[a-z-]{1,9}".prop_map(|fix| Event::KnownFixRefused { fix }),
        (ledger(), proptest::option::of(0..1_000_i64)).prop_map(|(ledger, until)| Event::Held {
            ledger,
            why: "bare_body".to_owned(),
            until: until.map(at),
        }),
        ledger().prop_map(|ledger| Event::Released { ledger }),
        ledger().prop_map(|ledger| Event::Withdrawn { ledger }),
        (proptest::option::of(contact()), proptest::option::of("[a-z]{1,9}"), any::<bool>()).prop_map(
            |(requester, desk, automatic)| Event::Opened {
                requester,
                origin: Origin::Phone,
                request_type: RequestType::ServiceRequest,
                desk,
                address: None,
                automatic,
            }
        ),
        Just(Event::MailReceived { ledger: LedgerId(1) }),
        Just(Event::AuthorProven { ledger: LedgerId(1) }),
        Just(Event::MailIgnored { ledger: LedgerId(1), reason: "thanks".to_owned() }),
        (proptest::option::of(contact()), any::<bool>()).prop_map(|(contact, hard)| Event::DeliveryFailed {
            letter: 1,
            contact,
            hard
        }),
        "[a-z-]{1,9}".prop_map(|fix| Event::KnownFixConfirmed { fix }),
        "[a-z-]{1,9}".prop_map(|fix| Event::KnownFixDrafted { fix }),
        Just(Event::AnsweredDirectly { ledger: LedgerId(1) }),
        ledger().prop_map(|ledger| Event::NoteAdded { ledger }),
        (vendor(), proptest::collection::vec(contact(), 0..3)).prop_map(|(vendor, people)| Event::CaseTakenOver {
            from: TicketNumber(1),
            case: VendorCase {
                vendor,
                marks: vec![Mark { mark: "[acme #7]".to_owned(), number: "7".to_owned() }],
                opened_with: Some(id("case@desk.test")),
                last_heard: None,
                watermark: None,
                refused: true,
                asked_at: Some(at(1)),
                chased_at: None,
                chases: 0,
                correspondents: people.clone(),
                people,
            },
        }),
        proptest::option::of(vendor()).prop_map(|vendor| Event::Published { vendor, letter: 1 }),
        Just(Event::MergedInto { ticket: TicketNumber(1) }),
        Just(Event::Complained { contact: ContactId(1) }),
        Just(Event::SplitOff { ticket: TicketNumber(2), ledger: LedgerId(1), asked_at: None }),
        Just(Event::Linked { ticket: TicketNumber(1) }),
        Just(Event::Follows { ticket: TicketNumber(1) }),
        Just(Event::Mentioned { ticket: TicketNumber(1) }),
        Just(Event::BrakeTripped { brake: "ticket".to_owned() }),
        tickets().prop_map(|tickets| Event::AlikeFound { tickets }),
        tickets().prop_map(|tickets| Event::AlikeProposed { tickets }),
        tickets().prop_map(|tickets| Event::AlikeSettled { tickets }),
        Just(Event::MadeMajor),
        Just(Event::MajorEnded),
        Just(Event::JoinedCrowd { parent: TicketNumber(1) }),
        Just(Event::LeftCrowd),
        (1..9_i64, any::<bool>()).prop_map(|(child, untold)| Event::ChildJoined { child: TicketNumber(child), untold }),
        (1..9_i64).prop_map(|child| Event::ChildLeft { child: TicketNumber(child) }),
        tickets().prop_map(|children| Event::ChildrenTold { children }),
        (ledger(), any::<bool>()).prop_map(|(ledger, solves)| Event::SaidToAll { ledger, solves, files: vec![0, 2] }),
        tickets().prop_map(|children| Event::ChildrenReached { children }),
        ("[a-z]{1,3}", "[a-zé ]{1,9}", any::<(bool, bool)>()).prop_map(|(machine, key, (verified, fails))| {
            let trust = if verified { Trust::Verified } else { Trust::Unverified };
            if fails {
                Event::MachineFailed { machine, key, trust }
            } else {
                Event::MachineRecovered { machine, key, trust }
            }
        }),
    ]
}

fn clock() -> impl Strategy<Value = Clock> {
    let states = || prop::sample::select(ClockState::ALL.to_vec());
    let names = || prop::sample::select(ClockName::ALL.to_vec());
    (names(), states(), proptest::option::of("L[23]"), 1..90_000_i64, 0..9_000_i64, any::<(bool, bool)>()).prop_map(
        |(name, state, party, target, ran, (warned, breached))| {
            let started = Clock::started(name, party, target, "bureau", at(ran));
            Clock { state, run_ms: ran * 7, paused_ms: ran * 3, warned, breached, ..started }
        },
    )
}

/// The names of all events, as serde tells them to whoever asks for one that there is not.
pub(crate) fn all_names() -> BTreeSet<String> {
    let told = serde_json::from_str::<Event>(r#"{"event":"none"}"#).unwrap_err().to_string();
    let (_, names) = told.split_once("expected one of ").unwrap();
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_law_is_held_with_every_event_that_there_is() {
    let mut runner = TestRunner::deterministic();
    let drawn: BTreeSet<String> = (0..4_000).map(|_| event().new_tree(&mut runner).unwrap().current().name()).collect();
    assert_eq!(drawn, all_names());
}

/// Tells the commits on a ticket, and holds the law.
async fn fold_is_row(store: &Store, commits: &[Vec<Event>]) {
    let number = tell(store, 1, commits).await;
    assert_fold_is_row(store, number).await;
}

/// Second by second.
async fn tell(store: &Store, uid: u32, commits: &[Vec<Event>]) -> TicketNumber {
    let mut seconds = 2..;
    let timed = |events: &Vec<Event>| seconds.by_ref().zip(events.iter().cloned()).take(events.len()).collect();
    let commits: Vec<Vec<(i64, Event)>> = commits.iter().map(timed).collect();
    tell_timed(store, uid, &commits).await
}

async fn tell_timed(store: &Store, uid: u32, commits: &[Vec<(i64, Event)>]) -> TicketNumber {
    let (number, _) = open_ticket(store, uid).await;
    for events in commits {
        decide(
            store,
            &Keys { contacts: vec![nameless("paul@client.test"), nameless("luc@client.test")], ..keys_to(number) },
            |docket, decision| {
                happen(docket, decision, number, events);
                Vec::new()
            },
        )
        .await;
    }
    number
}

async fn assert_fold_is_row(store: &Store, number: TicketNumber) {
    let shown = store.ticket(number).await.unwrap().unwrap();
    let new = Ticket::new(number, "support", "L'imprimante fume", Language::FRENCH, at(0));
    let fold = shown.history.iter().fold(new, Ticket::after);
    assert_eq!(shown.ticket, fold);
    assert_eq!(shown.history.len() as i64, fold.version);
}

#[test]
fn a_ticket_read_back_is_the_fold_of_its_history_read_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    proptest!(ProptestConfig::with_cases(40), |(commits in prop::collection::vec(prop::collection::vec(event(), 1..6), 1..5))| {
        runtime.block_on(async {
            let store = Store::open(&Settings { url: "sqlite::memory:".to_owned() }).await.unwrap();
            fold_is_row(&store, &commits).await;
            store.close().await;
        });
    });
}

#[tokio::test]
async fn a_told_ticket_read_back_is_the_fold_of_its_history_read_back() {
    on_both(async |store| {
        let acme = || "acme".to_owned();
        let told = vec![
            vec![
                Event::Assigned { agent: ContactId(1) },
                Event::ParticipantAdded { contact: ContactId(2) },
                Event::ParticipantAdded { contact: ContactId(1) },
            ],
            vec![
                Event::Escalated {
                    from: Level::L1,
                    to: Level::L3,
                    vendor: Some(acme()),
                    by: Some(ContactId(2)),
                    rule: None,
                },
                Event::VendorCaseOpened { vendor: acme(), letter: id("case@desk.test") },
                Event::CaseNumberLearned { vendor: acme(), number: "INC1".to_owned(), mark: None },
                Event::VendorCaseOpened { vendor: "beta".to_owned(), letter: id("case2@desk.test") },
                Event::LevelCopied { level: CopiedLevel::Vendor(acme()) },
            ],
            vec![
                Event::ParticipantRemoved { contact: ContactId(2) },
                Event::KnownFixRefused { fix: "vpn".to_owned() },
                Event::PutOnHold { reason: PendingReason::Until { at: at(500) }, reminds: true },
            ],
        ];
        fold_is_row(&store, &told).await;
    })
    .await;
}

/// Everybody comes and goes.
fn parting() -> impl Strategy<Value = Event> {
    let contact = || (1..=3_i64).prop_map(ContactId);
    prop_oneof![
        contact().prop_map(|contact| Event::ParticipantAdded { contact }),
        contact().prop_map(|contact| Event::ParticipantRemoved { contact }),
        contact().prop_map(|contact| Event::RequesterChanged { contact }),
    ]
}

proptest! {
    #[test]
    fn whoever_ever_had_a_part_in_a_ticket_is_of_its_people_once(events in prop::collection::vec(parting(), 0..20)) {
        let mut ticket = Ticket::new(TicketNumber(1), "support", "L'imprimante fume", Language::FRENCH, at(0));
        let mut had_a_part = std::collections::BTreeSet::new();
        for event in events {
            ticket = ticket.after(&Happened { at: at(1), by: Actor::SYSTEM, event });
            had_a_part.extend((1..=3).map(ContactId).filter(|contact| ticket.is_followed_by(*contact)));
            let people: std::collections::BTreeSet<ContactId> = ticket.people.iter().copied().collect();
            prop_assert_eq!(&people, &had_a_part);
            prop_assert_eq!(people.len(), ticket.people.len());
        }
    }
}

/// Takes back what the third migration did, and nothing else.
const UNDO_THE_THIRD: [&str; 4] = [
    "alter table ticket drop column people",
    "alter table letter drop column listed",
    "drop table name_seen",
    "delete from _sqlx_migrations where version = 3",
];

#[test]
fn a_ticket_of_old_tables_is_the_fold_of_its_history_once_they_are_brought_up_to_date() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let commits = || prop::collection::vec(prop::collection::vec(parting(), 1..6), 1..5);
    proptest!(ProptestConfig::with_cases(20), |(first in commits(), second in commits())| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}/guichet.db", folder.path().display());
            old_rows_fold(&url, &[first, second]).await;
        });
    });
}

#[tokio::test]
async fn a_ticket_of_old_postgresql_tables_is_the_fold_of_its_history_once_they_are_brought_up_to_date() {
    let database = crate::support::PostgreSql::start();
    let [added, removed, asks] = [
        |contact: i64| Event::ParticipantAdded { contact: ContactId(contact) },
        |contact: i64| Event::ParticipantRemoved { contact: ContactId(contact) },
        |contact: i64| Event::RequesterChanged { contact: ContactId(contact) },
    ];
    let first = vec![vec![added(2), added(3), removed(2), asks(2)], vec![removed(3), removed(3), asks(3), asks(1)]];
    let second = vec![vec![asks(3), asks(2), added(3), added(1), removed(1), removed(3)]];
    let third = vec![vec![added(1), asks(2), removed(2), asks(2)]];
    old_rows_fold(&database.url(), &[first, second, third]).await;
}

async fn old_rows_fold(url: &str, tickets: &[Vec<Vec<Event>>]) {
    let settings = Settings { url: url.to_owned() };
    let store = Store::open(&settings).await.unwrap();
    let mut numbers = Vec::new();
    for (uid, commits) in (1..).zip(tickets) {
        numbers.push(tell(&store, uid, commits).await);
    }
    store.close().await;
    run(url, &UNDO_THE_THIRD).await;
    let store = Store::open(&settings).await.unwrap();
    for number in numbers {
        assert_fold_is_row(&store, number).await;
        let shown = store.ticket(number).await.unwrap().unwrap();
        assert!(shown.contacts.values().any(|marie| marie.names == ["Marie"]), "{:?}", shown.contacts);
    }
    store.close().await;
}

/// Takes back what the fifteenth migration did.
const UNDO_THE_FIFTEENTH: [&str; 8] = [
    "alter table ticket add column assigned_at integer",
    "alter table ticket drop column owned_at",
    "alter table ticket drop column answered_at",
    "drop index history_position",
    "drop index history_known_fix_answered", // of a later one, upon what this one made
    "alter table history drop column position",
    "delete from counter where name = 'history'",
    "delete from _sqlx_migrations where version = 15",
];

/// Gateways' clocks differ, and jump.
fn taken_up() -> impl Strategy<Value = (i64, Event)> {
    let agent = || (1..=3_i64).prop_map(ContactId);
    let event = prop_oneof![
        agent().prop_map(|agent| Event::Assigned { agent }),
        Just(Event::Answered { letter: 1 }),
        Just(Event::AnsweredDirectly { ledger: LedgerId(1) }),
        Just(Event::Published { vendor: None, letter: 1 }),
        Just(Event::KnownFixOffered { fix: "vpn".to_owned() }),
        Just(Event::Returned { from: Level::L2, to: Level::L1 }),
        Just(Event::Reopened),
    ];
    (2..9_i64, event)
}

#[tokio::test]
async fn old_tables_tell_when_a_ticket_was_first_owned_and_answered_and_in_which_order_all_happened() {
    let mut runner = TestRunner::deterministic();
    let commits = prop::collection::vec(prop::collection::vec(taken_up(), 1..4), 0..3);
    let tickets: Vec<_> = (0..60).map(|_| commits.new_tree(&mut runner).unwrap().current()).collect();
    let folder = tempfile::tempdir().unwrap();
    let database = crate::support::PostgreSql::start();
    for url in [format!("sqlite:{}/guichet.db", folder.path().display()), database.url()] {
        let settings = Settings { url: url.clone() };
        let store = Store::open(&settings).await.unwrap();
        let mut numbers = Vec::new();
        for (uid, commits) in (1..).zip(&tickets) {
            numbers.push(tell_timed(&store, uid, commits).await);
        }
        store.close().await;
        run(&url, &UNDO_THE_FIFTEENTH).await;
        let store = Store::open(&settings).await.unwrap();
        let lines = store.history_since(Position::default(), usize::from(u16::MAX)).await.unwrap();
        assert!(lines.iter().map(|line| line.position.0).eq(1..=lines.len() as i64));
        let mut seen = BTreeSet::new();
        for number in numbers {
            assert_fold_is_row(&store, number).await;
            let shown = store.ticket(number).await.unwrap().unwrap();
            seen.insert((shown.ticket.owned_at.is_some(), shown.ticket.answered_at.is_some()));
            let followed = lines.iter().filter(|line| line.ticket == number).map(|line| &line.happened);
            assert!(followed.eq(&shown.history), "{number}");
        }
        assert_eq!(seen.len(), 4, "tickets of each kind");
        store.close().await;
    }
}

/// Takes back what the sixteenth migration did.
const UNDO_THE_SIXTEENTH: [&str; 13] = [
    "drop index ticket_look_at",
    "alter table ticket drop column organisation",
    "alter table ticket drop column clocks",
    "alter table ticket drop column asked_at",
    "alter table ticket drop column waiting_since",
    "alter table ticket drop column reminded_at",
    "alter table ticket drop column away_until",
    "alter table ticket drop column paged",
    "alter table ticket drop column look_at",
    "alter table vendor_case drop column asked_at",
    "alter table vendor_case drop column chased_at",
    "alter table vendor_case drop column chases",
    "delete from _sqlx_migrations where version = 16",
];

/// The requester asks and we answer; what comes of waits is not known of old.
fn asked() -> impl Strategy<Value = (i64, Event)> {
    let event = prop_oneof![
        Just(Event::MailReceived { ledger: LedgerId(1) }),
        Just(Event::MailReceived { ledger: LedgerId(1) }),
        Just(Event::Answered { letter: 1 }),
        Just(Event::KnownFixOffered { fix: "vpn".to_owned() }),
        Just(Event::PutOnHold { reason: PendingReason::Requester, reminds: false }),
        Just(Event::Resolved { code: None }),
        Just(Event::Reopened),
    ];
    (2..9_i64, event)
}

#[tokio::test]
async fn old_tables_tell_since_when_a_requester_waits_for_a_further_answer() {
    let mut runner = TestRunner::deterministic();
    let commits = prop::collection::vec(prop::collection::vec(asked(), 1..5), 0..4);
    let tickets: Vec<_> = (0..60).map(|_| commits.new_tree(&mut runner).unwrap().current()).collect();
    let folder = tempfile::tempdir().unwrap();
    let database = crate::support::PostgreSql::start();
    for url in [format!("sqlite:{}/guichet.db", folder.path().display()), database.url()] {
        let settings = Settings { url: url.clone() };
        let store = Store::open(&settings).await.unwrap();
        let mut numbers = Vec::new();
        for (uid, commits) in (1..).zip(&tickets) {
            numbers.push(tell_timed(&store, uid, commits).await);
        }
        store.close().await;
        run(&url, &UNDO_THE_SIXTEENTH).await;
        let store = Store::open(&settings).await.unwrap();
        let mut seen = BTreeSet::new();
        for number in numbers {
            assert_fold_is_row(&store, number).await;
            seen.insert(store.ticket(number).await.unwrap().unwrap().ticket.asked_at.is_some());
        }
        assert_eq!(seen.len(), 2, "tickets of each kind");
        store.close().await;
    }
}

async fn run(url: &str, statements: &[&'static str]) {
    use sqlx::{Connection, PgConnection, SqliteConnection};
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        for statement in statements {
            sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for statement in statements {
            sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }
}

/// A form as it was first stored, a line each. What was written once is read for ever: a line is added, never changed.
#[test]
fn every_event_is_read_in_the_oldest_form_that_a_history_holds() {
    let mut names = BTreeSet::new();
    for line in include_str!("history.jsonl").lines() {
        let stored: serde_json::Value = serde_json::from_str(line).unwrap();
        let event: Event = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(event.name(), stored["event"]);
        let read: serde_json::Value = serde_json::to_value(&event).unwrap();
        for (field, value) in stored.as_object().unwrap() {
            assert_eq!(&read[field], value, "{line}");
        }
        names.insert(event.name());
    }
    assert_eq!(names, all_names());
}

fn found() -> impl Strategy<Value = Found> {
    let word = any::<String>;
    let checked = || {
        prop_oneof![Just(Checked::Pass), Just(Checked::SoftFail), Just(Checked::TempError), Just(Checked::PermError)]
    };
    let weakness = option::of(prop_oneof![Just(Weakness::OldAlgorithm), Just(Weakness::UnsignedText)]);
    let signature = (word(), checked(), option::of(word()), weakness).prop_map(|(word, result, why, weakness)| {
        Signature { domain: word.clone(), selector: word, algorithm: "rsa-sha256".to_owned(), result, why, weakness }
    });
    let spf =
        option::of((word(), checked()).prop_map(|(domain, result)| Spf { client: "::1".to_owned(), domain, result }));
    let record = option::of((word(), any::<bool>()).prop_map(|(at, strict)| DmarcRecord {
        at,
        policy: "none".to_owned(),
        strict_dkim: strict,
        strict_spf: !strict,
    }));
    let dmarc = (word(), checked(), record).prop_map(|(domain, result, record)| Dmarc { domain, result, record });
    let seals = vec((word(), word()).prop_map(|(sealer, results)| Seal::new(&sealer, &results)), 0..2);
    (vec(signature, 0..2), spf, option::of(dmarc), seals, option::of(checked()), any::<bool>()).prop_map(
        |(signatures, spf, dmarc, seals, chain, is_cut)| Found { signatures, spf, dmarc, seals, chain, is_cut },
    )
}

/// What stands in a field may be anything.
fn proof() -> impl Strategy<Value = Proof> {
    let word = || prop_oneof![Just("client.test".to_owned()), any::<String>()];
    let authentication =
        prop_oneof![Just(Authentication::Passed), Just(Authentication::Failed), Just(Authentication::Unverified)];
    let reason = prop_oneof![
        Just(authenticity::Reason::NoResults),
        Just(authenticity::Reason::AuthorInDoubt),
        Just(authenticity::Reason::Damaged),
        Just(authenticity::Reason::OddSender),
        (word(), word()).prop_map(|(result, domain)| authenticity::Reason::Dmarc { result, domain }),
        word().prop_map(|domain| authenticity::Reason::OtherAuthor { domain }),
        word().prop_map(|account| authenticity::Reason::Login { account }),
        word().prop_map(|account| authenticity::Reason::OtherLogin { account }),
        Just(authenticity::Reason::NoLogin),
        Just(authenticity::Reason::UnnamedLogin),
        Just(authenticity::Reason::Internal),
        (word(), word()).prop_map(|(method, domain)| authenticity::Reason::Vouched { method, domain }),
        word().prop_map(|domain| authenticity::Reason::NobodyVouches { domain }),
        (word(), word()).prop_map(|(sealer, result)| authenticity::Reason::Sealed { sealer, result }),
        (prop_oneof![Just(Missing::Answer), Just(Missing::Text), Just(Missing::Client)], word())
            .prop_map(|(missing, domain)| authenticity::Reason::Missing { missing, domain }),
        Just(authenticity::Reason::NotLookedUp),
    ];
    prop_oneof![
        6 => (authentication, reason, 0usize..4, option::of(found())).prop_map(|(authentication, reason, way, found)| {
            let judged = Judged { authentication, reason };
            match way {
                0 => Proof::Header(judged),
                1 => Proof::Exchange(judged),
                2 => Proof::Submission(judged),
                _ => Proof::Dns(Looked { judged, found }),
            }
        }),
        1 => Just(Proof::Token),
        1 => Just(Proof::Challenge),
        1 => Just(Proof::Release),
        1 => Just(Proof::Nothing),
    ]
}

#[tokio::test]
async fn what_proves_an_author_is_read_back_as_it_was_found() {
    on_both(async |store| {
        let mut runner = TestRunner::deterministic();
        let proofs: Vec<Proof> = (0..200).map(|_| proof().new_tree(&mut runner).unwrap().current()).collect();
        let mails: Vec<Received> = (1..).map(mail).take(proofs.len()).collect();
        let ids = record(&store, &mails).await;
        let decision = Decision { outcome: Some(Outcome::Suppressed(Reason::List)), ..Decision::default() };
        let found = ids.iter().zip(&proofs).map(|(id, proof)| Accounted { proof: proof.clone(), ..accounted(*id) });
        let found: Vec<Accounted> = found.collect();
        let written = found.iter().map(|mail| Written { mail: Some(mail), decision: &decision, letters: &[] });
        let written: Vec<Written<'_>> = written.collect();
        let mut tx = store.begin().await.unwrap();
        let docket = tx.docket(&Keys::default(), at(1)).await.unwrap();
        tx.write(&written, &docket, at(1)).await.unwrap();
        tx.commit().await.unwrap();
        let lines = store.ledger(&LedgerFilter::default()).await.unwrap();
        let read: Vec<Proof> = lines.into_iter().filter_map(|line| line.proof).collect();
        assert_eq!(read, proofs);

        store.ledger_retry(ids[0]).await.unwrap();
        store.ledger_release(ids[1]).await.unwrap();
        let lines = store.ledger(&LedgerFilter::default()).await.unwrap();
        assert_eq!((lines[0].proof.clone(), lines[1].proof.clone()), (None, None), "they are judged anew");
    })
    .await;
}
