//! One gateway a SQLite file.

use std::fs::{File, TryLockError};

use anyhow::{Context, Result, bail};

use super::Store;

/// Held as long as the gateway runs; the system frees it when the process dies, however it dies.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl Store {
    /// Refuses a second gateway on the same SQLite file. Gateways share PostgreSQL.
    pub fn lock_for_serve(&self) -> Result<ServeLock> {
        let Some(database) = self.file() else { return Ok(ServeLock { _file: None }) };
        let mut name = database.as_os_str().to_owned();
        name.push(".serve-lock");
        let file = File::options().create(true).truncate(false).write(true).open(&name);
        let file = file.with_context(|| format!("Cannot make the lock file {}", name.display()))?;
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
