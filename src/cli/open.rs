//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use anyhow::{Result, bail};

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{AuthenticationBy, Clock, Gateway, Parts, Sending, Watched};
use crate::known_fix::Library;
use crate::smtp::Transport;
use crate::store::Store;

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config) -> Result<Gateway> {
    let store = Store::open(&config.store).await?;
    Ok(Gateway::new(Parts {
        store,
        policy: config.policy.clone(),
        library: library(config)?,
        templates: config::templates(config.letters_folder.as_deref())
            .map_err(|error| WrongUsage(format!("{error:#}")))?,
        mailboxes: config.mailboxes.iter().map(watched).collect::<Result<_>>()?,
        transport: Transport::Smtp(config.smtp.clone()),
        sending: Sending {
            retry: config.sending.retry.clone(),
            give_up: config.sending.give_up,
            letters_per_minute: config.sending.letters_per_minute,
        },
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

fn watched(mailbox: &config::Mailbox) -> Result<Watched> {
    let authentication = match &mailbox.authentication {
        config::Authentication::Header(authserv_id) => AuthenticationBy::Header(authserv_id.clone()),
        config::Authentication::Token => AuthenticationBy::Token,
        config::Authentication::Exchange => {
            bail!(WrongUsage(
                "authentication = \"exchange\" is not in this version: use \"header\" or \"token\"".to_owned()
            ))
        }
    };
    Ok(Watched { imap: mailbox.imap.clone(), processed_folder: mailbox.processed_folder.clone(), authentication })
}
