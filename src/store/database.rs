//! Two typed pools behind one door.
//!
//! The macros of `statement` run one SQL text on either.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Pool, Postgres, Sqlite, Transaction};

use super::high_water::{self, HighWater};
use super::key;
use super::recent::Recent;
use super::statement::STATEMENTS_KEPT;
use super::{LetterId, StoredLetter};
use crate::desk::LedgerId;
use crate::mail::token::Keyring;

/// Where the store is.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:/path/guichet.db` or `postgres://user:password@host/database`; `sqlite::memory:` vanishes with the store.
    pub url: String,
}

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
            Database::Postgres { .. } => "PostgreSQL",
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
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

#[derive(Clone)]
enum Database {
    Sqlite {
        pools: Pools<Sqlite>,
        file: Option<PathBuf>,
        /// Beside the file.
        high_water: Option<Arc<HighWater>>,
        /// Whether the writing connection is known to make commits that survive a power cut.
        syncs: Arc<AtomicBool>,
    },
    Postgres {
        pools: Pools<Postgres>,
    },
}

struct Pools<D: sqlx::Database> {
    writer: Pool<D>,
    reader: Pool<D>,
}

impl<D: sqlx::Database> Clone for Pools<D> {
    fn clone(&self) -> Self {
        Pools { writer: self.writer.clone(), reader: self.reader.clone() }
    }
}

/// A connection taken from a pool; each statement is a commit.
pub(super) enum Held {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// What statements run on.
pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Raw mails and letters fill several of SQLite's usual 4,096 bytes.
const PAGE_BYTES: u32 = 8_192;
/// KiB, negative by SQLite's convention.
const WRITER_CACHE: &str = "-8000";
const READER_CACHE: &str = "-1000";
const POSTGRES_CONNECTIONS: u32 = 10;
const RECENT_RAW_BYTES: usize = 4 << 20;
const RECENT_LETTER_BYTES: usize = 3 << 20;
const SQLITE_READERS: u32 = 4;
const WAIT_FOR_OTHER_PROCESSES: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store, brings its tables up to date and makes the first token key.
    pub async fn open(settings: &Settings) -> Result<Store> {
        let database = match settings.url.split(':').next() {
            Some("sqlite") => open_sqlite(&settings.url).await?,
            Some("postgres" | "postgresql") => open_postgres(&settings.url).await?,
            _ => bail!("The store's url must begin with sqlite: or postgres://"),
        };
        let mut held = database.write().await?;
        let keyring = key::keyring(&mut held.connection()).await.context("Cannot read the token keys")?;
        drop(held);
        let recent = RecentRows {
            raw_mails: Recent::new(RECENT_RAW_BYTES, Vec::len),
            letters: Recent::new(RECENT_LETTER_BYTES, |letter| letter.bytes.len()),
        };
        Ok(Store { database, keyring, recent })
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
                let begun = pools.writer.begin_with(BEGIN).await;
                syncs.fetch_or(begun.is_ok(), Ordering::Relaxed);
                begun.map(Begun::Sqlite)
            }
            Database::Postgres { pools } => pools.writer.begin_with("begin").await.map(Begun::Postgres),
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
        matches!(self.database, Database::Postgres { .. })
    }

    pub(super) fn high_water(&self) -> Option<&Arc<HighWater>> {
        match &self.database {
            Database::Sqlite { high_water, .. } => high_water.as_ref(),
            Database::Postgres { .. } => None,
        }
    }

    /// The file of a SQLite store.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.database {
            Database::Sqlite { file, .. } => file.as_deref(),
            Database::Postgres { .. } => None,
        }
    }

    pub(super) async fn read(&self) -> Result<Held> {
        let held = match &self.database {
            Database::Sqlite { pools, .. } => pools.reader.acquire().await.map(Held::Sqlite),
            Database::Postgres { pools } => pools.reader.acquire().await.map(Held::Postgres),
        };
        held.context("Cannot reach the database")
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
            Database::Postgres { pools } => pools.writer.close().await,
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
            Begun::Sqlite(transaction) => transaction.commit().await,
            Begun::Postgres(transaction) => transaction.commit().await,
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
            Begun::Sqlite(transaction) => Connection::Sqlite(transaction),
            Begun::Postgres(transaction) => Connection::Postgres(transaction),
        }
    }
}

impl Held {
    pub(super) fn connection(&mut self) -> Connection<'_> {
        match self {
            Held::Sqlite(connection) => Connection::Sqlite(connection),
            Held::Postgres(connection) => Connection::Postgres(connection),
        }
    }
}

impl Database {
    async fn write(&self) -> Result<Held> {
        let mut held = self.acquire_writer().await?;
        if let (Held::Sqlite(connection), Database::Sqlite { syncs, .. }) = (&mut held, self)
            && !syncs.load(Ordering::Relaxed)
        {
            sqlx::raw_sql(SYNCHRONOUS_FULL).execute(&mut **connection).await?;
            syncs.store(true, Ordering::Relaxed);
        }
        Ok(held)
    }

    /// It is noted first: whoever is interrupted here leaves a connection that may sync without need, never one that is
    /// believed to sync and does not.
    async fn mark(&self) -> Result<Held> {
        let mut held = self.acquire_writer().await?;
        if let (Held::Sqlite(connection), Database::Sqlite { syncs, .. }) = (&mut held, self)
            && syncs.swap(false, Ordering::Relaxed)
        {
            sqlx::raw_sql(SYNCHRONOUS_NORMAL).execute(&mut **connection).await?;
        }
        Ok(held)
    }

    async fn acquire_writer(&self) -> Result<Held> {
        let held = match self {
            Database::Sqlite { pools, .. } => pools.writer.acquire().await.map(Held::Sqlite),
            Database::Postgres { pools } => pools.writer.acquire().await.map(Held::Postgres),
        };
        held.context("Cannot reach the database")
    }
}

const BEGIN: &str = "pragma synchronous = full; begin immediate";
const SYNCHRONOUS_FULL: &str = "pragma synchronous = full";
const SYNCHRONOUS_NORMAL: &str = "pragma synchronous = normal";

async fn open_sqlite(url: &str) -> Result<Database> {
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("{url:?} names no SQLite file: write sqlite:/path/guichet.db"))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(WAIT_FOR_OTHER_PROCESSES)
        .foreign_keys(true)
        .page_size(PAGE_BYTES)
        .statement_cache_capacity(STATEMENTS_KEPT)
        // The crash tests die at each statement; where nobody reads traces this costs a comparison.
        .log_statements(log::LevelFilter::Trace)
        .log_slow_statements(log::LevelFilter::Off, Duration::MAX);
    let file = (!url.contains(":memory:")).then(|| options.get_filename().to_path_buf());
    if let Some(file) = &file {
        make_file(file)?;
    }
    let name = file.as_deref().map_or(url.to_owned(), |file| file.display().to_string());
    // One connection writes: SQLite has one writer, and waiting here is fairer than SQLite's own waiting.
    let writer = sqlite_pool(1)
        .connect_with(options.clone().pragma("cache_size", WRITER_CACHE).pragma("temp_store", "memory"))
        .await
        .with_context(|| format!("Cannot open the database {name}"))?;
    migrate_sqlite(&writer).await.with_context(|| format!("Cannot bring the tables of {name} up to date"))?;
    let reader = if file.is_some() {
        sqlite_pool(SQLITE_READERS).connect_lazy_with(options.pragma("cache_size", READER_CACHE))
    } else {
        writer.clone()
    };
    let high_water = file.as_deref().map(|file| Arc::new(HighWater::beside(file)));
    Ok(Database::Sqlite { pools: Pools { writer, reader }, file, high_water, syncs: Arc::new(AtomicBool::new(false)) })
}

/// Several processes may find old tables at once. Whoever fails at a migration that another one has just run tries again, and
/// that happens once a migration at most.
async fn migrate_sqlite(writer: &Pool<Sqlite>) -> Result<()> {
    let migrator = sqlx::migrate!("migrations/sqlite");
    for _ in migrator.iter() {
        if migrator.run(writer).await.is_ok() {
            return Ok(());
        }
    }
    Ok(migrator.run(writer).await?)
}

/// Makes an empty file that its owner alone may read: it will hold mail.
fn make_file(file: &Path) -> Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("Cannot make the folder {} of the database", folder.display()))?;
    }
    match File::options().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("Cannot make the database {}", file.display()))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn sqlite_pool(connections: u32) -> PoolOptions<Sqlite> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(3 * WAIT_FOR_OTHER_PROCESSES)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async move { Ok(is_outside_transaction(connection)) }))
}

/// A full disk makes SQLite roll back by itself. sqlx does not learn of it and would begin no other transaction, so that the
/// connection is exchanged for a new one.
fn is_outside_transaction(connection: &SqliteConnection) -> bool {
    !sqlx::Connection::is_in_transaction(connection)
}

async fn open_postgres(url: &str) -> Result<Database> {
    let options = PgConnectOptions::from_str(url)
        .context("The store's url is not a PostgreSQL URL")?
        .statement_cache_capacity(STATEMENTS_KEPT)
        .disable_statement_logging();
    let name = format!("{}:{}", options.get_host(), options.get_port());
    let pool = PoolOptions::<Postgres>::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .connect_with(options)
        .await
        .with_context(|| format!("Cannot reach PostgreSQL at {name}"))?;
    let migrator = sqlx::migrate!("migrations/postgres");
    migrator.run(&pool).await.context("Cannot bring the tables up to date")?;
    Ok(Database::Postgres { pools: Pools { writer: pool.clone(), reader: pool } })
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
        assert!(fill(&mut tx).await.is_err());
        drop(tx);
        let mut tx = store.begin().await?;
        assert_eq!(fill(&mut tx).await?, 1);
        tx.commit().await
    }
}
