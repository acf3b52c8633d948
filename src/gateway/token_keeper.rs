//! Tokens kept in the store, for all gateways that share it; one of them renews a token at a time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::future::{BoxFuture, FutureExt};
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::oauth::Keeper;
use crate::store::{Lease, Store};

/// A renewal takes no longer; one that did not end in order is over then.
const TURN: SignedDuration = SignedDuration::from_secs(60);
/// How often to look whether the other one is done.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Keeps tokens in a store.
#[derive(Debug)]
pub struct TokenKeeper {
    store: Store,
    holder: String,
    turns: Mutex<HashMap<String, Lease>>,
}

impl TokenKeeper {
    /// For one process that works with the store.
    pub fn new(store: Store) -> TokenKeeper {
        let holder = format!("{}.{}", std::process::id(), Timestamp::now().as_nanosecond());
        TokenKeeper { store, holder, turns: Mutex::default() }
    }

    async fn wait_for_turn(&self, name: &str) -> Result<()> {
        let lease = format!("token {name}");
        let until = Instant::now() + Duration::try_from(TURN)?;
        loop {
            if let Some(taken) = self.store.take_lease(&lease, &self.holder, Timestamp::now(), TURN).await? {
                self.turns.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), taken);
                return Ok(());
            }
            if Instant::now() > until {
                bail!("another process has been renewing it for a minute");
            }
            sleep(LOOK_AGAIN).await;
        }
    }
}

impl Keeper for TokenKeeper {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        async move { self.store.setting(&kept_as(name)).await }.boxed()
    }

    fn keep<'a>(&'a self, name: &'a str, text: &'a str) -> BoxFuture<'a, Result<()>> {
        async move { self.store.keep_setting(&kept_as(name), text).await }.boxed()
    }

    fn turn<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        self.wait_for_turn(name).boxed()
    }

    fn end_turn<'a>(&'a self, name: &'a str) -> BoxFuture<'a, ()> {
        async move {
            let turn = self.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
            if let Some(turn) = turn
                && let Err(error) = self.store.end_lease(&turn).await
            {
                tracing::debug!(error = format!("{error:#}"), "The turn to renew a token ends by itself");
            }
        }
        .boxed()
    }
}

fn kept_as(name: &str) -> String {
    format!("oauth2 {name}")
}
