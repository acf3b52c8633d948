use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::desk::{
    Actor, Clock, ClockName, ClockState, ContactId, Event, Happened, LedgerId, Level, Origin, Priority, RequestType,
    Role, TicketNumber,
};
use crate::mail::{Address, Language};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The week from Monday, November 16, 2026.
fn week() -> Period {
    Period { from: at("2026-11-16T05:00:00Z"), to: at("2026-11-23T05:00:00Z") }
}

fn zone() -> TimeZone {
    TimeZone::get("America/Toronto").unwrap()
}

fn homes() -> Homes {
    let desk = |name: &str| (address(&format!("{name}@desk.example")), name.to_owned());
    Homes { of: vec![desk("support"), desk("payroll")], first: "support".to_owned() }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn opened(desk: &str, origin: Origin) -> Event {
    let address = Some(address(&format!("{desk}@desk.example")));
    Event::Opened {
        requester: Some(ContactId(1)),
        origin,
        request_type: RequestType::Incident,
        desk: None,
        address,
        automatic: false,
    }
}

fn escalated(to: Level, vendor: Option<&str>, rule: Option<&str>) -> Event {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Event::Escalated { from: Level::L1, to, vendor: own(vendor), by: None, rule: own(rule) }
}

fn clock(name: ClockName, party: Option<&str>, run_seconds: i64, state: ClockState) -> Event {
    let start = Clock::started(name, party.map(str::to_owned), 3_600, "office", Timestamp::UNIX_EPOCH);
    Event::ClocksSet { clocks: vec![Clock { run_ms: run_seconds * 1_000, state, ..start }] }
}

fn runs(name: ClockName, party: Option<&str>) -> Event {
    clock(name, party, 0, ClockState::Running)
}

fn stops(name: ClockName, party: Option<&str>, run_seconds: i64) -> Event {
    clock(name, party, run_seconds, ClockState::Stopped)
}

fn resolved() -> Event {
    Event::Resolved { code: None }
}

fn heard(vendor: &str) -> Event {
    Event::VendorHeard { vendor: vendor.to_owned(), message_id: None, answer: true, from: None }
}

fn asked(vendor: &str) -> Event {
    Event::VendorAsked { vendor: vendor.to_owned() }
}

type Lines = Vec<(i64, Timestamp, Event)>;

fn lines<const N: usize>(lines: [(i64, &str, Event); N]) -> Lines {
    lines.into_iter().map(|(ticket, moment, event)| (ticket, at(moment), event)).collect()
}

fn figures_of(lines: &Lines, desk: &str, period: Period) -> Figures {
    let homes = homes();
    let mut gathering = Gathering::new(&homes, desk, zone(), period);
    // One ticket after another, as a report reads them.
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|(ticket, ..)| *ticket);
    for (ticket, at, event) in lines {
        let by = Actor { role: Role::Agent, contact: Some(ContactId(2)) };
        gathering.take(TicketNumber(*ticket), &Happened { at: *at, by, event: event.clone() });
    }
    gathering.figures()
}

fn figures(lines: &Lines) -> Figures {
    figures_of(lines, "support", week())
}

fn share(of: u64, all: u64) -> Share {
    Share { of, all }
}

#[test]
fn a_week_has_its_volumes_by_channel_level_and_day() {
    let lines = lines([
        (1, "2026-11-16T04:59:59Z", opened("support", Origin::Mail)),
        (2, "2026-11-16T05:00:00Z", opened("support", Origin::Phone)),
        (2, "2026-11-16T05:00:00Z", Event::OrganisationChanged { organisation: Some("acme".to_owned()) }),
        (2, "2026-11-16T15:00:00Z", Event::Answered { letter: 1 }),
        (2, "2026-11-16T15:00:00Z", resolved()),
        (3, "2026-11-17T15:00:00Z", opened("support", Origin::Mail)),
        (3, "2026-11-17T16:00:00Z", escalated(Level::L2, None, Some("printers"))),
        (3, "2026-11-17T17:00:00Z", Event::Returned { from: Level::L2, to: Level::L1 }),
        (3, "2026-11-18T03:00:00Z", resolved()),
        (3, "2026-11-18T16:00:00Z", Event::Reopened),
        (3, "2026-11-18T17:00:00Z", resolved()),
        (4, "2026-11-17T15:00:00Z", opened("payroll", Origin::Mail)),
        (5, "2026-11-19T15:00:00Z", opened("support", Origin::Mail)),
        (5, "2026-11-19T16:00:00Z", Event::MarkedSpam),
        (6, "2026-11-23T05:00:00Z", opened("support", Origin::Mail)),
    ]);
    let told = figures(&lines);
    assert_eq!((told.opened, told.resolved, told.reopened, told.spam, told.returned), (3, 3, 1, 1, 1));
    assert_eq!(told.opened_by_channel, [(Origin::Mail, 2), (Origin::Phone, 1)].into());
    assert_eq!(told.opened_by_organisation, [("acme".to_owned(), 1)].into());
    assert_eq!(told.resolved_by_organisation, [("acme".to_owned(), 1)].into());
    assert_eq!(told.resolved_by_level, [(Level::L1, 1), (Level::L2, 2)].into());
    assert_eq!(told.first_contact, share(1, 3));
    let printers = Some("printers".to_owned());
    assert_eq!(told.escalations, [Escalations { to: Level::L2, vendor: None, rule: printers, count: 1 }]);
    let days: Vec<(String, u64, u64)> =
        told.days.iter().map(|day| (day.date.to_string(), day.opened, day.resolved)).collect();
    assert_eq!(days.len(), 7);
    assert_eq!(days[0], ("2026-11-16".to_owned(), 1, 1));
    assert_eq!(days[1], ("2026-11-17".to_owned(), 1, 1), "an evening in Toronto is a night in UTC");
    assert_eq!(told.backlog.all, 1, "what was opened before the week and is at work still");
    assert_eq!(figures_of(&lines, "payroll", week()).opened, 1);
}

#[test]
fn a_first_contact_is_one_answer_and_no_other_level() {
    let answered = || Event::Answered { letter: 1 };
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T13:00:00Z", answered()),
        (1, "2026-11-16T14:00:00Z", answered()),
        (1, "2026-11-16T14:00:00Z", resolved()),
        (2, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (2, "2026-11-16T12:00:00Z", Event::KnownFixOffered { fix: "toner".to_owned() }),
        (2, "2026-11-16T13:00:00Z", Event::KnownFixConfirmed { fix: "toner".to_owned() }),
        (2, "2026-11-16T13:00:00Z", resolved()),
    ]);
    let told = figures(&lines);
    assert_eq!(told.first_contact, share(1, 2));
    assert_eq!(told.known_fixes, KnownFixes { offered: 1, confirmed: 1, refused: 0 });
}

#[test]
fn promises_are_counted_when_they_are_done_by_priority() {
    let urgent = Event::PriorityChanged { priority: Priority(1) };
    let lines = lines([
        (1, "2026-11-10T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-10T12:00:00Z", runs(ClockName::Tto, None)),
        (1, "2026-11-16T12:00:00Z", stops(ClockName::Tto, None, 3_600)),
        (1, "2026-11-16T13:00:00Z", stops(ClockName::Tto, None, 3_600)),
        (2, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (2, "2026-11-16T12:00:00Z", urgent),
        (2, "2026-11-16T12:00:00Z", runs(ClockName::Tto, None)),
        (2, "2026-11-16T14:00:00Z", Event::ClockBreached { clock: ClockName::Tto, party: None }),
        (2, "2026-11-16T14:00:00Z", Event::EscalatedToManager { clock: ClockName::Tto }),
        (2, "2026-11-16T15:00:00Z", stops(ClockName::Tto, None, 3_601)),
        (3, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (3, "2026-11-16T12:00:00Z", runs(ClockName::Ttr, None)),
        (3, "2026-11-16T13:00:00Z", Event::MarkedSpam),
        (3, "2026-11-16T13:00:00Z", stops(ClockName::Ttr, None, 9_999)),
        (4, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (4, "2026-11-16T12:00:00Z", runs(ClockName::Ttr, None)),
        (4, "2026-11-16T15:00:00Z", Event::ClockBreached { clock: ClockName::Ttr, party: None }),
    ]);
    let told = figures(&lines);
    let promise = |priority, kept| Promise { clock: ClockName::Tto, priority, kept };
    assert_eq!(told.promises, [promise(1, share(0, 1)), promise(3, share(1, 1))], "spam was promised nothing");
    assert_eq!(told.broken, [(ClockName::Tto, 1), (ClockName::Ttr, 1)].into());
    assert_eq!(told.escalated_to_managers, [(ClockName::Tto, 1)].into());
    assert_eq!((told.backlog.all, told.backlog.overdue), (3, 1));
}

#[test]
fn vendors_and_teams_are_held_to_what_they_promise() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T12:00:00Z", escalated(Level::L3, Some("acme"), None)),
        (1, "2026-11-16T12:00:00Z", asked("acme")),
        (1, "2026-11-16T12:00:00Z", runs(ClockName::Ola, Some("acme"))),
        (1, "2026-11-16T14:00:00Z", Event::VendorChased { vendor: "acme".to_owned() }),
        (1, "2026-11-16T15:00:00Z", heard("acme")),
        (1, "2026-11-16T15:00:00Z", stops(ClockName::Ola, Some("acme"), 10_800)),
        (1, "2026-11-16T16:00:00Z", heard("acme")),
        (2, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (2, "2026-11-16T12:00:00Z", asked("acme")),
        (2, "2026-11-16T12:00:00Z", runs(ClockName::Ola, Some("acme"))),
        (2, "2026-11-16T12:30:00Z", resolved()),
        (2, "2026-11-16T12:30:00Z", stops(ClockName::Ola, Some("acme"), 1_800)),
        (3, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (3, "2026-11-16T12:00:00Z", escalated(Level::L2, None, None)),
        (3, "2026-11-16T12:00:00Z", runs(ClockName::Ola, Some("L2"))),
        (3, "2026-11-16T12:30:00Z", Event::Assigned { agent: ContactId(2) }),
        (3, "2026-11-16T12:30:00Z", stops(ClockName::Ola, Some("L2"), 1_800)),
        (4, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (4, "2026-11-16T12:00:00Z", escalated(Level::L2, None, None)),
        (4, "2026-11-16T12:00:00Z", runs(ClockName::Ola, Some("L2"))),
        (4, "2026-11-16T12:30:00Z", Event::Returned { from: Level::L2, to: Level::L1 }),
        (4, "2026-11-16T12:30:00Z", stops(ClockName::Ola, Some("L2"), 1_800)),
    ]);
    let told = figures(&lines);
    let answered = Waited { count: 1, median_seconds: Some(10_800) };
    let acme = VendorFigures { vendor: "acme".to_owned(), asked: 2, chased: 1, answered, kept: share(0, 1) };
    assert_eq!(told.vendors, [acme], "a ticket that was over in time says nothing of the vendor");
    assert_eq!(told.teams, [TeamFigures { level: Level::L2, kept: share(1, 1) }], "what went back was not taken up");
    assert_eq!(told.promises, []);
}

#[test]
fn a_promise_that_was_kept_at_once_is_kept() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Phone)),
        (1, "2026-11-16T12:00:00Z", Event::Assigned { agent: ContactId(2) }),
        (1, "2026-11-16T12:00:00Z", stops(ClockName::Tto, None, 0)),
        (2, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (2, "2026-11-16T12:00:00Z", runs(ClockName::Tto, None)),
        (2, "2026-11-16T15:00:00Z", stops(ClockName::Tto, None, 10_800)),
    ]);
    assert_eq!(figures(&lines).promises, [Promise { clock: ClockName::Tto, priority: 3, kept: share(1, 2) }]);
}

#[test]
fn the_desk_that_a_ticket_was_opened_at_stays_whatever_becomes_of_addresses() {
    let at_desk = |desk: &str| match opened("support", Origin::Mail) {
        Event::Opened { requester, origin, request_type, address, automatic, .. } => {
            Event::Opened { requester, origin, request_type, desk: Some(desk.to_owned()), address, automatic }
        }
        other => other,
    };
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", at_desk("payroll")),
        (2, "2026-11-16T12:00:00Z", at_desk("support")),
        (3, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
    ]);
    let payroll = figures_of(&lines, "payroll", week());
    assert_eq!((payroll.opened, payroll.backlog.all, figures(&lines).opened), (1, 1, 2));
}

#[test]
fn a_median_is_what_half_of_the_waits_do_not_exceed() {
    let waited = |seconds: &[u64]| Waited::of(seconds.to_vec()).median_seconds;
    assert_eq!(waited(&[]), None);
    assert_eq!(waited(&[7]), Some(7));
    assert_eq!(waited(&[900_000, 60, 120]), Some(120), "one bad week does not hide the others");
    assert_eq!(waited(&[400, 100, 200, 300]), Some(250));
}

#[test]
fn what_is_at_work_is_counted_by_its_age_at_the_end() {
    let lines = lines([
        (1, "2026-11-22T05:00:01Z", opened("support", Origin::Mail)),
        (2, "2026-11-22T05:00:00Z", opened("support", Origin::Mail)),
        (3, "2026-11-20T05:00:00Z", opened("support", Origin::Mail)),
        (4, "2026-11-16T05:00:00Z", opened("support", Origin::Mail)),
        (5, "2026-10-24T05:00:00Z", opened("support", Origin::Mail)),
        (5, "2026-10-24T05:00:00Z", escalated(Level::L2, None, None)),
        (6, "2026-10-24T05:00:00Z", opened("support", Origin::Mail)),
        (6, "2026-11-01T05:00:00Z", Event::DeskChanged { desk: "payroll".to_owned() }),
        (6, "2026-11-20T05:00:00Z", Event::DeskChanged { desk: "support".to_owned() }),
        (6, "2026-11-21T05:00:00Z", Event::MergedInto { ticket: TicketNumber(5) }),
    ]);
    let told = figures(&lines);
    assert_eq!(told.backlog.by_age, [1, 1, 1, 1, 1]);
    assert_eq!(told.backlog.by_level, [(Level::L1, 4), (Level::L2, 1)].into());
    assert_eq!((told.moved_in, told.moved_out, told.merged), (1, 0, 1));
}

#[test]
fn nothing_is_no_percentage() {
    let told = figures(&Lines::new());
    assert_eq!((told.first_contact.percent(), told.days.len()), (None, 7));
    assert_eq!(serde_json::to_value(told.first_contact).unwrap()["percent"], serde_json::Value::Null);
    assert_eq!(share(9_999, 10_000).percent(), Some(99.9), "what was missed once is never 100 %");
    let text = text(&told, "Support", &zone(), Language::ENGLISH);
    assert!(text.starts_with("Support, from November 16, 2026 to November 22, 2026\n"), "{text}");
    assert!(text.contains("First answer: nothing was due") && !text.contains('%'), "{text}");
}

#[test]
fn the_last_week_ends_on_monday_at_midnight_of_the_desk() {
    let weeks = |now: &str| Period::last_week(at(now), &zone()).unwrap();
    let (before, after) = (weeks("2026-11-23T04:59:59Z"), weeks("2026-11-23T05:00:00Z"));
    assert_eq!(after, week());
    assert_eq!(before.to, week().from);
    // The clocks were set back on November 1: that week has an hour more.
    let long = weeks("2026-11-02T12:00:00Z");
    assert_eq!((long.from, long.to), (at("2026-10-26T04:00:00Z"), at("2026-11-02T05:00:00Z")));
}

#[test]
fn a_report_reads_in_both_languages() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T12:00:00Z", asked("acme")),
        (1, "2026-11-16T12:00:00Z", runs(ClockName::Tto, None)),
        (1, "2026-11-16T15:00:00Z", heard("acme")),
        (1, "2026-11-16T15:00:00Z", stops(ClockName::Tto, None, 4_000)),
        (1, "2026-11-16T15:00:00Z", resolved()),
    ]);
    let french = text(&figures(&lines), "Soutien", &zone(), Language::FRENCH).replace('\u{a0}', " ");
    let english = text(&figures(&lines), "Support", &zone(), Language::ENGLISH);
    for line in [
        "Soutien, du 16 novembre 2026 au 22 novembre 2026",
        "  Billets ouverts : 1 (courriel 1)",
        "  Résolus au premier contact : 1 de 1 (100,0 %)",
        "  Première réponse : priorité 3 : 0 de 1 (0,0 %)",
        "  Résolution : rien à échéance",
        "  acme : demandes 1; aucun dans les délais; réponses 1, délai médian 3 h 00",
    ] {
        assert!(french.contains(line), "{line}\n{french}");
    }
    for line in [
        "  Opened: 1 (mail 1)",
        "  First answer: priority 3: 0 of 1 (0.0%)",
        "acme: asked 1; none in time; answers 1, median wait 3\u{a0}h\u{a0}00",
    ] {
        assert!(english.contains(line), "{line}\n{english}");
    }
}

#[test]
fn a_sheet_computes_nothing_and_has_a_line_a_figure() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T12:00:00Z", Event::OrganisationChanged { organisation: Some("=cmd|' /C calc'!A0".to_owned()) }),
        (1, "2026-11-16T12:00:00Z", asked("a \"big\", vendor")),
    ]);
    let sheet = String::from_utf8(sheet(&figures(&lines), Language::ENGLISH)).unwrap();
    let rows = sheet.strip_prefix('\u{feff}').unwrap();
    assert!(rows.starts_with("desk,figure,key,value\r\nsupport,from,,2026-11-16T05:00:00Z\r\n"), "{rows}");
    assert!(rows.contains("support,opened_by_organisation,'=cmd|' /C calc'!A0,1\r\n"), "{rows}");
    assert!(rows.contains("support,vendor_asked,\"a \"\"big\"\", vendor\",1\r\n"), "{rows}");
    assert!(rows.contains("support,opened_on,2026-11-16,1\r\n"), "{rows}");
    let mut reader = csv::ReaderBuilder::new().from_reader(rows.as_bytes());
    assert!(reader.records().all(|record| record.unwrap().len() == 4));
}

#[test]
fn a_sheet_opens_in_columns_in_both_languages() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T12:00:00Z", asked("acme; inc, \"QC\"")),
        (1, "2026-11-16T12:00:00Z", runs(ClockName::Tto, None)),
        (1, "2026-11-16T13:00:00Z", stops(ClockName::Tto, None, 60)),
        (1, "2026-11-16T13:00:00Z", runs(ClockName::Tto, None)),
        (1, "2026-11-16T14:00:00Z", stops(ClockName::Tto, None, 60)),
        (1, "2026-11-16T14:00:00Z", runs(ClockName::Tto, None)),
        (1, "2026-11-16T17:00:00Z", stops(ClockName::Tto, None, 9_999)),
    ]);
    let read = |language: Language, delimiter: u8| -> Vec<Vec<String>> {
        let sheet = sheet(&figures(&lines), language);
        let rows = sheet.strip_prefix("\u{feff}".as_bytes()).unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(rows);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let (french, english) = (read(Language::FRENCH, b';'), read(Language::ENGLISH, b','));
    let value = |rows: &[Vec<String>], figure: &str| rows.iter().find(|row| row[1] == figure).unwrap()[3].clone();
    assert_eq!((value(&french, "tto_percent"), value(&english, "tto_percent")), ("66,6".into(), "66.6".into()));
    assert!(french.iter().chain(&english).all(|row| row.len() == 4));
    let names = |rows: Vec<Vec<String>>| rows.into_iter().map(|row| row[..3].to_vec()).collect::<Vec<_>>();
    assert_eq!(names(french), names(english));
}

#[test]
fn a_chart_leaves_nothing_out_where_there_are_more_than_it_has_bars() {
    let mut busy = Lines::new();
    for vendor in 1..=12 {
        let name = format!("Fournisseur de services d’impression numéro {vendor}");
        busy.push((vendor, at("2026-11-16T12:00:00Z"), opened("support", Origin::Mail)));
        busy.push((vendor, at("2026-11-16T12:00:00Z"), escalated(Level::L3, Some(&name), None)));
        busy.push((vendor, at("2026-11-16T12:00:00Z"), asked(&name)));
        busy.push((vendor, at("2026-11-16T12:00:00Z"), runs(ClockName::Ola, Some(&name))));
        busy.push((vendor, at("2026-11-16T12:30:00Z"), heard(&name)));
        busy.push((vendor, at("2026-11-16T12:30:00Z"), stops(ClockName::Ola, Some(&name), 1_800)));
    }
    let charts = charts(&figures(&busy), Language::FRENCH);
    assert_eq!(
        charts.iter().map(|chart| chart.name).collect::<Vec<_>>(),
        ["days", "backlog", "promises", "escalations"]
    );
    for chart in &charts[2..] {
        for vendor in 1..=12 {
            let name = format!("numéro {vendor}");
            assert!(chart.alt.contains(&name), "{name}: {}", chart.alt);
        }
    }
}

/// A busy quarter, the same for one seed.
fn quarter_of(seed: u64) -> Lines {
    let mut state = seed;
    let mut chance = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut lines = Lines::new();
    let start = at("2026-09-01T13:00:00Z").as_second();
    for ticket in 1..=900_i64 {
        let mut seconds = start + ticket * 8_700 + chance(7_200) as i64;
        let mut then = |after: u64, event: Event| {
            seconds += after as i64;
            lines.push((ticket, Timestamp::from_second(seconds).unwrap(), event));
        };
        then(0, opened("support", if chance(5) == 0 { Origin::Phone } else { Origin::Mail }));
        then(
            0,
            Event::OrganisationChanged {
                organisation: [None, Some("Coop"), Some("Mairie")][chance(3) as usize].map(str::to_owned),
            },
        );
        then(0, Event::PriorityChanged { priority: Priority(1 + chance(4) as u8) });
        then(0, runs(ClockName::Tto, None));
        then(0, runs(ClockName::Ttr, None));
        then(chance(9_000), stops(ClockName::Tto, None, chance(3_900) as i64));
        then(0, Event::Answered { letter: 1 });
        if chance(4) == 0 {
            then(60, escalated(Level::L2, None, [None, Some("réseau")][chance(2) as usize]));
        }
        if chance(9) == 0 {
            let vendor = ["acme", "Impression Boréale"][chance(2) as usize];
            then(60, escalated(Level::L3, Some(vendor), None));
            then(0, asked(vendor));
            then(0, runs(ClockName::Ola, Some(vendor)));
            then(20_000 + chance(90_000), heard(vendor));
            then(0, stops(ClockName::Ola, Some(vendor), chance(4_500) as i64));
        }
        if chance(30) == 0 {
            then(0, Event::EscalatedToManager { clock: ClockName::Ttr });
        }
        if chance(12) > 0 {
            then(chance(200_000), resolved());
            then(0, stops(ClockName::Ttr, None, chance(4_400) as i64));
        }
    }
    lines
}

fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    (frame.width, frame.height, pixels)
}

#[test]
fn a_quarter_is_four_pictures_that_say_their_numbers_in_words() {
    let quarter = Period { from: at("2026-09-01T04:00:00Z"), to: at("2026-12-01T05:00:00Z") };
    let told = figures_of(&quarter_of(14), "support", quarter);
    for language in [Language::FRENCH, Language::ENGLISH] {
        let charts = charts(&told, language);
        assert_eq!(
            charts.iter().map(|chart| chart.name).collect::<Vec<_>>(),
            ["days", "backlog", "promises", "escalations"]
        );
        for chart in &charts {
            let (width, height, pixels) = pixels(&chart.png);
            assert_eq!((width, height), (1280, 720));
            let white = pixels.iter().filter(|value| **value == 255).count();
            assert!((pixels.len() / 2..pixels.len() * 98 / 100).contains(&white), "{}: {white}", chart.name);
            assert!(chart.alt.starts_with(&chart.title) && chart.alt.contains(|c: char| c.is_ascii_digit()));
            assert!(chart.png.len() < 100_000, "{}: {}", chart.name, chart.png.len());
        }
        let backlog = &charts[1].alt;
        assert!(told.backlog.by_age.iter().all(|count| backlog.contains(&count.to_string())), "{backlog}");
    }
    // Accents are drawn, not left out.
    let title = |title: &str| pixels(&chart::title_alone(title).unwrap()).2;
    assert_ne!(title("Délais"), title("Delais"));
    assert_ne!(title("é"), title("è"));
}

#[test]
fn what_has_no_figures_has_no_picture() {
    assert_eq!(charts(&figures(&Lines::new()), Language::FRENCH), []);
}

#[test]
fn a_page_holds_no_markup_of_others() {
    let lines = lines([
        (1, "2026-11-16T12:00:00Z", opened("support", Origin::Mail)),
        (1, "2026-11-16T12:00:00Z", asked("<script>\"&")),
    ]);
    let told = figures(&lines);
    let page = page(&told, &charts(&told, Language::ENGLISH), "Support", &zone(), Language::ENGLISH);
    assert!(page.contains("<th scope=\"row\">&lt;script&gt;&quot;&amp;</th>") && !page.contains("<script>"), "{page}");
    assert!(page.contains("<img src=\"days.png\" width=\"640\" height=\"360\" alt=\"Tickets opened"), "{page}");
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(resolved()),
        Just(Event::Reopened),
        Just(Event::Closed),
        Just(Event::MarkedSpam),
        Just(Event::Answered { letter: 1 }),
        Just(Event::MailReceived { ledger: LedgerId(1) }),
        Just(escalated(Level::L2, None, None)),
        Just(escalated(Level::L3, Some("acme"), Some("printers"))),
        Just(Event::Returned { from: Level::L2, to: Level::L1 }),
        Just(asked("acme")),
        Just(heard("acme")),
        Just(Event::DeskChanged { desk: "payroll".to_owned() }),
        Just(Event::DeskChanged { desk: "support".to_owned() }),
        Just(Event::EscalatedToManager { clock: ClockName::Ttr }),
        (0..3_i64, 0..8_000_i64).prop_map(|(name, run)| stops(CLOCKS[name as usize].0, CLOCKS[name as usize].1, run)),
        (0..3_i64).prop_map(|name| runs(CLOCKS[name as usize].0, CLOCKS[name as usize].1)),
    ]
}

const CLOCKS: [(ClockName, Option<&str>); 3] =
    [(ClockName::Tto, None), (ClockName::Ttr, None), (ClockName::Ola, Some("acme"))];

/// A history of five tickets, in the order of its moments.
fn histories() -> impl Strategy<Value = Lines> {
    let start = week().from.as_second() - 86_400;
    let more = prop::collection::vec((1..6_i64, 0..10 * 86_400_i64, event()), 0..60);
    more.prop_map(move |more| {
        let moment = |seconds: i64| Timestamp::from_second(start + seconds).unwrap();
        let opening = |ticket: i64| (ticket, moment(ticket * 86_400), opened("support", Origin::Mail));
        let mut lines: Lines = (1..6).map(opening).collect();
        lines.extend(more.into_iter().map(|(ticket, seconds, event)| (ticket, moment(seconds), event)));
        lines.sort_by_key(|(_, at, _)| *at);
        lines
    })
}

/// All that adds up, as one list.
fn sums(figures: &Figures) -> Vec<(String, u64)> {
    let mut sums = std::collections::BTreeMap::new();
    let mut add = |name: String, count: u64| *sums.entry(name).or_insert(0) += count;
    add("opened".into(), figures.opened);
    add("resolved".into(), figures.resolved);
    add("first contact".into(), figures.first_contact.of);
    add("closed, reopened, spam".into(), figures.closed + figures.reopened + figures.spam);
    add("moved in".into(), figures.moved_in);
    add("moved out".into(), figures.moved_out);
    figures.resolved_by_level.iter().for_each(|(level, count)| add(format!("resolved {level}"), *count));
    for Promise { clock, priority, kept } in &figures.promises {
        add(format!("kept {} {priority}", clock.word()), kept.of);
        add(format!("all {} {priority}", clock.word()), kept.all);
    }
    for vendor in &figures.vendors {
        add("asked".into(), vendor.asked);
        add("answered".into(), vendor.answered.count);
        add("in time".into(), vendor.kept.of);
    }
    figures.escalations.iter().for_each(|kind| add(format!("{} {:?}", kind.to, kind.rule), kind.count));
    sums.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn added(one: &[(String, u64)], other: &[(String, u64)]) -> Vec<(String, u64)> {
    let mut sums = std::collections::BTreeMap::new();
    one.iter().chain(other).for_each(|(name, count)| *sums.entry(name.clone()).or_insert(0) += count);
    sums.into_iter().collect()
}

proptest! {
    #[test]
    fn two_weeks_that_follow_one_another_add_up(lines in histories(), cut in 0..7 * 86_400_i64) {
        let Period { from, to } = week();
        let middle = Timestamp::from_second(from.as_second() + cut).unwrap();
        let of = |from, to| figures_of(&lines, "support", Period { from, to });
        let (first, second, both) = (of(from, middle), of(middle, to), of(from, to));
        prop_assert_eq!(added(&sums(&first), &sums(&second)), sums(&both));
        prop_assert_eq!(&second.backlog, &both.backlog);
    }

    #[test]
    fn what_follows_changes_nothing_of_a_past_week(lines in histories()) {
        let then: Lines = lines.iter().filter(|(_, at, _)| *at < week().to).cloned().collect();
        prop_assert_eq!(figures(&then), figures(&lines));
    }
}
