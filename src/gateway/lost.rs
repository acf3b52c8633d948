//! A store that was put back from a copy: what it lost is noticed, told, and taken in again.
//!
//! Messages get their UIDs in order. Those that came since the folder was last seen, and neither stand in it nor in the
//! ledger, were taken away by somebody, or handled by a gateway whose ledger is gone: then they lie in the folder for
//! handled mail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use jiff::SignedDuration;

use super::watch::{Envelope, Memory, batches, is_large};
use super::{Gateway, Watched};
use crate::imap::{Listed, Selected, Session};
use crate::mail;
use crate::store::Received;

/// The clocks of servers that file mail differ by less.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// So many numbers are left out for each mail that was lost, and so many at least.
const NUMBERS_PER_MAIL: i64 = 10;
const NUMBERS_AT_LEAST: i64 = 100;

impl Gateway {
    /// Before anything is decided: whether the store is older than it was.
    pub(super) async fn notice_restore(&self) -> Result<()> {
        if self.store.is_put_back().await? {
            let told = "The store was put back from a copy: what was done since is not known any more. Numbers go on where \
                        they were; mail that was handled since is looked for in the folder for handled mail and taken in again";
            tracing::warn!("{told}");
            self.store.tell_of_restore(told, self.time.now()).await?;
            self.is_put_back.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(())
    }

    /// Compares how far the folder has come with how far it was seen. The watch begins with it.
    pub(super) async fn look_for_lost(
        &self,
        session: &mut Session,
        watched: &Watched,
        selected: Selected,
        memory: &mut Memory,
    ) -> Result<()> {
        let mailbox = &watched.imap.name;
        let Some(uid_next) = selected.uid_next else { return Ok(()) };
        memory.seen_to = None;
        let unseen = match self.store.seen_to(mailbox, selected.uid_validity).await? {
            Some(seen_to) if seen_to < uid_next => self.unseen(session, watched, selected, seen_to).await?,
            _ => 0,
        };
        let is_put_back = self.is_put_back.load(std::sync::atomic::Ordering::Relaxed);
        if unseen > 0 || is_put_back && !memory.looked_for_lost {
            let again = self.take_in_lost(watched, is_put_back).await?;
            memory.unseen += unseen.saturating_sub(again);
            self.tell_of_lost(mailbox, unseen, again).await?;
        }
        memory.looked_for_lost = true;
        memory.seen_to = Some(uid_next);
        Ok(())
    }

    async fn unseen(&self, session: &mut Session, watched: &Watched, selected: Selected, seen_to: u32) -> Result<u64> {
        let uid_next = selected.uid_next.unwrap_or(seen_to);
        let mut accounted = self.store.known_uids(&watched.imap.name, selected.uid_validity, seen_to).await?;
        accounted.extend(session.list_names_from(seen_to).await?.iter().map(|one| one.uid));
        Ok(u64::from(uid_next - seen_to).saturating_sub(accounted.range(seen_to..uid_next).count() as u64))
    }

    /// Records what lies in the folder for handled mail and is not in the ledger: how many mails.
    async fn take_in_lost(&self, watched: &Watched, numbers_are_known: bool) -> Result<u64> {
        let Some(folder) = &watched.processed_folder else { return Ok(0) };
        let mut session = Session::connect(&watched.imap).await?;
        if session.examine(folder).await?.is_none() {
            return Ok(0);
        }
        let since = self.store.newest_mail(&watched.imap.name).await?.and_then(|at| at.checked_sub(OVERLAP).ok());
        let mut listed = session.list_from(1).await?;
        listed.retain(|one| !is_large(one, watched.imap.message_bytes_max));
        listed.retain(|one| since.is_none_or(|since| one.internal_date.is_none_or(|at| at >= since)));
        let mut again = 0;
        for batch in batches(&listed, watched.imap.message_bytes_max) {
            let lost = self.lost_among(&mut session, watched, batch).await?;
            if !lost.is_empty() && again == 0 && !numbers_are_known {
                let count = i64::try_from(listed.len()).unwrap_or(i64::MAX / NUMBERS_PER_MAIL);
                self.store.jump_ahead(NUMBERS_AT_LEAST + count.saturating_mul(NUMBERS_PER_MAIL)).await?;
            }
            if !lost.is_empty() {
                self.record(watched, &lost).await?;
                again += lost.len() as u64;
            }
        }
        session.logout().await;
        Ok(again)
    }

    /// Mails in the folder for handled mail are recorded without a UID: nothing is left to do with them on the server.
    async fn lost_among(&self, session: &mut Session, watched: &Watched, batch: &[Listed]) -> Result<Vec<Received>> {
        let uids: Vec<u32> = batch.iter().map(|one| one.uid).collect();
        let given = session.fetch(&uids).await;
        let envelope = Envelope { mailbox: &watched.imap.name, uid_validity: 0, now: self.time.now() };
        let mails = given.mails.into_iter().filter_map(|mail| {
            let listed = batch.iter().find(|one| one.uid == mail.uid)?;
            Some(Received { uid: None, ..envelope.whole(listed, mail.raw) })
        });
        let mut mails: Vec<Received> = mails.collect();
        // A mail that cannot be read was never decided, and so is known without its Message-ID.
        let id = |mail: &Received| catch_unwind(AssertUnwindSafe(|| mail::parse(&mail.raw).message_id)).ok().flatten();
        let named: Vec<_> = mails.iter().filter_map(|mail| Some((mail.raw_sha256?, id(mail)))).collect();
        let known = self.store.known_digests(&named).await?;
        mails.retain(|mail| mail.raw_sha256.is_none_or(|digest| !known.contains(&digest)));
        Ok(mails)
    }

    async fn tell_of_lost(&self, mailbox: &str, unseen: u64, again: u64) -> Result<()> {
        if again > 0 {
            let told = format!(
                "{again} mails that were handled are not in the store: it was put back from a copy. They are taken in again from \
                 the folder for handled mail of {mailbox}; tickets get new numbers, and letters that had left may leave again"
            );
            tracing::warn!(mailbox, again, "{told}");
            self.store.tell_of_restore(&told, self.time.now()).await?;
        }
        let gone = unseen.saturating_sub(again);
        if gone > 0 {
            tracing::warn!(
                mailbox,
                gone,
                "{gone} messages came to {mailbox} and were taken away before they were seen: by somebody who has the mailbox \
                 open, or they were handled and the store was put back from a copy"
            );
        }
        Ok(())
    }
}
