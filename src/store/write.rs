//! Instant 2: everything that was decided, in one commit or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::counter::{self, Counter};
use super::database::Connection;
use super::statement::{execute, write_rows};
use super::ticket::{Changed, Known};
use super::words::{clean, json, millis, vendor_of};
use super::{Class, LetterId, LetterRow, LetterState, StoredLetter, Tx, absence, contact, known_fix, ticket};
use crate::desk::{
    ContactId, Decision, Docket, Dossier, Drafted, EntryKind, Event, LedgerId, Moved, Outcome, Proof, TicketNumber,
};
use crate::mail::MessageId;

/// A decision with the letters that were made of it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The mail that was decided; `None` for a command of the command line.
    pub mail: Option<&'a Accounted>,
    /// What was decided. Its own `letters` are orders; what is written is the finished ones.
    pub decision: &'a Decision,
    /// What was composed of these orders.
    pub letters: &'a [LetterRow],
}

/// What the ledger keeps of a decided mail: what a copy is recognised by, and what its author is proven by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounted {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// The mail's own; `None` where it has none.
    pub message_id: Option<MessageId>,
    /// SHA-256 of its body, line ends as CRLF.
    pub body_sha256: [u8; 32],
    /// Who seems to have written it.
    pub author: Option<ContactId>,
    /// What proves that.
    pub proof: Proof,
}

const DECIDED: &str = "with decided (id, message_id, body_sha256, author, proof, weight, outcome, reason, ticket, at) \
    as (values {rows}) update ledger set message_id = decided.message_id, body_sha256 = decided.body_sha256, author = \
    decided.author, proof = decided.proof, weight = decided.weight, outcome = decided.outcome, reason = \
    decided.reason, ticket = decided.ticket, decided_at = decided.at from decided where ledger.id = decided.id and \
    ledger.outcome = 'pending'";
const HISTORY: &str = "insert into history (ticket, seq, position, at, role, contact, event, detail) values {rows}";
const ENTRIES: &str =
    "insert into entry (ticket, at, ledger, kind, audience, vendor, trust, author_role, author, text) values {rows}";
const VERIFIED: &str = "with verified (ticket, ledger) as (values {rows}) update entry set trust = 'verified' from \
    verified where entry.ticket = verified.ticket and entry.ledger = verified.ledger";
/// Words that were for the desk alone are a request's by now.
const MOVED: &str = "with moved (ledger, ticket, to_ticket) as (values {rows}) update entry set ticket = moved.to_ticket, audience = \
    'requester', vendor = null from moved where entry.ledger = moved.ledger and entry.ticket = moved.ticket and entry.kind = \
    'request'";
const MOVED_MAILS: &str = "with moved (id, ticket) as (values {rows}) update ledger set ticket = moved.ticket from moved \
    where ledger.id = moved.id";
const MOVED_THREADS: &str = "with moved (message_id, ticket) as (values {rows}) delete from thread where (message_id, ticket) in \
    (select message_id, ticket from moved)";
const THREADS: &str =
    "insert into thread (message_id, ticket) values {rows} on conflict (message_id, ticket) do nothing";
const LETTERS: &str = "insert into letter (id, ticket, number, purpose, audience, vendor, language, message_id, \
    subject, text, enclosures, listed, readers, automatic, correspondent_key, ticket_version, created_at, about, \
    bytes, privacy, form) values {rows}";
const DELIVERIES: &str =
    "insert into delivery (letter, recipient, return_path, class, state, due_at, due_set_at) values {rows}";
const MACHINE_KEYS: &str = "insert into machine_key (machine, key, trust, ticket) values {rows} on conflict (machine, \
    key, trust, ticket) do nothing";
const NEXT_TICKET: &str = "update counter set next = $1 where name = 'ticket' and next < $1";

impl Tx {
    /// Writes decisions that were applied to this docket: all that the docket saw since it was made.
    pub async fn write(&mut self, written: &[Written<'_>], docket: &Docket, now: Timestamp) -> Result<()> {
        let connection = &mut self.connection();
        write_tickets(connection, written, docket).await.context("Cannot write the tickets")?;
        write_ledger(connection, written, now).await.context("Cannot write the ledger")?;
        write_history(connection, written, docket).await.context("Cannot write the history")?;
        write_entries(connection, written).await.context("Cannot write the entries")?;
        let new_letters = write_letters(connection, written, now).await.context("Cannot write the letters")?;
        write_contacts(connection, written, now).await.context("Cannot write the contacts")?;
        let absences: Vec<_> = written.iter().flat_map(|one| &one.decision.absences).copied().collect();
        absence::write(connection, &absences).await.context("Cannot write who is away")?;
        let drafts: Vec<&Drafted> = written.iter().flat_map(|one| &one.decision.drafts).collect();
        known_fix::write_drafts(connection, &drafts).await.context("Cannot write the drafts")?;
        execute!(connection, NEXT_TICKET, docket.next_ticket);
        self.new_letters.extend(new_letters);
        Ok(())
    }
}

fn events_by_ticket(written: &[Written<'_>]) -> BTreeMap<TicketNumber, i64> {
    let mut events = BTreeMap::new();
    for (number, _) in written.iter().flat_map(|one| &one.decision.history) {
        *events.entry(*number).or_default() += 1;
    }
    events
}

async fn write_tickets(connection: &mut Connection<'_>, written: &[Written<'_>], docket: &Docket) -> Result<()> {
    let events = events_by_ticket(written);
    let mut changed: BTreeSet<TicketNumber> = events.keys().copied().collect();
    changed.extend(written.iter().flat_map(|one| one.letters).filter_map(|letter| letter.ticket));
    changed.extend(written.iter().flat_map(|one| &one.decision.looked_at).map(|(number, _)| *number));
    let mut rows = Vec::with_capacity(changed.len());
    for number in changed {
        let Some(dossier) = docket.dossier(number) else { bail!("A decision names {number}, which is not loaded") };
        let before = dossier.ticket.version - events.get(&number).copied().unwrap_or_default();
        let known = if before == 0 { Known::New } else { Known::Before };
        let Dossier { ticket, letters, look_at, .. } = dossier;
        rows.push(Changed { ticket, letters: *letters, look_at: *look_at, known });
    }
    ticket::save(connection, &rows).await
}

async fn write_ledger(connection: &mut Connection<'_>, written: &[Written<'_>], now: Timestamp) -> Result<()> {
    let mut rows = Vec::with_capacity(written.len());
    for one in written {
        match (one.mail, &one.decision.outcome) {
            (Some(mail), Some(outcome)) => rows.push((mail, json(&mail.proof)?, one.decision.weight, outcome)),
            (None, None) => {}
            (Some(mail), None) => bail!("Nothing was decided about mail {}", mail.ledger),
            (None, Some(_)) => bail!("A decision about a mail does not say which"),
        }
    }
    let changed = write_rows!(connection, DECIDED, rows, |mut row, (mail, proof, weight, outcome)| {
        let (outcome, reason, ticket) = outcome_columns(outcome);
        row.push_bind(mail.ledger.0)
            .push_bind(mail.message_id.as_ref().map(|id| id.as_str().to_owned()))
            .push_bind(mail.body_sha256.to_vec())
            .push_bind(mail.author.map(|contact| contact.0))
            .push_bind(proof.as_str())
            .push_bind(weight.word())
            .push_bind(outcome)
            .push_bind(reason)
            .push_bind(ticket)
            .push_bind(millis(now));
    });
    if usize::try_from(changed)? != rows.len() {
        bail!("A mail was decided twice");
    }
    Ok(())
}

fn outcome_columns(outcome: &Outcome) -> (&'static str, Option<&'static str>, Option<i64>) {
    match outcome {
        Outcome::Ticket(number) => ("ticket", None, Some(number.0)),
        Outcome::Quarantine(reason) => ("quarantine", Some(reason.code()), None),
        Outcome::Suppressed(reason) => ("suppressed", Some(reason.code()), None),
    }
}

async fn write_history(connection: &mut Connection<'_>, written: &[Written<'_>], docket: &Docket) -> Result<()> {
    let mut last: HashMap<TicketNumber, i64> = HashMap::new();
    for (number, count) in events_by_ticket(written) {
        let version = docket.dossier(number).map_or(0, |dossier| dossier.ticket.version);
        last.insert(number, version - count);
    }
    let history: Vec<_> = written.iter().flat_map(|one| &one.decision.history).collect();
    if history.is_empty() {
        return Ok(());
    }
    let keys = history.iter().filter_map(|(number, happened)| match &happened.event {
        Event::MachineFailed { machine, key, trust } => Some((machine, key, trust, number)),
        _ => None,
    });
    let keys: Vec<_> = keys.collect();
    write_rows!(connection, MACHINE_KEYS, keys, |mut row, (machine, key, trust, number)| {
        row.push_bind(clean(machine)).push_bind(clean(key)).push_bind(trust.word()).push_bind(number.0);
    });
    // Nobody else is given any before the commit: their order is that of the commits.
    let positions = counter::take(connection, Counter::History, history.len()).await?;
    let mut rows = Vec::with_capacity(history.len());
    for (position, (number, happened)) in positions.zip(history) {
        let seq = last.entry(*number).or_default();
        *seq += 1;
        rows.push((*number, *seq, position, happened, happened.event.name(), json(&happened.event)?));
    }
    write_rows!(connection, HISTORY, rows, |mut row, (number, seq, position, happened, name, detail)| {
        row.push_bind(number.0)
            .push_bind(*seq)
            .push_bind(*position)
            .push_bind(millis(happened.at))
            .push_bind(happened.by.role.word())
            .push_bind(happened.by.contact.map(|contact| contact.0))
            .push_bind(name.as_str())
            .push_bind(detail.as_str());
    });
    Ok(())
}

async fn write_entries(connection: &mut Connection<'_>, written: &[Written<'_>]) -> Result<()> {
    let entries: Vec<_> = written.iter().flat_map(|one| &one.decision.entries).collect();
    write_rows!(connection, ENTRIES, entries, |mut row, entry| {
        row.push_bind(entry.ticket.0)
            .push_bind(millis(entry.at))
            .push_bind(entry.ledger.map(|ledger| ledger.0))
            .push_bind(entry.kind.word())
            .push_bind(entry.audience.word())
            .push_bind(vendor_of(&entry.audience))
            .push_bind(entry.trust.word())
            .push_bind(entry.author_role.word())
            .push_bind(entry.author.map(|contact| contact.0))
            .push_bind(clean(&entry.text));
    });
    let verified: Vec<_> = written.iter().flat_map(|one| &one.decision.verified).collect();
    write_rows!(connection, VERIFIED, verified, |mut row, (ticket, ledger)| {
        row.push_bind(ticket.0).push_bind(ledger.0);
    });
    write_moved(connection, written).await?;
    let threads: Vec<_> = written.iter().flat_map(|one| &one.decision.threads).collect();
    write_rows!(connection, THREADS, threads, |mut row, (message_id, ticket)| {
        row.push_bind(message_id.as_str()).push_bind(ticket.0);
    });
    Ok(())
}

async fn write_moved(connection: &mut Connection<'_>, written: &[Written<'_>]) -> Result<()> {
    let moved: Vec<&Moved> = written.iter().flat_map(|one| &one.decision.moved).collect();
    write_rows!(connection, MOVED, moved, |mut row, moved| {
        row.push_bind(moved.ledger.0).push_bind(moved.from.0).push_bind(moved.to.0);
    });
    write_rows!(connection, MOVED_MAILS, moved, |mut row, moved| {
        row.push_bind(moved.ledger.0).push_bind(moved.to.0);
    });
    let cited: Vec<(&MessageId, &Moved)> =
        moved.iter().filter_map(|moved| Some((moved.message_id.as_ref()?, *moved))).collect();
    write_rows!(connection, MOVED_THREADS, cited, |mut row, (id, moved)| {
        row.push_bind(id.as_str()).push_bind(moved.from.0);
    });
    write_rows!(connection, THREADS, cited, |mut row, (id, moved)| {
        row.push_bind(id.as_str()).push_bind(moved.to.0);
    });
    Ok(())
}

/// A letter's columns that hold lists, as JSON.
struct LetterJson {
    enclosures: String,
    listed: String,
    readers: Option<String>,
}

impl LetterJson {
    fn of(letter: &LetterRow) -> Result<LetterJson> {
        Ok(LetterJson {
            enclosures: json(&letter.enclosures)?,
            listed: json(&letter.listed)?,
            readers: letter.readers.as_ref().map(json).transpose()?,
        })
    }
}

/// Returns those that leave at once.
async fn write_letters(
    connection: &mut Connection<'_>,
    written: &[Written<'_>],
    now: Timestamp,
) -> Result<Vec<Arc<StoredLetter>>> {
    let letters: Vec<&LetterRow> = written.iter().flat_map(|one| one.letters).collect();
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let ids = counter::take(connection, Counter::Letter, letters.len()).await?;
    let mut rows = Vec::with_capacity(letters.len());
    for (id, letter) in ids.zip(letters) {
        rows.push((id, letter, LetterJson::of(letter)?));
    }
    write_rows!(connection, LETTERS, rows, |mut row, (id, letter, lists)| {
        let first = letter.deliveries.first().map(|(recipient, _)| recipient.correspondent_key());
        row.push_bind(*id)
            .push_bind(letter.ticket.map(|number| number.0))
            .push_bind(letter.number)
            .push_bind(letter.purpose.name())
            .push_bind(letter.audience.word())
            .push_bind(vendor_of(&letter.audience))
            .push_bind(letter.language.code())
            .push_bind(letter.message_id.as_str())
            .push_bind(clean(&letter.subject))
            .push_bind(letter.text.as_deref().map(clean))
            .push_bind(lists.enclosures.as_str())
            .push_bind(lists.listed.as_str())
            .push_bind(lists.readers.as_deref())
            .push_bind(letter.automatic)
            .push_bind(first.unwrap_or_default())
            .push_bind(letter.ticket_version)
            .push_bind(millis(now))
            .push_bind(letter.about.map(|ledger| ledger.0))
            .push_bind(&letter.bytes[..])
            .push_bind(letter.privacy.map(|privacy| privacy.word()))
            .push_bind(letter.form.as_deref().map(clean));
    });
    write_deliveries(connection, &rows, now).await?;
    // Those that wait a while would make room for others before their time comes.
    let due = rows.iter().filter(|(_, letter, ..)| matches!(letter.state, LetterState::Due(at) if at <= now));
    Ok(due.map(|(id, letter, ..)| Arc::new(StoredLetter::of(LetterId(*id), letter))).collect())
}

async fn write_deliveries(
    connection: &mut Connection<'_>,
    letters: &[(i64, &LetterRow, LetterJson)],
    now: Timestamp,
) -> Result<()> {
    let rows: Vec<_> = letters
        .iter()
        .flat_map(|(id, letter, ..)| letter.deliveries.iter().map(move |delivery| (*id, *letter, delivery)))
        .collect();
    write_rows!(connection, DELIVERIES, rows, |mut row, (id, letter, (recipient, return_path))| {
        let (state, due_at) = match letter.state {
            LetterState::Due(at) => ("due", at),
            LetterState::Held => ("held", now),
        };
        row.push_bind(*id)
            .push_bind(recipient.as_str())
            .push_bind(return_path.as_ref().map(|path| path.as_str().to_owned()))
            .push_bind(Class::of(letter.purpose).number())
            .push_bind(state)
            .push_bind(millis(due_at))
            .push_bind(millis(now));
    });
    Ok(())
}

async fn write_contacts(connection: &mut Connection<'_>, written: &[Written<'_>], now: Timestamp) -> Result<()> {
    let languages: Vec<_> = written.iter().flat_map(|one| &one.decision.languages).copied().collect();
    contact::learn_languages(connection, &languages).await?;
    let dead: Vec<ContactId> = written.iter().flat_map(|one| &one.decision.undeliverable).copied().collect();
    contact::bury(connection, &dead).await?;
    let alive: Vec<ContactId> = written.iter().flat_map(|one| &one.decision.deliverable).copied().collect();
    contact::revive(connection, &alive).await?;
    let complained: Vec<ContactId> = written.iter().flat_map(|one| &one.decision.complained).copied().collect();
    contact::silence(connection, &complained, now).await?;
    let entries = written.iter().flat_map(|one| &one.decision.entries);
    // What is said to a crowd is one answer, and its mail is on the parent.
    let answers = entries.filter(|entry| entry.kind == EntryKind::AgentReply && entry.ledger.is_some());
    let authors: Vec<ContactId> = answers.filter_map(|entry| entry.author).collect();
    contact::count_answers(connection, &authors).await
}
