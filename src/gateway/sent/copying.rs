//! guichet puts the copies: each once, also where the answer to it was lost.
//!
//! That a copy is handed over is written down first. Where what became of it is not known (the connection was cut, the gateway died),
//! the folder is looked into for its Message-ID before another one is tried. A copy that the server does not take for itself is
//! given up after a while, and holds up no other.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::super::Gateway;
use super::super::places::Place;
use super::{Sent, Trouble, refusal};
use crate::imap::{Failure, Session};
use crate::mail::MessageId;
use crate::smtp;
use crate::store::{CopySettled, LetterId, SentCopy, StoredLetter};

/// How often the table is looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Copies looked at at a time.
const COPIES: usize = 16;
/// A connection that was not used for so long is closed.
const REST_LONGEST: Duration = Duration::from_secs(60);
/// So long after a connection was lost, or the gateway died, its server may still be at the last command of it.
const MAY_STILL_COME: Duration = Duration::from_secs(5);
/// When a copy is tried again that was not taken, or not found, for itself; then it is given up.
const TRIES: [SignedDuration; 5] = [
    SignedDuration::ZERO,
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
];

/// What the loop holds from one look to the next.
struct Work {
    open: Option<Open>,
    trouble: Trouble,
    /// Before then nobody looks for copies whose fate is not known.
    certain_from: Instant,
}

/// A connection, and the folder.
struct Open {
    session: Session,
    /// The server's, among the connections that it has from us.
    place: Place,
    folder: String,
    /// The largest message that goes there, in bytes.
    bytes_max: Option<u64>,
    used_at: Instant,
}

/// What came of one copy.
enum Copied {
    /// It lies in the folder.
    There,
    /// It was not handed over just now.
    Untried,
    /// The server did not take it, maybe for itself. It is still begun.
    Refused(Refused),
}

/// One that the server did not take.
struct Refused {
    letter: LetterId,
    tries: u32,
    failure: Failure,
}

impl Gateway {
    /// Ends where another gateway stands by and may reach the server.
    pub(super) async fn copy_again_and_again(&self, sent: &Sent) {
        let certain_from = Instant::now() + MAY_STILL_COME;
        let mut work = Work { open: None, trouble: Trouble::default(), certain_from };
        loop {
            let wait = match self.copy_some(sent, &mut work).await {
                Ok(wait) => wait,
                Err(error) => {
                    work.open = None;
                    work.certain_from = Instant::now() + MAY_STILL_COME;
                    let wait = self.hindered(sent, &mut work.trouble, &error).await;
                    if self.leases.is_wanted(&sent.imap.name) {
                        return;
                    }
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Puts some copies that are due into the folder; how long to wait for more.
    async fn copy_some(&self, sent: &Sent, work: &mut Work) -> Result<Duration> {
        let mut due = self.store.copies_due(COPIES, self.time.now()).await?;
        let may_be_more = due.len() == COPIES;
        let is_certain = work.certain_from <= Instant::now();
        due.retain(|copy| !copy.is_begun || is_certain);
        if due.is_empty() {
            rest(work).await;
            return Ok(LOOK_AGAIN);
        }
        let mut open = match still_open(work).await {
            Some(open) => open,
            None => self.open_sent(sent).await?,
        };
        let (mut refused, mut is_one_taken) = (Vec::new(), false);
        for copy in &due {
            match self.copy(sent, &mut open, copy).await {
                Ok(Copied::There) => is_one_taken = true,
                Ok(Copied::Untried) => {}
                Ok(Copied::Refused(one)) => refused.push(one),
                Err(error) => {
                    self.put_back(&refused).await?;
                    return Err(error);
                }
            }
        }
        // Where several are refused and none is taken, it is no matter of one copy.
        if !is_one_taken && refused.len() > 1 {
            self.put_back(&refused).await?;
            return Err(refused.swap_remove(0).failure.into());
        }
        for Refused { letter, tries, failure } in refused {
            self.count_refusal(letter, tries, failure.cause()).await?;
        }
        open.used_at = Instant::now();
        if open.place.is_over(sent.imap.poll, 1) {
            open.session.logout().await;
        } else {
            work.open = Some(open);
        }
        self.unhindered(sent, &mut work.trouble).await;
        Ok(if may_be_more { Duration::ZERO } else { LOOK_AGAIN })
    }

    async fn open_sent(&self, sent: &Sent) -> Result<Open> {
        let place = self.places.take(&sent.imap, false).await;
        let mut session = Session::connect(&sent.imap).await?;
        let folder = session.find_or_make_sent().await?;
        if self.mailboxes.iter().any(|watched| watched.imap.is_folder(&sent.imap, &folder)) {
            let said = format!("{folder} is a folder that is watched: name another one as folder in [sent]");
            return Err(Failure::Refused { command: "nothing".to_owned(), said }.into());
        }
        let bytes_max = session.append_limit(&folder).await?;
        tracing::debug!(mailbox = sent.imap.name, folder, "Copies of letters go to {folder}");
        Ok(Open { session, place, folder, bytes_max, used_at: Instant::now() })
    }

    /// Puts one copy into the folder, or finds out whether it lies there.
    async fn copy(&self, sent: &Sent, open: &mut Open, copy: &SentCopy) -> Result<Copied> {
        let letter = self.store.letter_of_copy(copy.letter).await?;
        if copy.is_begun {
            return self.find_out(open, copy, &letter).await;
        }
        let bytes = self.bytes_of(&letter).await?;
        let bytes = smtp::as_it_leaves(&bytes);
        if !self.store.begin_copy(copy.letter).await? {
            return Ok(Copied::Untried);
        }
        let size = bytes.len() as u64;
        if let Some(bytes_max) = open.bytes_max.filter(|bytes_max| size > *bytes_max) {
            let reply = format!("the server takes {bytes_max} bytes, and it has {size}");
            self.give_up(&letter, reply).await?;
            return Ok(Copied::Untried);
        }
        let (mailbox, letter, folder) = (&sent.imap.name, letter.id.0, open.folder.as_str());
        tracing::debug!(mailbox, letter, "The copy of a letter goes to {folder}");
        match open.session.append(folder, &bytes, copy.sent_at).await {
            Ok(()) => {
                tracing::debug!(mailbox, letter, "The copy of a letter lies in {folder}");
                self.settle_copy(copy.letter, &CopySettled::There).await?;
                Ok(Copied::There)
            }
            Err(failure) if refusal::is_of_one_copy(&failure) => {
                Ok(Copied::Refused(Refused { letter: copy.letter, tries: copy.tries, failure }))
            }
            Err(lost @ Failure::Lost(_)) => Err(lost.into()),
            Err(failure @ (Failure::Refused { .. } | Failure::Barred(_))) => {
                self.settle_copy(copy.letter, &CopySettled::Waiting { reply: failure.cause() }).await?;
                Err(failure.into())
            }
        }
    }

    /// Looks for a copy of which nobody knows. Where it is not there, it is tried as one that was not taken.
    async fn find_out(&self, open: &mut Open, copy: &SentCopy, letter: &StoredLetter) -> Result<Copied> {
        let sought = letter.message_id.as_ref().map(MessageId::as_str).unwrap_or_default();
        match open.session.holds(&open.folder, sought).await {
            Ok(true) => {
                tracing::debug!(
                    letter = letter.id.0,
                    "The copy of a letter of which nobody knew lies in {}",
                    open.folder
                );
                self.settle_copy(copy.letter, &CopySettled::There).await?;
                Ok(Copied::There)
            }
            Ok(false) => {
                let reply = "the connection ended while it was handed over, and it does not lie there";
                self.count_refusal(copy.letter, copy.tries, reply.to_owned()).await?;
                Ok(Copied::Untried)
            }
            Err(failure @ Failure::Refused { .. }) if !failure.is_put_off() => {
                let reply = failure.cause();
                match self.next_try(copy.tries) {
                    Some(due_at) => self.settle_copy(copy.letter, &CopySettled::InDoubt { due_at, reply }).await?,
                    None => self.give_up(letter, reply).await?,
                }
                Ok(Copied::Untried)
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// A copy was not taken, and that is held against it.
    async fn count_refusal(&self, letter: LetterId, tries: u32, reply: String) -> Result<()> {
        match self.next_try(tries) {
            Some(due_at) => {
                tracing::debug!(letter = letter.0, reply, %due_at, "A copy of a letter is not taken: it is tried again");
                self.settle_copy(letter, &CopySettled::Later { due_at, reply }).await
            }
            None => self.give_up(&*self.store.letter_of_copy(letter).await?, reply).await,
        }
    }

    async fn give_up(&self, letter: &StoredLetter, reply: String) -> Result<()> {
        let message_id = letter.message_id.as_ref().map(MessageId::as_str);
        let reference = letter.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
        tracing::warn!(
            letter = letter.id.0,
            message_id,
            ticket.reference = reference,
            reply,
            "A letter that was sent gets no copy in the folder for sent mail, because the server does not take it: it is not tried again"
        );
        self.settle_copy(letter.id, &CopySettled::GivenUp { reply }).await
    }

    /// It is not held against them.
    async fn put_back(&self, refused: &[Refused]) -> Result<()> {
        for Refused { letter, failure, .. } in refused {
            self.settle_copy(*letter, &CopySettled::Waiting { reply: failure.cause() }).await?;
        }
        Ok(())
    }

    fn next_try(&self, tries: u32) -> Option<Timestamp> {
        let wait = TRIES.get(tries as usize)?;
        self.time.now().checked_add(*wait).ok()
    }

    async fn settle_copy(&self, letter: LetterId, settled: &CopySettled) -> Result<()> {
        self.store.settle_copy(letter, settled, self.time.now()).await
    }
}

/// The connection that was used before, unless its server closed it meanwhile: then no copy comes into doubt by it.
async fn still_open(work: &mut Work) -> Option<Open> {
    let mut open = work.open.take()?;
    open.session.is_alive().await.then_some(open)
}

/// Closes the connection, where it was not used for long or others wait for one.
async fn rest(work: &mut Work) {
    let is_over = |open: &mut Open| open.used_at.elapsed() >= REST_LONGEST || open.place.is_over(Duration::ZERO, 1);
    if let Some(open) = work.open.take_if(is_over) {
        open.session.logout().await;
    }
}
