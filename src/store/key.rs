//! The keys of the tokens in our letters.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::database::Connection;
use super::statement::{execute, fetch};
use super::words::millis;
use crate::mail::token::{Key, Keyring};

const KEYS: &str = "select id, secret from token_key order by id desc";
/// Two processes may both find none: one key is made.
const FIRST_KEY: &str = "insert into token_key (id, secret, created_at) values (1, $1, $2) on conflict (id) do nothing";

/// The keys, newest first; the first one is made when there is none.
pub(super) async fn keyring(connection: &mut Connection<'_>) -> Result<Keyring> {
    let mut keys = read(connection).await?;
    if keys.is_empty() {
        let mut secret = vec![0; 32];
        getrandom::fill(&mut secret).context("The system gives no random bytes")?;
        execute!(connection, FIRST_KEY, &secret, millis(Timestamp::now()));
        keys = read(connection).await?;
    }
    if keys.is_empty() {
        bail!("The database keeps no token key");
    }
    let newest = keys.remove(0);
    Ok(Keyring::new(newest, keys))
}

async fn read(connection: &mut Connection<'_>) -> Result<Vec<Key>> {
    let rows = fetch!(connection, (i64, Vec<u8>), KEYS);
    rows.into_iter()
        .map(|(id, secret)| Ok(Key { id: u32::try_from(id).context("A token key's id is too large")?, secret }))
        .collect()
}
