//! `guichet ingest`: takes one mail as an MTA's pipe delivers it.
//!
//! Whatever goes wrong before the mail is recorded, a fault of the configuration too, asks the MTA to try again
//! (`EX_TEMPFAIL`): a mail that is refused for good would be lost to its author.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;

use super::{Answer, Invocation, open, run_async, terminal};
use crate::config::Config;
use crate::mail::Kept;
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

/// So much is read at once.
const PIECE_BYTES: usize = 64 << 10;

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
    let mut names = config.mailbox_names.iter().map(String::as_str);
    let Some(mailbox) = names.find(|name| arguments.mailbox.as_deref().is_none_or(|wanted| wanted == *name)) else {
        bail!(said!(
            "there is no mailbox of this name; there are {}",
            "il n’y a pas de boîte de ce nom; il y a {}",
            config.mailbox_names.join(", ")
        ));
    };
    let kept = read(arguments.file.as_deref(), config.message_bytes_max)?;
    if kept.size() == 0 {
        bail!(said!("it is empty", "il est vide"));
    }
    Ok(Received::handed_over(mailbox, kept, Timestamp::now()))
}

fn read(file: Option<&Path>, whole_max: u64) -> Result<Kept> {
    match file {
        Some(file) if file != Path::new("-") => File::open(file)
            .and_then(|mail| kept(mail, whole_max))
            .with_context(|| said!("Cannot read {}", "Impossible de lire {}", file.display())),
        _ => kept(std::io::stdin().lock(), whole_max)
            .with_context(|| said!("Cannot read standard input", "Impossible de lire l’entrée standard")),
    }
}

fn kept(mut mail: impl Read, whole_max: u64) -> io::Result<Kept> {
    let mut kept = Kept::new(whole_max);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match mail.read(&mut piece) {
            Ok(0) => return Ok(kept),
            Ok(length) => kept.push(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
