//! Copies of the store: made while it is in use, verified before they get their name, and put back.

mod postgres;
mod sqlite;

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Settings;
use super::beside::folder_of;
use crate::said;

/// How far a copy has come.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// Bytes that are written so far.
    pub bytes: u64,
    /// How many bytes the copy will have, about, where that is known beforehand.
    pub whole: Option<u64>,
}

/// Where the store went that a copy took the place of; `None` where there was none.
pub type SetAside = Option<PathBuf>;

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Writes a copy of the store as it is at this moment, beside whatever uses it, and reads it back. The new `file` may be
/// read by its owner alone: it holds mail, and the key that signs letters. How many bytes it has.
///
/// SQLite's copy is a database like any other; PostgreSQL's is an archive of `pg_dump`.
///
/// # Errors
/// Where `file` exists, or cannot be written or read back; nothing stays behind then.
pub async fn back_up(settings: &Settings, file: &Path, told: impl Fn(Copied)) -> Result<u64> {
    let partial = begin(file)?;
    let made = match settings.url.strip_prefix("sqlite:") {
        Some(_) => sqlite::copy(&settings.url, &partial, told).await,
        None => postgres::dump(&settings.url, &partial, told).await,
    };
    let named = made.and_then(|()| name(&partial, file));
    if named.is_err() {
        let _ = fs::remove_file(&partial);
    }
    named
}

/// Puts a copy in the place of the store. What stood there is set aside, never deleted; on PostgreSQL the database has to be
/// empty.
///
/// # Errors
/// Where the copy is none, where a gateway runs, or where the place cannot be written. The store is as it was then.
pub async fn restore(settings: &Settings, file: &Path) -> Result<SetAside> {
    match settings.url.strip_prefix("sqlite:") {
        Some(_) => sqlite::put_back(&settings.url, file).await,
        None => postgres::put_back(&settings.url, file).await.map(|()| None),
    }
}

/// An empty file under another name: a copy that is cut short is never taken for one.
fn begin(file: &Path) -> Result<PathBuf> {
    if file.exists() {
        let shown = file.display();
        bail!(said!(
            "{shown} exists already: name another file, for example with the date in it",
            "{shown} existe déjà\u{a0}: nommez un autre fichier, par exemple avec la date"
        ));
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    new_file(&partial)?;
    Ok(partial)
}

/// Makes a file, empty, that its owner alone may read.
fn new_file(file: &Path) -> Result<File> {
    let made = File::options().create(true).truncate(true).write(true).mode(0o600).open(file);
    let shown = file.display();
    made.with_context(|| said!("Cannot write {shown}", "Impossible d’écrire {shown}"))
}

/// The copy survives a power cut from here on.
fn name(partial: &Path, file: &Path) -> Result<u64> {
    let copy = File::open(partial)?;
    copy.sync_all()?;
    fs::rename(partial, file)?;
    File::open(folder_of(file))?.sync_all()?;
    Ok(copy.metadata()?.len())
}

/// Does the work, and tells meanwhile how the file grows.
async fn watched<T>(
    work: impl Future<Output = Result<T>>,
    file: &Path,
    whole: Option<u64>,
    told: impl Fn(Copied),
) -> Result<T> {
    tokio::pin!(work);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = looks.tick() => {
                let bytes = fs::metadata(file).map_or(0, |file| file.len());
                told(Copied { bytes, whole });
            }
        }
    }
}
