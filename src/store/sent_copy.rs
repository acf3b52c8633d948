//! Copies of letters for the folder for sent mail: what waits, what was begun, what lies there.

use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};

use super::database::Connection;
use super::outbox::letters_of;
use super::statement::{execute, fetch, write_rows};
use super::words::{clean, instant, millis};
use super::{Claim, LetterId, Settled, Store, StoredLetter};

/// A copy that does not lie in the folder yet, or of which nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCopy {
    /// Of which letter.
    pub letter: LetterId,
    /// When a relay first took the letter.
    pub sent_at: Timestamp,
    /// It was handed over, and what became of it is not known: whether it lies there has to be looked for.
    pub is_begun: bool,
    /// How often it, and nothing else, was what the server did not take.
    pub tries: u32,
}

/// How it ended that a copy was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopySettled {
    /// It lies in the folder.
    There,
    /// It does not, for a reason that is none of its own: that counts as no try.
    Waiting {
        /// What went wrong.
        reply: String,
    },
    /// The server did not take this one.
    Later {
        /// When to try again.
        due_at: Timestamp,
        /// What the server said, or what went wrong.
        reply: String,
    },
    /// Nobody can say whether it lies there; it is looked for again.
    InDoubt {
        /// When to look again.
        due_at: Timestamp,
        /// What went wrong.
        reply: String,
    },
    /// It is not tried again.
    GivenUp {
        /// What the server said, or what went wrong.
        reply: String,
    },
}

/// A letter has one copy, whatever became of it, however many took the letter.
const WANT: &str = "with sent (delivery, at) as (values {rows}) insert into sent_copy (letter, state, sent_at, due_at) \
    select delivery.letter, 'waiting', min(sent.at), min(sent.at) from sent join delivery on delivery.id = sent.delivery \
    group by delivery.letter order by delivery.letter on conflict (letter) do nothing";
/// A due time that lies further ahead than any could was set before the clock jumped back.
const DUE: &str = "select letter, state, sent_at, tries from sent_copy where state in ('waiting', 'begun') and (due_at <= \
    $1 or due_at > $1 + $2) order by due_at, letter limit $3";
const BEGIN: &str = "update sent_copy set state = 'begun' where letter = $1 and state = 'waiting'";
const SETTLE_COPY: &str = "update sent_copy set state = $2, tries = tries + $3, due_at = $4, last_reply = $5 where letter \
    = $1 and state = 'begun'";
const WAITING: &str = "select count(*) from sent_copy where state in ('waiting', 'begun')";
const DOUBT: &str = "update sent_copy set state = 'begun' where state in ('waiting', 'begun')";

/// No copy waits longer for its next try.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

#[derive(sqlx::FromRow)]
struct Row {
    letter: i64,
    state: String,
    sent_at: i64,
    tries: i64,
}

impl Store {
    /// Writes down how tries ended, as [`Store::settle`], and in the same commit that letters which a relay took are to have
    /// their copy.
    pub async fn settle_with_copies(&self, settled: &[(Claim, Settled)], now: Timestamp) -> Result<()> {
        let sent: Vec<(i64, Timestamp)> = settled
            .iter()
            .filter_map(|(claim, settled)| match settled {
                Settled::Sent { at, .. } => Some((claim.delivery.0, *at)),
                Settled::Later { .. }
                | Settled::InDoubt { .. }
                | Settled::Failed { .. }
                | Settled::Waiting { .. }
                | Settled::GivenBack => None,
            })
            .collect();
        if sent.is_empty() {
            return self.settle(settled, now).await;
        }
        let mut tx = self.begin().await?;
        super::outbox::settle(&mut tx.connection(), settled, now).await?;
        write_rows!(&mut tx.connection(), WANT, sent, |mut row, (delivery, at)| {
            row.push_bind(*delivery).push_bind(millis(*at));
        });
        tx.commit().await
    }

    /// At most so many copies that are due, the longest due first.
    pub async fn copies_due(&self, limit: usize, now: Timestamp) -> Result<Vec<SentCopy>> {
        let mut held = self.read().await?;
        let longest = i64::try_from(LONGEST.as_millis())?;
        let rows = fetch!(&mut held.connection(), Row, DUE, millis(now), longest, i64::try_from(limit)?);
        rows.into_iter().map(Row::into_copy).collect()
    }

    /// The letter of a copy.
    pub async fn letter_of_copy(&self, letter: LetterId) -> Result<Arc<StoredLetter>> {
        let mut held = self.read().await?;
        let letters = letters_of(&mut held.connection(), &[letter]).await?;
        letters.get(&letter).cloned().context("The letter of a copy is gone")
    }

    /// Notes that a copy is about to be handed over; it survives a power cut. `false`: somebody else did.
    pub async fn begin_copy(&self, letter: LetterId) -> Result<bool> {
        let mut held = self.write().await?;
        Ok(execute!(&mut held.connection(), BEGIN, letter.0) > 0)
    }

    /// Writes down what became of a copy that was begun. Where a power cut takes it back, the copy is looked for.
    pub async fn settle_copy(&self, letter: LetterId, settled: &CopySettled, now: Timestamp) -> Result<()> {
        let (state, tries, due_at, reply) = match settled {
            CopySettled::There => ("there", 0, now, None),
            CopySettled::Waiting { reply } => ("waiting", 0, now, Some(reply)),
            CopySettled::Later { due_at, reply } => ("waiting", 1, *due_at, Some(reply)),
            CopySettled::InDoubt { due_at, reply } => ("begun", 1, *due_at, Some(reply)),
            CopySettled::GivenUp { reply } => ("given_up", 1, now, Some(reply)),
        };
        let mut held = self.mark().await?;
        let reply = reply.map(|reply| clean(reply));
        execute!(&mut held.connection(), SETTLE_COPY, letter.0, state, tries, millis(due_at), reply);
        Ok(())
    }
}

/// How many copies do not lie in the folder yet.
pub(super) async fn waiting(connection: &mut Connection<'_>) -> Result<i64> {
    let rows = fetch!(connection, (i64,), WAITING);
    Ok(rows.first().map_or(0, |(count,)| *count))
}

/// The store was put back from a copy of it: what waited may lie in the folder by now.
pub(super) async fn doubt(connection: &mut Connection<'_>) -> Result<()> {
    execute!(connection, DOUBT);
    Ok(())
}

impl Row {
    fn into_copy(self) -> Result<SentCopy> {
        Ok(SentCopy {
            letter: LetterId(self.letter),
            sent_at: instant(self.sent_at)?,
            is_begun: self.state == "begun",
            tries: u32::try_from(self.tries).unwrap_or(u32::MAX),
        })
    }
}
