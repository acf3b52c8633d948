//! Instant 1, a mail becomes ours; and the work that it then waits for.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::commit::RecentRows;
use super::counter::{self, Counter};
use super::database::Connection;
use super::statement::{execute, fetch, fetch_in, write_rows};
use super::words::{from_json, instant, millis, signed, unsigned};
use super::{Lease, Store, Tx};
use crate::desk::{LedgerId, Proof, Reason, Vouched};
use crate::mail::{Address, Kept, TakenInPart};

/// A mail as a mailbox, a pipe or an MTA handed it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Name of the mailbox in the configuration.
    pub mailbox: String,
    /// UIDVALIDITY and UID (RFC 9051 §2.3.1.1); `None` for a mail that was handed over.
    pub uid: Option<(u32, u32)>,
    /// The bytes; of an over-size mail the header and what of the text was fetched.
    pub raw: Arc<[u8]>,
    /// SHA-256 of the whole mail; `None` where `raw` is not the whole.
    pub raw_sha256: Option<[u8; 32]>,
    /// Length of the whole mail, in bytes.
    pub size: u64,
    /// When the server took it.
    pub internal_date: Timestamp,
    /// When we took it.
    pub received_at: Timestamp,
    /// It bore `\Answered` already.
    pub answered: bool,
}

impl Received {
    /// How much there was, where the beginning alone is here.
    pub fn taken_in_part(&self) -> Option<TakenInPart> {
        self.raw_sha256.is_none().then_some(TakenInPart { whole_size: self.size, is_in_mailbox: self.uid.is_some() })
    }

    /// A mail that stands in no folder: a pipe or an MTA handed it over.
    pub fn handed_over(mailbox: &str, kept: Kept, now: Timestamp) -> Received {
        Received {
            mailbox: mailbox.to_owned(),
            uid: None,
            raw_sha256: kept.is_whole().then(|| Sha256::digest(kept.bytes()).into()),
            size: kept.size(),
            raw: kept.into_bytes().into(),
            internal_date: now,
            received_at: now,
            answered: false,
        }
    }
}

/// Whether somebody wrote, and whether that was believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The newest mail that proved its author, and when it was taken in.
    Proven(Timestamp),
    /// Mail came, the newest then, and none of it proved its author.
    Unproven(Timestamp),
    /// Nothing came.
    Not,
}

/// A mail that waits for its decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// What the mailbox's server, or a pipe, gave of it.
    pub mail: Received,
    /// How often it was in hand when a gateway died, and was blamed for it.
    pub attempts: u32,
    /// Who took it out of quarantine.
    pub released: Option<Vouched>,
    /// What proves its author, if that was found already.
    pub proof: Option<Proof>,
}

const RECORD: &str = "insert into ledger (id, mailbox, uid_validity, uid, raw_sha256, size, internal_date, \
    received_at, answered, outcome) values {rows} on conflict (mailbox, uid_validity, uid) do nothing";
const RECORDED: &str = "select id from ledger where id in ({keys})";
const KEEP_RAW: &str = "insert into raw_mail (ledger, zstd) values {rows}";

const TAKEN_IN: &str = "select id from ledger where message_id = $1 and outcome <> 'pending' limit 1";
const ANSWERED: &str = "select l.received_at, l.weight from ledger l join address a on a.id = l.author where l.received_at >= $1 \
    and a.address_key = $2 and l.outcome <> 'pending' order by l.received_at desc";
const PENDING: &str = "select id, mailbox, uid_validity, uid, raw_sha256, size, internal_date, received_at, answered, \
    attempts, released, author_proven, proof from ledger where outcome = 'pending' and (not_before <= $1 or \
    not_before > $2) order by id limit $3";
const PENDING_LOCKED: &str = "select id, mailbox, uid_validity, uid, raw_sha256, size, internal_date, received_at, \
    answered, attempts, released, author_proven, proof from ledger where outcome = 'pending' and (not_before <= $1 or \
    not_before > $2) order by id limit $3 for update skip locked";
const RAW: &str = "select ledger, zstd from raw_mail where ledger in ({keys})";

const BLAME: &str = "with blamed (id, not_before) as (values {rows}) update ledger set attempts = attempts + 1, \
    not_before = blamed.not_before from blamed where ledger.id = blamed.id";
const PARDON: &str = "update ledger set attempts = attempts - 1 where id = $1 and attempts > 0 and outcome = 'pending'";
const QUARANTINE: &str = "update ledger set outcome = 'quarantine', reason = $1, decided_at = $2, proof = null \
    where id = $3 and outcome = 'pending'";

/// No wait is longer; one that seems so was set before the clock jumped back.
pub(super) const LONGEST_WAIT_MILLIS: i64 = 24 * 3_600_000;

impl Store {
    /// Whether a mail with this Message-ID was taken in and decided.
    pub async fn has_taken_in(&self, message_id: &str) -> Result<bool> {
        let mut held = self.read().await?;
        Ok(!fetch!(&mut held.connection(), (i64,), TAKEN_IN, message_id).is_empty())
    }

    /// What came from an address since then.
    pub async fn answered_since(&self, address: &Address, since: Timestamp) -> Result<Answered> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64, Option<String>), ANSWERED, millis(since), address.key());
        let proven = rows.iter().find(|(_, weight)| weight.as_deref() == Some("proven"));
        Ok(match (proven, rows.first()) {
            (Some((at, _)), _) => Answered::Proven(instant(*at)?),
            (None, Some((at, _))) => Answered::Unproven(instant(*at)?),
            (None, None) => Answered::Not,
        })
    }

    /// Writes mails down, in one commit. For each in order its id, or `None` for one that was there already.
    pub async fn record(&self, mails: &[Received]) -> Result<Vec<Option<LedgerId>>> {
        self.record_under(None, mails).await
    }

    /// The same for the holder of a mailbox: nothing is written once somebody else has taken it over.
    pub async fn record_under(&self, lease: Option<&Lease>, mails: &[Received]) -> Result<Vec<Option<LedgerId>>> {
        // Before the commit: others wait while it goes on.
        let packed = pack(mails)?;
        let mut tx = self.begin().await?;
        let connection = &mut tx.connection();
        let ids = counter::take(connection, Counter::Ledger, mails.len()).await?;
        let rows: Vec<(i64, &Received)> = ids.zip(mails).collect();
        let written = write_rows!(connection, RECORD, rows, |mut row, (id, mail)| {
            row.push_bind(*id)
                .push_bind(mail.mailbox.as_str())
                .push_bind(mail.uid.map(|(validity, _)| i64::from(validity)))
                .push_bind(mail.uid.map(|(_, uid)| i64::from(uid)))
                .push_bind(mail.raw_sha256.map(Vec::from))
                .push_bind(signed(mail.size))
                .push_bind(millis(mail.internal_date))
                .push_bind(millis(mail.received_at))
                .push_bind(mail.answered)
                .push("'pending'");
        });
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let new: HashSet<i64> = if usize::try_from(written)? == rows.len() {
            ids.into_iter().collect()
        } else {
            fetch_in!(connection, (i64,), RECORDED, ids).into_iter().map(|(id,)| id).collect()
        };
        let packed: Vec<(i64, Vec<u8>)> =
            rows.iter().zip(packed).map(|((id, _), packed)| (*id, packed)).filter(|(id, _)| new.contains(id)).collect();
        keep_raw(connection, &packed).await?;
        if let Some(lease) = lease {
            tx.fence(lease).await?;
        }
        tx.commit().await?;
        let new_rows = rows.iter().filter(|(id, _)| new.contains(id));
        self.recent().raw_mails.put(new_rows.map(|(id, mail)| (LedgerId(*id), Arc::clone(&mail.raw))));
        Ok(rows.into_iter().map(|(id, _)| new.contains(&id).then_some(LedgerId(id))).collect())
    }

    /// Notes a crash beside each mail that may have caused it, in a commit of its own. They are not tried again before
    /// `not_before`, which lies less than a day ahead.
    pub async fn blame(&self, ledger: &[LedgerId], not_before: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        write_rows!(&mut held.connection(), BLAME, ledger, |mut row, id| {
            row.push_bind(id.0).push_bind(millis(not_before));
        });
        Ok(())
    }

    /// Takes one blame back: what failed was not the mail's fault.
    pub async fn pardon(&self, ledger: LedgerId) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), PARDON, ledger.0);
        Ok(())
    }

    /// As [`Tx::pending`], without keeping others from them: for a gateway that has the database alone. Should another
    /// command decide one of them meanwhile, the commit fails.
    pub async fn pending(&self, limit: usize, bytes_limit: u64, now: Timestamp) -> Result<Vec<Pending>> {
        let mut held = self.read().await?;
        pending(&mut held.connection(), PENDING, self.recent(), (limit, bytes_limit), now).await
    }

    /// Sets a waiting mail aside for a human; nothing that was found about its author stays.
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
        let recent = self.recent();
        let connection = &mut self.connection();
        let sql = match connection {
            Connection::Sqlite(_) => PENDING,
            Connection::Postgres(_) => PENDING_LOCKED,
        };
        pending(connection, sql, &recent, (limit, bytes_limit), now).await
    }
}

async fn pending(
    connection: &mut Connection<'_>,
    sql: &'static str,
    recent: &RecentRows,
    (limit, bytes_limit): (usize, u64),
    now: Timestamp,
) -> Result<Vec<Pending>> {
    let limit = i64::try_from(limit)?;
    let now = millis(now);
    let mut rows = fetch!(connection, PendingRow, sql, now, now + LONGEST_WAIT_MILLIS, limit);
    rows.truncate(fitting(&rows, bytes_limit));
    let mut raw = recent.raw_mails.take(rows.iter().map(|row| LedgerId(row.id)));
    let missing: Vec<i64> = rows.iter().map(|row| row.id).filter(|id| !raw.contains_key(&LedgerId(*id))).collect();
    let mut decompressor = Decompressor::new()?;
    for (id, packed) in fetch_in!(connection, (i64, Vec<u8>), RAW, missing) {
        raw.insert(LedgerId(id), unpack(&mut decompressor, &packed)?.into());
    }
    rows.into_iter()
        .map(|row| {
            let raw = raw.remove(&LedgerId(row.id)).unwrap_or_default();
            row.into_pending(raw)
        })
        .collect()
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
    author_proven: bool,
    proof: Option<String>,
}

impl PendingRow {
    fn into_pending(self, raw: Arc<[u8]>) -> Result<Pending> {
        let mail = Received {
            mailbox: self.mailbox,
            uid: uid_pair(self.uid_validity, self.uid),
            raw,
            raw_sha256: self.raw_sha256.map(super::words::digest).transpose()?,
            size: unsigned(self.size),
            internal_date: instant(self.internal_date)?,
            received_at: instant(self.received_at)?,
            answered: self.answered,
        };
        Ok(Pending {
            ledger: LedgerId(self.id),
            mail,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
            released: self.released.then_some(if self.author_proven { Vouched::Author } else { Vouched::Colleague }),
            proof: self.proof.as_deref().map(from_json).transpose()?,
        })
    }
}

/// The bytes of mails as they are kept.
pub(super) fn pack<'m>(mails: impl IntoIterator<Item = &'m Received>) -> Result<Vec<Vec<u8>>> {
    let mut compressor = Compressor::new(1)?;
    mails.into_iter().map(|mail| compressor.compress(&mail.raw).context("Cannot compress a mail")).collect()
}

pub(super) async fn keep_raw(connection: &mut Connection<'_>, packed: &[(i64, Vec<u8>)]) -> Result<()> {
    write_rows!(connection, KEEP_RAW, packed, |mut row, (id, zstd)| {
        row.push_bind(*id).push_bind(zstd.as_slice());
    });
    Ok(())
}

/// How many of the rows stay within the limit together; at least one.
fn fitting(rows: &[PendingRow], bytes_limit: u64) -> usize {
    let sums = rows.iter().scan(0, |bytes: &mut u64, row| {
        *bytes = bytes.saturating_add(unsigned(row.size));
        Some(*bytes)
    });
    sums.take_while(|bytes| *bytes <= bytes_limit).count().max(1)
}

/// Decompressed bytes of a raw mail.
pub(super) fn unpack(decompressor: &mut Decompressor<'_>, packed: &[u8]) -> Result<Vec<u8>> {
    let Ok(Some(size)) = get_frame_content_size(packed) else { bail!("A raw mail's bytes are damaged") };
    decompressor.decompress(packed, usize::try_from(size)?).context("A raw mail's bytes are damaged")
}

pub(super) fn uid_pair(validity: Option<i64>, uid: Option<i64>) -> Option<(u32, u32)> {
    Some((u32::try_from(validity?).ok()?, u32::try_from(uid?).ok()?))
}
