//! Single values that outlive the process.

use anyhow::Result;
use jiff::Timestamp;

use super::Store;
use super::database::Connection;
use super::statement::{execute, fetch};
use super::words::{instant, millis};

const READ: &str = "select value from setting where name = $1";
const WRITE: &str =
    "insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value";
const WRITE_ONCE: &str = "insert into setting (name, value) values ($1, $2) on conflict (name) do nothing";
const REMOVE: &str = "delete from setting where name = $1";

const FIRST_START: &str = "first_start";

impl Store {
    /// When this store was first served: `now` the first time, the same instant for ever after.
    pub async fn first_start(&self, now: Timestamp) -> Result<Timestamp> {
        let mut held = self.write().await?;
        let mut connection = held.connection();
        execute!(&mut connection, WRITE_ONCE, FIRST_START, millis(now).to_string());
        match read(&mut connection, FIRST_START).await? {
            Some(value) => instant(value.parse()?),
            None => Ok(now),
        }
    }

    /// Whether it was ever served.
    pub async fn was_started(&self) -> Result<bool> {
        Ok(self.setting(FIRST_START).await?.is_some())
    }

    /// A value that was kept.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        let mut held = self.read().await?;
        read(&mut held.connection(), name).await
    }

    /// Keeps a value.
    pub async fn keep_setting(&self, name: &str, value: &str) -> Result<()> {
        let mut held = self.write().await?;
        keep(&mut held.connection(), name, value).await
    }

    /// Forgets a value.
    pub async fn forget_setting(&self, name: &str) -> Result<()> {
        let mut held = self.write().await?;
        forget(&mut held.connection(), name).await
    }
}

pub(super) async fn read(connection: &mut Connection<'_>, name: &str) -> Result<Option<String>> {
    let rows = fetch!(connection, (String,), READ, name);
    Ok(rows.into_iter().next().map(|(value,)| value))
}

pub(super) async fn keep(connection: &mut Connection<'_>, name: &str, value: &str) -> Result<()> {
    execute!(connection, WRITE, name, value);
    Ok(())
}

pub(super) async fn forget(connection: &mut Connection<'_>, name: &str) -> Result<()> {
    execute!(connection, REMOVE, name);
    Ok(())
}
