//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{AuthenticationBy, Clock, Gateway, Parts, Sending, Watched};
use crate::known_fix::Library;
use crate::letters::Templates;
use crate::smtp::Transport;
use crate::store::Store;

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config) -> Result<Gateway> {
    let store = Store::open(&config.store).await?;
    Ok(Gateway::new(Parts {
        store,
        policy: config.policy.clone(),
        library: library(config)?,
        templates: templates(config)?,
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

/// The built-in templates, with the operator's own in their place.
pub(super) fn templates(config: &Config) -> Result<Templates> {
    let overrides = match &config.letters_folder {
        Some(folder) => files_below(folder)?,
        None => Vec::new(),
    };
    Templates::new(&overrides).map_err(|faults| WrongUsage(faults.to_string()).into())
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

/// The files of a folder and of the folders below it, named from there.
fn files_below(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).with_context(|| format!("Cannot read the folder {}", next.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "hbs") {
                let text = std::fs::read_to_string(&path).with_context(|| format!("Cannot read {}", path.display()))?;
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                files.push((name, text));
            }
        }
    }
    files.sort();
    Ok(files)
}
