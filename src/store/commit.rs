//! An open store: what is read, what is written by itself, and one commit.

use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

use super::answered::Answered;
use super::database::{Begun, Connection, Database, Held};
use super::high_water::{self, HighWater};
use super::letter::{LetterId, StoredLetter};
use super::recent::Recent;
use crate::desk::LedgerId;
use crate::mail::token::Keyring;

/// All that is known. Clones share it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    /// Stands beside the file of a SQLite database: see [`HighWater`].
    high_water: Option<Arc<HighWater>>,
    keyring: Keyring,
    recent: RecentRows,
}

/// What was just committed and is needed next, so that it need not be read again.
#[derive(Clone)]
pub(super) struct RecentRows {
    /// Raw mails, from the moment in which they are recorded to their decision.
    pub(super) raw_mails: Recent<LedgerId, Arc<[u8]>>,
    /// Letters that leave at once, from the decision to the relay's answer.
    pub(super) letters: Recent<LetterId, Arc<StoredLetter>>,
    /// What was said of known fixes so far.
    pub(super) answered: Arc<Mutex<Answered>>,
}

/// One commit. Dropped without [`Tx::commit`], nothing of it has happened. On SQLite it is the only one that writes.
pub struct Tx {
    begun: Begun,
    recent: RecentRows,
    high_water: Option<Arc<HighWater>>,
    /// They enter `recent` with the commit.
    pub(super) new_letters: Vec<Arc<StoredLetter>>,
}

const RECENT_RAW_BYTES: usize = 4 << 20;
const RECENT_LETTER_BYTES: usize = 3 << 20;

impl Store {
    /// Stands on what was opened.
    pub(super) fn new(database: Database, keyring: Keyring) -> Store {
        let high_water = database.file().map(|file| Arc::new(HighWater::beside(file)));
        let recent = RecentRows {
            raw_mails: Recent::new(RECENT_RAW_BYTES, |raw| raw.len()),
            letters: Recent::new(RECENT_LETTER_BYTES, |letter| letter.bytes.len()),
            answered: Arc::default(),
        };
        Store { database, high_water, keyring, recent }
    }

    /// Signs and verifies the tokens of our letters.
    pub fn keyring(&self) -> Keyring {
        self.keyring.clone()
    }

    /// Begins a commit. On SQLite it takes the write lock at once: a transaction that reads first and writes later
    /// would be refused.
    pub async fn begin(&self) -> Result<Tx> {
        let begun = self.database.begin().await.context("Cannot begin a transaction")?;
        Ok(Tx { begun, recent: self.recent.clone(), high_water: self.high_water.clone(), new_letters: Vec::new() })
    }

    pub(super) fn recent(&self) -> &RecentRows {
        &self.recent
    }

    /// Whether other gateways may use it at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    pub(super) fn high_water(&self) -> Option<&Arc<HighWater>> {
        self.high_water.as_ref()
    }

    /// The file of a SQLite store.
    pub(super) fn file(&self) -> Option<&Path> {
        self.database.file()
    }

    pub(super) async fn read(&self) -> Result<Held> {
        Ok(self.database.read().await?)
    }

    /// For single statements that must survive a power cut.
    pub(super) async fn write(&self) -> Result<Held> {
        Ok(self.database.write().await?)
    }

    /// For single statements that must survive the death of the process, but not a power cut.
    pub(super) async fn mark(&self) -> Result<Held> {
        Ok(self.database.mark().await?)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

impl Tx {
    /// Makes everything of it true at once.
    pub async fn commit(mut self) -> Result<()> {
        let counters = match &self.high_water {
            Some(_) => high_water::counters(&mut self.connection()).await?,
            None => Vec::new(),
        };
        self.begun.commit().await.context("Cannot commit")?;
        if let Some(high_water) = &self.high_water {
            high_water.note(&counters);
        }
        self.recent.letters.put(self.new_letters.into_iter().map(|letter| (letter.id, letter)));
        Ok(())
    }

    pub(super) fn recent(&self) -> RecentRows {
        self.recent.clone()
    }

    pub(super) fn connection(&mut self) -> Connection<'_> {
        self.begun.connection()
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.database {
            Database::Sqlite { .. } => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        };
        write!(f, "Store({kind})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Settings;
    use crate::store::statement::{execute, fetch};

    async fn synchronous(connection: &mut Connection<'_>) -> Result<i64> {
        Ok(fetch!(connection, (i64,), "pragma synchronous")[0].0)
    }

    #[tokio::test]
    async fn commits_survive_a_power_cut_also_after_marks_that_need_not() -> Result<()> {
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        let folder = tempfile::tempdir()?;
        let store = Store::open(&Settings { url: format!("sqlite:{}/guichet.db", folder.path().display()) }).await?;
        for _ in 0..2 {
            let mut marking = store.mark().await?;
            assert_eq!(synchronous(&mut marking.connection()).await?, NORMAL);
            drop(marking);
            let mut tx = store.begin().await?;
            assert_eq!(synchronous(&mut tx.connection()).await?, FULL);
            tx.commit().await?;
            assert_eq!(synchronous(&mut store.write().await?.connection()).await?, FULL);
        }
        Ok(())
    }

    /// SQLite's own limit stands for the disk: a transaction that meets it is rolled back in the same way.
    #[tokio::test]
    async fn a_full_disk_is_no_fault_for_ever() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&Settings { url: format!("sqlite:{}/guichet.db", folder.path().display()) }).await?;
        let fill = async |tx: &mut Tx| -> Result<u64> {
            let large = "insert into setting (name, value) values ('large', zeroblob(1000000) || '')";
            Ok(execute!(&mut tx.connection(), large))
        };
        fetch!(&mut store.write().await?.connection(), (i64,), "pragma max_page_count = 1");
        let mut tx = store.begin().await?;
        let told = fill(&mut tx).await.err().map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(told.starts_with("the disk that holds") && told.contains("guichet.db is full"), "{told}");
        drop(tx);
        let mut tx = store.begin().await?;
        assert_eq!(fill(&mut tx).await?, 1);
        tx.commit().await
    }
}
