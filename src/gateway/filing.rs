//! Handled mail out of the way. A mailbox that does not let it be moved is watched all the same: the ledger knows what is
//! handled, the operator is told once what to do, and moving is tried again later.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;

use super::{Gateway, Watched};
use crate::desk::LedgerId;
use crate::imap::{Failure, Filed, Session};
use crate::store::Unfiled;

/// So many messages are moved by one command.
const MAILS_PER_MOVE: usize = 500;
/// Of a set that was refused, so many messages are tried alone before the fault is the folder's.
const TRIED_ALONE: usize = 3;
/// Waits between attempts grow from the one to the other.
const WAIT_SHORTEST: Duration = Duration::from_secs(30);
const WAIT_LONGEST: Duration = Duration::from_secs(15 * 60);

/// How moving goes in one folder, across connections.
#[derive(Debug, Default)]
pub(super) struct Filing {
    /// What keeps handled mail where it is, and what to do about it.
    pub(super) trouble: Option<String>,
    /// Since when no message is moved, and for how long: the server refused.
    rest: Option<(Timestamp, Duration)>,
    /// How many decisions had been told of when nothing was left to be moved.
    done_at: Option<u64>,
}

impl Filing {
    /// How long until it is tried again, where it was refused. A clock that jumped back ends the wait.
    pub(super) fn next_try(&self, now: Timestamp) -> Option<Duration> {
        let (since, wait) = self.rest?;
        let rested = Duration::try_from(now.duration_since(since));
        Some(rested.map_or(Duration::ZERO, |rested| wait.saturating_sub(rested)))
    }

    fn refused(&mut self, mailbox: &str, trouble: String, now: Timestamp) {
        let wait = self.rest.map_or(WAIT_SHORTEST, |(_, wait)| (wait * 2).min(WAIT_LONGEST));
        self.rest = Some((now, wait));
        self.done_at = None;
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::warn!(mailbox, "{trouble}");
            self.trouble = Some(trouble);
        }
    }

    fn goes_well(&mut self, mailbox: &str) {
        self.rest = None;
        if self.trouble.take().is_some() {
            tracing::info!(mailbox, "Handled mail is moved again");
        }
    }
}

impl Gateway {
    /// Moves what is decided; where nothing is moved, there is nothing to do.
    pub(super) async fn file_away(
        &self,
        session: &mut Session,
        watched: &Watched,
        uid_validity: u32,
        filing: &mut Filing,
    ) -> Result<()> {
        let Some(folder) = &watched.processed_folder else { return Ok(()) };
        if filing.next_try(self.time.now()).is_some_and(|wait| !wait.is_zero()) {
            return Ok(());
        }
        // A gateway that has the database alone tells itself of each decision.
        let told = self.hints.decided.times();
        if !self.store.is_shared() && filing.done_at == Some(told) {
            return Ok(());
        }
        let mailbox = &watched.imap.name;
        let mut decided = self.store.decided_not_filed(mailbox, uid_validity).await?;
        if watched.is_junk {
            // What stays junk lies where it belongs.
            let stays: Vec<Unfiled> = decided.extract_if(.., |one| !one.is_on_ticket).collect();
            let stays: Vec<LedgerId> = stays.iter().map(|one| one.ledger).collect();
            self.store.filed(&stays, self.time.now()).await?;
        }
        let mut refusal = None;
        for batch in decided.chunks(MAILS_PER_MOVE) {
            refusal = self.move_all(session, folder, batch).await?;
            if refusal.is_some() {
                break;
            }
        }
        match refusal {
            Some(trouble) => filing.refused(mailbox, trouble, self.time.now()),
            None => {
                filing.goes_well(mailbox);
                filing.done_at = Some(told);
            }
        }
        Ok(())
    }

    /// What keeps mail here, where the server refuses. One message may be why: then the others are moved without it.
    async fn move_all(&self, session: &mut Session, folder: &str, batch: &[Unfiled]) -> Result<Option<String>> {
        let mut refusal = self.move_some(session, folder, batch).await?;
        if refusal.is_some() && batch.len() > 1 {
            let mut moved = 0;
            for (at, one) in batch.iter().enumerate() {
                match self.move_some(session, folder, std::slice::from_ref(one)).await? {
                    None => moved += 1,
                    trouble => refusal = trouble,
                }
                if moved == 0 && at + 1 == TRIED_ALONE {
                    break;
                }
            }
        }
        Ok(refusal)
    }

    async fn move_some(&self, session: &mut Session, folder: &str, some: &[Unfiled]) -> Result<Option<String>> {
        let (ids, uids): (Vec<LedgerId>, Vec<u32>) = some.iter().map(|one| (one.ledger, one.uid)).unzip();
        let refusal = match session.file_away(&uids, folder).await {
            Ok(Filed::Moved) => None,
            // If they were copied once more, they would lie there twice.
            Ok(Filed::Copied { said }) => {
                let said = format!("they were copied there, and cannot be taken out of here: {said}");
                Some(trouble(folder, &said, false))
            }
            Err(failure) => {
                let is_put_off = failure.is_put_off();
                let Failure::Refused { said, .. } = failure else { return Err(failure.into()) };
                return Ok(Some(trouble(folder, &said, is_put_off)));
            }
        };
        self.store.filed(&ids, self.time.now()).await?;
        Ok(refusal)
    }
}

fn trouble(folder: &str, said: &str, is_put_off: bool) -> String {
    let words = said.to_ascii_lowercase();
    let remedy = if words.contains("quota") {
        "Make room in the mailbox."
    } else if is_put_off {
        "It is tried again by itself."
    } else if words.contains("noperm") || words.contains("permission") || words.contains("taken out") {
        "Give the account the right to make that folder, to write into it and to delete in the watched one."
    } else {
        "Make that folder with a mail client, or name another one as processed_folder, as a client shows it."
    };
    format!("Handled mail cannot be moved to {folder:?}: {said}. It stays where it is, remembered as handled. {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_rests_longer_each_time_until_it_goes_well() {
        let mut filing = Filing::default();
        let mut now = Timestamp::UNIX_EPOCH;
        let mut waits = Vec::new();
        for _ in 0..7 {
            filing.refused("support", trouble("Done", "[OVERQUOTA] full", false), now);
            let wait = filing.next_try(now).unwrap();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(filing.next_try(now), Some(Duration::ZERO));
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900]);
        assert!(filing.trouble.as_ref().unwrap().contains("Make room"));
        filing.goes_well("support");
        assert_eq!((filing.trouble, filing.rest), (None, None));
    }
}
