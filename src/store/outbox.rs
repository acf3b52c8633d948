//! Instant 3: letters leave, and what the relay said is written down.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use super::database::{Connection, Held};
use super::statement::{execute, fetch, fetch_in, fetch_rows, write_rows};
use super::words::{address, clean, from_json, from_word, instant, maybe_instant, message_id, millis};
use super::{Class, LetterId, Store, StoredLetter};
use crate::desk::TicketNumber;
use crate::mail::Address;

/// The row of a delivery: one letter to one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

/// The right to deliver once. A later claim of the same delivery makes it void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// What is to be delivered.
    pub delivery: DeliveryId,
    /// Grows with every claim of the delivery: what an older one settles is not believed.
    pub number: i64,
}

/// A letter that is to be handed to the relay for one recipient.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The right to do so.
    pub claim: Claim,
    /// What leaves; deliveries of the same letter share it.
    pub letter: Arc<StoredLetter>,
    /// Whom RCPT TO names.
    pub recipient: Address,
    /// Whom MAIL FROM names; `None` is `<>`.
    pub return_path: Option<Address>,
    /// What leaves first.
    pub class: Class,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried first.
    pub first_tried_at: Option<Timestamp>,
    /// When it was to leave.
    pub due_at: Timestamp,
    /// The relay's answer to an earlier try was lost.
    pub in_doubt: bool,
}

/// How a try ended. `reply` is the relay's, or what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The relay took it.
    Sent {
        /// When the relay said so.
        at: Timestamp,
        /// 250 and what stood behind it.
        reply: String,
    },
    /// It was not sent, and is tried again.
    Later {
        /// When to try again.
        due_at: Timestamp,
        /// Why it was not: what the relay said, or what went wrong.
        reply: String,
    },
    /// It was handed over and the answer was lost.
    InDoubt {
        /// When to hand the same bytes over again.
        due_at: Timestamp,
        /// What went wrong.
        reply: String,
    },
    /// It is never sent.
    Failed {
        /// When that was certain.
        at: Timestamp,
        /// Why it was not: what the relay said, or what went wrong.
        reply: String,
    },
    /// It could not be tried, or not for a reason of its own: that counts as no try.
    Waiting {
        /// When it may leave; `None` where it stands.
        due_at: Option<Timestamp>,
        /// What it waits for.
        reply: String,
    },
    /// It was not tried; somebody else may at once.
    GivenBack,
}

/// Ripe deliveries, every recipient of a class in turn. A lease or due time beyond its maximum was set before the clock
/// jumped back, and counts as over. Leases on PostgreSQL are judged by its own clock, as those of mailboxes are.
const CLAIM: &str = "update delivery set lease_until = $1 + $2, claims = claims + 1 where id in (select id from \
    (select id, class, due_at, row_number() over (partition by class, recipient order by due_at, id) as turn from \
    (select id, class, due_at, recipient from delivery where state in ('due', 'in_doubt') and (due_at <= $1 or \
    due_set_at > $1) and (lease_until is null or lease_until <= $1 or lease_until > $1 + $2) and not exists (select 1 \
    from setting where name = 'outbox_hold') order by class, due_at, id limit $3) as ripe) as queue order by class, \
    turn, due_at, id limit $4) returning id, letter, recipient, return_path, class, state, due_at, claims, attempts, \
    first_tried_at";
const CLAIM_SHARED: &str = "update delivery set lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + \
    $2, claims = claims + 1 where id in (select id from (select id, class, due_at, row_number() over (partition by \
    class, recipient order by due_at, id) as turn from (select id, class, due_at, recipient from delivery where state \
    in ('due', 'in_doubt') and (due_at <= $1 or due_set_at > $1) and (lease_until is null or lease_until <= \
    (extract(epoch from clock_timestamp()) * 1000)::bigint or lease_until > (extract(epoch from clock_timestamp()) * \
    1000)::bigint + $2) and not exists (select 1 from setting where name = 'outbox_hold') order by class, due_at, id \
    limit $3 for update skip locked) as ripe) as queue order by class, turn, due_at, id limit $4) returning id, \
    letter, recipient, return_path, class, state, due_at, claims, attempts, first_tried_at";
const RENEW: &str = "with renewed (id, claim, duration, at) as (values {rows}) update delivery set lease_until = \
    renewed.at + renewed.duration from renewed where delivery.id = renewed.id and delivery.claims = renewed.claim and \
    delivery.lease_until is not null returning delivery.id, delivery.claims";
const RENEW_SHARED: &str = "with renewed (id, claim, duration, at) as (values {rows}) update delivery set lease_until \
    = (extract(epoch from clock_timestamp()) * 1000)::bigint + renewed.duration from renewed where delivery.id = \
    renewed.id and delivery.claims = renewed.claim and delivery.lease_until is not null returning delivery.id, \
    delivery.claims";
const LETTERS: &str =
    "select id, ticket, number, purpose, message_id, enclosures, bytes from letter where id in ({keys})";

/// What the relay took is sent, whoever holds the lease now.
const SETTLE: &str = "with settled (id, claim, state, tried, due_at, finished_at, reply, at) as (values {rows}) update \
    delivery set state = coalesce(settled.state, delivery.state), due_at = coalesce(settled.due_at, delivery.due_at), \
    due_set_at = settled.at, lease_until = null, attempts = attempts + settled.tried, last_reply = \
    coalesce(settled.reply, last_reply), first_tried_at = case when settled.tried = 0 then first_tried_at else \
    coalesce(first_tried_at, settled.at) end, finished_at = settled.finished_at from settled where delivery.id = \
    settled.id and ((delivery.claims = settled.claim and delivery.state in ('due', 'in_doubt')) or (settled.state = \
    'sent' and delivery.state <> 'sent'))";

const FORGET_LEASES: &str = "update delivery set lease_until = null where lease_until is not null and state in \
    ('due', 'in_doubt')";
const NEXT_DUE: &str = "select min(case when lease_until > $1 and lease_until <= $1 + $2 and lease_until - $1 > due_at \
    - $1 then lease_until - $1 else due_at - $1 end) from delivery where state in ('due', 'in_doubt') and not exists \
    (select 1 from setting where name = 'outbox_hold')";
const NEXT_DUE_SHARED: &str = "select min(case when lease_until > (extract(epoch from clock_timestamp()) * \
    1000)::bigint and lease_until <= (extract(epoch from clock_timestamp()) * 1000)::bigint + $2 and lease_until - \
    (extract(epoch from clock_timestamp()) * 1000)::bigint > due_at - $1 then lease_until - (extract(epoch from \
    clock_timestamp()) * 1000)::bigint else due_at - $1 end) from delivery where state in ('due', 'in_doubt') and not \
    exists (select 1 from setting where name = 'outbox_hold')";

/// So many ripe deliveries are looked at for each one that is claimed, and so many at least: recipients take turns among
/// them.
const LOOKED_AT: i64 = 2;
const LOOKED_AT_LEAST: i64 = 512;
/// No lease that somebody holds lasts longer.
const LONGEST_LEASE: SignedDuration = SignedDuration::from_hours(1);

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: i64,
    letter: i64,
    recipient: String,
    return_path: Option<String>,
    class: i64,
    state: String,
    due_at: i64,
    claims: i64,
    attempts: i64,
    first_tried_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct LetterBytesRow {
    id: i64,
    ticket: Option<i64>,
    number: i64,
    purpose: String,
    message_id: String,
    enclosures: String,
    bytes: Vec<u8>,
}

impl Store {
    /// Takes at most `limit` ripe deliveries, persons' words first, for `lease` (at most an hour). Whoever does not
    /// settle them by then has lost them.
    pub async fn claim_deliveries(&self, limit: usize, now: Timestamp, lease: SignedDuration) -> Result<Vec<Delivery>> {
        let mut held = self.mark().await?;
        let sql = match &held {
            Held::Sqlite(_) => CLAIM,
            Held::Postgres(_) => CLAIM_SHARED,
        };
        let limit = i64::try_from(limit)?;
        let mut rows = fetch!(
            &mut held.connection(),
            DeliveryRow,
            sql,
            millis(now),
            i64::try_from(lease.min(LONGEST_LEASE).as_millis())?,
            (limit * LOOKED_AT).max(LOOKED_AT_LEAST),
            limit
        );
        rows.sort_unstable_by_key(|row| (row.class, row.due_at, row.id));
        let ids: BTreeSet<LetterId> = rows.iter().map(|row| LetterId(row.letter)).collect();
        let mut letters = self.recent().letters.take(ids.iter().copied());
        let missing: Vec<LetterId> = ids.iter().filter(|id| !letters.contains_key(id)).copied().collect();
        letters.extend(letters_of(&mut held.connection(), &missing).await?);
        rows.into_iter().map(|row| row.into_delivery(&letters)).collect()
    }

    /// Prolongs claims of letters that are on their way, and returns those that nobody else has taken meanwhile.
    pub async fn renew_claims(&self, claims: &[Claim], now: Timestamp, lease: SignedDuration) -> Result<Vec<Claim>> {
        let mut held = self.mark().await?;
        let sql = match &held {
            Held::Sqlite(_) => RENEW,
            Held::Postgres(_) => RENEW_SHARED,
        };
        let duration = i64::try_from(lease.min(LONGEST_LEASE).as_millis())?;
        let rows = fetch_rows!(&mut held.connection(), (i64, i64), sql, claims, |mut row, claim| {
            row.push_bind(claim.delivery.0).push_bind(claim.number).push_bind(duration).push_bind(millis(now));
        });
        Ok(rows.into_iter().map(|(id, number)| Claim { delivery: DeliveryId(id), number }).collect())
    }

    /// Writes down how tries ended. It survives the death of the process, but not a power cut: then a letter may leave
    /// once more under the same Message-ID.
    pub async fn settle(&self, settled: &[(Claim, Settled)], now: Timestamp) -> Result<()> {
        let mut held = self.mark().await?;
        settle(&mut held.connection(), settled, now).await
    }

    /// Frees what an earlier process had in hand. Only a gateway that holds the database alone may: on PostgreSQL, where
    /// others may hold leases, nothing is freed and they run out by themselves.
    pub async fn forget_leases(&self) -> Result<()> {
        if self.file().is_some() {
            let mut held = self.write().await?;
            execute!(&mut held.connection(), FORGET_LEASES);
        }
        Ok(())
    }

    /// How long until the next delivery is ripe or a lease runs out; `None` while there is none or all are held.
    pub async fn next_due(&self, now: Timestamp) -> Result<Option<Duration>> {
        let mut held = self.read().await?;
        let sql = match &held {
            Held::Sqlite(_) => NEXT_DUE,
            Held::Postgres(_) => NEXT_DUE_SHARED,
        };
        let longest = i64::try_from(LONGEST_LEASE.as_millis())?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), sql, millis(now), longest);
        let wait = rows.into_iter().find_map(|(wait,)| wait);
        Ok(wait.map(|wait| Duration::from_millis(u64::try_from(wait).unwrap_or(0))))
    }
}

/// See [`Store::settle`].
pub(super) async fn settle(
    connection: &mut Connection<'_>,
    settled: &[(Claim, Settled)],
    now: Timestamp,
) -> Result<()> {
    write_rows!(connection, SETTLE, settled, |mut row, (claim, settled)| {
        let columns = SettledColumns::of(settled);
        row.push_bind(claim.delivery.0)
            .push_bind(claim.number)
            .push_bind(columns.state)
            .push_bind(columns.tried)
            .push_bind(columns.due_at.map(millis))
            .push_bind(columns.finished_at.map(millis))
            .push_bind(columns.reply.map(clean))
            .push_bind(millis(now));
    });
    Ok(())
}

/// Finished letters, as they were written down.
pub(super) async fn letters_of(
    connection: &mut Connection<'_>,
    ids: &[LetterId],
) -> Result<HashMap<LetterId, Arc<StoredLetter>>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let mut letters = HashMap::new();
    for row in fetch_in!(connection, LetterBytesRow, LETTERS, ids) {
        let letter = row.into_letter()?;
        letters.insert(letter.id, Arc::new(letter));
    }
    Ok(letters)
}

struct SettledColumns<'s> {
    state: Option<&'static str>,
    tried: i64,
    due_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    reply: Option<&'s str>,
}

impl SettledColumns<'_> {
    fn of(settled: &Settled) -> SettledColumns<'_> {
        let (state, due_at, finished_at, reply) = match settled {
            Settled::Sent { at, reply } => ("sent", None, Some(*at), reply),
            Settled::Later { due_at, reply } => ("due", Some(*due_at), None, reply),
            Settled::InDoubt { due_at, reply } => ("in_doubt", Some(*due_at), None, reply),
            Settled::Failed { at, reply } => ("failed", None, Some(*at), reply),
            Settled::Waiting { due_at, reply } => {
                return SettledColumns {
                    state: None,
                    tried: 0,
                    due_at: *due_at,
                    finished_at: None,
                    reply: Some(reply),
                };
            }
            Settled::GivenBack => {
                return SettledColumns { state: None, tried: 0, due_at: None, finished_at: None, reply: None };
            }
        };
        SettledColumns { state: Some(state), tried: 1, due_at, finished_at, reply: Some(reply) }
    }
}

impl LetterBytesRow {
    fn into_letter(self) -> Result<StoredLetter> {
        Ok(StoredLetter {
            id: LetterId(self.id),
            ticket: self.ticket.map(TicketNumber),
            number: self.number,
            purpose: from_word(&self.purpose)?,
            message_id: message_id(Some(&self.message_id)),
            bytes: self.bytes.into(),
            enclosures: from_json(&self.enclosures)?,
        })
    }
}

impl DeliveryRow {
    fn into_delivery(self, letters: &HashMap<LetterId, Arc<StoredLetter>>) -> Result<Delivery> {
        Ok(Delivery {
            claim: Claim { delivery: DeliveryId(self.id), number: self.claims },
            letter: Arc::clone(letters.get(&LetterId(self.letter)).context("A delivery's letter is gone")?),
            recipient: address(&self.recipient)?,
            return_path: self.return_path.as_deref().map(address).transpose()?,
            class: Class::from_number(self.class),
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            first_tried_at: maybe_instant(self.first_tried_at)?,
            due_at: instant(self.due_at)?,
            in_doubt: self.state == "in_doubt",
        })
    }
}
