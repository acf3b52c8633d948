//! Two typed pools behind one door.
//!
//! The macros of `statement` run one SQL text on either.

mod connection;
mod fault;
mod local;
mod migrations;
mod session;
mod sessions;
mod settings;
mod sqlite;
mod trial;
mod url;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use sqlx::{Sqlite, Transaction};

pub(super) use connection::{Connection, Held};
pub use fault::{Fault, LiesWith, is_unavailable};
pub use migrations::{Step, Tables, TablesMay};
pub use settings::Settings;
pub(super) use url::servers;

use self::connection::{OnFile, SqliteFile};
use self::sessions::{InHand, Sessions};
use super::high_water::{self, HighWater};
use super::key;
use super::recent::Recent;
use super::{LetterId, StoredLetter};
use crate::desk::LedgerId;
use crate::mail::token::Keyring;
use crate::said;

/// All that is known. Clones share it.
#[derive(Clone)]
pub struct Store {
    database: Database,
    keyring: Keyring,
    recent: RecentRows,
}

/// What was just committed and is needed next.
#[derive(Clone)]
pub(super) struct RecentRows {
    /// Between instant 1 and instant 2.
    pub(super) raw_mails: Recent<LedgerId, Vec<u8>>,
    /// Between instant 2 and instant 3.
    pub(super) letters: Recent<LetterId, Arc<StoredLetter>>,
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

/// One commit. Dropped without [`Tx::commit`], nothing of it has happened. On SQLite it is the only one that writes.
pub struct Tx {
    begun: Begun,
    recent: RecentRows,
    high_water: Option<Arc<HighWater>>,
    /// They enter `recent` with the commit.
    pub(super) new_letters: Vec<Arc<StoredLetter>>,
}

enum Begun {
    Sqlite(OnFile<Transaction<'static, Sqlite>>),
    Postgres(InHand),
}

#[derive(Clone)]
enum Database {
    Sqlite {
        pools: Arc<sqlite::Pools>,
        /// Beside the file.
        high_water: Option<Arc<HighWater>>,
        /// Whether the writing connection is known to make commits that survive a power cut.
        syncs: Arc<AtomicBool>,
    },
    Postgres(Sessions),
}

const RECENT_RAW_BYTES: usize = 4 << 20;
const RECENT_LETTER_BYTES: usize = 3 << 20;

impl Store {
    /// Opens the store as `serve` does: its tables are made, or brought up to date, and so is the first token key.
    ///
    /// # Errors
    /// A [`Fault`], within ten seconds.
    pub async fn open(settings: &Settings) -> Result<Store> {
        Store::open_where(settings, TablesMay::BeBroughtUp).await
    }

    /// Opens the store where its tables are what they must be, or may become it.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_where(settings: &Settings, tables: TablesMay) -> Result<Store> {
        Store::open_telling(settings, tables, &mut |_| {}).await
    }

    async fn open_telling(
        settings: &Settings,
        tables: TablesMay,
        tell: &mut (dyn FnMut(Step<'_>) + Send),
    ) -> Result<Store> {
        let database = match settings.url.split(':').next() {
            Some("sqlite") => open_sqlite(&settings.url, tables, tell).await?,
            Some("postgres" | "postgresql") => open_postgres(&settings.url, tables, tell).await?,
            _ => return Err(no_scheme().into()),
        };
        let mut held = database.write().await?;
        let keyring = key::keyring(&mut held.connection()).await?;
        drop(held);
        let recent = RecentRows {
            raw_mails: Recent::new(RECENT_RAW_BYTES, Vec::len),
            letters: Recent::new(RECENT_LETTER_BYTES, |letter| letter.bytes.len()),
        };
        Ok(Store { database, keyring, recent })
    }

    /// Makes the tables, or brings them up to date, and tells each step. Without a step there was nothing to do.
    ///
    /// # Errors
    /// A [`Fault`]; also where the tables are a newer guichet's, and where a gateway serves a SQLite file.
    pub async fn migrate(settings: &Settings, tell: &mut (dyn FnMut(Step<'_>) + Send)) -> Result<()> {
        let tables = Store::tables(settings).await?;
        let _alone = match (&tables, settings.sqlite_file()) {
            (Tables::Old { .. }, Some(file)) => Some(super::lock::lock_file(&file)?),
            _ => None,
        };
        Store::open_telling(settings, TablesMay::BeBroughtUp, tell).await?.close().await;
        Ok(())
    }

    /// Which tables the store has. Nothing is changed.
    ///
    /// # Errors
    /// What keeps the store from being looked at.
    pub async fn tables(settings: &Settings) -> Result<Tables, Fault> {
        trial::tables(settings).await
    }

    /// Tries what `serve` needs, and takes it back: that the store can be reached, holds every character, can be written,
    /// has room, and has tables that can be used or brought up to date. It says which.
    ///
    /// # Errors
    /// What keeps `serve` from it.
    pub async fn try_out(settings: &Settings) -> Result<Tables, Fault> {
        trial::whole(settings).await
    }

    /// Signs and verifies the tokens of our letters.
    pub fn keyring(&self) -> Keyring {
        self.keyring.clone()
    }

    /// Begins a commit. On SQLite it takes the write lock at once: a transaction that reads first and writes later
    /// would be refused.
    pub async fn begin(&self) -> Result<Tx> {
        let begun = match &self.database {
            Database::Sqlite { pools, syncs, .. } => {
                let file = SqliteFile(pools.file.clone());
                let begun = file.run(pools.writer.begin_with(BEGIN)).await;
                syncs.fetch_or(begun.is_ok(), Ordering::Relaxed);
                begun.map(|connection| Begun::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => match sessions.take().await {
                Ok(session) => session.begin().await.map(Begun::Postgres),
                Err(fault) => Err(fault),
            },
        };
        let begun = begun.context("Cannot begin a transaction")?;
        let high_water = self.high_water().cloned();
        Ok(Tx { begun, recent: self.recent.clone(), high_water, new_letters: Vec::new() })
    }

    pub(super) fn recent(&self) -> &RecentRows {
        &self.recent
    }

    /// Whether other gateways may use it at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    pub(super) fn high_water(&self) -> Option<&Arc<HighWater>> {
        match &self.database {
            Database::Sqlite { high_water, .. } => high_water.as_ref(),
            Database::Postgres(_) => None,
        }
    }

    /// The file of a SQLite store.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.database {
            Database::Sqlite { pools, .. } => pools.file.as_deref(),
            Database::Postgres(_) => None,
        }
    }

    pub(super) async fn read(&self) -> Result<Held> {
        let held = match &self.database {
            Database::Sqlite { pools, .. } => {
                let file = SqliteFile(pools.file.clone());
                file.run(pools.reader.acquire()).await.map(|connection| Held::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => sessions.take().await.map(Held::Postgres),
        };
        Ok(held?)
    }

    /// For single statements that must survive a power cut.
    pub(super) async fn write(&self) -> Result<Held> {
        self.database.write().await
    }

    /// For single statements that must survive the death of the process, but not a power cut.
    pub(super) async fn mark(&self) -> Result<Held> {
        self.database.mark().await
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { pools, .. } => {
                pools.reader.close().await;
                pools.writer.close().await;
            }
            Database::Postgres(sessions) => sessions.close().await,
        }
    }
}

impl Tx {
    /// Makes everything of it true at once.
    pub async fn commit(mut self) -> Result<()> {
        let counters = match &self.high_water {
            Some(_) => high_water::counters(&mut self.connection()).await?,
            None => Vec::new(),
        };
        match self.begun {
            Begun::Sqlite(OnFile { connection, file }) => file.run(connection.commit()).await,
            Begun::Postgres(session) => session.commit().await,
        }
        .context("Cannot commit")?;
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
        match &mut self.begun {
            Begun::Sqlite(transaction) => Connection::Sqlite(transaction.connection()),
            Begun::Postgres(session) => Connection::Postgres(session),
        }
    }
}

impl Database {
    async fn write(&self) -> Result<Held> {
        let mut held = self.acquire_writer().await?;
        if let (Held::Sqlite(held), Database::Sqlite { syncs, .. }) = (&mut held, self)
            && !syncs.load(Ordering::Relaxed)
        {
            let (connection, file) = held.parts();
            file.run(sqlx::raw_sql(SYNCHRONOUS_FULL).execute(connection)).await?;
            syncs.store(true, Ordering::Relaxed);
        }
        Ok(held)
    }

    /// It is noted first: whoever is interrupted here leaves a connection that may sync without need, never one that is
    /// believed to sync and does not.
    async fn mark(&self) -> Result<Held> {
        let mut held = self.acquire_writer().await?;
        if let (Held::Sqlite(held), Database::Sqlite { syncs, .. }) = (&mut held, self)
            && syncs.swap(false, Ordering::Relaxed)
        {
            let (connection, file) = held.parts();
            file.run(sqlx::raw_sql(SYNCHRONOUS_NORMAL).execute(connection)).await?;
        }
        Ok(held)
    }

    async fn acquire_writer(&self) -> Result<Held> {
        let held = match self {
            Database::Sqlite { pools, .. } => {
                let file = SqliteFile(pools.file.clone());
                file.run(pools.writer.acquire()).await.map(|connection| Held::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => sessions.take().await.map(Held::Postgres),
        };
        Ok(held?)
    }
}

const BEGIN: &str = "pragma synchronous = full; begin immediate";
const SYNCHRONOUS_FULL: &str = "pragma synchronous = full";
const SYNCHRONOUS_NORMAL: &str = "pragma synchronous = normal";

type Telling<'t> = &'t mut (dyn FnMut(Step<'_>) + Send);

async fn open_sqlite(url: &str, tables: TablesMay, tell: Telling<'_>) -> Result<Database, Fault> {
    let pools = sqlite::open(url, tables, tell).await?;
    let high_water = pools.file.as_deref().map(|file| Arc::new(HighWater::beside(file)));
    Ok(Database::Sqlite { pools: Arc::new(pools), high_water, syncs: Arc::new(AtomicBool::new(false)) })
}

async fn open_postgres(url: &str, may: TablesMay, tell: Telling<'_>) -> Result<Database, Fault> {
    let sessions = Sessions::open(url).await?;
    let mut session = sessions.take().await?;
    let tables = migrations::in_postgres(&mut session).await?;
    match tables.unfit(&session.address().database) {
        Some(_) if may.be(&tables) => migrations::migrate_postgres(&mut session, tell).await?,
        Some(fault) => return Err(fault),
        None => {}
    }
    drop(session);
    Ok(Database::Postgres(sessions))
}

fn no_scheme() -> Fault {
    Fault::new(
        said!(
            "[store] url names no database that guichet knows",
            "[store] url ne nomme aucune base que guichet connaisse"
        ),
        said!("It must begin with sqlite: or postgres://.", "Elle doit commencer par `sqlite:` ou `postgres://`."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
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
