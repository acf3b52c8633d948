//! What of a mailbox is known, and what is still to be moved there.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use jiff::Timestamp;

use super::Store;
use super::statement::{fetch, fetch_in, write_rows};
use super::words::{digest, maybe_instant, millis};
use crate::desk::LedgerId;
use crate::mail::MessageId;

const KNOWN_UIDS: &str = "select uid from ledger where mailbox = $1 and uid_validity = $2 and uid >= $3";
const KNOWN_UIDS_PART: &str = "select uid from ledger where mailbox = $1 and uid_validity = $2 and uid >= $3 order by uid \
    limit $4";
const HIGHEST_UID: &str = "select max(uid) from ledger where mailbox = $1 and uid_validity = $2";
const DECIDED_NOT_FILED: &str = "select id, uid, outcome = 'ticket' from ledger where mailbox = $1 and uid_validity = $2 \
    and filed_at is null and uid is not null and coalesce(reason, '') not in ('before_first_start', 'unreadable') \
    and outcome <> 'pending' order by uid";
/// By the index of what waits: that of UIDs would lead through all mails that a mailbox ever had.
const WAITS: &str = "select id from ledger where outcome = 'pending' and mailbox || '' = $1 limit 1";
const FILED: &str = "with filed (id, at) as (values {rows}) update ledger set filed_at = filed.at from filed where \
    ledger.id = filed.id";
const KNOWN: &str = "select raw_sha256 from ledger where message_id in ({keys}) and raw_sha256 is not null";
const KNOWN_WITHOUT_ID: &str = "select raw_sha256 from ledger where raw_sha256 in ({keys}) and message_id is null";
const NEWEST: &str = "select max(internal_date) from ledger where mailbox = $1";

/// A mail that is decided and was not flagged or moved on the server yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfiled {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// Its UID in the folder.
    pub uid: u32,
    /// Whether it became part of a ticket.
    pub is_on_ticket: bool,
}

/// So many UIDs are in hand at a time.
const UIDS_A_PART: i64 = 10_000;

impl Store {
    /// Which UIDs from `from` on are in the ledger. Mails may be recorded out of order: a UID that is not here was not
    /// recorded, whatever stands behind it.
    pub async fn known_uids(&self, mailbox: &str, uid_validity: u32, from: u32) -> Result<BTreeSet<u32>> {
        let mut held = self.read().await?;
        let rows =
            fetch!(&mut held.connection(), (i64,), KNOWN_UIDS, mailbox, i64::from(uid_validity), i64::from(from));
        Ok(rows.into_iter().filter_map(|(uid,)| u32::try_from(uid).ok()).collect())
    }

    /// Which of these UIDs are in the ledger, in the memory of these and a part of the others.
    pub async fn known_among(&self, mailbox: &str, uid_validity: u32, uids: &BTreeSet<u32>) -> Result<BTreeSet<u32>> {
        let mut known = BTreeSet::new();
        let mut next = uids.first().copied();
        // The store is not asked at each poll that brings nothing.
        if next.is_none() {
            return Ok(known);
        }
        let mut held = self.read().await?;
        let (connection, validity) = (&mut held.connection(), i64::from(uid_validity));
        while let Some(from) = next {
            let part = fetch!(connection, (i64,), KNOWN_UIDS_PART, mailbox, validity, i64::from(from), UIDS_A_PART);
            let part: Vec<u32> = part.into_iter().filter_map(|(uid,)| u32::try_from(uid).ok()).collect();
            known.extend(part.iter().filter(|uid| uids.contains(uid)));
            let behind = part.last().and_then(|last| last.checked_add(1));
            next = behind.and_then(|behind| uids.range(behind..).next().copied());
        }
        Ok(known)
    }

    /// The highest UID in the ledger. Lower ones may be missing.
    pub async fn highest_uid(&self, mailbox: &str, uid_validity: u32) -> Result<Option<u32>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), HIGHEST_UID, mailbox, i64::from(uid_validity));
        Ok(rows.into_iter().find_map(|(uid,)| u32::try_from(uid?).ok()))
    }

    /// Decided mails that were not flagged or moved on the server yet, by UID. What was there before the first start stays
    /// where it is, and so does what the server has yet to give out.
    pub async fn decided_not_filed(&self, mailbox: &str, uid_validity: u32) -> Result<Vec<Unfiled>> {
        let mut held = self.read().await?;
        let rows =
            fetch!(&mut held.connection(), (i64, i64, bool), DECIDED_NOT_FILED, mailbox, i64::from(uid_validity));
        let unfiled = |(id, uid, is_on_ticket): (i64, i64, bool)| {
            Some(Unfiled { ledger: LedgerId(id), uid: u32::try_from(uid).ok()?, is_on_ticket })
        };
        Ok(rows.into_iter().filter_map(unfiled).collect())
    }

    /// Whether a mail of this mailbox waits for its decision.
    pub async fn waits_in(&self, mailbox: &str) -> Result<bool> {
        let mut held = self.read().await?;
        Ok(!fetch!(&mut held.connection(), (i64,), WAITS, mailbox).is_empty())
    }

    /// Notes that mails were flagged or moved on the server. Doing that twice does no harm, so it may be forgotten in a
    /// power cut.
    pub async fn filed(&self, ledger: &[LedgerId], now: Timestamp) -> Result<()> {
        let mut held = self.mark().await?;
        write_rows!(&mut held.connection(), FILED, ledger, |mut row, id| {
            row.push_bind(id.0).push_bind(millis(now));
        });
        Ok(())
    }

    /// Digests (SHA-256 of the whole) of recorded mails, among which those of these mails are, as far as they were recorded. A
    /// mail is named by its digest and its Message-ID.
    pub async fn known_digests(&self, mails: &[([u8; 32], Option<MessageId>)]) -> Result<HashSet<[u8; 32]>> {
        let ids: Vec<String> = mails.iter().filter_map(|(_, id)| Some(id.as_ref()?.as_str().to_owned())).collect();
        let digests: Vec<Vec<u8>> = mails.iter().map(|(digest, _)| digest.to_vec()).collect();
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let mut rows = fetch_in!(connection, (Vec<u8>,), KNOWN, ids);
        rows.extend(fetch_in!(connection, (Vec<u8>,), KNOWN_WITHOUT_ID, digests));
        rows.into_iter().map(|(known,)| digest(known)).collect()
    }

    /// When the newest mail of a mailbox came.
    pub async fn newest_mail(&self, mailbox: &str) -> Result<Option<Timestamp>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (Option<i64>,), NEWEST, mailbox);
        maybe_instant(rows.into_iter().find_map(|(at,)| at))
    }
}
