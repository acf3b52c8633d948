//! Counts and ages.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::database::Connection;
use super::outbox_orders::brake;
use super::statement::{execute, fetch};
use super::words::{clean, maybe_instant, millis, signed, unsigned};
use super::{Hindrance, Lease, Store, sent_copy};

/// How much waits, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Mails that wait for their decision.
    pub inbox_pending: u64,
    /// When the oldest of them was taken.
    pub oldest_unhandled: Option<Timestamp>,
    /// Mails that wait for a human.
    pub quarantined: u64,
    /// Mails that were taken for junk, and stay so unless somebody says otherwise.
    pub junk: u64,
    /// Deliveries that are yet to leave.
    pub outbox_pending: u64,
    /// When the oldest of them could have left.
    pub oldest_unsent: Option<Timestamp>,
    /// Deliveries that wait for a human.
    pub outbox_held: u64,
    /// By which brake they do: its word, and how many.
    pub held_by_brakes: Vec<(String, u64)>,
    /// Addresses that no automatic letter goes to, because they complained of one.
    pub silenced: u64,
    /// Copies of letters that do not lie in the folder for sent mail yet.
    pub copies_waiting: u64,
    /// Since when nothing leaves at all, if so.
    pub held_since: Option<Timestamp>,
    /// What keeps letters from leaving though nothing is wrong with them.
    pub hindrances: Vec<Hindrance>,
    /// One a mailbox that was ever watched, by name.
    pub mailboxes: Vec<MailboxStatus>,
    /// When a restore was noticed last, and what was told of it.
    pub restored: Option<(Timestamp, String)>,
}

/// What is at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtWork {
    /// The gateways that serve, as far as can be known.
    pub serving: Serving,
    /// Tickets that somebody has work with: level, state and how many.
    pub tickets: Vec<(String, String, u64)>,
    /// Deliveries that failed since the time that was asked for.
    pub failed: u64,
}

/// Which gateways serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Serving {
    /// No gateway runs.
    #[default]
    Nobody,
    /// The one gateway that a SQLite file may have.
    One,
    /// Mailboxes and the gateways that watch them, on PostgreSQL.
    Sharing(Vec<(String, String)>),
}

/// How it goes with a mailbox, as its watcher last said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Name in the configuration.
    pub name: String,
    /// One word for people: how its watcher stands.
    pub state: String,
    /// When the server last answered well.
    pub last_exchange: Option<Timestamp>,
    /// UIDVALIDITY that the server last told.
    pub uid_validity: Option<u32>,
    /// Messages that stand in the folder and are not recorded yet.
    pub waiting: u64,
    /// Since when the oldest of them could have been recorded.
    pub waiting_since: Option<Timestamp>,
    /// What keeps handled mail from being filed away, or the mailbox from being watched, and what to do about it.
    pub trouble: Option<String>,
    /// Every message with a smaller UID was seen.
    pub uid_next: Option<u32>,
    /// Messages that came and went unseen.
    pub unseen: u64,
}

impl MailboxStatus {
    /// The state of a folder for junk that the server does not have.
    pub const ABSENT: &str = "absent";

    /// Whether the server has no such folder.
    pub fn is_absent(&self) -> bool {
        self.state == MailboxStatus::ABSENT
    }
}

const INBOX: &str = "select count(*), min(received_at) from ledger where outcome = 'pending'";
const QUARANTINED: &str = "select count(case when reason <> 'junk' then 1 end), count(case when reason = 'junk' then 1 end) \
    from ledger where outcome = 'quarantine'";
const OUTBOX: &str = "select count(*), min(l.created_at) from delivery d join letter l on l.id = d.letter \
    where d.state in ('due', 'in_doubt')";
const HELD: &str = "select count(*) from delivery where state = 'held'";
const BRAKED: &str = "select brake, count(*) from (select (select h.detail from history h where h.ticket = l.ticket and h.event \
    = 'brake_tripped' order by h.seq desc limit 1) as brake from delivery d join letter l on l.id = d.letter where d.state = \
    'held') held where brake is not null group by brake";
const TRIPPED: &str = "select detail, count(*) from history where event = 'brake_tripped' and at > $1 group by detail";
/// What programs wrote and was recorded alone.
const BY_KIND: &str = "select count(*) from ledger where received_at >= $1 and reason in ('auto_reply', 'bounce_foreign', \
    'read_receipt', 'feedback', 'list', 'nothing_failed')";
const SILENCED: &str = "select count(*) from address where complained_at is not null";
const AT_WORK: &str = "select level, state, count(*) from ticket where state in ('new', 'open', 'pending') \
    group by level, state order by level, state";
const FAILED: &str = "select count(*) from delivery where state = 'failed' and finished_at > $1";
/// The name of a mailbox's lease is `mailbox` and the mailbox's. Leases are where gateways share the database.
const WATCHED: &str = "select substr(name, 9), holder from lease where name like 'mailbox %' and until > \
    (extract(epoch from clock_timestamp()) * 1000)::bigint order by name";
const MAILBOXES: &str = "select name, state, last_exchange_at, uid_validity, waiting, waiting_since, trouble, uid_next, unseen from mailbox \
    order by name";
const FIRST_SEEN: &str = "select first_seen_at from mailbox where name = $1";
const TELL: &str = "insert into mailbox (name, state, last_exchange_at, uid_validity, waiting, waiting_since, trouble, \
    uid_next, unseen, first_seen_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (name) do update set state = excluded.state, \
    last_exchange_at = coalesce(excluded.last_exchange_at, mailbox.last_exchange_at), \
    uid_validity = coalesce(excluded.uid_validity, mailbox.uid_validity), waiting = excluded.waiting, \
    waiting_since = excluded.waiting_since, trouble = excluded.trouble, \
    uid_next = coalesce(excluded.uid_next, mailbox.uid_next), unseen = mailbox.unseen + excluded.unseen";

impl Store {
    /// How much waits, and since when.
    pub async fn status(&self) -> Result<Status> {
        let held_since = self.outbox_held_since().await?;
        let restored = self.restore_told().await?;
        let hindrances = self.hindrances().await?;
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let inbox = fetch!(connection, (i64, Option<i64>), INBOX);
        let quarantined = fetch!(connection, (i64, i64), QUARANTINED);
        let outbox = fetch!(connection, (i64, Option<i64>), OUTBOX);
        let stopped = fetch!(connection, (i64,), HELD);
        let braked = fetch!(connection, (String, i64), BRAKED);
        let silenced = fetch!(connection, (i64,), SILENCED);
        let mailboxes = fetch!(connection, MailboxRow, MAILBOXES);
        let copies_waiting = unsigned(sent_copy::waiting(connection).await?);
        Ok(Status {
            inbox_pending: inbox.first().map_or(0, |row| unsigned(row.0)),
            oldest_unhandled: maybe_instant(inbox.first().and_then(|row| row.1))?,
            quarantined: quarantined.first().map_or(0, |row| unsigned(row.0)),
            junk: quarantined.first().map_or(0, |row| unsigned(row.1)),
            outbox_pending: outbox.first().map_or(0, |row| unsigned(row.0)),
            oldest_unsent: maybe_instant(outbox.first().and_then(|row| row.1))?,
            outbox_held: stopped.first().map_or(0, |row| unsigned(row.0)),
            held_by_brakes: by_brake(braked)?,
            silenced: silenced.first().map_or(0, |row| unsigned(row.0)),
            copies_waiting,
            held_since,
            hindrances,
            mailboxes: mailboxes.into_iter().map(MailboxRow::into_status).collect::<Result<_>>()?,
            restored,
        })
    }

    /// How often each brake tripped since then, by its word; `kind`: mails of programs that were recorded and nothing else.
    pub async fn brakes_tripped(&self, since: Timestamp) -> Result<Vec<(String, u64)>> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let mut tripped = by_brake(fetch!(connection, (String, i64), TRIPPED, millis(since)))?;
        let kind = fetch!(connection, (i64,), BY_KIND, millis(since));
        tripped.extend(kind.first().map(|(count,)| ("kind".to_owned(), unsigned(*count))));
        Ok(tripped)
    }

    /// What is at work now; what failed since then.
    pub async fn at_work(&self, failed_since: Timestamp) -> Result<AtWork> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let serving = match self.is_served() {
            Some(true) => Serving::One,
            Some(false) => Serving::Nobody,
            None => match fetch!(connection, (String, String), WATCHED) {
                gateways if gateways.is_empty() => Serving::Nobody,
                gateways => Serving::Sharing(gateways),
            },
        };
        let tickets = fetch!(connection, (String, String, i64), AT_WORK);
        let failed = fetch!(connection, (i64,), FAILED, millis(failed_since));
        Ok(AtWork {
            serving,
            tickets: tickets.into_iter().map(|(level, state, count)| (level, state, unsigned(count))).collect(),
            failed: failed.first().map_or(0, |row| unsigned(row.0)),
        })
    }

    /// How it goes with one mailbox, as its watcher last said.
    pub async fn mailbox(&self, name: &str) -> Result<Option<MailboxStatus>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), MailboxRow, MAILBOXES);
        rows.into_iter().find(|row| row.name == name).map(MailboxRow::into_status).transpose()
    }

    /// When a mailbox was first told of: what came long before was there before anybody watched.
    pub async fn watched_since(&self, name: &str) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), FIRST_SEEN, name);
        maybe_instant(rows.first().and_then(|row| row.0))
    }

    /// The UID below which every message of the folder was seen, as far as is known.
    pub async fn seen_to(&self, name: &str, uid_validity: u32) -> Result<Option<u32>> {
        let told = self.mailbox(name).await?.filter(|told| told.uid_validity == Some(uid_validity));
        match told.and_then(|told| told.uid_next) {
            Some(next) => Ok(Some(next)),
            None => Ok(self.highest_uid(name, uid_validity).await?.map(|highest| highest.saturating_add(1))),
        }
    }

    /// Notes how it goes with a mailbox. A `last_exchange`, `uid_validity` or `uid_next` of `None` stays
    /// as it was, and `unseen` is added to what was.
    pub async fn tell_mailbox(&self, status: &MailboxStatus, now: Timestamp) -> Result<()> {
        let mut held = self.mark().await?;
        tell(&mut held.connection(), status, now).await
    }

    /// The same from the holder of a mailbox: it has no more to say once somebody else has taken it over.
    pub async fn tell_mailbox_under(&self, lease: &Lease, status: &MailboxStatus, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        tell(&mut tx.connection(), status, now).await?;
        tx.fence(lease).await?;
        tx.commit().await
    }
}

async fn tell(connection: &mut Connection<'_>, status: &MailboxStatus, now: Timestamp) -> Result<()> {
    execute!(
        connection,
        TELL,
        &status.name,
        &status.state,
        status.last_exchange.map(millis),
        status.uid_validity.map(i64::from),
        signed(status.waiting),
        status.waiting_since.map(millis),
        status.trouble.as_deref().map(clean),
        status.uid_next.map(i64::from),
        signed(status.unseen),
        millis(now)
    );
    Ok(())
}

/// How many letters each brake holds. The rows of one brake may differ in how its event was written.
fn by_brake(rows: Vec<(String, i64)>) -> Result<Vec<(String, u64)>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (detail, count) in rows {
        if let Some(brake) = brake(&detail)? {
            *counts.entry(brake).or_default() += unsigned(count);
        }
    }
    Ok(counts.into_iter().collect())
}

#[derive(sqlx::FromRow)]
struct MailboxRow {
    name: String,
    state: String,
    last_exchange_at: Option<i64>,
    uid_validity: Option<i64>,
    waiting: i64,
    waiting_since: Option<i64>,
    trouble: Option<String>,
    uid_next: Option<i64>,
    unseen: i64,
}

impl MailboxRow {
    fn into_status(self) -> Result<MailboxStatus> {
        Ok(MailboxStatus {
            name: self.name,
            state: self.state,
            last_exchange: maybe_instant(self.last_exchange_at)?,
            uid_validity: self.uid_validity.and_then(|validity| u32::try_from(validity).ok()),
            waiting: unsigned(self.waiting),
            waiting_since: maybe_instant(self.waiting_since)?,
            trouble: self.trouble,
            uid_next: self.uid_next.and_then(|next| u32::try_from(next).ok()),
            unseen: unsigned(self.unseen),
        })
    }
}
