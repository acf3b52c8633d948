//! Two typed pools behind one door. Nothing here knows what is kept in them.
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
pub(super) mod trial;
mod url;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) use connection::{Begun, Connection, Held};
pub use fault::{Fault, LiesWith, is_unavailable};
pub use migrations::{Step, Tables, TablesMay};
pub use settings::Settings;
pub(super) use url::servers;

use self::connection::{OnFile, SqliteFile};
use self::sessions::Sessions;
use crate::said;

/// Clones share it.
#[derive(Clone)]
pub(super) enum Database {
    Sqlite {
        pools: Arc<sqlite::Pools>,
        /// Whether the writing connection is known to make commits that survive a power cut.
        syncs: Arc<AtomicBool>,
    },
    Postgres(Sessions),
}

const BEGIN: &str = "pragma synchronous = full; begin immediate";
const SYNCHRONOUS_FULL: &str = "pragma synchronous = full";
const SYNCHRONOUS_NORMAL: &str = "pragma synchronous = normal";

impl Database {
    /// Opens it where its tables are what they must be, or may become it.
    pub(super) async fn open(settings: &Settings, tables: TablesMay, tell: Telling<'_>) -> Result<Database, Fault> {
        match settings.url.split(':').next() {
            Some("sqlite") => open_sqlite(&settings.url, tables, tell).await,
            Some("postgres" | "postgresql") => open_postgres(&settings.url, tables, tell).await,
            _ => Err(no_scheme()),
        }
    }

    /// Begins a transaction; on SQLite it takes the write lock at once.
    pub(super) async fn begin(&self) -> Result<Begun, Fault> {
        match self {
            Database::Sqlite { pools, syncs } => {
                let file = SqliteFile(pools.file.clone());
                let begun = file.run(pools.writer.begin_with(BEGIN)).await;
                syncs.fetch_or(begun.is_ok(), Ordering::Relaxed);
                begun.map(|connection| Begun::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => sessions.take().await?.begin().await.map(Begun::Postgres),
        }
    }

    pub(super) async fn read(&self) -> Result<Held, Fault> {
        match self {
            Database::Sqlite { pools, .. } => {
                let file = SqliteFile(pools.file.clone());
                file.run(pools.reader.acquire()).await.map(|connection| Held::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => sessions.take().await.map(Held::Postgres),
        }
    }

    /// For single statements that must survive a power cut.
    pub(super) async fn write(&self) -> Result<Held, Fault> {
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

    /// For single statements that must survive the death of the process, but not a power cut.
    ///
    /// It is noted first: whoever is interrupted here leaves a connection that may sync without need, never one that is
    /// believed to sync and does not.
    pub(super) async fn mark(&self) -> Result<Held, Fault> {
        let mut held = self.acquire_writer().await?;
        if let (Held::Sqlite(held), Database::Sqlite { syncs, .. }) = (&mut held, self)
            && syncs.swap(false, Ordering::Relaxed)
        {
            let (connection, file) = held.parts();
            file.run(sqlx::raw_sql(SYNCHRONOUS_NORMAL).execute(connection)).await?;
        }
        Ok(held)
    }

    async fn acquire_writer(&self) -> Result<Held, Fault> {
        match self {
            Database::Sqlite { pools, .. } => {
                let file = SqliteFile(pools.file.clone());
                file.run(pools.writer.acquire()).await.map(|connection| Held::Sqlite(OnFile { connection, file }))
            }
            Database::Postgres(sessions) => sessions.take().await.map(Held::Postgres),
        }
    }

    /// The file of a SQLite database.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Database::Sqlite { pools, .. } => pools.file.as_deref(),
            Database::Postgres(_) => None,
        }
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        match self {
            Database::Sqlite { pools, .. } => {
                pools.reader.close().await;
                pools.writer.close().await;
            }
            Database::Postgres(sessions) => sessions.close().await,
        }
    }
}

type Telling<'t> = &'t mut (dyn FnMut(Step<'_>) + Send);

async fn open_sqlite(url: &str, tables: TablesMay, tell: Telling<'_>) -> Result<Database, Fault> {
    let pools = sqlite::open(url, tables, tell).await?;
    Ok(Database::Sqlite { pools: Arc::new(pools), syncs: Arc::new(AtomicBool::new(false)) })
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
