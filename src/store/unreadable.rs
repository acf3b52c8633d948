//! Mails that stand in a mailbox and that its server does not give out: a row without bytes, until it does.

use anyhow::Result;
use jiff::Timestamp;

use super::counter::{self, Counter};
use super::intake::{LONGEST_WAIT_MILLIS, Received, keep_raw, pack};
use super::statement::{execute, fetch};
use super::words::{instant, millis, signed};
use super::{Store, Tx};
use crate::desk::{LedgerId, Reason};

/// A mail that the server is to be asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// Under the UIDVALIDITY that was asked for.
    pub uid: u32,
    /// When it was set aside.
    pub received_at: Timestamp,
    /// Whether it is time to ask.
    pub is_due: bool,
}

const RECORD: &str = "insert into ledger (id, mailbox, uid_validity, uid, size, internal_date, received_at, answered, \
    outcome, reason, decided_at, not_before) values ($1, $2, $3, $4, $5, $6, $7, $8, 'quarantine', $9, $7, $10) \
    on conflict (mailbox, uid_validity, uid) do nothing";
/// In an order that no index has: that of UIDs would lead through all mails that a mailbox ever had.
const UNREADABLE: &str = "select id, uid, received_at, not_before from ledger where mailbox = $1 and uid_validity = $2 \
    and reason = 'unreadable' order by +uid";
const ASK_AGAIN: &str = "update ledger set not_before = $1 where id = $2 and reason = 'unreadable'";
const SUPPLIED: &str = "update ledger set outcome = 'pending', reason = null, decided_at = null, not_before = 0, \
    size = $1, raw_sha256 = $2 where id = $3 and reason = 'unreadable'";

impl Tx {
    /// Records a mail without its bytes, set aside until the server gives it out; it is asked for again at `again_at`,
    /// which lies less than a day ahead. `None` where it is in the ledger already.
    pub async fn record_unreadable(&mut self, mail: &Received, again_at: Timestamp) -> Result<Option<LedgerId>> {
        let connection = &mut self.connection();
        let id = counter::take(connection, Counter::Ledger, 1).await?.start;
        let (validity, uid) = mail.uid.unzip();
        let recorded = execute!(
            connection,
            RECORD,
            id,
            mail.mailbox.as_str(),
            validity.map(i64::from),
            uid.map(i64::from),
            signed(mail.size),
            millis(mail.internal_date),
            millis(mail.received_at),
            mail.answered,
            Reason::Unreadable.code(),
            millis(again_at)
        );
        Ok((recorded > 0).then_some(LedgerId(id)))
    }
}

impl Store {
    /// The mails of a mailbox that its server did not give out.
    pub async fn unreadable(&self, mailbox: &str, uid_validity: u32, now: Timestamp) -> Result<Vec<Unread>> {
        let mut held = self.read().await?;
        let rows = fetch!(&mut held.connection(), (i64, i64, i64, i64), UNREADABLE, mailbox, i64::from(uid_validity));
        let now = millis(now);
        let unread = |(id, uid, received_at, at): (i64, i64, i64, i64)| -> Result<Unread> {
            let is_due = at <= now || at > now + LONGEST_WAIT_MILLIS;
            Ok(Unread { ledger: LedgerId(id), uid: u32::try_from(uid)?, received_at: instant(received_at)?, is_due })
        };
        rows.into_iter().map(unread).collect()
    }

    /// The server is not asked for the mail before then.
    pub async fn ask_again_at(&self, ledger: LedgerId, at: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), ASK_AGAIN, millis(at), ledger.0);
        Ok(())
    }

    /// The server gave it out after all: it waits for its decision like any other.
    pub async fn supply(&self, ledger: LedgerId, mail: &Received) -> Result<()> {
        let packed: Vec<_> = std::iter::once(ledger.0).zip(pack([mail])?).collect();
        let mut tx = self.begin().await?;
        let connection = &mut tx.connection();
        let digest = mail.raw_sha256.map(Vec::from);
        if execute!(connection, SUPPLIED, signed(mail.size), digest, ledger.0) > 0 {
            keep_raw(connection, &packed).await?;
        }
        tx.commit().await
    }
}
