//! Instant 1, a mail becomes ours; and the work that it then waits for.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::database::Connection;
use super::statement::{execute, fetch, fetch_in, on, write_rows, write_rows_returning};
use super::words::{instant, millis, signed, unsigned};
use super::{Store, Tx};
use crate::desk::{LedgerId, Reason};

/// A mail as a mailbox or a pipe handed it over.
#[derive(Clone, Debug)]
pub struct Received {
    /// Name of the mailbox in the configuration.
    pub mailbox: String,
    /// UIDVALIDITY and UID (RFC 9051 §2.3.1.1); `None` for a mail that was piped in.
    pub uid: Option<(u32, u32)>,
    /// The bytes; of an over-size mail the header and what of the text was fetched.
    pub raw: Vec<u8>,
    /// Of the whole mail; `None` where `raw` is not the whole.
    pub raw_sha256: Option<[u8; 32]>,
    /// Of the whole mail, in bytes.
    pub size: u64,
    /// When the server took it.
    pub internal_date: Timestamp,
    /// When we took it.
    pub received_at: Timestamp,
    /// It bore `\Answered` already.
    pub answered: bool,
}

/// A mail that waits for its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Which.
    pub ledger: LedgerId,
    /// Name of the mailbox in the configuration.
    pub mailbox: String,
    /// UIDVALIDITY and UID; `None` for a mail that was piped in.
    pub uid: Option<(u32, u32)>,
    /// The bytes; of an over-size mail the header and what of the text was fetched.
    pub raw: Vec<u8>,
    /// Of the whole mail; `None` where `raw` is not the whole.
    pub raw_sha256: Option<[u8; 32]>,
    /// Of the whole mail, in bytes.
    pub size: u64,
    /// When the server took it.
    pub internal_date: Timestamp,
    /// When we took it.
    pub received_at: Timestamp,
    /// It bore `\Answered` already.
    pub answered: bool,
    /// How often it was blamed for a crash.
    pub attempts: u32,
    /// A human took it out of quarantine.
    pub released: bool,
}

const RECORD: &str = "insert into ledger \
    (mailbox, uid_validity, uid, raw_sha256, size, internal_date, received_at, answered, outcome) ";
const RECORD_ONCE: &str =
    " on conflict (mailbox, uid_validity, uid) do nothing returning id, mailbox, uid_validity, uid";
const KEEP_RAW: &str = "insert into raw_mail (ledger, zstd) ";

type Recorded = (i64, String, Option<i64>, Option<i64>);

macro_rules! candidates {
    () => {
        "select id, size from ledger where outcome = 'pending' and (not_before <= $1 or not_before > $2) \
         order by id limit $3"
    };
}
const CANDIDATES: &str = candidates!();
const CANDIDATES_LOCKED: &str = concat!(candidates!(), " for update skip locked");
const PENDING: &str = "select l.id, l.mailbox, l.uid_validity, l.uid, l.raw_sha256, l.size, l.internal_date, \
    l.received_at, l.answered, l.attempts, l.released, m.zstd \
    from ledger l left join raw_mail m on m.ledger = l.id where l.id in ";
const OLDEST_FIRST: &str = " order by l.id";

const BLAME: &str = "update ledger set attempts = attempts + 1, not_before = ";
const QUARANTINE: &str = "update ledger set outcome = 'quarantine', reason = $1, decided_at = $2 \
    where id = $3 and outcome = 'pending'";

/// No wait is longer; one that seems so was set before the clock jumped back.
const LONGEST_WAIT_MILLIS: i64 = 24 * 3_600_000;

impl Store {
    /// Writes mails down, in one commit. For each in order its id, or `None` for one that was there already.
    pub async fn record(&self, mails: &[Received]) -> Result<Vec<Option<LedgerId>>> {
        let (in_mailbox, piped): (Vec<_>, Vec<_>) = (0..mails.len()).partition(|at| mails[*at].uid.is_some());
        let mut tx = self.begin().await?;
        let mut connection = tx.connection();
        let mut ids = vec![None; mails.len()];
        let chosen: Vec<&Received> = in_mailbox.iter().map(|at| &mails[*at]).collect();
        let rows = record_all(&mut connection, &chosen).await?;
        let mut recorded: HashMap<_, i64> =
            rows.into_iter().map(|(id, mailbox, validity, uid)| ((mailbox, uid_pair(validity, uid)), id)).collect();
        for at in in_mailbox {
            let mail = &mails[at];
            ids[at] = recorded.remove(&(mail.mailbox.clone(), mail.uid)).map(LedgerId);
        }
        // Nothing tells rows without UID apart, so each is asked for its id.
        for at in piped {
            let recorded = record_all(&mut connection, &[&mails[at]]).await?;
            ids[at] = recorded.first().map(|row| LedgerId(row.0));
        }
        keep_raw(&mut connection, mails, &ids).await?;
        tx.commit().await?;
        Ok(ids)
    }

    /// Notes a crash beside each mail that may have caused it, in a commit of its own. They are not tried again before
    /// `not_before`, which lies less than a day ahead.
    pub async fn blame(&self, ledger: &[LedgerId], not_before: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        let ids: Vec<i64> = ledger.iter().map(|id| id.0).collect();
        for ids in ids.chunks(super::statement::rows_per_statement(1)) {
            on!(&mut held.connection(), c => {
                let mut query = sqlx::QueryBuilder::new(BLAME);
                query.push_bind(millis(not_before)).push(" where id in (");
                let mut list = query.separated(", ");
                for id in ids {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build().persistent(false).execute(&mut **c).await?;
            });
        }
        Ok(())
    }

    /// Sets a waiting mail aside for a human.
    pub async fn quarantine(&self, ledger: LedgerId, reason: Reason, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), QUARANTINE, reason.code(), millis(now), ledger.0);
        Ok(())
    }
}

impl Tx {
    /// The oldest waiting mails: at most `limit` and, beyond the first, at most `bytes_limit` bytes. Until the commit no
    /// other gateway gets them.
    pub async fn pending(&mut self, limit: usize, bytes_limit: u64, now: Timestamp) -> Result<Vec<Pending>> {
        let mut connection = self.connection();
        let sql = match &connection {
            Connection::Sqlite(_) => CANDIDATES,
            Connection::Postgres(_) => CANDIDATES_LOCKED,
        };
        let limit = i64::try_from(limit)?;
        let now = millis(now);
        let candidates = fetch!(&mut connection, (i64, i64), sql, now, now + LONGEST_WAIT_MILLIS, limit);
        let mut bytes = 0;
        let chosen: Vec<i64> = candidates
            .iter()
            .take_while(|(_, size)| {
                let first = bytes == 0;
                bytes += unsigned(*size).max(1);
                first || bytes <= bytes_limit
            })
            .map(|(id, _)| *id)
            .collect();
        let rows = fetch_in!(&mut connection, PendingRow, PENDING, chosen, OLDEST_FIRST);
        let mut decompressor = Decompressor::new()?;
        rows.into_iter().map(|row| row.into_pending(&mut decompressor)).collect()
    }
}

#[derive(sqlx::FromRow)]
struct PendingRow {
    id: i64,
    mailbox: String,
    uid_validity: Option<i64>,
    uid: Option<i64>,
    raw_sha256: Option<Vec<u8>>,
    size: i64,
    internal_date: i64,
    received_at: i64,
    answered: bool,
    attempts: i64,
    released: bool,
    zstd: Option<Vec<u8>>,
}

impl PendingRow {
    fn into_pending(self, decompressor: &mut Decompressor<'_>) -> Result<Pending> {
        Ok(Pending {
            ledger: LedgerId(self.id),
            mailbox: self.mailbox,
            uid: uid_pair(self.uid_validity, self.uid),
            raw: self.zstd.map_or(Ok(Vec::new()), |packed| unpack(decompressor, &packed))?,
            raw_sha256: self.raw_sha256.map(super::words::digest).transpose()?,
            size: unsigned(self.size),
            internal_date: instant(self.internal_date)?,
            received_at: instant(self.received_at)?,
            answered: self.answered,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            released: self.released,
        })
    }
}

async fn record_all(connection: &mut Connection<'_>, mails: &[&Received]) -> Result<Vec<Recorded>> {
    Ok(write_rows_returning!(connection, Recorded, 9, RECORD, mails, RECORD_ONCE, |mut row, mail| {
        row.push_bind(mail.mailbox.clone())
            .push_bind(mail.uid.map(|(validity, _)| i64::from(validity)))
            .push_bind(mail.uid.map(|(_, uid)| i64::from(uid)))
            .push_bind(mail.raw_sha256.map(Vec::from))
            .push_bind(signed(mail.size))
            .push_bind(millis(mail.internal_date))
            .push_bind(millis(mail.received_at))
            .push_bind(mail.answered)
            .push("'pending'");
    }))
}

async fn keep_raw(connection: &mut Connection<'_>, mails: &[Received], ids: &[Option<LedgerId>]) -> Result<()> {
    let mut compressor = Compressor::new(1)?;
    let mut packed = Vec::with_capacity(mails.len());
    for (mail, id) in mails.iter().zip(ids) {
        if let Some(id) = id {
            packed.push((id.0, compressor.compress(&mail.raw).context("Cannot compress a mail")?));
        }
    }
    write_rows!(connection, 2, KEEP_RAW, packed, "", |mut row, (id, zstd)| {
        row.push_bind(*id).push_bind(zstd.as_slice());
    });
    Ok(())
}

/// Decompressed bytes of a raw mail.
pub(super) fn unpack(decompressor: &mut Decompressor<'_>, packed: &[u8]) -> Result<Vec<u8>> {
    let Ok(Some(size)) = get_frame_content_size(packed) else { bail!("A raw mail's bytes are damaged") };
    decompressor.decompress(packed, usize::try_from(size)?).context("A raw mail's bytes are damaged")
}

pub(super) fn uid_pair(validity: Option<i64>, uid: Option<i64>) -> Option<(u32, u32)> {
    Some((u32::try_from(validity?).ok()?, u32::try_from(uid?).ok()?))
}
