//! Opening a store: its tables, and the first token key.

use std::time::Instant;

use anyhow::Result;

use super::commit::Store;
use super::database::{Database, Fault, Settings, Step, Tables, TablesMay, trial};
use super::{key, lock};

impl Store {
    /// Opens the store as `serve` does: its tables are made, or brought up to date, and so is the first token key.
    ///
    /// # Errors
    /// A [`Fault`], within ten seconds.
    pub async fn open(settings: &Settings) -> Result<Store> {
        Store::open_where(settings, TablesMay::BeBroughtUp).await
    }

    /// Opens the store where its tables are what they must be, or may become it.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_where(settings: &Settings, tables: TablesMay) -> Result<Store> {
        Store::open_telling(settings, tables, &mut |_| {}).await
    }

    async fn open_telling(
        settings: &Settings,
        tables: TablesMay,
        tell: &mut (dyn FnMut(Step<'_>) + Send),
    ) -> Result<Store> {
        let database = Database::open(settings, tables, tell).await?;
        let mut held = database.write().await?;
        let keyring = key::keyring(&mut held.connection()).await?;
        drop(held);
        let store = Store::new(database, keyring);
        if tables == TablesMay::BeBroughtUp && store.lacks_words().await? {
            tell(Step::Begins { name: "words of old tickets", at: 1, of: 1 });
            let started = Instant::now();
            store.make_missing_words().await?;
            tell(Step::Done { took: started.elapsed() });
        }
        Ok(store)
    }

    /// Makes the tables, or brings them up to date, and tells each step. Without a step there was nothing to do.
    ///
    /// # Errors
    /// A [`Fault`]; also where the tables are a newer guichet's, and where a gateway serves a SQLite file.
    pub async fn migrate(settings: &Settings, tell: &mut (dyn FnMut(Step<'_>) + Send)) -> Result<()> {
        let tables = Store::tables(settings).await?;
        let _alone = match (&tables, settings.sqlite_file()) {
            (Tables::Old { .. }, Some(file)) => Some(lock::lock_file(&file)?),
            _ => None,
        };
        Store::open_telling(settings, TablesMay::BeBroughtUp, tell).await?.close().await;
        Ok(())
    }

    /// Which tables the store has. Nothing is changed.
    ///
    /// # Errors
    /// What keeps the store from being looked at.
    pub async fn tables(settings: &Settings) -> Result<Tables, Fault> {
        trial::tables(settings).await
    }

    /// Tries what `serve` needs, and takes it back: that the store can be reached, holds every character, can be written,
    /// has room, and has tables that can be used or brought up to date. It says which.
    ///
    /// # Errors
    /// What keeps `serve` from it.
    pub async fn try_out(settings: &Settings) -> Result<Tables, Fault> {
        trial::whole(settings).await
    }
}
