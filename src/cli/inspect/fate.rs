//! What would be done with the mail, by the configuration and the store as it is.

use anyhow::Result;
use jiff::Timestamp;

use super::Arguments;
use crate::cli::{Invocation, WrongUsage, open, run_async, terminal};
use crate::config::Config;
use crate::gateway::Fate;
use crate::said;
use crate::store::TablesMay;

/// `None`: the store cannot be read, which is said.
///
/// # Errors
/// There is no such mailbox.
pub(super) fn of(
    invocation: &Invocation,
    config: &Config,
    arguments: &Arguments,
    as_of: Option<Timestamp>,
    raw: Vec<u8>,
) -> Result<Option<Fate>> {
    let junk = config.junk.iter().map(|mailbox| &mailbox.imap.name);
    let mut names = config.mailbox_names.iter().chain(junk).map(String::as_str);
    let wanted = arguments.mailbox.as_deref();
    let Some(mailbox) = names.find(|name| wanted.is_none_or(|wanted| wanted == *name)) else {
        return Err(WrongUsage(said!(
            "There is no mailbox of this name; there are {}.",
            "Il n’y a pas de boîte de ce nom; il y a {}.",
            config.mailbox_names.join(", ")
        ))
        .into());
    };
    let at = as_of.unwrap_or_else(Timestamp::now);
    let fate = invocation.configuration_with_store().and_then(|config| {
        run_async(async {
            let gateway = open::gateway(&config, TablesMay::StayAsTheyAre).await?;
            let fate = gateway.fate_of(mailbox, raw, at).await;
            gateway.store.close().await;
            fate
        })
    });
    match fate {
        Ok(fate) => Ok(Some(fate)),
        Err(error) => {
            terminal::tell(&terminal::safe(&said!(
                "What would be done with it cannot be told: {error:#}",
                "On ne peut pas dire ce qui en serait fait\u{a0}: {error:#}"
            )));
            Ok(None)
        }
    }
}

/// What the decision would stand on, a line each.
pub(super) fn why(fate: &Fate) -> Vec<String> {
    let leads = fate.explained.leads.iter().filter(|(ticket, _)| !fate.opened.contains(ticket));
    let leads = leads.map(|(ticket, by)| format!("{ticket} by its {by}"));
    std::iter::once(fate.proof.clone()).chain(leads).collect()
}
