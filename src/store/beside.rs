//! Files that stand beside a SQLite database.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

/// The database's name with an ending: `guichet.db.sent`.
pub(super) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Gives a new file to whoever owns the database, or its folder: who runs a command is often root, and who serves is not.
pub(super) fn belong_with(database: &Path, file: &Path) -> io::Result<()> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let like = fs::metadata(database).or_else(|_| fs::metadata(folder))?;
    let is = fs::metadata(file)?;
    if (like.uid(), like.gid()) == (is.uid(), is.gid()) {
        return Ok(());
    }
    chown(file, Some(like.uid()), Some(like.gid()))
}
