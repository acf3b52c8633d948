//! Message-IDs under which relays handed letters on, in the place of ours.

use std::collections::HashMap;

use anyhow::Result;

use super::database::Connection;
use super::statement::{fetch_in, write_rows};
use super::words::{clean, message_id};
use super::{LetterId, Store, Tx};
use crate::mail::MessageId;

/// Whoever learned one first keeps it.
const LEARN: &str = "insert into relayed_as (message_id, letter) values {rows} on conflict (message_id) do nothing";
const OURS: &str = "select relayed_as.message_id, letter.message_id from relayed_as join letter on letter.id = \
    relayed_as.letter where relayed_as.message_id in ({keys})";

/// Our own Message-ID of a letter, by the one under which it was handed on.
pub type RelayedAs = HashMap<MessageId, MessageId>;

impl Store {
    /// These letters went on under these Message-IDs. Like all that is noted of what a relay said, it survives the death of
    /// the process, but not a power cut.
    pub async fn learn_message_ids(&self, learned: &[(LetterId, MessageId)]) -> Result<()> {
        let mut held = self.mark().await?;
        write_rows!(&mut held.connection(), LEARN, learned, |mut row, (letter, id)| {
            row.push_bind(clean(id.as_str())).push_bind(letter.0);
        });
        Ok(())
    }

    /// Those of these Message-IDs that stand for letters of ours.
    pub async fn relayed_as(&self, ids: &[MessageId]) -> Result<RelayedAs> {
        let mut held = self.read().await?;
        relayed_as(&mut held.connection(), ids).await
    }
}

impl Tx {
    /// As [`Store::relayed_as`], within this commit.
    pub async fn relayed_as(&mut self, ids: &[MessageId]) -> Result<RelayedAs> {
        relayed_as(&mut self.connection(), ids).await
    }
}

async fn relayed_as(connection: &mut Connection<'_>, ids: &[MessageId]) -> Result<RelayedAs> {
    let ids: Vec<_> = ids.iter().map(|id| clean(id.as_str())).collect();
    let rows = fetch_in!(connection, (String, String), OURS, ids);
    Ok(rows
        .into_iter()
        .filter_map(|(other, ours)| Some((message_id(Some(&other))?, message_id(Some(&ours))?)))
        .collect())
}
