//! The keys of the tokens in our letters.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::commit::{Store, Tx};
use super::database::Connection;
use super::statement::{execute, fetch};
use super::words::{instant, maybe_instant, millis};
use crate::mail::token::{Key, Keyring};

const KEYS: &str = "select id, secret, retired_at from token_key order by id desc";
const LIST: &str = "select id, created_at, retired_at from token_key order by id desc";
/// Two processes may both find none: one key is made.
const FIRST_KEY: &str = "insert into token_key (id, secret, created_at) values (1, $1, $2) on conflict (id) do nothing";
const NEXT_KEY: &str = "insert into token_key (id, secret, created_at) values ($1, $2, $3)";
/// The newest signs, and stays.
const RETIRE: &str = "update token_key set retired_at = $2 where id = $1 and retired_at is null and id < (select max(id) from token_key)";

/// A key, without its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// Stands in the tokens that it signed.
    pub id: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on letters that it signed open nothing.
    pub retired_at: Option<Timestamp>,
    /// It signs what leaves.
    pub signs: bool,
}

/// What came of retiring a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retired {
    /// Its letters open nothing from now on.
    Done,
    /// They did not before.
    Already,
    /// It signs; another one has to be made first.
    Signs,
    /// There is no such key.
    Unknown,
}

impl Store {
    /// All keys, the one that signs first.
    pub async fn keys(&self) -> Result<Vec<KeyLine>> {
        lines(&mut self.read().await?.connection()).await
    }

    /// Makes the key that signs from now on, and tells its id. Older ones go on verifying. A gateway that runs takes it up with
    /// its next commit.
    pub async fn rotate_key(&self, now: Timestamp) -> Result<u32> {
        let mut tx = self.begin().await?;
        let newest = lines(&mut tx.connection()).await?.first().map_or(0, |key| key.id);
        let id = newest.checked_add(1).context("There are too many token keys")?;
        execute!(&mut tx.connection(), NEXT_KEY, i64::from(id), &random()?, millis(now));
        tx.commit().await?;
        Ok(id)
    }

    /// Lets what a key signed open nothing from now on.
    pub async fn retire_key(&self, id: u32, now: Timestamp) -> Result<Retired> {
        let mut tx = self.begin().await?;
        let keys = lines(&mut tx.connection()).await?;
        let retired = match keys.iter().find(|key| key.id == id) {
            None => Retired::Unknown,
            Some(KeyLine { signs: true, .. }) => Retired::Signs,
            Some(KeyLine { retired_at: Some(_), .. }) => Retired::Already,
            Some(_) => {
                execute!(&mut tx.connection(), RETIRE, i64::from(id), millis(now));
                Retired::Done
            }
        };
        tx.commit().await?;
        Ok(retired)
    }
}

impl Tx {
    /// The keys as they are now; the known ones where nothing has changed, for making them ready takes a while.
    pub async fn keyring(&mut self, known: &Arc<Keyring>) -> Result<Arc<Keyring>> {
        let keys = Keys::read(&mut self.connection()).await?;
        let ids = |keys: &[Key]| keys.iter().map(|key| key.id).collect::<Vec<_>>();
        if known.is_of(&ids(&keys.verifying), &ids(&keys.retired)) {
            Ok(known.clone())
        } else {
            keys.ring().map(Arc::new)
        }
    }
}

/// The keys; the first one is made when there is none.
pub(super) async fn keyring(connection: &mut Connection<'_>) -> Result<Keyring> {
    let mut keys = Keys::read(connection).await?;
    if keys.verifying.is_empty() {
        execute!(connection, FIRST_KEY, &random()?, millis(Timestamp::now()));
        keys = Keys::read(connection).await?;
    }
    keys.ring()
}

/// Newest first.
#[derive(Default)]
struct Keys {
    verifying: Vec<Key>,
    retired: Vec<Key>,
}

impl Keys {
    async fn read(connection: &mut Connection<'_>) -> Result<Keys> {
        let mut keys = Keys::default();
        for (id, secret, retired_at) in fetch!(connection, (i64, Vec<u8>, Option<i64>), KEYS) {
            let key = Key { id: id_of(id)?, secret };
            if retired_at.is_some() { keys.retired.push(key) } else { keys.verifying.push(key) }
        }
        Ok(keys)
    }

    fn ring(self) -> Result<Keyring> {
        let mut verifying = self.verifying.into_iter();
        let Some(newest) = verifying.next() else { bail!("The database keeps no token key that signs") };
        Ok(Keyring::with_retired(newest, verifying.collect(), self.retired))
    }
}

async fn lines(connection: &mut Connection<'_>) -> Result<Vec<KeyLine>> {
    let rows = fetch!(connection, (i64, i64, Option<i64>), LIST);
    let line = |(place, (id, created_at, retired_at)): (usize, (i64, i64, Option<i64>))| {
        Ok(KeyLine {
            id: id_of(id)?,
            created_at: instant(created_at)?,
            retired_at: maybe_instant(retired_at)?,
            signs: place == 0,
        })
    };
    rows.into_iter().enumerate().map(line).collect()
}

fn id_of(id: i64) -> Result<u32> {
    u32::try_from(id).context("A token key's id is too large")
}

fn random() -> Result<Vec<u8>> {
    let mut secret = vec![0; 32];
    getrandom::fill(&mut secret).context("The system gives no random bytes")?;
    Ok(secret)
}
