//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use std::sync::Arc;

use anyhow::Result;

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{Gateway, Parts, Shelf, TimeSource, TokenKeeper};
use crate::smtp::Transport;
use crate::store::{Store, Tables, TablesMay};

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config, tables: TablesMay) -> Result<Gateway> {
    let store = Store::open_where(&config.store, tables).await?;
    keep_tokens(config, &store);
    Ok(Gateway::new(Parts {
        store,
        policy: config.policy.clone(),
        shelf: Shelf::open(config.known_fixes.clone(), config::known_fixes, config.policy.known_fixes.suggest_from)?,
        templates: config::templates(config.letters_folder.as_deref())
            .map_err(|error| WrongUsage(format!("{error:#}")))?,
        mailboxes: config.watched().cloned().collect(),
        transport: Transport::Smtp(config.smtp.clone()),
        sending: config.sending.clone(),
        alarm: config.alarm.clone(),
        time: TimeSource::System,
    })
    .with_mail_handed_over(config.unwatched.clone(), config.lmtp.clone())
    .with_connections(config.connections_per_server)
    .with_signers(config.signers.clone())
    .with_sent(config.sent.clone()))
}

/// The store that keeps tokens, where there are any and it can be opened as it is: for a command that tries them and needs it
/// for nothing else.
pub(super) async fn store_of_tokens(config: &Config) -> Option<Store> {
    if config.token_key.is_none() || config.tokens.is_empty() {
        return None;
    }
    let opened = match Store::try_out(&config.store).await {
        // Nothing is kept yet.
        Ok(Tables::None) => return None,
        Ok(_) => Store::open_where(&config.store, TablesMay::StayAsTheyAre).await,
        Err(error) => Err(error.into()),
    };
    match opened {
        Ok(store) => {
            keep_tokens(config, &store);
            Some(store)
        }
        Err(error) => {
            config.tokens.iter().for_each(|tokens| tokens.keep_from(format!("{error:#}")));
            None
        }
    }
}

/// Tokens are kept in the store, where there is a key that seals them.
pub(super) fn keep_tokens(config: &Config, store: &Store) {
    let Some(key) = &config.token_key else { return };
    let keeper = Arc::new(TokenKeeper::new(store.clone()));
    for tokens in &config.tokens {
        tokens.keep_in(keeper.clone(), Arc::clone(key));
    }
}
