//! What the relay said, until the tables hold it.
//!
//! A commit a letter costs more than handing the letter over. On SQLite, a letter that was sent is therefore noted in a
//! file beside the database first: one write, which survives the death of the process like a commit without fsync. The
//! tables take many notes in one commit. Gateways on PostgreSQL may outlive each other, so there each is a commit.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::beside::{belong_with, beside};
use super::words::{instant, millis};
use super::{Claim, DeliveryId, Settled, Store};

/// So many notes wait for the tables at most, and so long.
const NOTES_MAX: usize = 256;
const WAIT_LONGEST: Duration = Duration::from_millis(500);

/// How tries ended that the tables do not hold yet. It must not be forgotten, or letters leave twice.
#[derive(Debug)]
pub struct Settling {
    store: Store,
    copies: Copies,
    notes: Option<Notes>,
    waiting: Vec<(Claim, Settled)>,
    /// When the first of those that wait came.
    since: Option<Instant>,
    /// Some of those that wait could not be noted in the file either.
    must_settle: bool,
}

/// Whether letters that a relay takes are to have a copy in the folder for sent mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// They are: a row a letter says so.
    Wanted,
    /// They are not, and nothing is written for them.
    Unwanted,
}

impl Store {
    /// Begins with what an earlier process noted and did not settle. One at a time may live.
    pub async fn settling(&self, copies: Copies, now: Timestamp) -> Result<Settling> {
        let mut notes = self.file().map(Notes::open).transpose()?;
        let waiting = notes.as_mut().map(Notes::read).transpose()?.unwrap_or_default();
        let mut settling = Settling { store: self.clone(), copies, notes, waiting, since: None, must_settle: false };
        settling.settle(now).await?;
        Ok(settling)
    }
}

impl Settling {
    /// Takes down how a try ended. After an error it is kept, and [`Settling::settle`] must succeed before another letter
    /// leaves.
    pub async fn note(&mut self, claim: Claim, settled: Settled, now: Timestamp) -> Result<()> {
        let noted = match (&mut self.notes, &settled) {
            (Some(notes), Settled::Sent { at, reply }) => notes.add(claim, *at, reply).is_ok(),
            _ => false,
        };
        self.waiting.push((claim, settled));
        self.since.get_or_insert_with(Instant::now);
        self.must_settle |= !noted;
        self.settle_if_due(now).await
    }

    /// Writes into the tables what has waited long enough, or cannot wait.
    pub async fn settle_if_due(&mut self, now: Timestamp) -> Result<()> {
        if self.due_in().is_some_and(|wait| wait.is_zero()) { self.settle(now).await } else { Ok(()) }
    }

    /// How long the tables may be without what waits; `None` where nothing does.
    pub fn due_in(&self) -> Option<Duration> {
        let since = self.since?;
        let at_once = self.must_settle || self.waiting.len() >= NOTES_MAX;
        Some(if at_once { Duration::ZERO } else { WAIT_LONGEST.saturating_sub(since.elapsed()) })
    }

    /// Writes all that waits into the tables.
    pub async fn settle(&mut self, now: Timestamp) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        match self.copies {
            Copies::Wanted => self.store.settle_with_copies(&self.waiting, now).await?,
            Copies::Unwanted => self.store.settle(&self.waiting, now).await?,
        }
        self.waiting.clear();
        self.since = None;
        self.must_settle = false;
        self.notes.as_mut().map_or(Ok(()), Notes::clear)
    }
}

/// The file: one line of JSON a letter that was sent.
#[derive(Debug)]
struct Notes {
    file: File,
    name: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Note {
    delivery: i64,
    claim: i64,
    at: i64,
    reply: String,
}

impl Notes {
    fn open(database: &Path) -> Result<Notes> {
        let name = beside(database, ".sent");
        let file = File::options().create(true).read(true).append(true).mode(0o600).open(&name);
        let file = file.with_context(|| format!("Cannot open {}, which notes what was sent", name.display()))?;
        let _ = belong_with(database, &name);
        Ok(Notes { file, name })
    }

    /// The crash may have cut the last line; that letter is in doubt like any whose answer was lost.
    fn read(&mut self) -> Result<Vec<(Claim, Settled)>> {
        let mut bytes = Vec::new();
        let read = self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes));
        read.with_context(|| format!("Cannot read {}", self.name.display()))?;
        let lines = bytes.split(|byte| *byte == b'\n');
        let notes = lines.filter_map(|line| serde_json::from_slice::<Note>(line).ok());
        notes
            .map(|note| {
                let claim = Claim { delivery: DeliveryId(note.delivery), number: note.claim };
                Ok((claim, Settled::Sent { at: instant(note.at)?, reply: note.reply }))
            })
            .collect()
    }

    fn add(&mut self, claim: Claim, at: Timestamp, reply: &str) -> Result<()> {
        let note = Note { delivery: claim.delivery.0, claim: claim.number, at: millis(at), reply: reply.to_owned() };
        let line = serde_json::to_string(&note)? + "\n";
        Ok(self.file.write_all(line.as_bytes())?)
    }

    fn clear(&mut self) -> Result<()> {
        self.file.set_len(0).with_context(|| format!("Cannot empty {}", self.name.display()))
    }
}
