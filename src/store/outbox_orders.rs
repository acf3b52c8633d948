//! What an operator may do with letters that have not left.

use anyhow::{Result, bail};
use jiff::Timestamp;

use super::setting;
use super::statement::{execute, fetch};
use super::words::{address, from_json, from_word, instant, maybe_instant, message_id, millis, unsigned};
use super::{Class, DeliveryId, Store, hindrance};
use crate::desk::{Event, Purpose, TicketNumber};
use crate::mail::{Address, MessageId};

/// A delivery that has not succeeded.
#[derive(Clone, Debug)]
pub struct DeliveryLine {
    /// Its row, which people name: `guichet outbox retry 42`.
    pub id: DeliveryId,
    /// The ticket that the letter is about; `None` where it is on none.
    pub ticket: Option<TicketNumber>,
    /// What the letter says, and the name of its template.
    pub purpose: Purpose,
    /// Message-ID of the letter; `None` where the stored text is no Message-ID.
    pub message_id: Option<MessageId>,
    /// Subject of the letter, decoded.
    pub subject: String,
    /// Whom it goes to.
    pub recipient: Address,
    /// Where reports on it go; `None` is `<>`.
    pub return_path: Option<Address>,
    /// What leaves first.
    pub class: Class,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is tried next; of no meaning once it failed.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried first.
    pub first_tried_at: Option<Timestamp>,
    /// What the relay said last, or what all letters wait for.
    pub last_reply: Option<String>,
    /// When the letter was made.
    pub created_at: Timestamp,
    /// Somebody hands it over until then, or has died over it.
    pub lease_until: Option<Timestamp>,
    /// When it was sent or failed.
    pub finished_at: Option<Timestamp>,
    /// The brake that tripped last on the ticket: `correspondent`, `ticket`, `form` or `complaint`.
    pub brake: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It leaves at its due time.
    Due,
    /// The relay took it.
    Sent,
    /// It was handed over and the answer was lost.
    InDoubt,
    /// It never arrives.
    Failed,
    /// A human decides whether it leaves.
    Held,
}

/// What becomes of held-back automatic letters when sending goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// None is discarded: they leave, too.
    Nothing,
    /// They are discarded; persons' words leave.
    AutomaticLetters,
}

impl DeliveryState {
    /// The word that commands and tools use: a due delivery is `queued`.
    pub fn word(&self) -> &'static str {
        match self {
            DeliveryState::Due => "queued",
            DeliveryState::Sent => "sent",
            DeliveryState::InDoubt => "in_doubt",
            DeliveryState::Failed => "failed",
            DeliveryState::Held => "held",
        }
    }
}

pub(super) const HOLD: &str = "outbox_hold";

/// Each state is looked up in an index of its own, and SQLite keeps the order of a cross join: it looks at these alone.
const UNSENT: &str = "select d.id, l.ticket, l.purpose, l.message_id, l.subject, d.recipient, d.return_path, d.class, d.state, \
    d.due_at, d.attempts, d.first_tried_at, d.last_reply, l.created_at, d.lease_until, d.finished_at, case when \
    d.state = 'held' then (select h.detail from history h where h.ticket = l.ticket and h.event = 'brake_tripped' \
    order by h.seq desc limit 1) end as brake from (select id from delivery where state in ('due', 'in_doubt') and id \
    < $1 union all select id from delivery where state = 'held' and id < $1 union all select id from delivery where \
    state = 'failed' and finished_at > $2 and id < $1 order by id desc limit $3) u cross join delivery d join letter l \
    on l.id = d.letter where d.id = u.id order by d.id desc";
const COUNT_UNSENT: &str = "select (select count(*) from delivery where state in ('due', 'in_doubt')) + (select \
    count(*) from delivery where state = 'held') + (select count(*) from delivery where state = 'failed' and \
    finished_at > $1)";
const HELD: &str = "select d.id, l.ticket, l.purpose, l.message_id, l.subject, d.recipient, d.return_path, d.class, d.state, \
    d.due_at, d.attempts, d.first_tried_at, d.last_reply, l.created_at, d.lease_until, d.finished_at, case when \
    d.state = 'held' then (select h.detail from history h where h.ticket = l.ticket and h.event = 'brake_tripped' \
    order by h.seq desc limit 1) end as brake from delivery d join letter l on l.id = d.letter where d.state = 'held' \
    order by d.id desc limit $1";
const FAILED: &str = "select d.id, l.ticket, l.purpose, l.message_id, l.subject, d.recipient, d.return_path, d.class, d.state, \
    d.due_at, d.attempts, d.first_tried_at, d.last_reply, l.created_at, d.lease_until, d.finished_at, case when \
    d.state = 'held' then (select h.detail from history h where h.ticket = l.ticket and h.event = 'brake_tripped' \
    order by h.seq desc limit 1) end as brake from delivery d join letter l on l.id = d.letter where d.state = \
    'failed' and d.finished_at > $1 order by d.finished_at desc limit $2";
const ONE: &str = "select d.id, l.ticket, l.purpose, l.message_id, l.subject, d.recipient, d.return_path, d.class, d.state, d.due_at, \
    d.attempts, d.first_tried_at, d.last_reply, l.created_at, d.lease_until, d.finished_at, case when d.state = 'held' \
    then (select h.detail from history h where h.ticket = l.ticket and h.event = 'brake_tripped' order by h.seq desc \
    limit 1) end as brake from delivery d join letter l on l.id = d.letter where d.id = $1";

/// A letter that was given up begins anew: the time that it may take counts from its next try.
const RETRY: &str = "update delivery set state = case when state = 'in_doubt' then 'in_doubt' else 'due' end, \
    due_at = $1, due_set_at = $1, finished_at = null, \
    first_tried_at = case when state = 'failed' then null else first_tried_at end where id = $2 and state <> 'sent'";
/// What an operator gave up stays given up.
const RETRY_FAILED: &str = "update delivery set state = 'due', due_at = $1, due_set_at = $1, finished_at = null, \
    first_tried_at = null where state = 'failed' and finished_at > $2 and coalesce(last_reply, '') <> $3";
const DROPPED: &str = "dropped by the operator";
const DROP: &str = "update delivery set state = 'failed', finished_at = $1, lease_until = null, \
    last_reply = 'dropped by the operator' where id = $2 and state <> 'sent'";
const DROP_AUTOMATIC: &str = "update delivery set state = 'failed', finished_at = $1, lease_until = null, \
    last_reply = 'dropped by the operator' where state in ('due', 'in_doubt', 'held') \
    and letter in (select id from letter where automatic)";
const IS_HELD: &str = "select value from setting where name = $1";

impl Store {
    /// Deliveries that have not succeeded, in the order in which they were made, all at once: for lists that are known to
    /// be short. Failed ones since `failed_since`.
    pub async fn unsent(&self, failed_since: Timestamp) -> Result<Vec<DeliveryLine>> {
        let mut all = self.unsent_page(failed_since, None, usize::MAX).await?;
        all.reverse();
        Ok(all)
    }

    /// At most `limit` of them that were made before this one, newest first.
    pub async fn unsent_page(
        &self,
        failed_since: Timestamp,
        before: Option<DeliveryId>,
        limit: usize,
    ) -> Result<Vec<DeliveryLine>> {
        let hindrances = self.hindrances().await?;
        let for_all = hindrances.into_iter().find(|hindrance| hindrance.return_path.is_none());
        let mut held = self.read().await?;
        let before = before.map_or(i64::MAX, |id| id.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = fetch!(&mut held.connection(), UnsentRow, UNSENT, before, millis(failed_since), limit);
        rows.into_iter().map(|row| row.into_line(for_all.as_ref().map(|one| one.cause.as_str()))).collect()
    }

    /// How many deliveries have not succeeded; failed ones since `failed_since`.
    pub async fn count_unsent(&self, failed_since: Timestamp) -> Result<u64> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64,), COUNT_UNSENT, millis(failed_since));
        Ok(rows.first().map_or(0, |row| unsigned(row.0)))
    }

    /// At most `limit` deliveries that wait for a human, the newest first.
    pub async fn held_deliveries(&self, limit: u32) -> Result<Vec<DeliveryLine>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), UnsentRow, HELD, i64::from(limit));
        rows.into_iter().map(|row| row.into_line(None)).collect()
    }

    /// At most `limit` deliveries that failed since then, the newest first.
    pub async fn failed_deliveries(&self, since: Timestamp, limit: u32) -> Result<Vec<DeliveryLine>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), UnsentRow, FAILED, millis(since), i64::from(limit));
        rows.into_iter().map(|row| row.into_line(None)).collect()
    }

    /// One delivery, whatever became of it.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Option<DeliveryLine>> {
        let hindrances = self.hindrances().await?;
        let for_all = hindrances.into_iter().find(|hindrance| hindrance.return_path.is_none());
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), UnsentRow, ONE, id.0);
        rows.into_iter().next().map(|row| row.into_line(for_all.as_ref().map(|one| one.cause.as_str()))).transpose()
    }

    /// Tries all again that failed since then, save what an operator gave up. Returns how many.
    pub async fn outbox_retry_failed(&self, since: Timestamp, now: Timestamp) -> Result<u64> {
        let mut held = self.write().await?;
        Ok(execute!(&mut held.connection(), RETRY_FAILED, millis(now), millis(since), DROPPED))
    }

    /// Tries a delivery at once, also one that was held or failed, or waits for the relay.
    pub async fn outbox_retry(&self, id: DeliveryId, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        match execute!(&mut held.connection(), RETRY, millis(now), id.0) {
            0 => bail!("There is no unsent delivery {}", id.0),
            _ => hindrance::forget(&mut held.connection()).await,
        }
    }

    /// Gives a delivery up.
    pub async fn outbox_drop(&self, id: DeliveryId, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        match execute!(&mut held.connection(), DROP, millis(now), id.0) {
            0 => bail!("There is no unsent delivery {}", id.0),
            _ => Ok(()),
        }
    }

    /// Nothing leaves until [`Store::outbox_resume`], except what is being handed over already.
    pub async fn outbox_hold_all(&self, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        setting::keep(&mut held.connection(), HOLD, &millis(now).to_string()).await
    }

    /// Sending goes on. Returns how many letters' deliveries were dropped.
    pub async fn outbox_resume(&self, dropped: Dropped, now: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        let connection = &mut tx.connection();
        let count = match dropped {
            Dropped::Nothing => 0,
            Dropped::AutomaticLetters => execute!(connection, DROP_AUTOMATIC, millis(now)),
        };
        setting::forget(connection, HOLD).await?;
        hindrance::forget(connection).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Since when nothing leaves, if so.
    pub async fn outbox_held_since(&self) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (String,), IS_HELD, HOLD);
        rows.first().map(|(millis,)| instant(millis.parse()?)).transpose()
    }
}

#[derive(sqlx::FromRow)]
struct UnsentRow {
    id: i64,
    ticket: Option<i64>,
    purpose: String,
    message_id: String,
    subject: String,
    recipient: String,
    return_path: Option<String>,
    class: i64,
    state: String,
    due_at: i64,
    attempts: i64,
    first_tried_at: Option<i64>,
    last_reply: Option<String>,
    created_at: i64,
    lease_until: Option<i64>,
    finished_at: Option<i64>,
    brake: Option<String>,
}

impl UnsentRow {
    fn into_line(self, hindrance: Option<&str>) -> Result<DeliveryLine> {
        let state = from_word(&self.state)?;
        let waits_for = hindrance.filter(|_| matches!(state, DeliveryState::Due | DeliveryState::InDoubt));
        Ok(DeliveryLine {
            id: DeliveryId(self.id),
            ticket: self.ticket.map(TicketNumber),
            purpose: from_word(&self.purpose)?,
            message_id: message_id(Some(&self.message_id)),
            subject: self.subject,
            recipient: address(&self.recipient)?,
            return_path: self.return_path.as_deref().map(address).transpose()?,
            class: Class::from_number(self.class),
            state,
            due_at: instant(self.due_at)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            first_tried_at: maybe_instant(self.first_tried_at)?,
            last_reply: waits_for.map(str::to_owned).or(self.last_reply),
            created_at: instant(self.created_at)?,
            lease_until: maybe_instant(self.lease_until)?,
            finished_at: maybe_instant(self.finished_at)?,
            brake: self.brake.as_deref().map(brake).transpose()?.flatten(),
        })
    }
}

/// Of the event that tells of it.
pub(super) fn brake(detail: &str) -> Result<Option<String>> {
    Ok(match from_json(detail)? {
        Event::BrakeTripped { brake } => Some(brake),
        _ => None,
    })
}
