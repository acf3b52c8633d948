//! What statements run on, and what tells their faults.

use std::ops::DerefMut;
use std::path::Path;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};

use super::fault::{self, Fault};
use super::session::Session;
use super::sessions::InHand;
use crate::store::prepared::{ROWS_MAX_POSTGRES, ROWS_MAX_SQLITE};

/// A connection taken from a pool; each statement is a commit.
pub(in crate::store) enum Held {
    Sqlite(OnFile<PoolConnection<Sqlite>>),
    Postgres(InHand),
}

/// A transaction. Dropped without [`Begun::commit`], it is rolled back.
pub(in crate::store) enum Begun {
    Sqlite(OnFile<Transaction<'static, Sqlite>>),
    Postgres(InHand),
}

/// What statements run on.
pub(in crate::store) enum Connection<'c> {
    Sqlite(OnFile<&'c mut SqliteConnection>),
    Postgres(&'c mut Session),
}

/// A connection, or what stands for one, and the file that it is of.
pub(in crate::store) struct OnFile<C> {
    pub(super) connection: C,
    pub(super) file: SqliteFile,
}

/// The file that faults are told of; none in memory.
#[derive(Clone)]
pub(in crate::store) struct SqliteFile(pub(super) Option<Arc<Path>>);

impl Connection<'_> {
    /// So many rows one statement writes at most.
    pub(in crate::store) fn rows_max(&self) -> usize {
        match self {
            Connection::Sqlite(_) => ROWS_MAX_SQLITE,
            Connection::Postgres(_) => ROWS_MAX_POSTGRES,
        }
    }
}

impl<C: DerefMut<Target = SqliteConnection>> OnFile<C> {
    /// What a statement runs on, and what tells its faults.
    pub(in crate::store) fn parts(&mut self) -> (&mut SqliteConnection, &SqliteFile) {
        (&mut self.connection, &self.file)
    }

    pub(super) fn connection(&mut self) -> OnFile<&mut SqliteConnection> {
        OnFile { connection: &mut self.connection, file: self.file.clone() }
    }
}

impl SqliteFile {
    /// Runs a statement on the file's connection.
    pub(in crate::store) async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Fault> {
        statement.await.map_err(|error| fault::of_sqlite(&error, self.0.as_deref()))
    }
}

impl Held {
    pub(in crate::store) fn connection(&mut self) -> Connection<'_> {
        match self {
            Held::Sqlite(held) => Connection::Sqlite(held.connection()),
            Held::Postgres(session) => Connection::Postgres(session),
        }
    }
}

impl Begun {
    pub(in crate::store) fn connection(&mut self) -> Connection<'_> {
        match self {
            Begun::Sqlite(transaction) => Connection::Sqlite(transaction.connection()),
            Begun::Postgres(session) => Connection::Postgres(session),
        }
    }

    pub(in crate::store) async fn commit(self) -> Result<(), Fault> {
        match self {
            Begun::Sqlite(OnFile { connection, file }) => file.run(connection.commit()).await,
            Begun::Postgres(session) => session.commit().await,
        }
    }
}
