//! Where the operator wants the store to be.

use std::path::PathBuf;

use super::fault::Fault;
use super::url;

/// Where the store is.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite:/path/guichet.db` or `postgres://user:password@host/database`; `sqlite::memory:` vanishes with the store.
    pub url: String,
}

impl Settings {
    /// The same, with a password that the url does not name.
    ///
    /// # Errors
    /// Why not; the problem continues "url".
    pub fn with_password(self, password: &str) -> Result<Settings, Fault> {
        url::with_password(&self.url, password).map(|url| Settings { url })
    }

    /// Whether the url can be read. Nothing is asked.
    ///
    /// # Errors
    /// What is wrong with it; the problem continues "url".
    pub fn check(&self) -> Result<(), Fault> {
        if url::is_postgres(&self.url) { url::servers(&self.url).map(drop) } else { Ok(()) }
    }

    /// The file of a SQLite store that is kept.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite:")?.split('?').next()?;
        (path != ":memory:").then(|| PathBuf::from(path))
    }
}
