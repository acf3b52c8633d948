//! Every message ever seen, for people.

use anyhow::{Result, bail};
use jiff::Timestamp;

use super::Store;
use super::Tx;
use super::database::Connection;
use super::intake::uid_pair;
use super::statement::{execute, fetch};
use super::words::{digest, from_json, from_word, instant, maybe_instant, message_id, millis, unsigned};
use crate::desk::{LedgerId, Outcome, Proof, Reason, TicketNumber, Vouched};
use crate::mail::MessageId;

/// Which part of the ledger.
#[derive(Clone, Debug, Default)]
pub struct LedgerFilter {
    /// Those of the mailbox with this name.
    pub mailbox: Option<String>,
    /// Those that were taken in at this moment or later.
    pub since: Option<Timestamp>,
    /// Those that stand there.
    pub standing: Option<Standing>,
}

/// Where a message stands, without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It waits for its decision.
    Pending,
    /// It is on a ticket.
    Ticket,
    /// It waits for a human.
    Quarantine,
    /// It is recorded, with no effect.
    Suppressed,
}

impl Standing {
    /// The word that commands and tools use.
    pub fn word(&self) -> &'static str {
        match self {
            Standing::Pending => "pending",
            Standing::Ticket => "ticket",
            Standing::Quarantine => "quarantine",
            Standing::Suppressed => "suppressed",
        }
    }
}

impl LedgerFilter {
    fn is_of_what_waits(&self) -> bool {
        match self.standing {
            Some(Standing::Pending | Standing::Quarantine) => true,
            None | Some(Standing::Ticket | Standing::Suppressed) => false,
        }
    }
}

impl LedgerLine {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        match self.outcome {
            None => Standing::Pending,
            Some(Outcome::Ticket(_)) => Standing::Ticket,
            Some(Outcome::Quarantine(_)) => Standing::Quarantine,
            Some(Outcome::Suppressed(_)) => Standing::Suppressed,
        }
    }
}

/// A message of the ledger, without its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerLine {
    /// Its row, which people name: `guichet ledger retry 42`.
    pub id: LedgerId,
    /// Name of the mailbox.
    pub mailbox: String,
    /// UIDVALIDITY and UID; `None` for a mail that was piped in.
    pub uid: Option<(u32, u32)>,
    /// Known once it was decided.
    pub message_id: Option<MessageId>,
    /// SHA-256 of the whole; `None` for over-size mails.
    pub raw_sha256: Option<[u8; 32]>,
    /// Length of the whole, in bytes.
    pub size: u64,
    /// When the server took it.
    pub internal_date: Timestamp,
    /// When we took it.
    pub received_at: Timestamp,
    /// Where it ended; `None` while it waits.
    pub outcome: Option<Outcome>,
    /// When that was decided.
    pub decided_at: Option<Timestamp>,
    /// When it was flagged or moved on the server.
    pub filed_at: Option<Timestamp>,
    /// How often it was blamed for a crash.
    pub attempts: u32,
    /// What proves its author; `None` where nothing was decided about it, or before that was noted.
    pub proof: Option<Proof>,
}

/// What became of a mailbox's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxCount {
    /// Name of the mailbox.
    pub mailbox: String,
    /// `None` for mails that were piped in.
    pub uid_validity: Option<u32>,
    /// Messages in the ledger.
    pub recorded: u64,
    /// Of these, waiting.
    pub pending: u64,
    /// Of these, on a ticket.
    pub on_tickets: u64,
    /// Of these, waiting for a human.
    pub quarantined: u64,
    /// Of these, without effect.
    pub suppressed: u64,
    /// Of these, decided and neither flagged nor moved on the server yet.
    pub not_filed: u64,
}

/// Newest first: a part of the list costs the same wherever it stands. The sign has SQLite keep to the order of ids.
const PAGE: &str = "select id, mailbox, uid_validity, uid, message_id, raw_sha256, size, internal_date, received_at, \
    outcome, reason, ticket, decided_at, filed_at, attempts, proof from ledger where ($1 is null or mailbox = $1) and \
    +received_at >= $2 and ($3 is null or outcome = $3) and id >= $4 and id < $5 order by id desc limit $6";
const COUNT: &str = "select count(*) from ledger where ($1 is null or mailbox = $1) and +received_at >= $2 and ($3 is \
    null or outcome = $3) and id >= $4";
/// The same of those that wait, by the indexes of what waits.
const PAGE_WAITING: &str = "select id, mailbox, uid_validity, uid, message_id, raw_sha256, size, internal_date, \
    received_at, outcome, reason, ticket, decided_at, filed_at, attempts, proof from ledger where id in (select id from \
    ledger where outcome = 'pending' union all select id from ledger where outcome = 'quarantine') and ($1 is null or \
    mailbox = $1) and +received_at >= $2 and ($3 is null or outcome = $3) and id >= $4 and id < $5 order by id desc limit $6";
const COUNT_WAITING: &str = "select count(*) from ledger where id in (select id from ledger where outcome = 'pending' \
    union all select id from ledger where outcome = 'quarantine') and ($1 is null or mailbox = $1) and +received_at >= \
    $2 and ($3 is null or outcome = $3) and id >= $4";
const SINCE: &str = "select id from ledger where received_at >= $1 limit $2";
const ONE: &str = "select id, mailbox, uid_validity, uid, message_id, raw_sha256, size, internal_date, received_at, \
    outcome, reason, ticket, decided_at, filed_at, attempts, proof from ledger where id = $1";
const OF_TICKET: &str = "select id, mailbox, uid_validity, uid, message_id, raw_sha256, size, internal_date, \
    received_at, outcome, reason, ticket, decided_at, filed_at, attempts, proof from ledger where ticket = $1 \
    order by id";
const COUNTS: &str = "select mailbox, uid_validity, count(*) as recorded, \
    count(case when outcome = 'pending' then 1 end) as pending, \
    count(case when outcome = 'ticket' then 1 end) as on_tickets, \
    count(case when outcome = 'quarantine' then 1 end) as quarantined, \
    count(case when outcome = 'suppressed' then 1 end) as suppressed, \
    count(case when outcome <> 'pending' and filed_at is null and uid is not null \
    and coalesce(reason, '') not in ('before_first_start', 'unreadable') then 1 end) as not_filed \
    from ledger group by mailbox, uid_validity order by mailbox, uid_validity";
/// Of more mails since some time, the first is not looked for: a walk meets them soon.
const HITS_MAX: usize = 20_000;
const HAS_RAW: &str = "select ledger from raw_mail where ledger = $1";
const SETTLE: &str =
    "update ledger set outcome = 'suppressed', reason = 'duplicate' where id = $1 and outcome = 'quarantine'";
const TRY_AGAIN: &str = "update ledger set outcome = 'pending', reason = null, decided_at = null, attempts = 0, \
    not_before = 0, proof = null, released = $1, author_proven = $2, told_at = null, alarmed_at = null where id = $3 and \
    outcome in ('quarantine', 'suppressed')";
const ONCE_MORE: &str = "update ledger set outcome = 'pending', reason = null, ticket = null, decided_at = null, \
    attempts = 0, not_before = 0 where id = $1 and outcome = 'ticket'";
const ASK_FOR: &str = "update ledger set not_before = 0 where id = $1";

impl Store {
    /// Messages in the order in which they were taken, all at once: for lists that are known to be short.
    pub async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerLine>> {
        let mut all = self.ledger_page(filter, None, usize::MAX).await?;
        all.reverse();
        Ok(all)
    }

    /// At most `limit` messages that were taken before this one, newest first.
    pub async fn ledger_page(
        &self,
        filter: &LedgerFilter,
        before: Option<LedgerId>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let (since, first) = since_and_first(connection, filter).await?;
        let standing = filter.standing.map(|standing| standing.word());
        let before = before.map_or(i64::MAX, |id| id.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = if filter.is_of_what_waits() { PAGE_WAITING } else { PAGE };
        let rows = fetch!(connection, LineRow, sql, &filter.mailbox, since, standing, first, before, limit);
        rows.into_iter().map(LineRow::into_line).collect()
    }

    /// How many messages there are.
    pub async fn count_ledger(&self, filter: &LedgerFilter) -> Result<u64> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let (since, first) = since_and_first(connection, filter).await?;
        let standing = filter.standing.map(|standing| standing.word());
        let sql = if filter.is_of_what_waits() { COUNT_WAITING } else { COUNT };
        let rows = fetch!(connection, (i64,), sql, &filter.mailbox, since, standing, first);
        Ok(rows.first().map_or(0, |row| unsigned(row.0)))
    }

    /// The message in this row; `None` where there is none.
    pub async fn ledger_line(&self, id: LedgerId) -> Result<Option<LedgerLine>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), LineRow, ONE, id.0);
        rows.into_iter().next().map(LineRow::into_line).transpose()
    }

    /// Messages that ended on a ticket.
    pub async fn ledger_of(&self, ticket: TicketNumber) -> Result<Vec<LedgerLine>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), LineRow, OF_TICKET, ticket.0);
        rows.into_iter().map(LineRow::into_line).collect()
    }

    /// What became of each mailbox's messages.
    pub async fn reconcile(&self) -> Result<Vec<MailboxCount>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), CountRow, COUNTS);
        Ok(rows.into_iter().map(CountRow::into_count).collect())
    }

    /// Has a mail that is on no ticket decided again, by the rules that it was decided by. Its author is judged anew.
    pub async fn ledger_retry(&self, id: LedgerId) -> Result<Retried> {
        self.again(id, Again::Retry).await
    }

    /// Has a mail that is on no ticket decided again, as one that a human vouches for.
    pub async fn ledger_release(&self, id: LedgerId) -> Result<Retried> {
        self.again(id, Again::Released(Vouched::Colleague)).await
    }

    async fn again(&self, id: LedgerId, again: Again) -> Result<Retried> {
        let mut tx = self.begin().await?;
        let retried = decide_again(&mut tx.connection(), id, again).await?;
        tx.commit().await?;
        Ok(retried)
    }
}

impl Tx {
    /// A mail in quarantine of which a better copy came waits no more.
    pub async fn settle_quarantined(&mut self, id: LedgerId) -> Result<()> {
        execute!(&mut self.connection(), SETTLE, id.0);
        Ok(())
    }

    /// Gives a mail that is on a ticket, and waited there, back to the intake.
    pub async fn decide_once_more(&mut self, id: LedgerId) -> Result<()> {
        execute!(&mut self.connection(), ONCE_MORE, id.0);
        Ok(())
    }

    /// As [`Store::ledger_release`], within this commit, for a mail in quarantine; what a colleague has let out already,
    /// or was never there, stays as it is.
    pub async fn release_quarantined(&mut self, id: LedgerId, vouched: Vouched) -> Result<()> {
        let mut connection = self.connection();
        let row = fetch!(&mut connection, LineRow, ONE, id.0).into_iter().next();
        match row.map(LineRow::into_line).transpose()?.and_then(|line| line.outcome) {
            Some(Outcome::Quarantine(_)) => {
                decide_again(&mut connection, id, Again::Released(vouched)).await?;
            }
            Some(Outcome::Ticket(_) | Outcome::Suppressed(_)) | None => {}
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Retry,
    Released(Vouched),
}

/// What becomes of a mail that is on no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is decided again.
    Decided,
    /// It was never read: the mailbox's server is asked for it again, and then it is decided.
    AskedFor,
}

/// The time from which on mails are listed, and an id below which none of them is.
async fn since_and_first(connection: &mut Connection<'_>, filter: &LedgerFilter) -> Result<(i64, i64)> {
    let Some(since) = filter.since.map(millis) else { return Ok((i64::MIN, i64::MIN)) };
    let hits = fetch!(connection, (i64,), SINCE, since, i64::try_from(HITS_MAX + 1)?);
    let is_walked = hits.len() > HITS_MAX;
    let first = hits.into_iter().map(|(id,)| id).min().unwrap_or(i64::MAX);
    Ok((since, if is_walked { i64::MIN } else { first }))
}

async fn decide_again(connection: &mut Connection<'_>, id: LedgerId, again: Again) -> Result<Retried> {
    let Some(row) = fetch!(connection, LineRow, ONE, id.0).into_iter().next() else {
        bail!("There is no mail {id} in the ledger")
    };
    match row.into_line()?.outcome {
        None => bail!("Mail {id} waits already"),
        Some(Outcome::Ticket(number)) => bail!("Mail {id} is on ticket {number} already"),
        Some(Outcome::Quarantine(Reason::Unreadable)) => {
            execute!(connection, ASK_FOR, id.0);
            return Ok(Retried::AskedFor);
        }
        Some(Outcome::Quarantine(_) | Outcome::Suppressed(_)) => {}
    }
    if fetch!(connection, (i64,), HAS_RAW, id.0).is_empty() {
        bail!("Mail {id} was erased");
    }
    let (released, proven) = (again != Again::Retry, again == Again::Released(Vouched::Author));
    execute!(connection, TRY_AGAIN, released, proven, id.0);
    Ok(Retried::Decided)
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: i64,
    mailbox: String,
    uid_validity: Option<i64>,
    uid: Option<i64>,
    message_id: Option<String>,
    raw_sha256: Option<Vec<u8>>,
    size: i64,
    internal_date: i64,
    received_at: i64,
    outcome: String,
    reason: Option<String>,
    ticket: Option<i64>,
    decided_at: Option<i64>,
    filed_at: Option<i64>,
    attempts: i64,
    proof: Option<String>,
}

impl LineRow {
    fn into_line(self) -> Result<LedgerLine> {
        Ok(LedgerLine {
            id: LedgerId(self.id),
            mailbox: self.mailbox,
            uid: uid_pair(self.uid_validity, self.uid),
            message_id: message_id(self.message_id.as_deref()),
            raw_sha256: self.raw_sha256.map(digest).transpose()?,
            size: unsigned(self.size),
            internal_date: instant(self.internal_date)?,
            received_at: instant(self.received_at)?,
            outcome: outcome(&self.outcome, self.reason.as_deref(), self.ticket)?,
            decided_at: maybe_instant(self.decided_at)?,
            filed_at: maybe_instant(self.filed_at)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            proof: self.proof.as_deref().map(from_json).transpose()?,
        })
    }
}

pub(super) fn outcome(word: &str, reason: Option<&str>, ticket: Option<i64>) -> Result<Option<Outcome>> {
    let known = |reason: &str| from_word::<Reason>(reason);
    match (word, reason, ticket) {
        ("pending", ..) => Ok(None),
        ("ticket", _, Some(number)) => Ok(Some(Outcome::Ticket(TicketNumber(number)))),
        ("quarantine", Some(reason), _) => Ok(Some(Outcome::Quarantine(known(reason)?))),
        ("suppressed", Some(reason), _) => Ok(Some(Outcome::Suppressed(known(reason)?))),
        (word, ..) => bail!("The database holds the unknown outcome {word:?}"),
    }
}

#[derive(sqlx::FromRow)]
struct CountRow {
    mailbox: String,
    uid_validity: Option<i64>,
    recorded: i64,
    pending: i64,
    on_tickets: i64,
    quarantined: i64,
    suppressed: i64,
    not_filed: i64,
}

impl CountRow {
    fn into_count(self) -> MailboxCount {
        MailboxCount {
            mailbox: self.mailbox,
            uid_validity: self.uid_validity.and_then(|validity| u32::try_from(validity).ok()),
            recorded: unsigned(self.recorded),
            pending: unsigned(self.pending),
            on_tickets: unsigned(self.on_tickets),
            quarantined: unsigned(self.quarantined),
            suppressed: unsigned(self.suppressed),
            not_filed: unsigned(self.not_filed),
        }
    }
}
