//! What the store knows that bears on a set of mails.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};

use super::database::Connection;
use super::entry::EntryRow;
use super::ledger::outcome;
use super::statement::{fetch, fetch_in, fetch_rows};
use super::words::{audience, clean, digest, from_json, from_word, instant, message_id, millis};
use super::{Tx, absence, contact, known_fix, ticket};
use crate::desk::{
    CHILDREN_AT_A_TIME, COMPARED, COMPARED_MAX, ContactId, Docket, Dossier, Keys, LedgerId, LetterView, Newcomer,
    Outcome, PersonId, Seen, ThreadHit, Ticket, TicketNumber, Weight, is_fresh,
};

/// A lock: it changes nothing, and until the commit nobody else runs it. Dockets are made one after the other, and none
/// overlooks what another one is about to write.
const LOCK_DOCKETS: &str = "update counter set next = next where name = 'ticket' returning next";
const THREADS: &str = "select message_id, ticket from thread where message_id in ({keys}) order by ticket desc";
const CASES: &str =
    "select vendor, number, ticket from case_mark where (vendor, number) in (values {rows}) order by ticket";
const MACHINE_TICKETS: &str = "select machine, key, trust, max(ticket) from machine_key where (machine, key) in (values \
    {rows}) group by machine, key, trust";
const SEEN: &str = "select id, message_id, raw_sha256, body_sha256, author, weight, outcome, reason, ticket from \
    ledger where message_id in ({keys}) and outcome <> 'pending' and coalesce(reason, '') <> 'duplicate' order by id";
/// Those without a Message-ID; the others that have the same bytes bear the same one.
const SEEN_RAW: &str = "select id, message_id, raw_sha256, body_sha256, author, weight, outcome, reason, ticket from \
    ledger where raw_sha256 in ({keys}) and message_id is null and outcome <> 'pending' and coalesce(reason, '') <> \
    'duplicate' order by id";
/// The first of each kind (what was asked first stays apart, however much follows), whatever agents and vendors wrote (what
/// leaves the desk is held against it), and the newest.
const ENTRIES: &str = "select e.ticket, e.at, e.ledger, l.message_id, e.kind, e.audience, e.vendor, e.trust, \
    e.author_role, e.author, e.text from (select id, row_number() over (partition by ticket order by id desc) as age, \
    row_number() over (partition by ticket, kind order by id) as turn from entry where ticket in ({keys})) n join \
    entry e on e.id = n.id left join ledger l on l.id = e.ledger where n.age <= 50 or n.turn = 1 or e.kind in \
    ('agent_reply', 'note', 'escalation', 'vendor') order by e.id";
const LETTERS: &str = "select l.ticket, l.number, l.created_at, l.purpose, l.audience, l.vendor, l.message_id, \
    l.ticket_version, l.text, l.about, l.listed, l.readers from (select id as newest, row_number() over (partition by \
    ticket order by number desc) as age from letter where ticket in ({keys})) n join letter l on l.id = n.newest where \
    n.age <= 50 order by l.number";
const NAMED_LETTERS: &str = "select l.ticket, l.number, l.created_at, l.purpose, l.audience, l.vendor, l.message_id, \
    l.ticket_version, l.text, l.about, l.listed, l.readers from letter l where (l.ticket, l.number) in (values {rows}) \
    order by l.number";
const PARTS: &str = "select number from ticket where merged_into in ({keys}) order by number desc";
const RECIPIENTS: &str = "select l.ticket, l.number, d.recipient from letter l join delivery d on d.letter = l.id \
    where l.ticket in ({keys})";
/// SQLite keeps the order of a cross join: it looks at the letters of these alone.
const COUNTED_LETTERS: &str = "with wanted (correspondent_key, since) as (values {rows}) select l.correspondent_key, \
    l.created_at, l.purpose from wanted w cross join letter l where l.correspondent_key = w.correspondent_key and \
    l.created_at > w.since and l.purpose in ('acknowledgement', 'acknowledgement_generic', 'crowd_acknowledgement', \
    'known_fix', 'status', 'language_switched', 'challenge', 'quarantine', 'clocks') order by l.created_at";

/// The same order for the letters to people whom these forms named.
const FORM_LETTERS: &str = "with wanted (form, since) as (values {rows}) select l.form, l.created_at from wanted w cross \
    join letter l where l.form = w.form and l.form is not null and l.created_at > w.since order by l.created_at";

/// When cases were opened with a vendor.
const CASES_LATELY: &str =
    "select created_at from letter where vendor = $1 and purpose = 'case' and created_at > $2 order by created_at";
/// Who of these has asked something before that was no spam.
const ACQUAINTANCES: &str = "select distinct a.person from address a join ticket t on t.requester = a.id where a.person in \
    ({keys}) and t.state <> 'spam'";
/// The newest that these people, by their addresses, have asked for and that is at work.
const OPEN_TICKETS: &str = "select number from (select number, row_number() over (partition by requester order by \
    number desc) as age from ticket where requester in (select id from address where person in ({keys})) and state in \
    ('new', 'open', 'pending')) as asked where age <= 6";

/// What was asked in the last minutes, and how it begins. Tickets are numbered as they come: the newest are the last.
const NEWCOMERS: &str = "select t.number, t.desk, t.subject, t.major, substr(e.text, 1, 1000) from ticket t join entry e \
    on e.id = (select min(first.id) from entry first where first.ticket = t.number and first.kind = 'request') where \
    t.number >= $1 and t.opened_at > $2 and t.state in ('new', 'open', 'pending') order by t.number desc";
const CROWDS: &str = "select t.number, t.desk, t.subject, t.major, substr(e.text, 1, 1000) from ticket t left join entry \
    e on e.id = (select min(first.id) from entry first where first.ticket = t.number and first.kind = 'request') where \
    t.crowd is not null and t.state in ('new', 'open', 'pending') order by t.number desc limit 20";

/// Whoever writes again and again under the same Message-ID does not make others' mails wait for all those tickets.
const TICKETS_A_THREAD: usize = 20;

/// So many tickets that were merged into others are looked at with them.
const PARTS_MAX: usize = 50;

/// Letters are counted this far back.
const COUNTED: SignedDuration = SignedDuration::from_hours(1);

impl Tx {
    /// Everything that bears on mails with these keys. Until the commit no other docket is made.
    pub async fn docket(&mut self, keys: &Keys, now: Timestamp) -> Result<Docket> {
        let answered = self.recent().answered;
        let connection = &mut self.connection();
        let mut docket = Docket { next_ticket: lock_dockets(connection).await?, ..Docket::default() };
        contact::enter_addresses(connection, &keys.contacts, &mut docket).await?;
        let mut tickets: BTreeSet<TicketNumber> = keys.tickets.clone();
        tickets.extend(enter_seen(connection, keys, &mut docket).await?);
        tickets.extend(enter_threads(connection, keys, &mut docket).await?);
        tickets.extend(enter_cases(connection, keys, &mut docket).await?);
        if keys.newcomers {
            enter_newcomers(connection, now, &mut docket).await?;
        }
        let crowds = load_crowds(connection, &docket).await?;
        tickets.extend(crowds.iter().map(|stored| &stored.ticket).filter(|t| t.as_major().is_some()).map(|t| t.number));
        tickets.extend(absence::owned(connection, keys, &docket).await?);
        tickets.extend(enter_machine_tickets(connection, keys, &mut docket).await?);
        enter_dossiers(connection, tickets, &mut docket).await?;
        let holders = keys.crowds.iter().filter_map(|number| docket.dossier(*number)).map(|dossier| &dossier.ticket);
        let crowds_of = holders.filter_map(|ticket| Some((ticket.crowd.as_ref()?, ticket.state.is_over())));
        let children = crowds_of.flat_map(|(crowd, is_over)| crowd.next(is_over, CHILDREN_AT_A_TIME));
        let children: BTreeSet<TicketNumber> = children.collect();
        let is_missing = |number: &TicketNumber| !docket.dossiers.contains_key(number);
        let children = children.into_iter().filter(is_missing).collect();
        enter_dossiers(connection, children, &mut docket).await?;
        enter_acquaintances(connection, keys, &mut docket).await?;
        enter_open_tickets(connection, keys, &mut docket).await?;
        enter_continued(connection, keys, now, &mut docket).await?;
        for stored in crowds {
            let (number, letters, look_at) = (stored.ticket.number, stored.letters, stored.look_at);
            let light = Dossier { letters, look_at, ..Dossier::new(stored.ticket) };
            docket.dossiers.entry(number).or_insert(light);
        }
        enter_named_letters(connection, keys, &mut docket).await?;
        enter_counted_letters(connection, keys, now, &mut docket).await?;
        enter_form_letters(connection, keys, now, &mut docket).await?;
        enter_cases_lately(connection, keys, now, &mut docket).await?;
        docket.known_fixes = known_fix::answered(connection, &answered).await?;
        absence::enter(connection, &mut docket).await?;
        let referred = contacts_of(&docket);
        contact::enter_ids(connection, referred, &mut docket).await?;
        Ok(docket)
    }

    /// Enters these people, too.
    pub async fn enter_contacts(&mut self, contacts: BTreeSet<ContactId>, docket: &mut Docket) -> Result<()> {
        contact::enter_ids(&mut self.connection(), contacts, docket).await
    }
}

/// Returns the number of the next ticket.
async fn lock_dockets(connection: &mut Connection<'_>) -> Result<i64> {
    match fetch!(connection, (i64,), LOCK_DOCKETS).first() {
        Some((next,)) => Ok(*next),
        None => bail!("The database keeps no ticket counter"),
    }
}

async fn enter_threads(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<Vec<TicketNumber>> {
    let ids: Vec<String> = keys.message_ids.iter().map(|id| id.as_str().to_owned()).collect();
    let mut tickets = Vec::new();
    for (id, number) in fetch_in!(connection, (String, i64), THREADS, ids) {
        let (Some(id), ticket) = (message_id(Some(&id)), TicketNumber(number)) else { continue };
        let hits = docket.threads.entry(id).or_default();
        if hits.len() < TICKETS_A_THREAD {
            tickets.push(ticket);
            hits.insert(0, ThreadHit { ticket });
        }
    }
    Ok(tickets)
}

async fn enter_newcomers(connection: &mut Connection<'_>, now: Timestamp, docket: &mut Docket) -> Result<()> {
    let since = millis(now.saturating_sub(COMPARED)?);
    let first = docket.next_ticket - i64::try_from(COMPARED_MAX)?;
    for (number, desk, subject, major, text) in
        fetch!(connection, (i64, String, String, Option<i64>, String), NEWCOMERS, first, since)
    {
        let (ticket, major, gist) = (TicketNumber(number), major.map(TicketNumber), OnceLock::new());
        docket.newcomers.push(Newcomer { ticket, desk, subject, text, major, gist });
    }
    for (number, desk, subject, major, text) in
        fetch!(connection, (i64, String, String, Option<i64>, Option<String>), CROWDS)
    {
        let (ticket, major, gist) = (TicketNumber(number), major.map(TicketNumber), OnceLock::new());
        docket.crowds.insert(ticket);
        docket.holders.extend(text.map(|text| Newcomer { ticket, desk, subject, text, major, gist }));
    }
    Ok(())
}

/// The tickets that hold others together, or might. Of those that only might, nothing is needed but what is kept of them.
async fn load_crowds(connection: &mut Connection<'_>, docket: &Docket) -> Result<Vec<ticket::Stored>> {
    let numbers: Vec<TicketNumber> = docket.crowds.iter().copied().collect();
    ticket::load(connection, &numbers).await
}

async fn enter_cases(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<Vec<TicketNumber>> {
    let wanted: Vec<&(String, String)> = keys.case_numbers.iter().collect();
    let mut tickets = Vec::new();
    let rows = fetch_rows!(connection, (String, String, i64), CASES, wanted, |mut row, (vendor, number)| {
        row.push_bind(clean(vendor)).push_bind(clean(number));
    });
    for (vendor, number, ticket) in rows {
        tickets.push(TicketNumber(ticket));
        docket.cases.entry((vendor, number)).or_default().push(TicketNumber(ticket));
    }
    Ok(tickets)
}

async fn enter_machine_tickets(
    connection: &mut Connection<'_>,
    keys: &Keys,
    docket: &mut Docket,
) -> Result<Vec<TicketNumber>> {
    let wanted: Vec<&(String, String)> = keys.machine_keys.iter().collect();
    let rows =
        fetch_rows!(connection, (String, String, String, i64), MACHINE_TICKETS, wanted, |mut row, (machine, key)| {
            row.push_bind(clean(machine)).push_bind(clean(key));
        });
    let mut tickets = Vec::new();
    for (machine, key, trust, ticket) in rows {
        tickets.push(TicketNumber(ticket));
        docket.machine_tickets.insert((machine, key, from_word(&trust)?), TicketNumber(ticket));
    }
    Ok(tickets)
}

/// Returns the tickets that these mails are on.
async fn enter_seen(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<Vec<TicketNumber>> {
    let mut tickets = Vec::new();
    let ids: Vec<String> = keys.message_ids.iter().map(|id| id.as_str().to_owned()).collect();
    let mut rows = fetch_in!(connection, SeenRow, SEEN, ids);
    let digests: Vec<Vec<u8>> = keys.raw_digests.iter().map(|digest| digest.to_vec()).collect();
    rows.extend(fetch_in!(connection, SeenRow, SEEN_RAW, digests));
    for row in rows {
        let (id, raw) = (message_id(row.message_id.as_deref()), row.raw_sha256.clone().map(digest).transpose()?);
        let Some(seen) = row.into_seen()? else { continue };
        if let Some(raw) = raw {
            docket.seen_raw.entry(raw).or_default().push(seen.clone());
        }
        if let Some(id) = id {
            docket.seen.entry(id).or_default().push(seen);
        }
    }
    docket.seen_raw.values_mut().for_each(|seen| seen.sort_unstable_by_key(|one| one.ledger));
    for seen in docket.seen.values().chain(docket.seen_raw.values()).flatten() {
        if let Outcome::Ticket(number) = seen.outcome {
            tickets.push(number);
        }
    }
    Ok(tickets)
}

/// Enters tickets with what letters about them need, the mass incidents that they are part of, those that they were merged
/// into, and those that were merged into them.
async fn enter_dossiers(
    connection: &mut Connection<'_>,
    tickets: BTreeSet<TicketNumber>,
    docket: &mut Docket,
) -> Result<()> {
    let mut missing: Vec<TicketNumber> = tickets.into_iter().collect();
    while !missing.is_empty() {
        for stored in ticket::load(connection, &missing).await? {
            let (number, letters, look_at) = (stored.ticket.number, stored.letters, stored.look_at);
            let dossier = Dossier { letters, look_at, ..Dossier::new(stored.ticket) };
            docket.dossiers.insert(number, dossier);
        }
        let numbers: Vec<i64> = missing.iter().map(|number| number.0).collect();
        for row in fetch_in!(connection, EntryRow, ENTRIES, numbers) {
            let entry = row.into_entry()?;
            if let Some(dossier) = docket.dossiers.get_mut(&entry.ticket) {
                dossier.entries.push(entry);
            }
        }
        for row in fetch_in!(connection, LetterViewRow, LETTERS, numbers) {
            let ticket = TicketNumber(row.ticket);
            let Some(letter) = row.into_view()? else { continue };
            if let Some(dossier) = docket.dossiers.get_mut(&ticket) {
                dossier.sent.push(letter);
            }
        }
        let loaded = missing.iter().filter_map(|number| docket.dossiers.get(number));
        let led = loaded.flat_map(|dossier| [dossier.ticket.merged_into, dossier.ticket.major]);
        let mut merged: BTreeSet<TicketNumber> = led.flatten().collect();
        let parts = fetch_in!(connection, (i64,), PARTS, numbers);
        merged.extend(parts.into_iter().take(PARTS_MAX).map(|(number,)| TicketNumber(number)));
        missing = merged.into_iter().filter(|number| !docket.dossiers.contains_key(number)).collect();
    }
    Ok(())
}

/// Enters the letters that mails name and that are not among the newest, and who got each letter.
async fn enter_named_letters(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<()> {
    let is_missing = |(ticket, number): &&(TicketNumber, i64)| {
        docket.dossier(*ticket).is_some_and(|dossier| dossier.letter(*number).is_none())
    };
    let named: Vec<_> = keys.letters.iter().filter(is_missing).copied().collect();
    let rows = fetch_rows!(connection, LetterViewRow, NAMED_LETTERS, named, |mut row, (ticket, number)| {
        row.push_bind(ticket.0).push_bind(*number);
    });
    for row in rows {
        let ticket = TicketNumber(row.ticket);
        if let (Some(letter), Some(dossier)) = (row.into_view()?, docket.dossiers.get_mut(&ticket)) {
            let at = dossier.sent.partition_point(|sent| sent.number < letter.number);
            dossier.sent.insert(at, letter);
        }
    }
    let numbers: Vec<i64> = docket.dossiers.keys().map(|number| number.0).collect();
    for (ticket, number, recipient) in fetch_in!(connection, (i64, i64, String), RECIPIENTS, numbers) {
        let dossier = docket.dossiers.get_mut(&TicketNumber(ticket));
        let letter = dossier.and_then(|dossier| dossier.sent.iter_mut().find(|letter| letter.number == number));
        if let (Some(letter), Ok(recipient)) = (letter, recipient.parse()) {
            letter.recipients.push(recipient);
        }
    }
    Ok(())
}

async fn enter_counted_letters(
    connection: &mut Connection<'_>,
    keys: &Keys,
    now: Timestamp,
    docket: &mut Docket,
) -> Result<()> {
    let since = millis(now.saturating_sub(COUNTED)?);
    let correspondents: Vec<String> = keys.correspondents.iter().map(|key| clean(key)).collect();
    let rows = fetch_rows!(connection, (String, i64, String), COUNTED_LETTERS, correspondents, |mut row, key| {
        row.push_bind(key.as_str()).push_bind(since);
    });
    for (key, at, purpose) in rows {
        docket.counted_letters.entry(key).or_default().push((instant(at)?, from_word(&purpose)?));
    }
    Ok(())
}

async fn enter_form_letters(
    connection: &mut Connection<'_>,
    keys: &Keys,
    now: Timestamp,
    docket: &mut Docket,
) -> Result<()> {
    let since = millis(now.saturating_sub(COUNTED)?);
    let forms: Vec<String> = keys.forms.iter().map(|form| clean(form)).collect();
    let rows = fetch_rows!(connection, (String, i64), FORM_LETTERS, forms, |mut row, form| {
        row.push_bind(form.as_str()).push_bind(since);
    });
    for (form, at) in rows {
        docket.form_letters.entry(form).or_default().push(instant(at)?);
    }
    Ok(())
}

async fn enter_cases_lately(
    connection: &mut Connection<'_>,
    keys: &Keys,
    now: Timestamp,
    docket: &mut Docket,
) -> Result<()> {
    let since = millis(now.saturating_sub(COUNTED)?);
    for vendor in &keys.vendors {
        let rows = fetch!(connection, (i64,), CASES_LATELY, vendor, since);
        let opened = rows.into_iter().map(|(at,)| instant(at)).collect::<Result<_>>()?;
        docket.cases_lately.insert(vendor.clone(), opened);
    }
    Ok(())
}

/// Enters who has asked something before.
async fn enter_acquaintances(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<()> {
    let contacts = keys.strangers.iter().filter_map(|key| docket.contacts.get(docket.by_address.get(key)?));
    let persons: Vec<i64> = contacts.map(|contact| contact.person.0).collect();
    let known = fetch_in!(connection, (i64,), ACQUAINTANCES, persons);
    docket.acquaintances = known.into_iter().map(|(person,)| PersonId(person)).collect();
    Ok(())
}

/// Enters what requesters have open besides.
async fn enter_open_tickets(connection: &mut Connection<'_>, keys: &Keys, docket: &mut Docket) -> Result<()> {
    let contacts = keys.requesters.iter().filter_map(|key| docket.contacts.get(docket.by_address.get(key)?));
    let persons: Vec<i64> = contacts.map(|contact| contact.person.0).collect();
    let numbers = fetch_in!(connection, (i64,), OPEN_TICKETS, persons);
    let numbers: Vec<TicketNumber> = numbers.into_iter().map(|(number,)| TicketNumber(number)).collect();
    for stored in ticket::load(connection, &numbers).await? {
        if let Some(requester) = stored.ticket.requester {
            docket.open_tickets.entry(requester).or_default().push(stored.ticket);
        }
    }
    docket.open_tickets.values_mut().for_each(|asked| asked.sort_unstable_by_key(|ticket| Reverse(ticket.number)));
    Ok(())
}

/// Enters what people asked a moment ago who may be adding to it, and what waits for their return.
async fn enter_continued(
    connection: &mut Connection<'_>,
    keys: &Keys,
    now: Timestamp,
    docket: &mut Docket,
) -> Result<()> {
    let is_continued = |ticket: &&Ticket| !keys.continuing.is_empty() && is_fresh(ticket.opened_at, now);
    let waits = |ticket: &&Ticket| ticket.away_until.is_some_and(|until| until > now);
    let meant = docket.open_tickets.values().flatten().filter(|ticket| is_continued(ticket) || waits(ticket));
    let missing = meant.map(|ticket| ticket.number).filter(|number| docket.dossier(*number).is_none());
    let missing = missing.collect();
    enter_dossiers(connection, missing, docket).await
}

fn contacts_of(docket: &Docket) -> BTreeSet<ContactId> {
    let mut contacts = BTreeSet::new();
    for dossier in docket.dossiers.values() {
        contacts.extend(parties(&dossier.ticket));
        contacts.extend(dossier.entries.iter().filter_map(|entry| entry.author));
    }
    contacts.extend(docket.absences.keys());
    let open = docket.open_tickets.values().flatten();
    contacts.extend(docket.open_tickets.keys().copied().chain(open.filter_map(|ticket| ticket.agent)));
    contacts
}

/// Everybody whom a ticket refers to, and whoever once had a part in it.
pub(super) fn parties(ticket: &Ticket) -> impl Iterator<Item = ContactId> {
    let named = [ticket.requester, ticket.agent, ticket.escalated_by];
    named.into_iter().flatten().chain(ticket.people.iter().copied())
}

#[derive(sqlx::FromRow)]
struct SeenRow {
    id: i64,
    message_id: Option<String>,
    raw_sha256: Option<Vec<u8>>,
    body_sha256: Option<Vec<u8>>,
    author: Option<i64>,
    weight: Option<String>,
    outcome: String,
    reason: Option<String>,
    ticket: Option<i64>,
}

impl SeenRow {
    fn into_seen(self) -> Result<Option<Seen>> {
        let Some(outcome) = outcome(&self.outcome, self.reason.as_deref(), self.ticket)? else { return Ok(None) };
        Ok(Some(Seen {
            ledger: LedgerId(self.id),
            body_sha256: self.body_sha256.map(digest).transpose()?,
            author: self.author.map(ContactId),
            weight: self.weight.as_deref().map_or(Ok(Weight::Proven), from_word)?,
            outcome,
        }))
    }
}

#[derive(sqlx::FromRow)]
struct LetterViewRow {
    ticket: i64,
    number: i64,
    created_at: i64,
    purpose: String,
    audience: String,
    vendor: Option<String>,
    message_id: String,
    ticket_version: i64,
    text: Option<String>,
    about: Option<i64>,
    listed: String,
    readers: Option<String>,
}

impl LetterViewRow {
    fn into_view(self) -> Result<Option<LetterView>> {
        let Some(message_id) = message_id(Some(&self.message_id)) else { return Ok(None) };
        Ok(Some(LetterView {
            number: self.number,
            at: instant(self.created_at)?,
            purpose: from_word(&self.purpose)?,
            audience: audience(&self.audience, self.vendor)?,
            message_id,
            recipients: Vec::new(),
            about: self.about.map(LedgerId),
            ticket_version: self.ticket_version,
            text: self.text,
            listed: from_json(&self.listed)?,
            readers: self.readers.as_deref().map(from_json).transpose()?,
        }))
    }
}
