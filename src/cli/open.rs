//! From a configuration to a gateway that could run: the store is opened, templates and known fixes are read.

use std::collections::BTreeMap;

use anyhow::Result;

use super::WrongUsage;
use crate::config::{self, Config};
use crate::gateway::{Clock, Gateway, Parts};
use crate::known_fix::{Answer, Library, Outcomes};
use crate::smtp::Transport;
use crate::store::Store;

/// A gateway as configured, that does nothing yet.
pub(super) async fn gateway(config: &Config) -> Result<Gateway> {
    let store = Store::open(&config.store).await?;
    let library = library(config, &store.known_fix_outcomes().await?)?;
    Ok(Gateway::new(Parts {
        store,
        policy: config.policy.clone(),
        library,
        templates: config::templates(config.letters_folder.as_deref())
            .map_err(|error| WrongUsage(format!("{error:#}")))?,
        mailboxes: config.mailboxes.clone(),
        transport: Transport::Smtp(config.smtp.clone()),
        sending: config.sending.clone(),
        clock: Clock::System,
    }))
}

/// All known fixes. A file that cannot be used is said and left out: the others still help. What was refused too often is only
/// suggested from now on.
fn library(config: &Config, outcomes: &BTreeMap<String, Outcomes>) -> Result<Library> {
    let mut articles = Vec::new();
    for (_, folder) in &config.known_fixes {
        let (found, faults) = config::known_fixes(folder)?;
        articles.extend(found);
        for fault in faults {
            tracing::warn!("A known fix is left out: {fault}");
        }
    }
    for article in articles.iter_mut().filter(|article| article.answer == Answer::Auto) {
        if let Some(outcomes) = outcomes.get(&article.id).filter(|outcomes| outcomes.is_refused_too_often()) {
            article.answer = Answer::Suggest;
            tracing::warn!(
                known_fix.id = article.id,
                known_fix.refused = outcomes.refused,
                known_fix.solved = outcomes.solved,
                "The known fix {} is suspended from automatic answers: requesters say that it does not help",
                article.id
            );
        }
    }
    Ok(Library::new(articles))
}
