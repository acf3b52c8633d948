//! `guichet login`: somebody signs in for a mailbox, once; and whether its tokens open it.

use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;

use super::{Answer, Invocation, terminal};
use crate::config::Config;
use crate::imap;
use crate::net::Obstacle;
use crate::oauth::{Flow, Tokens};
use crate::said;
use crate::smtp;

/// Sign in to a mailbox by OAuth 2.0: with a browser, where its flow is "device"; and try the login
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet login support
  guichet login smtp

A page and a code are printed: open the page on any device, type the code and sign in as the mailbox, or as somebody who may
open it. That lasts until it is revoked, or was not used for months; a running service goes on with it by itself. Other
flows need nobody: their tokens are got and tried.")]
pub(super) struct Arguments {
    /// The mailbox as the configuration names it; or smtp, where the relay has an oauth2 of its own
    mailbox: String,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    // What is wrong with the name needs no store.
    named(&invocation.configuration()?, &arguments.mailbox)?;
    invocation.with_store_to_write(async |_, config| {
        let tokens = named(config, &arguments.mailbox)?;
        let before = match tokens.account().flow {
            Flow::Device { .. } => sign_in(&tokens).await?,
            Flow::ClientCredentials | Flow::RefreshToken(_) | Flow::ServiceAccount { .. } => None,
        };
        let tried = try_out(config, &tokens).await;
        if tried.is_err()
            && let Some(before) = before
        {
            tokens.put_back(&before).await.map_err(|obstacle| told(&obstacle))?;
            terminal::tell(&said!(
                "The sign-in of before is kept: whoever signed in now opens nothing here.",
                "L’identification d’avant est gardée\u{a0}: qui vient de s’identifier n’ouvre rien ici."
            ));
        }
        tried.map(|()| Answer::Done)
    })
}

fn named(config: &Config, name: &str) -> Result<Arc<Tokens>> {
    let names = config.tokens.iter().map(|tokens| tokens.account().name.as_str());
    match config.tokens.iter().find(|tokens| tokens.account().name == name) {
        Some(tokens) => Ok(Arc::clone(tokens)),
        None if config.tokens.is_empty() => bail!(said!(
            "No mailbox of this configuration signs in by OAuth 2.0: add [mailbox.oauth2] to one.",
            "Aucune boîte de cette configuration ne s’identifie par OAuth 2.0\u{a0}: ajoutez [mailbox.oauth2] à l’une."
        )),
        None => bail!(said!(
            "There is no login {name:?}; there are: {}.",
            "Il n’y a pas de connexion {name:?}; il y a\u{a0}: {}.",
            names.collect::<Vec<_>>().join(", ")
        )),
    }
}

/// What was kept before, sealed.
async fn sign_in(tokens: &Tokens) -> Result<Option<String>> {
    let invitation = tokens.invite().await.map_err(|obstacle| told(&obstacle))?;
    let (page, code, minutes) = (&invitation.page, &invitation.code, invitation.holds.as_secs().div_ceil(60));
    terminal::tell(&terminal::safe(&match &invitation.sign_in_as {
        Some(who) => said!(
            "Open {page} and type the code {code} within {minutes} minutes; sign in as {who}.",
            "Ouvrez {page} et tapez le code {code} d’ici {minutes} minutes; identifiez-vous comme {who}."
        ),
        None => said!(
            "Open {page} and type the code {code} within {minutes} minutes.",
            "Ouvrez {page} et tapez le code {code} d’ici {minutes} minutes."
        ),
    }));
    let waiting = terminal::waiting(&said!("Waiting for the sign-in …", "En attente de l’identification …"));
    let signed_in = tokens.sign_in(&invitation).await;
    waiting.finish_and_clear();
    signed_in.map_err(|obstacle| told(&obstacle))
}

/// Logs in where these tokens are for, as `serve` does.
async fn try_out(config: &Config, tokens: &Arc<Tokens>) -> Result<()> {
    let name = &tokens.account().name;
    for mailbox in config.mailboxes.iter().filter(|mailbox| mailbox.imap.name == *name) {
        let session = imap::Session::connect(&mailbox.imap)
            .await
            .map_err(|failure| anyhow::anyhow!("{}. {}", failure.cause(), failure.remedy()))?;
        session.logout().await;
        terminal::tell(&said!("✓ {name}: signed in by IMAP", "✓ {name}\u{a0}: connecté par IMAP"));
    }
    if name == "smtp" {
        let session = smtp::Session::open(&config.smtp).await.map_err(|obstacle| told(&obstacle))?;
        session.close().await;
        terminal::tell(&said!("✓ {name}: signed in", "✓ {name}\u{a0}: connecté"));
    }
    Ok(())
}

fn told(obstacle: &Obstacle) -> anyhow::Error {
    anyhow::anyhow!("{}. {}", obstacle.cause(), obstacle.remedy())
}
