//! From the mailbox into the ledger (instant 1), and handled mail out of the way.
//!
//! The folder is the to-do list: what stands in it is not handled yet, or is about to be moved. Whether a message is
//! ours is a matter of its UID alone; `\Seen` and sequence numbers mean nothing.

use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Gateway, Watched};
use crate::desk::LedgerId;
use crate::imap::{Listed, Session};
use crate::store::{MailboxStatus, Received};

/// Counts mails that were written into the ledger, by mailbox.
pub const MAILS_TAKEN_IN: &str = "guichet_mails_taken_in_total";

/// One fetch and one commit hold at most so many mails,
const MAILS_PER_FETCH: usize = 100;
/// and so many bytes.
const BYTES_PER_FETCH: u64 = 2 << 20;
/// While many come, the watch stays a batch or two ahead of what is decided, so that mails need not be read back from the
/// store. Where nothing is decided, it goes on all the same.
const DECIDED_WITHIN: Duration = Duration::from_millis(250);
/// While many come, what is decided is filed away after so many fetches.
const FETCHES_PER_FILING: usize = 4;
/// Of a mail that is too large, so much of header and text is taken in.
const PART_OF_LARGE_MAIL: u32 = 256 << 10;
/// Waits between attempts to connect grow from the one to the other.
const RECONNECT_SHORTEST: Duration = Duration::from_millis(200);
const RECONNECT_LONGEST: Duration = Duration::from_secs(20);
/// How often the store hears that a quiet mailbox is well.
const TELL_EVERY: i64 = 30;

/// Where a watcher stands in one folder.
struct Position {
    uid_validity: u32,
    /// Every message below is in the ledger.
    next: u32,
    told_at: Timestamp,
}

impl Gateway {
    /// Watches one folder until `stop`, connecting again whenever the connection is lost.
    pub(super) async fn watch(&self, watched: &Watched, stop: &CancellationToken) -> Result<()> {
        let mut wait = RECONNECT_SHORTEST;
        while !stop.is_cancelled() {
            let began = self.clock.now();
            let ended = self.while_holding(&watched.imap.name, stop, Box::pin(self.watch_once(watched))).await;
            if stop.is_cancelled() {
                return Ok(());
            }
            if self.clock.now().duration_since(began).as_secs() > 30 {
                wait = RECONNECT_SHORTEST;
            }
            let mailbox = &watched.imap.name;
            if let Err(error) = ended {
                let error = format!("{error:#}");
                tracing::warn!(
                    mailbox,
                    error,
                    wait_ms = wait.as_millis(),
                    "The mailbox {mailbox} cannot be watched: connecting again"
                );
                self.tell_state(watched, "unreachable", None, None).await;
            }
            tokio::select! {
                () = tokio::time::sleep(jittered(wait, began)) => {}
                () = stop.cancelled() => {}
            }
            wait = (wait * 2).min(RECONNECT_LONGEST);
        }
        Ok(())
    }

    async fn watch_once(&self, watched: &Watched) -> Result<()> {
        let mut session = Session::connect(&watched.imap).await?;
        let selected = session.select().await?;
        let now = self.clock.now();
        let mut position = Position { uid_validity: selected.uid_validity, next: 1, told_at: now };
        let mailbox = &watched.imap.name;
        tracing::info!(mailbox, uid_validity = selected.uid_validity, exists = selected.exists, "Watching {mailbox}");
        self.tell_state(watched, "watching", Some(now), Some(selected.uid_validity)).await;
        loop {
            self.take_over(&mut session, watched, &mut position).await?;
            self.file_away(&mut session, watched, &position).await?;
            session.wait(self.hints.decided.given()).await?;
            self.tell_if_due(watched, &mut position).await;
        }
    }

    /// Records every message that is not in the ledger.
    async fn take_over(&self, session: &mut Session, watched: &Watched, position: &mut Position) -> Result<()> {
        let listed = session.list_from(position.next).await?;
        let mailbox = &watched.imap.name;
        let known = match listed.first() {
            Some(first) => self.store.known_uids(mailbox, position.uid_validity, first.uid).await?,
            None => return Ok(()),
        };
        let new: Vec<Listed> = listed.iter().filter(|one| !known.contains(&one.uid) && !one.deleted).copied().collect();
        let mut all_taken = true;
        for (at, batch) in batches(&new, watched.imap.message_bytes_max).enumerate() {
            if at > 0 {
                let _ = tokio::time::timeout(DECIDED_WITHIN, self.hints.decided.given()).await;
            }
            all_taken &= self.take_over_batch(session, watched, position.uid_validity, batch).await?;
            if at % FETCHES_PER_FILING == FETCHES_PER_FILING - 1 {
                self.file_away(session, watched, position).await?;
            }
        }
        if let Some(last) = listed.last().filter(|_| all_taken) {
            position.next = last.uid.saturating_add(1);
        }
        Ok(())
    }

    /// Whether every message of the batch came.
    async fn take_over_batch(
        &self,
        session: &mut Session,
        watched: &Watched,
        uid_validity: u32,
        batch: &[Listed],
    ) -> Result<bool> {
        let large = |one: &&Listed| u64::from(one.size) > watched.imap.message_bytes_max;
        let uids: Vec<u32> = batch.iter().filter(|one| !large(one)).map(|one| one.uid).collect();
        let mut received = Vec::with_capacity(batch.len());
        let fetched = if uids.is_empty() { Vec::new() } else { session.fetch(&uids).await? };
        let now = self.clock.now();
        let envelope = |listed: &Listed, raw: Vec<u8>, raw_sha256| Received {
            mailbox: watched.imap.name.clone(),
            uid: Some((uid_validity, listed.uid)),
            size: u64::from(listed.size).max(raw.len() as u64),
            raw,
            raw_sha256,
            internal_date: listed.internal_date.unwrap_or(now),
            received_at: now,
            answered: listed.answered,
        };
        for mail in fetched {
            if let Some(listed) = batch.iter().find(|one| one.uid == mail.uid) {
                let digest = Sha256::digest(&mail.raw).into();
                received.push(envelope(listed, mail.raw, Some(digest)));
            }
        }
        for listed in batch.iter().filter(large) {
            if let Some(part) = session.fetch_header_and_text(listed.uid, PART_OF_LARGE_MAIL).await? {
                received.push(envelope(listed, part, None));
            }
        }
        received.sort_by_key(|one| one.uid);
        let recorded = self.store.record(&received).await.context("Cannot write mails into the ledger")?;
        log_recorded(watched, &received, &recorded);
        self.hints.recorded.give();
        Ok(received.len() == batch.len())
    }

    /// Moves what is decided; where nothing is moved, there is nothing to do.
    async fn file_away(&self, session: &mut Session, watched: &Watched, position: &Position) -> Result<()> {
        let Some(folder) = &watched.processed_folder else { return Ok(()) };
        let decided = self.store.decided_not_filed(&watched.imap.name, position.uid_validity).await?;
        for batch in decided.chunks(MAILS_PER_FETCH * 5) {
            let (ids, uids): (Vec<LedgerId>, Vec<u32>) = batch.iter().copied().unzip();
            session
                .file_away(&uids, folder)
                .await
                .with_context(|| format!("Cannot move handled mail to {folder:?}"))?;
            self.store.filed(&ids, self.clock.now()).await?;
        }
        Ok(())
    }

    async fn tell_if_due(&self, watched: &Watched, position: &mut Position) {
        let now = self.clock.now();
        if now.duration_since(position.told_at).as_secs() >= TELL_EVERY {
            position.told_at = now;
            self.tell_state(watched, "watching", Some(now), None).await;
        }
    }

    async fn tell_state(
        &self,
        watched: &Watched,
        state: &str,
        last_exchange: Option<Timestamp>,
        validity: Option<u32>,
    ) {
        let status = MailboxStatus {
            name: watched.imap.name.clone(),
            state: state.to_owned(),
            last_exchange,
            uid_validity: validity,
        };
        if let Err(error) = self.store.tell_mailbox(&status, self.clock.now()).await {
            tracing::warn!(error = format!("{error:#}"), "Cannot note how the mailbox is");
        }
    }
}

/// Neighbours that are fetched together; a mail that is not fetched whole counts as its part.
fn batches(listed: &[Listed], message_bytes_max: u64) -> impl Iterator<Item = &[Listed]> {
    let mut rest = listed;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |one: &Listed| {
            let first = bytes == 0;
            let whole = u64::from(one.size);
            bytes += if whole > message_bytes_max { u64::from(PART_OF_LARGE_MAIL) } else { whole.max(1) };
            first || bytes <= BYTES_PER_FETCH
        };
        let count = rest.iter().take(MAILS_PER_FETCH).copied().take_while({
            let mut fits = fits;
            move |one| fits(one)
        });
        let count = count.count();
        let (batch, left) = rest.split_at(count);
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}

/// Gateways that lost the same server do not all come back at once.
fn jittered(wait: Duration, seed: Timestamp) -> Duration {
    let share = u32::try_from(seed.as_millisecond().rem_euclid(500)).unwrap_or(0);
    wait + wait * share / 1000
}

fn log_recorded(watched: &Watched, received: &[Received], recorded: &[Option<LedgerId>]) {
    let mailbox = &watched.imap.name;
    for (mail, ledger) in received.iter().zip(recorded) {
        if let (Some(ledger), Some((_, uid))) = (ledger, mail.uid) {
            metrics::counter!(MAILS_TAKEN_IN, "mailbox" => mailbox.clone()).increment(1);
            tracing::info!(ledger.id = ledger.0, mailbox, uid, size = mail.size, "Mail taken in");
        }
    }
}
