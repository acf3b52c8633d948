//! `guichet ingest`: takes one mail as an MTA's pipe delivers it.
//!
//! Whatever goes wrong before the mail is recorded, a fault of the configuration too, asks the MTA to try again
//! (`EX_TEMPFAIL`): a mail that is refused for good would be lost to its author.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Answer, Invocation, open, run_async, terminal};
use crate::config::Config;
use crate::said;
use crate::store::{Received, TablesMay};

/// Take one mail in, as an MTA's pipe delivers it; exit 75 asks the MTA to try again
#[derive(Args)]
#[command(after_help = "\
Examples:
  guichet ingest < mail.eml
  guichet ingest --mailbox support mail.eml

Postfix, in master.cf:
  guichet unix - n n - 4 pipe user=guichet argv=/usr/bin/guichet ingest --mailbox support")]
pub(super) struct Arguments {
    /// The mailbox whose rules hold for the mail [default: the first]
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// The mail [default: standard input]
    file: Option<PathBuf>,
}

/// Of an over-size mail so much is kept: the header, and as a rule the text.
const OVER_SIZE_BYTES: usize = 256 * 1024;

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Answer {
    let taken = (|| {
        let config = invocation.configuration()?;
        let mail = received(&config, arguments)?;
        run_async(take_in(&config, mail))
    })();
    match taken {
        Ok(()) => Answer::Done,
        Err(error) => {
            terminal::tell(&terminal::safe(&said!(
                "guichet: the mail was not taken in: {error:#}",
                "guichet\u{a0}: le courriel n’a pas été reçu\u{a0}: {error:#}"
            )));
            Answer::TryAgain
        }
    }
}

async fn take_in(config: &Config, mail: Received) -> Result<()> {
    let gateway = open::gateway(config, TablesMay::BeMade).await?;
    let recorded = gateway
        .store
        .record(&[mail])
        .await
        .with_context(|| said!("Cannot record the mail", "Impossible d’inscrire le courriel"));
    if recorded.is_ok() {
        // From here on the mail is ours, and a running service would decide it as well.
        if let Err(error) = gateway.take_in().await {
            tracing::warn!(error = format!("{error:#}"), "The mail is recorded and waits for its decision");
        }
    }
    gateway.store.close().await;
    recorded.map(drop)
}

fn received(config: &Config, arguments: &Arguments) -> Result<Received> {
    let names = config.mailboxes.iter().map(|mailbox| mailbox.imap.name.as_str());
    let Some(mailbox) = names.clone().find(|name| arguments.mailbox.as_deref().is_none_or(|wanted| wanted == *name))
    else {
        bail!(said!(
            "there is no mailbox of this name; there are {}",
            "il n’y a pas de boîte de ce nom; il y a {}",
            names.collect::<Vec<_>>().join(", ")
        ));
    };
    let mut raw = read(arguments.file.as_deref())?;
    if raw.is_empty() {
        bail!(said!("it is empty", "il est vide"));
    }
    let size = raw.len() as u64;
    let is_whole = size <= config.message_bytes_max;
    if !is_whole {
        raw.truncate(OVER_SIZE_BYTES);
    }
    let now = Timestamp::now();
    Ok(Received {
        mailbox: mailbox.to_owned(),
        uid: None,
        raw_sha256: is_whole.then(|| Sha256::digest(&raw).into()),
        raw: raw.into(),
        size,
        internal_date: now,
        received_at: now,
        answered: false,
    })
}

fn read(file: Option<&Path>) -> Result<Vec<u8>> {
    match file {
        Some(file) if file != Path::new("-") => {
            std::fs::read(file).with_context(|| said!("Cannot read {}", "Impossible de lire {}", file.display()))
        }
        _ => {
            let mut raw = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut raw)
                .with_context(|| said!("Cannot read standard input", "Impossible de lire l’entrée standard"))?;
            Ok(raw)
        }
    }
}
