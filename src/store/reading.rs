//! Tickets for people.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use jiff::Timestamp;

use super::database::Connection;
use super::docket::parties;
use super::entry::EntryRow;
use super::history::HappenedRow;
use super::outbox_orders::DeliveryState;
use super::statement::{fetch, fetch_in};
use super::ticket::load;
use super::words::{
    address, audience, digest, from_json, from_word, instant, language, maybe_instant, message_id, millis, unsigned,
};
use super::{DeliveryId, LedgerLine, Store, contact, search};
use crate::desk::{self, Audience, Contact, ContactId, Entry, Happened, Level, Outcome, Purpose, Ticket, TicketNumber};
use crate::letters::PlacedEnclosure;
use crate::mail::{Address, Language, MessageId};

/// What a ticket must fulfil to be listed; by default every one does.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    /// In this state, by its word: `new`, `open`, `pending`, `resolved`, `closed`, `spam`.
    pub state: Option<String>,
    /// In a state in which somebody has work with them.
    pub at_work: bool,
    /// At this level.
    pub level: Option<Level>,
    /// Of this desk.
    pub desk: Option<String>,
    /// Owned by this agent.
    pub owner: Option<Address>,
    /// Asked for by this correspondent.
    pub requester: Option<Address>,
    /// Touched since then.
    pub since: Option<Timestamp>,
    /// Words that all stand, or begin one, in the subject or in the requester's name or address; case and accents do not
    /// count.
    pub search: Vec<String>,
}

impl TicketFilter {
    /// Tickets that somebody has work with.
    pub fn at_work() -> TicketFilter {
        TicketFilter { at_work: true, ..TicketFilter::default() }
    }
}

/// Tickets and the people they name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketList {
    /// By number: ascending from [`Store::tickets`], descending in a [`TicketPage`].
    pub tickets: Vec<Ticket>,
    /// Everybody they name.
    pub contacts: HashMap<ContactId, Contact>,
}

/// A part of a list of tickets, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketPage {
    /// The tickets of this part.
    pub list: TicketList,
    /// The next part comes before this one; `None`: there is none.
    pub next: Option<TicketNumber>,
}

/// All that is known of one ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketShown {
    /// As it stands.
    pub ticket: Ticket,
    /// Everybody it names.
    pub contacts: HashMap<ContactId, Contact>,
    /// What was written, oldest first.
    pub entries: Vec<EntryShown>,
    /// What was sent, oldest first.
    pub letters: Vec<LetterShown>,
    /// What happened, in order.
    pub history: Vec<Happened>,
}

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryShown {
    /// The entry, with its whole text.
    pub entry: Entry,
    /// SHA-256 of the mail; `None` for over-size ones, and where no mail stands behind the entry.
    pub raw_sha256: Option<[u8; 32]>,
}

/// A letter of ours.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterShown {
    /// Its number within the ticket.
    pub number: i64,
    /// When it was made.
    pub at: Timestamp,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Who may read it.
    pub audience: Audience,
    /// Of its template and of its dates.
    pub language: Language,
    /// What answers to it cite; `None` where the stored text is no Message-ID.
    pub message_id: Option<MessageId>,
    /// Decoded, as its reader sees it.
    pub subject: String,
    /// The words of a person that it carried.
    pub text: Option<String>,
    /// The RFC 5322 bytes without the enclosures.
    pub bytes: Vec<u8>,
    /// What was put in when it left.
    pub enclosures: Vec<PlacedEnclosure>,
    /// One for each recipient.
    pub deliveries: Vec<DeliveryShown>,
}

/// How it went with one recipient of a letter.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryShown {
    /// Its row, which people name: `guichet outbox retry 42`.
    pub id: DeliveryId,
    /// Whom it goes to.
    pub recipient: Address,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// What the relay said last.
    pub last_reply: Option<String>,
    /// When it was sent or failed.
    pub finished_at: Option<Timestamp>,
}

/// What a ticket can be found by, newest first: a part of the list costs the same wherever it stands. The sign has SQLite keep
/// to the order of numbers.
const CANDIDATES: &str = "select t.number, t.subject, a.address, a.name from ticket t left join address a on a.id = \
    t.requester where ($4 = 0 or t.state in ('new', 'open', 'pending')) and ($1 is null or t.state = $1) and ($2 is \
    null or t.level = $2) and ($3 is null or t.desk = $3) and ($5 is null or t.agent = (select id from address where \
    address_key = $5)) and ($6 is null or t.requester = (select id from address where address_key = $6)) and \
    +t.updated_at >= $7 and t.number < $8 order by t.number desc limit $9";
const COUNT: &str = "select count(*) from ticket t where ($4 = 0 or t.state in ('new', 'open', 'pending')) and ($1 is \
    null or t.state = $1) and ($2 is null or t.level = $2) and ($3 is null or t.desk = $3) and ($5 is null or t.agent \
    = (select id from address where address_key = $5)) and ($6 is null or t.requester = (select id from address where \
    address_key = $6)) and +t.updated_at >= $7";
/// The same of tickets that were found already.
const AMONG: &str = "select t.number, t.subject, t.state, t.level, t.desk, t.updated_at, a.address, a.name, \
    a.address_key, o.address_key as owner_key from ticket t left join address a on a.id = t.requester left join address o \
    on o.id = t.agent where t.number in ({keys}) order by t.number desc";
/// `filtered_fetch!(connection, Row, SQL, filter, value, …)`: rows of a statement whose first seven values are a filter.
macro_rules! filtered_fetch {
    ($connection:expr, $row:ty, $sql:expr, $filter:expr $(, $value:expr)*) => {
        fetch!(
            $connection,
            $row,
            $sql,
            &$filter.state,
            $filter.level.map(|level| level.to_string()),
            &$filter.desk,
            i64::from($filter.at_work),
            $filter.owner.as_ref().map(Address::key),
            $filter.requester.as_ref().map(Address::key),
            $filter.since.map_or(i64::MIN, millis)
            $(, $value)*
        )
    };
}
/// So many tickets are looked at at a time; each is a key of the next statements.
const PAGE: usize = super::prepared::KEYS_MAX;

const ENTRIES: &str = "select e.ticket, e.at, e.ledger, l.message_id, l.raw_sha256, e.kind, e.audience, e.vendor, e.trust, \
    e.author_role, e.author, e.text from entry e left join ledger l on l.id = e.ledger where e.ticket = $1 order by e.id";
const LETTERS: &str = "select id, number, created_at, purpose, audience, vendor, language, message_id, subject, text, \
    bytes, enclosures from letter where ticket = $1 and exists (select 1 from delivery where delivery.letter = letter.id) \
    order by number";
const LOOSE_LETTERS: &str = "select id, number, created_at, purpose, audience, vendor, language, message_id, subject, text, \
    bytes, enclosures from letter where ticket is null and number >= $1 and number < $2 and exists (select 1 from delivery \
    where delivery.letter = letter.id) order by number";
const DELIVERIES: &str = "select letter, id, recipient, state, attempts, due_at, last_reply, finished_at from delivery \
    where letter in ({keys}) order by id";
const HISTORY: &str = "select at, role, contact, detail from history where ticket = $1 order by seq";

impl Store {
    /// The letters that came of a mail: those on its ticket that the commit of its decision made, and those about it that are
    /// on none. Mails of one ticket that were decided in one commit share theirs.
    pub async fn letters_of_mail(&self, mail: &LedgerLine) -> Result<Vec<LetterShown>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let loose = desk::loose_letters(mail.id);
        let loose = fetch!(connection, LetterRow, LOOSE_LETTERS, loose.start, loose.end);
        let mut found = shown(connection, loose).await?;
        if let Some(Outcome::Ticket(ticket)) = mail.outcome {
            let on_ticket = letters(connection, ticket).await?;
            found.extend(on_ticket.into_iter().filter(|letter| Some(letter.at) == mail.decided_at));
        }
        Ok(found)
    }

    /// Tickets by number, all at once: for lists that are known to be short.
    pub async fn tickets(&self, filter: &TicketFilter) -> Result<TicketList> {
        let mut all = TicketList::default();
        let mut before = None;
        loop {
            let page = self.ticket_page(filter, before, usize::MAX).await?;
            all.tickets.extend(page.list.tickets);
            all.contacts.extend(page.list.contacts);
            before = page.next;
            if before.is_none() {
                all.tickets.reverse();
                return Ok(all);
            }
        }
    }

    /// At most `limit` tickets that came before this one, newest first. A part may be short, or empty, and not the last.
    pub async fn ticket_page(
        &self,
        filter: &TicketFilter,
        before: Option<TicketNumber>,
        limit: usize,
    ) -> Result<TicketPage> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let (found, next) = Search::of(connection, filter).await?.part(connection, before, limit).await?;
        let stored = load(connection, &found).await?;
        let mut tickets: Vec<Ticket> = stored.into_iter().map(|stored| stored.ticket).collect();
        tickets.sort_unstable_by_key(|ticket| std::cmp::Reverse(ticket.number));
        let contacts = contacts(connection, tickets.iter().flat_map(parties).collect()).await?;
        Ok(TicketPage { list: TicketList { tickets, contacts }, next })
    }

    /// How many tickets there are; `None` where only a look at each would tell, as for words that most tickets have.
    pub async fn count_tickets(&self, filter: &TicketFilter) -> Result<Option<u64>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let search = Search::of(connection, filter).await?;
        if let Some(among) = &search.among {
            let fitting = fitting(connection, among, filter, &search.wanted).await?;
            return Ok(Some(fitting.len() as u64));
        }
        if !search.wanted.is_empty() {
            return Ok(None);
        }
        let rows = filtered_fetch!(connection, (i64,), COUNT, filter);
        Ok(rows.first().map(|row| unsigned(row.0)))
    }

    /// All that is known of a ticket.
    pub async fn ticket(&self, number: TicketNumber) -> Result<Option<TicketShown>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let Some(stored) = load(connection, &[number]).await?.pop() else { return Ok(None) };
        let entries = fetch!(connection, EntryShownRow, ENTRIES, number.0);
        let entries = entries.into_iter().map(EntryShownRow::into_shown).collect::<Result<Vec<_>>>()?;
        let letters = letters(connection, number).await?;
        let history = fetch!(connection, HappenedRow, HISTORY, number.0);
        let history = history.into_iter().map(HappenedRow::into_happened).collect::<Result<Vec<_>>>()?;
        let mut named: BTreeSet<ContactId> = parties(&stored.ticket).collect();
        named.extend(entries.iter().filter_map(|shown| shown.entry.author));
        named.extend(history.iter().filter_map(|happened| happened.by.contact));
        let contacts = contacts(connection, named).await?;
        Ok(Some(TicketShown { ticket: stored.ticket, contacts, entries, letters, history }))
    }
}

/// A list in the making.
struct Search<'f> {
    filter: &'f TicketFilter,
    wanted: BTreeSet<String>,
    /// The tickets to look at, newest first; `None`: all.
    among: Option<Vec<TicketNumber>>,
}

/// Tickets, newest first, and behind which the next ones come; `None`: there are no more.
type Part = (Vec<TicketNumber>, Option<TicketNumber>);

impl<'f> Search<'f> {
    async fn of(connection: &mut Connection<'_>, filter: &'f TicketFilter) -> Result<Search<'f>> {
        let wanted = search::wanted(&filter.search);
        let among = search::narrowed(connection, filter.requester.as_ref(), filter.since, &wanted).await?;
        Ok(Search { filter, wanted, among })
    }

    /// At most `limit` tickets before this one. A part may be short, or empty, and not the last.
    async fn part(&self, connection: &mut Connection<'_>, before: Option<TicketNumber>, limit: usize) -> Result<Part> {
        let most = if self.wanted.is_empty() { limit.min(PAGE) } else { PAGE };
        let (mut found, last) = match &self.among {
            Some(among) => {
                let rest = &among[among.partition_point(|number| before.is_some_and(|before| *number >= before))..];
                let looked_at = &rest[..rest.len().min(most)];
                let found = fitting(connection, looked_at, self.filter, &self.wanted).await?;
                (found, looked_at.last().copied().filter(|_| looked_at.len() < rest.len()))
            }
            None => {
                let rows = candidates(connection, self.filter, before, most).await?;
                let found = rows.iter().filter(|row| row.has(&self.wanted)).map(|row| TicketNumber(row.number));
                (found.collect(), rows.last().map(|row| TicketNumber(row.number)).filter(|_| rows.len() == most))
            }
        };
        if found.len() > limit {
            found.truncate(limit);
            return Ok((found.clone(), found.last().copied()));
        }
        Ok((found, last))
    }
}

async fn candidates(
    connection: &mut Connection<'_>,
    filter: &TicketFilter,
    before: Option<TicketNumber>,
    most: usize,
) -> Result<Vec<CandidateRow>> {
    let before = before.map_or(i64::MAX, |number| number.0);
    Ok(filtered_fetch!(connection, CandidateRow, CANDIDATES, filter, before, i64::try_from(most)?))
}

#[derive(sqlx::FromRow)]
struct CandidateRow {
    number: i64,
    subject: String,
    address: Option<String>,
    name: Option<String>,
}

impl CandidateRow {
    fn has(&self, wanted: &BTreeSet<String>) -> bool {
        search::have(wanted, &[Some(&self.subject), self.address.as_deref(), self.name.as_deref()])
    }
}

/// Those of these tickets that the filter lets through and that have the words, newest first.
async fn fitting(
    connection: &mut Connection<'_>,
    among: &[TicketNumber],
    filter: &TicketFilter,
    wanted: &BTreeSet<String>,
) -> Result<Vec<TicketNumber>> {
    let numbers: Vec<i64> = among.iter().map(|number| number.0).collect();
    let rows = fetch_in!(connection, FoundRow, AMONG, numbers);
    let fit = rows.iter().filter(|row| row.fits(filter) && row.told.has(wanted));
    Ok(fit.map(|row| TicketNumber(row.told.number)).collect())
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    told: CandidateRow,
    state: String,
    level: String,
    desk: String,
    updated_at: i64,
    address_key: Option<String>,
    owner_key: Option<String>,
}

impl FoundRow {
    fn fits(&self, filter: &TicketFilter) -> bool {
        let TicketFilter { state, at_work, level, desk, owner, requester, since, search: _ } = filter;
        let is = |asked: Option<String>, value: &str| asked.is_none_or(|asked| asked == value);
        let is_of = |asked: &Option<Address>, key: &Option<String>| {
            asked.as_ref().is_none_or(|asked| key.as_ref() == Some(&asked.key()))
        };
        (!at_work || ["new", "open", "pending"].contains(&self.state.as_str()))
            && is(state.clone(), &self.state)
            && is(level.map(|level| level.to_string()), &self.level)
            && is(desk.clone(), &self.desk)
            && is_of(owner, &self.owner_key)
            && is_of(requester, &self.address_key)
            && since.is_none_or(|since| self.updated_at >= millis(since))
    }
}

pub(super) async fn contacts(
    connection: &mut Connection<'_>,
    ids: BTreeSet<ContactId>,
) -> Result<HashMap<ContactId, Contact>> {
    let contacts = contact::by_ids(connection, ids).await?;
    Ok(contacts.into_iter().map(|contact| (contact.id, contact)).collect())
}

async fn letters(connection: &mut Connection<'_>, number: TicketNumber) -> Result<Vec<LetterShown>> {
    let rows = fetch!(connection, LetterRow, LETTERS, number.0);
    shown(connection, rows).await
}

async fn shown(connection: &mut Connection<'_>, rows: Vec<LetterRow>) -> Result<Vec<LetterShown>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut deliveries: HashMap<i64, Vec<DeliveryShown>> = HashMap::new();
    for row in fetch_in!(connection, DeliveryRow, DELIVERIES, ids) {
        deliveries.entry(row.letter).or_default().push(row.into_shown()?);
    }
    rows.into_iter()
        .map(|row| {
            let deliveries = deliveries.remove(&row.id).unwrap_or_default();
            row.into_shown(deliveries)
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct EntryShownRow {
    #[sqlx(flatten)]
    entry: EntryRow,
    raw_sha256: Option<Vec<u8>>,
}

impl EntryShownRow {
    fn into_shown(self) -> Result<EntryShown> {
        let raw_sha256 = self.raw_sha256.map(digest).transpose()?;
        Ok(EntryShown { entry: self.entry.into_entry()?, raw_sha256 })
    }
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    id: i64,
    number: i64,
    created_at: i64,
    purpose: String,
    audience: String,
    vendor: Option<String>,
    language: String,
    message_id: String,
    subject: String,
    text: Option<String>,
    bytes: Vec<u8>,
    enclosures: String,
}

impl LetterRow {
    fn into_shown(self, deliveries: Vec<DeliveryShown>) -> Result<LetterShown> {
        Ok(LetterShown {
            number: self.number,
            at: instant(self.created_at)?,
            purpose: from_word(&self.purpose)?,
            audience: audience(&self.audience, self.vendor)?,
            language: language(&self.language)?,
            message_id: message_id(Some(&self.message_id)),
            subject: self.subject,
            text: self.text,
            bytes: self.bytes,
            enclosures: from_json(&self.enclosures)?,
            deliveries,
        })
    }
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    letter: i64,
    id: i64,
    recipient: String,
    state: String,
    attempts: i64,
    due_at: i64,
    last_reply: Option<String>,
    finished_at: Option<i64>,
}

impl DeliveryRow {
    fn into_shown(self) -> Result<DeliveryShown> {
        Ok(DeliveryShown {
            id: DeliveryId(self.id),
            recipient: address(&self.recipient)?,
            state: from_word(&self.state)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            due_at: instant(self.due_at)?,
            last_reply: self.last_reply,
            finished_at: maybe_instant(self.finished_at)?,
        })
    }
}
