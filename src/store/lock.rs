//! One gateway a SQLite file.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Store;
use super::beside::{belong_with, beside};

/// Held as long as the gateway runs; the system frees it when the process dies, however it dies.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl Store {
    /// Refuses a second gateway on the same SQLite file. Gateways share PostgreSQL.
    pub fn lock_for_serve(&self) -> Result<ServeLock> {
        self.file().map_or(Ok(ServeLock { _file: None }), ServeLock::take)
    }
}

impl ServeLock {
    /// Keeps gateways from a SQLite file.
    ///
    /// # Errors
    /// Where one serves it.
    pub fn take(database: &Path) -> Result<ServeLock> {
        let name = beside(database, ".serve-lock");
        let file = File::options().create(true).truncate(false).write(true).open(&name);
        let file = file.with_context(|| format!("Cannot make the lock file {}", name.display()))?;
        let _ = belong_with(database, &name);
        match file.try_lock() {
            Ok(()) => Ok(ServeLock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => bail!(
                "Another guichet serves {}: stop it first, or use PostgreSQL, which several gateways may share",
                database.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("Cannot lock the file {}", name.display()))
            }
        }
    }
}
