//! One gateway a SQLite file.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use super::beside::{belong_with, beside};
use super::{Fault, Store};
use crate::said;

/// Held as long as the gateway runs; the system frees it when the process dies, however it dies.
#[derive(Debug)]
pub struct ServeLock {
    _file: Option<File>,
}

impl Store {
    /// Refuses a second gateway on the same SQLite file. Gateways share PostgreSQL.
    ///
    /// # Errors
    /// A gateway serves it, or the lock file beside it cannot be written.
    pub fn lock_for_serve(&self) -> Result<ServeLock, Fault> {
        self.file().map_or(Ok(ServeLock { _file: None }), lock_file)
    }

    /// Whether a gateway serves this SQLite file now; `None` for a store that gateways share.
    pub fn is_served(&self) -> Option<bool> {
        self.file().map(is_served)
    }
}

/// Whether a gateway serves this SQLite file just now.
pub fn is_served(database: &Path) -> bool {
    let lock = File::open(beside(database, ".serve-lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Keeps gateways from this database, as long as no other one is there.
pub(super) fn lock_file(database: &Path) -> Result<ServeLock, Fault> {
    let name = beside(database, ".serve-lock");
    let shown = name.display();
    let failed = |error: std::io::Error| {
        Fault::new(
            said!(
                "the lock file {shown} cannot be written ({error})",
                "impossible d’écrire le fichier de verrou {shown} ({error})"
            ),
            said!(
                "Give it to the user that guichet runs as, or delete it while no guichet runs.",
                "Donnez-le à l’utilisateur de guichet, ou supprimez-le pendant qu’aucun guichet ne fonctionne."
            ),
        )
    };
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&name).map_err(failed)?;
    let _ = belong_with(database, &name);
    match try_lock(&file) {
        Ok(()) => Ok(ServeLock { _file: Some(file) }),
        Err(TryLockError::WouldBlock) => {
            let database = database.display();
            Err(Fault::new(
                said!("Another guichet serves {database}", "Un autre guichet sert déjà {database}"),
                said!(
                    "Stop it first, or use PostgreSQL, which several gateways may share.",
                    "Arrêtez-le d’abord, ou utilisez PostgreSQL, que plusieurs passerelles peuvent partager."
                ),
            ))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Whoever asks whether somebody serves holds the lock for an instant: that is waited for.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    const TRIES: u32 = 5;
    const WAIT: Duration = Duration::from_millis(20);
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(WAIT),
            ended => return ended,
        }
    }
    file.try_lock()
}
