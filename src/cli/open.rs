//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use anyhow::Result;

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{Gateway, Parts, Shelf, TimeSource};
use crate::smtp::Transport;
use crate::store::{Store, TablesMay};

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config, tables: TablesMay) -> Result<Gateway> {
    Ok(Gateway::new(Parts {
        store: Store::open_where(&config.store, tables).await?,
        policy: config.policy.clone(),
        shelf: Shelf::open(config.known_fixes.clone(), config::known_fixes, config.policy.known_fixes.suggest_from)?,
        templates: config::templates(config.letters_folder.as_deref())
            .map_err(|error| WrongUsage(format!("{error:#}")))?,
        mailboxes: config.watched().cloned().collect(),
        transport: Transport::Smtp(config.smtp.clone()),
        sending: config.sending.clone(),
        time: TimeSource::System,
    }))
}
