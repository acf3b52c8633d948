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

use super::beside::{belong_with, beside};
use super::database::Connection;
use super::statement::fetch;

const COUNTERS: &str = "select name, next from counter order by name";

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

    /// How far they were handed out.
    pub(super) fn read(&self) -> Vec<(String, i64)> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        let line = |line: &str| {
            let (name, next) = line.split_once(' ')?;
            Some((name.to_owned(), next.trim().parse().ok()?))
        };
        text.lines().filter_map(line).collect()
    }
}
