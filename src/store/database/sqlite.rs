//! A SQLite file: one connection writes, a few read.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Pool, Sqlite};

use super::fault::{self, Fault};
use super::local::{self, Standing};
use super::migrations::{self, Step, Tables, TablesMay};
use crate::said;
use crate::store::beside::folder_of;
use crate::store::prepared::STATEMENTS_KEPT;

/// Raw mails and letters fill several of SQLite's usual 4,096 bytes.
const PAGE_BYTES: u32 = 8_192;
/// KiB, negative by SQLite's convention. A reader's pages are void as soon as somebody has written.
const WRITER_CACHE: &str = "-4000";
const READER_CACHE: &str = "-200";
const READERS: u32 = 4;
/// Pages that the write-ahead log gathers before they are copied into the file: 16 MB, twice as many as by default, for fewer
/// waits for the disk.
const LOG_PAGES: &str = "2000";
/// An operator waits ten seconds at most, and hears why.
const WAIT_FOR_OTHER_PROCESSES: Duration = Duration::from_secs(8);

/// The pools of one file.
pub(in crate::store) struct Pools {
    pub(super) writer: Pool<Sqlite>,
    pub(super) reader: Pool<Sqlite>,
    /// `None` where the database stands in memory.
    pub(super) file: Option<Arc<Path>>,
}

/// How the database is opened, and its file; none in memory.
struct Place {
    options: SqliteConnectOptions,
    file: Option<Arc<Path>>,
}

impl Place {
    fn of(url: &str) -> Result<Place, Fault> {
        let options = SqliteConnectOptions::from_str(url).map_err(|error| {
            Fault::new(
                said!("{url:?} names no SQLite file ({error})", "{url:?} ne nomme aucun fichier SQLite ({error})"),
                said!("Write sqlite:/path/guichet.db.", "Écrivez sqlite:/chemin/guichet.db."),
            )
        })?;
        let file = (!url.contains(":memory:")).then(|| options.get_filename().into());
        let options = options
            .create_if_missing(file.is_none())
            .busy_timeout(WAIT_FOR_OTHER_PROCESSES)
            .foreign_keys(true)
            .statement_cache_capacity(STATEMENTS_KEPT)
            // The crash tests die at each statement; where nobody reads traces this costs a comparison.
            .log_statements(log::LevelFilter::Trace)
            .log_slow_statements(log::LevelFilter::Off, Duration::MAX);
        Ok(Place { options, file })
    }

    /// Options for whoever writes: the first writer decides how the file is made.
    fn to_write(&self) -> SqliteConnectOptions {
        let options = self.options.clone().page_size(PAGE_BYTES);
        options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
    }

    fn name(&self) -> String {
        self.file.as_deref().map_or_else(|| ":memory:".to_owned(), |file| file.display().to_string())
    }

    fn fault(&self, error: &sqlx::Error) -> Fault {
        fault::of_sqlite(error, self.file.as_deref())
    }

    /// One connection that leaves the file as it is.
    async fn look(&self) -> Result<SqliteConnection, Fault> {
        self.options.connect().await.map_err(|error| self.fault(&error))
    }
}

/// Opens the store; what its tables may be, and what is done about them, says the caller.
pub(super) async fn open(url: &str, may: TablesMay, tell: &mut (dyn FnMut(Step<'_>) + Send)) -> Result<Pools, Fault> {
    let place = Place::of(url)?;
    if let Some(file) = &place.file {
        match local::standing(file)? {
            Standing::There => leave_alone_what_is_unfit(&place, may).await?,
            Standing::Missing if may == TablesMay::StayAsTheyAre => return Err(missing(file)),
            Standing::Missing => make_file(file)?,
        }
    }
    // One connection writes: SQLite has one writer, and waiting here is fairer than SQLite's own waiting.
    let options = place.to_write();
    let writing = options.clone().pragma("cache_size", WRITER_CACHE).pragma("temp_store", "memory");
    let writer = pool(1)
        .connect_with(writing.pragma("wal_autocheckpoint", LOG_PAGES))
        .await
        .map_err(|error| place.fault(&error))?;
    if may != TablesMay::StayAsTheyAre {
        let mut connection = writer.acquire().await.map_err(|error| place.fault(&error))?;
        migrations::migrate_sqlite(&mut connection, tell).await.map_err(|error| place.fault(&error))?;
    }
    let reader = match &place.file {
        Some(_) => pool(READERS).connect_lazy_with(options.pragma("cache_size", READER_CACHE)),
        None => writer.clone(),
    };
    Ok(Pools { writer, reader, file: place.file })
}

/// Looked at before anything is changed.
async fn leave_alone_what_is_unfit(place: &Place, may: TablesMay) -> Result<(), Fault> {
    let tables = tables_of(place).await?;
    if may.be(&tables) {
        return Ok(());
    }
    tables.unfit(&place.name()).map_or(Ok(()), Err)
}

async fn tables_of(place: &Place) -> Result<Tables, Fault> {
    let mut connection = place.look().await?;
    let tables = migrations::in_sqlite(&mut connection).await.map_err(|error| place.fault(&error));
    let _ = connection.close().await;
    tables
}

/// Which tables the file has; changes nothing. No file has none.
pub(super) async fn tables(url: &str) -> Result<Tables, Fault> {
    let place = Place::of(url)?;
    match place.file.as_deref().map(local::standing).transpose()? {
        Some(Standing::There) => tables_of(&place).await,
        Some(Standing::Missing) | None => Ok(Tables::None),
    }
}

const SCRATCH: &str = "create table guichet_scratch (n integer); insert into guichet_scratch values (1)";

/// Whether it can be written: tries, and takes it back.
pub(super) async fn try_to_write(url: &str) -> Result<(), Fault> {
    let place = Place::of(url)?;
    let Some(file) = &place.file else { return Ok(()) };
    let standing = local::standing(file)?;
    if let Some(fault) = local::remote(file).or_else(|| local::scarce(file)) {
        return Err(fault);
    }
    if standing == Standing::Missing {
        return Ok(());
    }
    let mut connection = place.look().await?;
    let written = async {
        let mut transaction = connection.begin_with("begin immediate").await?;
        sqlx::raw_sql(SCRATCH).execute(&mut *transaction).await?;
        transaction.rollback().await
    };
    let written = written.await.map_err(|error| place.fault(&error));
    let _ = connection.close().await;
    written
}

fn missing(file: &Path) -> Fault {
    let name = file.display();
    Fault::new(
        said!("there is no store {name} yet", "il n’y a pas encore de base {name}"),
        said!("`guichet serve` makes it.", "`guichet serve` la crée."),
    )
}

/// Makes an empty file that its owner alone may read: it will hold mail.
fn make_file(file: &Path) -> Result<(), Fault> {
    let failed = |path: PathBuf, error: std::io::Error| {
        let name = path.display();
        Fault::new(
            said!("{name} cannot be made ({error})", "impossible de créer {name} ({error})"),
            said!("Look at the rights and the room there.", "Vérifiez-y les droits et la place."),
        )
    };
    let folder = folder_of(file);
    std::fs::create_dir_all(folder).map_err(|error| failed(folder.to_owned(), error))?;
    match File::options().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(file.to_owned(), error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn pool(connections: u32) -> PoolOptions<Sqlite> {
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
