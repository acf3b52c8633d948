//! How far numbers were handed out, beside the database: a store that is put back from a copy forgets it, and a number, or
//! a Message-ID made of one, must never stand for something else.
//!
//! `guichet.db.high` is written after each commit, one write without a sync. So it is never ahead of the database that it
//! stands beside, unless that one is older than it was. Where there is no such file (PostgreSQL; a folder put back whole),
//! what the mailbox shows must do: the numbers jump ahead.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use jiff::Timestamp;

use super::beside::{belong_with, beside};
use super::database::Connection;
use super::statement::{execute, fetch};
use super::words::millis;
use super::{Store, setting};

/// What an operator is told for a while after a restore: milliseconds, and a sentence.
const RESTORED: &str = "restored";
/// So many numbers may have been used on each ticket since the copy was made.
const LETTERS_AHEAD: i64 = 100;

const COUNTERS: &str = "select name, next from counter order by name";
const RAISE: &str = "update counter set next = $1 where name = $2 and next < $1";
/// What waited may have left since the copy was made: that is shown, and the same bytes leave under the same Message-ID.
const DOUBT: &str = "update delivery set state = 'in_doubt' where state = 'due'";
const RAISE_LETTERS: &str = "update ticket set letters = letters + $1";
/// On one mail much may happen.
const ADD: &str = "update counter set next = next + case name when 'history' then 100 * $1 else $1 end";

/// The file beside the database.
#[derive(Debug)]
pub(super) struct HighWater {
    database: PathBuf,
    path: PathBuf,
    noted: Mutex<(Option<File>, BTreeMap<String, i64>)>,
}

/// The next number of each counter.
pub(super) async fn counters(connection: &mut Connection<'_>) -> Result<Vec<(String, i64)>> {
    Ok(fetch!(connection, (String, i64), COUNTERS))
}

impl HighWater {
    pub(super) fn beside(database: &Path) -> HighWater {
        HighWater { database: database.to_owned(), path: beside(database, ".high"), noted: Mutex::default() }
    }

    /// Notes what is committed. Each counter has a line of its own, always in the same place. Where it cannot be written,
    /// the log says so and work goes on.
    pub(super) fn note(&self, counters: &[(String, i64)]) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, known) = &mut *noted;
        if counters.iter().all(|(name, next)| known.get(name).is_some_and(|known| known >= next)) {
            return;
        }
        let lines: String = counters.iter().map(|(name, next)| format!("{name:<10} {next:020}\n")).collect();
        let written = match file.take().map_or_else(|| self.open(), Ok) {
            Ok(open) => open.write_all_at(lines.as_bytes(), 0).map(|()| *file = Some(open)),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            tracing::warn!(%error, "Cannot note how far numbers were handed out in {}", self.path.display());
        }
        known.extend(counters.iter().cloned());
    }

    fn open(&self) -> std::io::Result<File> {
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&self.path)?;
        belong_with(&self.database, &self.path)?;
        Ok(file)
    }

    fn read(&self) -> Vec<(String, i64)> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        let line = |line: &str| {
            let (name, next) = line.split_once(' ')?;
            Some((name.to_owned(), next.trim().parse().ok()?))
        };
        text.lines().filter_map(line).collect()
    }
}

impl Store {
    /// Whether the database is older than the file beside it: then no number that was used is used again. To be asked
    /// before anything is decided.
    pub async fn is_put_back(&self) -> Result<bool> {
        let Some(high) = self.high_water() else { return Ok(false) };
        let mut tx = self.begin().await?;
        let now: BTreeMap<String, i64> = counters(&mut tx.connection()).await?.into_iter().collect();
        let used = high.read();
        let behind = |(name, next): &&(String, i64)| now.get(name).is_some_and(|known| known < next);
        if !used.iter().any(|one| behind(&one)) {
            return Ok(false);
        }
        for (name, next) in &used {
            execute!(&mut tx.connection(), RAISE, *next, name.as_str());
        }
        execute!(&mut tx.connection(), RAISE_LETTERS, LETTERS_AHEAD);
        execute!(&mut tx.connection(), DOUBT);
        tx.commit().await?;
        Ok(true)
    }

    /// Leaves out so many numbers of each kind, and a hundred times as many places of the history: they may have been used.
    pub async fn jump_ahead(&self, numbers: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        execute!(&mut tx.connection(), ADD, numbers);
        execute!(&mut tx.connection(), RAISE_LETTERS, LETTERS_AHEAD);
        tx.commit().await
    }

    /// Keeps what is to be told of a restore.
    pub async fn tell_of_restore(&self, sentence: &str, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        setting::keep(&mut held.connection(), RESTORED, &format!("{} {sentence}", millis(now))).await
    }

    /// When a restore was noticed last, and what was told of it.
    pub async fn restore_told(&self) -> Result<Option<(Timestamp, String)>> {
        let told = self.setting(RESTORED).await?;
        let told = told.as_deref().and_then(|told| told.split_once(' '));
        told.map(|(at, sentence)| Ok((super::words::instant(at.parse()?)?, sentence.to_owned()))).transpose()
    }
}
