//! Tickets as rows.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::database::Connection;
use super::search;
use super::statement::{execute_in, fetch_in, write_rows};
use super::words::{clean, from_json, from_word, instant, json, language, maybe_instant, message_id, millis, word};
use crate::desk::{ContactId, Mark, Participant, PendingReason, Priority, State, Ticket, TicketNumber, VendorCase};

const TICKETS: &str = "select number, desk, subject, request_type, origin, address, requester, language, level, agent, \
    escalated_by, state, pending_on, pending_until, priority, service, parent, major, crowd, title, merged_into, \
    copied_levels, people, known_fix, refused_fixes, held, opened_at, owned_at, answered_at, organisation, asked_at, \
    clocks, waiting_since, reminded_at, away_until, paged, look_at, machine_keys, leaving, automatic, resolved_at, \
    closed_at, updated_at, letters, version from ticket where number in ({keys})";
const PARTICIPANTS: &str = "select ticket, contact from participant where ticket in ({keys}) order by ticket, position";
const CASES: &str = "select ticket, vendor, opened_with, last_heard, watermark, refused, asked_at, chased_at, chases, correspondents, \
    people from \
    vendor_case where ticket in ({keys}) order by ticket, position";
const MARKS: &str =
    "select ticket, vendor, mark, number from case_mark where ticket in ({keys}) order by ticket, position";

const UPSERT: &str = "insert into ticket (number, desk, subject, request_type, origin, address, requester, language, \
    level, agent, escalated_by, state, pending_on, pending_until, priority, service, parent, major, crowd, title, \
    merged_into, copied_levels, people, known_fix, refused_fixes, held, opened_at, owned_at, answered_at, organisation, \
    asked_at, clocks, waiting_since, reminded_at, away_until, paged, look_at, machine_keys, leaving, automatic, \
    resolved_at, closed_at, updated_at, letters, version) values {rows} on conflict (number) do update set desk = excluded.desk, subject = \
    excluded.subject, request_type = excluded.request_type, origin = excluded.origin, address = excluded.address, \
    requester = excluded.requester, language = excluded.language, level = excluded.level, agent = excluded.agent, \
    escalated_by = excluded.escalated_by, state = excluded.state, pending_on = excluded.pending_on, pending_until = \
    excluded.pending_until, priority = excluded.priority, service = excluded.service, parent = excluded.parent, \
    major = excluded.major, crowd = excluded.crowd, title = excluded.title, merged_into = excluded.merged_into, copied_levels = excluded.copied_levels, people = excluded.people, known_fix = \
    excluded.known_fix, refused_fixes = excluded.refused_fixes, held = excluded.held, opened_at = excluded.opened_at, \
    owned_at = excluded.owned_at, answered_at = excluded.answered_at, organisation = excluded.organisation, asked_at = \
    excluded.asked_at, clocks = excluded.clocks, waiting_since = excluded.waiting_since, reminded_at = \
    excluded.reminded_at, away_until = excluded.away_until, paged = excluded.paged, look_at = excluded.look_at, \
    machine_keys = excluded.machine_keys, leaving = excluded.leaving, automatic = excluded.automatic, \
    resolved_at = excluded.resolved_at, closed_at = excluded.closed_at, updated_at = excluded.updated_at, letters = excluded.letters, version = excluded.version";
const FORGET_PARTICIPANTS: &str = "delete from participant where ticket in ({keys})";
const FORGET_MARKS: &str = "delete from case_mark where ticket in ({keys})";
const FORGET_CASES: &str = "delete from vendor_case where ticket in ({keys})";
const NEW_PARTICIPANT: &str = "insert into participant (ticket, contact, position) values {rows}";
const NEW_CASE: &str = "insert into vendor_case (ticket, vendor, position, opened_with, last_heard, watermark, \
    refused, asked_at, chased_at, chases, correspondents, people) values {rows}";
const NEW_MARK: &str = "insert into case_mark (ticket, vendor, position, mark, number) values {rows}";

/// A ticket as its row is; participants and cases stand in tables of their own.
#[derive(sqlx::FromRow)]
pub(super) struct TicketRow {
    number: i64,
    desk: String,
    subject: String,
    request_type: String,
    origin: String,
    address: Option<String>,
    requester: Option<i64>,
    language: String,
    level: String,
    agent: Option<i64>,
    escalated_by: Option<i64>,
    state: String,
    pending_on: Option<String>,
    pending_until: Option<i64>,
    priority: i64,
    service: Option<String>,
    parent: Option<i64>,
    major: Option<i64>,
    crowd: Option<String>,
    title: Option<String>,
    merged_into: Option<i64>,
    copied_levels: String,
    people: String,
    known_fix: Option<String>,
    refused_fixes: String,
    held: String,
    opened_at: i64,
    owned_at: Option<i64>,
    answered_at: Option<i64>,
    organisation: Option<String>,
    asked_at: Option<i64>,
    clocks: String,
    waiting_since: Option<i64>,
    reminded_at: Option<i64>,
    away_until: Option<i64>,
    paged: bool,
    automatic: bool,
    look_at: Option<i64>,
    machine_keys: String,
    leaving: String,
    resolved_at: Option<i64>,
    closed_at: Option<i64>,
    updated_at: i64,
    letters: i64,
    version: i64,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    ticket: i64,
    vendor: String,
    opened_with: Option<String>,
    last_heard: Option<String>,
    watermark: Option<String>,
    refused: bool,
    asked_at: Option<i64>,
    chased_at: Option<i64>,
    chases: i64,
    correspondents: String,
    people: String,
}

impl CaseRow {
    /// The case without its marks, which stand in a table of their own.
    fn into_case(self) -> Result<VendorCase> {
        Ok(VendorCase {
            vendor: self.vendor,
            marks: Vec::new(),
            opened_with: message_id(self.opened_with.as_deref()),
            last_heard: message_id(self.last_heard.as_deref()),
            watermark: self.watermark,
            refused: self.refused,
            asked_at: maybe_instant(self.asked_at)?,
            chased_at: maybe_instant(self.chased_at)?,
            chases: u32::try_from(self.chases)?,
            correspondents: from_json(&self.correspondents)?,
            people: from_json(&self.people)?,
        })
    }
}

/// A ticket, how many letters about it are numbered, and when it is looked at again.
pub(super) struct Stored {
    pub(super) ticket: Ticket,
    pub(super) letters: i64,
    pub(super) look_at: Option<Timestamp>,
}

/// The tickets with these numbers, as far as they exist.
pub(super) async fn load(connection: &mut Connection<'_>, numbers: &[TicketNumber]) -> Result<Vec<Stored>> {
    let numbers: Vec<i64> = numbers.iter().map(|number| number.0).collect();
    let rows = fetch_in!(connection, TicketRow, TICKETS, numbers);
    complete(connection, rows).await
}

/// Rows with their participants and cases.
pub(super) async fn complete(connection: &mut Connection<'_>, rows: Vec<TicketRow>) -> Result<Vec<Stored>> {
    let numbers: Vec<i64> = rows.iter().map(|row| row.number).collect();
    let mut participants: HashMap<i64, Vec<Participant>> = HashMap::new();
    for (ticket, contact) in fetch_in!(connection, (i64, i64), PARTICIPANTS, numbers) {
        participants.entry(ticket).or_default().push(Participant { contact: ContactId(contact) });
    }
    let mut cases: HashMap<i64, Vec<VendorCase>> = HashMap::new();
    for row in fetch_in!(connection, CaseRow, CASES, numbers) {
        let number = TicketNumber(row.ticket);
        cases.entry(row.ticket).or_default().push(row.into_case().with_context(|| damaged(number))?);
    }
    for (ticket, vendor, mark, number) in fetch_in!(connection, (i64, String, String, String), MARKS, numbers) {
        let case = cases.entry(ticket).or_default().iter_mut().find(|case| case.vendor == vendor);
        case.into_iter().for_each(|case| case.marks.push(Mark { mark: mark.clone(), number: number.clone() }));
    }
    rows.into_iter()
        .map(|row| {
            let number = TicketNumber(row.number);
            let participants = participants.remove(&row.number).unwrap_or_default();
            let cases = cases.remove(&row.number).unwrap_or_default();
            row.into_stored(participants, cases).with_context(|| damaged(number))
        })
        .collect()
}

/// One row is enough to end a list, so it is named.
fn damaged(number: TicketNumber) -> String {
    format!("What the database holds of {number} cannot be read")
}

impl TicketRow {
    fn into_stored(self, participants: Vec<Participant>, vendor_cases: Vec<VendorCase>) -> Result<Stored> {
        let ticket = Ticket {
            number: TicketNumber(self.number),
            state: state(&self.state, self.pending_on.as_deref(), self.pending_until)?,
            desk: self.desk,
            subject: self.subject,
            request_type: from_word(&self.request_type)?,
            origin: from_word(&self.origin)?,
            address: self.address.as_deref().and_then(|address| address.parse().ok()),
            requester: self.requester.map(ContactId),
            language: language(&self.language)?,
            level: from_word(&self.level)?,
            agent: self.agent.map(ContactId),
            escalated_by: self.escalated_by.map(ContactId),
            priority: Priority(u8::try_from(self.priority)?),
            service: self.service,
            parent: self.parent.map(TicketNumber),
            major: self.major.map(TicketNumber),
            crowd: self.crowd.as_deref().map(from_json).transpose()?,
            title: self.title,
            merged_into: self.merged_into.map(TicketNumber),
            participants,
            vendor_cases,
            copied_levels: from_json(&self.copied_levels)?,
            people: from_json(&self.people)?,
            known_fix: self.known_fix,
            refused_fixes: from_json(&self.refused_fixes)?,
            held: from_json(&self.held)?,
            opened_at: instant(self.opened_at)?,
            owned_at: maybe_instant(self.owned_at)?,
            answered_at: maybe_instant(self.answered_at)?,
            organisation: self.organisation,
            asked_at: maybe_instant(self.asked_at)?,
            clocks: from_json(&self.clocks)?,
            waiting_since: maybe_instant(self.waiting_since)?,
            reminded_at: maybe_instant(self.reminded_at)?,
            away_until: maybe_instant(self.away_until)?,
            paged: self.paged,
            automatic: self.automatic,
            machine_keys: from_json(&self.machine_keys)?,
            leaving: from_json(&self.leaving)?,
            resolved_at: maybe_instant(self.resolved_at)?,
            closed_at: maybe_instant(self.closed_at)?,
            updated_at: instant(self.updated_at)?,
            version: self.version,
        };
        Ok(Stored { ticket, letters: self.letters, look_at: maybe_instant(self.look_at)? })
    }
}

/// A ticket's row in the making: as it is now, how many letters about it are numbered, and when it is looked at again.
pub(super) struct Changed<'a> {
    pub(super) ticket: &'a Ticket,
    pub(super) letters: i64,
    pub(super) look_at: Option<Timestamp>,
    pub(super) known: Known,
}

/// Writes tickets as they are now.
pub(super) async fn save(connection: &mut Connection<'_>, changed: &[Changed<'_>]) -> Result<()> {
    let mut rows = Vec::with_capacity(changed.len());
    for one in changed {
        rows.push((one, Words::of(one.ticket)?));
    }
    write_rows!(connection, UPSERT, rows, |mut row, (Changed { ticket, letters, look_at, .. }, words)| {
        let (pending_on, pending_until) = pending(&ticket.state);
        row.push_bind(ticket.number.0)
            .push_bind(clean(&ticket.desk))
            .push_bind(clean(&ticket.subject))
            .push_bind(words.request_type.as_str())
            .push_bind(words.origin.as_str())
            .push_bind(ticket.address.as_ref().map(|address| address.as_str().to_owned()))
            .push_bind(ticket.requester.map(|contact| contact.0))
            .push_bind(ticket.language.code())
            .push_bind(words.level.as_str())
            .push_bind(ticket.agent.map(|contact| contact.0))
            .push_bind(ticket.escalated_by.map(|contact| contact.0))
            .push_bind(ticket.state.word())
            .push_bind(pending_on)
            .push_bind(pending_until)
            .push_bind(i64::from(ticket.priority.0))
            .push_bind(ticket.service.as_deref().map(clean))
            .push_bind(ticket.parent.map(|number| number.0))
            .push_bind(ticket.major.map(|number| number.0))
            .push_bind(words.crowd.as_deref())
            .push_bind(ticket.title.as_deref().map(clean))
            .push_bind(ticket.merged_into.map(|number| number.0))
            .push_bind(words.copied_levels.as_str())
            .push_bind(words.people.as_str())
            .push_bind(ticket.known_fix.as_deref().map(clean))
            .push_bind(words.refused_fixes.as_str())
            .push_bind(words.held.as_str())
            .push_bind(millis(ticket.opened_at))
            .push_bind(ticket.owned_at.map(millis))
            .push_bind(ticket.answered_at.map(millis))
            .push_bind(ticket.organisation.as_deref().map(clean))
            .push_bind(ticket.asked_at.map(millis))
            .push_bind(words.clocks.as_str())
            .push_bind(ticket.waiting_since.map(millis))
            .push_bind(ticket.reminded_at.map(millis))
            .push_bind(ticket.away_until.map(millis))
            .push_bind(ticket.paged)
            .push_bind(look_at.map(millis))
            .push_bind(words.machine_keys.as_str())
            .push_bind(words.leaving.as_str())
            .push_bind(ticket.automatic)
            .push_bind(ticket.resolved_at.map(millis))
            .push_bind(ticket.closed_at.map(millis))
            .push_bind(millis(ticket.updated_at))
            .push_bind(*letters)
            .push_bind(ticket.version);
    });
    let new = changed.iter().filter(|one| one.known == Known::New).map(|one| one.ticket);
    let words = search::rows(new.map(|ticket| (ticket.number.0, ticket.subject.as_str())));
    search::keep_subjects(connection, &words).await?;
    save_parties(connection, changed).await
}

/// Whether rows about a ticket may be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It was opened in this commit.
    New,
    /// It was there before.
    Before,
}

async fn save_parties(connection: &mut Connection<'_>, changed: &[Changed<'_>]) -> Result<()> {
    let before: Vec<i64> =
        changed.iter().filter(|one| one.known == Known::Before).map(|one| one.ticket.number.0).collect();
    for forget in [FORGET_PARTICIPANTS, FORGET_MARKS, FORGET_CASES] {
        execute_in!(connection, forget, before);
    }
    let participants: Vec<(i64, i64, usize)> = changed
        .iter()
        .flat_map(|Changed { ticket, .. }| {
            ticket.participants.iter().enumerate().map(|(at, party)| (ticket.number.0, party.contact.0, at))
        })
        .collect();
    write_rows!(connection, NEW_PARTICIPANT, participants, |mut row, (ticket, contact, position)| {
        row.push_bind(*ticket).push_bind(*contact).push_bind(super::words::signed(*position as u64));
    });
    let cases: Vec<(i64, usize, &VendorCase)> = changed
        .iter()
        .flat_map(|Changed { ticket, .. }| {
            ticket.vendor_cases.iter().enumerate().map(|(at, case)| (ticket.number.0, at, case))
        })
        .collect();
    save_cases(connection, &cases).await
}

async fn save_cases(connection: &mut Connection<'_>, cases: &[(i64, usize, &VendorCase)]) -> Result<()> {
    let mut rows = Vec::with_capacity(cases.len());
    for (ticket, position, case) in cases {
        rows.push((*ticket, *position, *case, json(&case.correspondents)?, json(&case.people)?));
    }
    write_rows!(connection, NEW_CASE, rows, |mut row, (ticket, position, case, correspondents, people)| {
        row.push_bind(*ticket)
            .push_bind(clean(&case.vendor))
            .push_bind(super::words::signed(*position as u64))
            .push_bind(case.opened_with.as_ref().map(|id| id.as_str().to_owned()))
            .push_bind(case.last_heard.as_ref().map(|id| id.as_str().to_owned()))
            .push_bind(case.watermark.as_deref().map(clean))
            .push_bind(case.refused)
            .push_bind(case.asked_at.map(millis))
            .push_bind(case.chased_at.map(millis))
            .push_bind(i64::from(case.chases))
            .push_bind(correspondents.as_str())
            .push_bind(people.as_str());
    });
    let marks: Vec<(i64, &str, usize, &Mark)> = cases
        .iter()
        .flat_map(|(ticket, _, case)| {
            case.marks.iter().enumerate().map(|(at, mark)| (*ticket, case.vendor.as_str(), at, mark))
        })
        .collect();
    write_rows!(connection, NEW_MARK, marks, |mut row, (ticket, vendor, position, mark)| {
        row.push_bind(*ticket)
            .push_bind(clean(vendor))
            .push_bind(super::words::signed(*position as u64))
            .push_bind(clean(&mark.mark))
            .push_bind(clean(&mark.number));
    });
    Ok(())
}

struct Words {
    request_type: String,
    origin: String,
    level: String,
    copied_levels: String,
    people: String,
    refused_fixes: String,
    held: String,
    clocks: String,
    crowd: Option<String>,
    machine_keys: String,
    leaving: String,
}

impl Words {
    fn of(ticket: &Ticket) -> Result<Words> {
        Ok(Words {
            request_type: word(&ticket.request_type)?,
            origin: word(&ticket.origin)?,
            level: word(&ticket.level)?,
            copied_levels: json(&ticket.copied_levels)?,
            people: json(&ticket.people)?,
            refused_fixes: json(&ticket.refused_fixes)?,
            held: json(&ticket.held)?,
            clocks: json(&ticket.clocks)?,
            crowd: ticket.crowd.as_ref().map(json).transpose()?,
            machine_keys: json(&ticket.machine_keys)?,
            leaving: json(&ticket.leaving)?,
        })
    }
}

fn pending(state: &State) -> (Option<&'static str>, Option<i64>) {
    match state {
        State::Pending { reason: PendingReason::Requester } => (Some("requester"), None),
        State::Pending { reason: PendingReason::Vendor } => (Some("vendor"), None),
        State::Pending { reason: PendingReason::Until { at } } => (Some("until"), Some(millis(*at))),
        State::New | State::Open | State::Resolved | State::Closed | State::Spam => (None, None),
    }
}

fn state(word: &str, pending_on: Option<&str>, pending_until: Option<i64>) -> Result<State> {
    let reason = match (word, pending_on, pending_until) {
        ("new", ..) => return Ok(State::New),
        ("open", ..) => return Ok(State::Open),
        ("resolved", ..) => return Ok(State::Resolved),
        ("closed", ..) => return Ok(State::Closed),
        ("spam", ..) => return Ok(State::Spam),
        ("pending", Some("requester"), _) => PendingReason::Requester,
        ("pending", Some("vendor"), _) => PendingReason::Vendor,
        ("pending", Some("until"), Some(at)) => PendingReason::Until { at: instant(at)? },
        (word, ..) => bail!("The database holds the unknown state {word:?}"),
    };
    Ok(State::Pending { reason })
}
