//! A store that was put back from a copy: what it handed out since the copy was made is not handed out again.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use super::statement::execute;
use super::words::{instant, millis};
use super::{Store, high_water, sent_copy, setting};

/// What an operator is told for a while after a restore: milliseconds, and a sentence.
const RESTORED: &str = "restored";
/// So many numbers may have been used on each ticket since the copy was made.
const LETTERS_AHEAD: i64 = 100;

const RAISE: &str = "update counter set next = $1 where name = $2 and next < $1";
/// What waited may have left since the copy was made: that is shown, and the same bytes leave under the same Message-ID.
const DOUBT: &str = "update delivery set state = 'in_doubt' where state = 'due'";
const RAISE_LETTERS: &str = "update ticket set letters = letters + $1";
/// On one mail much may happen.
const ADD: &str = "update counter set next = next + case name when 'history' then 100 * $1 else $1 end";

impl Store {
    /// Whether the database is older than the file beside it: then no number that was used is used again. To be asked
    /// before anything is decided.
    pub async fn is_put_back(&self) -> Result<bool> {
        let Some(high) = self.high_water() else { return Ok(false) };
        let mut tx = self.begin().await?;
        let now: BTreeMap<String, i64> = high_water::counters(&mut tx.connection()).await?.into_iter().collect();
        let used = high.read();
        let behind = |(name, next): &&(String, i64)| now.get(name).is_some_and(|known| known < next);
        if !used.iter().any(|one| behind(&one)) {
            return Ok(false);
        }
        for (name, next) in &used {
            execute!(&mut tx.connection(), RAISE, *next, name.as_str());
        }
        execute!(&mut tx.connection(), RAISE_LETTERS, LETTERS_AHEAD);
        execute!(&mut tx.connection(), DOUBT);
        sent_copy::doubt(&mut tx.connection()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Leaves out so many numbers of each kind, and a hundred times as many places of the history: they may have been used.
    pub async fn jump_ahead(&self, numbers: i64) -> Result<()> {
        let mut tx = self.begin().await?;
        execute!(&mut tx.connection(), ADD, numbers);
        execute!(&mut tx.connection(), RAISE_LETTERS, LETTERS_AHEAD);
        tx.commit().await
    }

    /// Keeps what is to be told of a restore.
    pub async fn tell_of_restore(&self, sentence: &str, now: Timestamp) -> Result<()> {
        let mut held = self.write().await?;
        setting::keep(&mut held.connection(), RESTORED, &format!("{} {sentence}", millis(now))).await
    }

    /// When a restore was noticed last, and what was told of it.
    pub async fn restore_told(&self) -> Result<Option<(Timestamp, String)>> {
        let told = self.setting(RESTORED).await?;
        let told = told.as_deref().and_then(|told| told.split_once(' '));
        told.map(|(at, sentence)| Ok((instant(at.parse()?)?, sentence.to_owned()))).transpose()
    }
}
