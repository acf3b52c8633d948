//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use anyhow::Result;

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{Clock, Gateway, Parts};
use crate::known_fix::Library;
use crate::smtp::Transport;
use crate::store::Store;

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config) -> Result<Gateway> {
    Ok(Gateway::new(Parts {
        store: Store::open(&config.store).await?,
        policy: config.policy.clone(),
        library: library(config)?,
        templates: config::templates(config.letters_folder.as_deref())
            .map_err(|error| WrongUsage(format!("{error:#}")))?,
        mailboxes: config.mailboxes.clone(),
        transport: Transport::Smtp(config.smtp.clone()),
        sending: config.sending.clone(),
        clock: Clock::System,
    }))
}

/// All known fixes. A file that cannot be used is said and left out: the others still help.
fn library(config: &Config) -> Result<Library> {
    let mut articles = Vec::new();
    for (_, folder) in &config.known_fixes {
        let (found, faults) = config::known_fixes(folder)?;
        articles.extend(found);
        for fault in faults {
            tracing::warn!("A known fix is left out: {fault}");
        }
    }
    Ok(Library::new(articles))
}
