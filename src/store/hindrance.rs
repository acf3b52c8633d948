//! What keeps letters from leaving though nothing is wrong with them, as the gateway last said.

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::statement::execute;
use super::words::{clean, millis};
use super::{Store, setting};

const NAME: &str = "outbox_hindrances";
const HASTEN: &str = "update delivery set due_at = $1, due_set_at = $1 where state in ('due', 'in_doubt') and due_at > $1 \
    and last_reply = $2";

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindrance {
    /// Since when.
    pub since: Timestamp,
    /// When it is tried whether it is over.
    pub next_try: Timestamp,
    /// It keeps letters with this return path alone, `<>` where empty; `None`: all letters.
    pub return_path: Option<String>,
    /// What is the matter, a sentence without a stop.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

impl Store {
    /// What the gateway last said. Nothing where an operator wants it to be tried at once.
    pub async fn hindrances(&self) -> Result<Option<Vec<Hindrance>>> {
        Ok(self.setting(NAME).await?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Notes all of them.
    pub async fn keep_hindrances(&self, hindrances: &[Hindrance]) -> Result<()> {
        self.keep_setting(NAME, &serde_json::to_string(hindrances)?).await
    }

    /// Letters that waited for that alone are due.
    pub async fn hasten(&self, cause: &str, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), HASTEN, millis(now), clean(cause));
        Ok(())
    }
}

/// Lets the gateway try at once.
pub(super) async fn forget(connection: &mut super::database::Connection<'_>) -> Result<()> {
    setting::forget(connection, NAME).await
}
