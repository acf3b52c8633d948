//! `guichet backup` and `guichet restore`: a copy of the store, and back.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use indicatif::HumanBytes;

use super::{Answer, Invocation, run_async, terminal};
use crate::said;
use crate::store;

/// Copy the store into a new file, while the service runs; the copy is read back before it gets its name
#[derive(Args)]
#[command(after_help = "Example:\n  guichet backup /var/backups/guichet-2026-11-28.db")]
pub(super) struct Arguments {
    /// Where the copy goes: a file that does not exist yet
    file: PathBuf,
}

/// Put a copy in the place of the store, while no service runs; what stood there is set aside
#[derive(Args)]
#[command(after_help = "Example:\n  guichet restore /var/backups/guichet-2026-11-28.db")]
pub(super) struct RestoreArguments {
    /// A file that `guichet backup` wrote
    file: PathBuf,
}

pub(super) fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Answer> {
    let config = invocation.configuration_with_store()?;
    let progress = terminal::bytes(said!("Copying", "Copie"));
    let bytes = run_async(store::back_up(&config.store, &arguments.file, |copied| {
        progress.set_length(copied.whole.unwrap_or(copied.bytes));
        progress.set_position(copied.bytes);
    }));
    progress.finish_and_clear();
    let (file, size) = (arguments.file.display(), HumanBytes(bytes?));
    terminal::tell(&said!("{file}: {size}, read back and sound.", "{file}\u{a0}: {size}, relu et intact."));
    Ok(Answer::Done)
}

pub(super) fn restore(invocation: &Invocation, arguments: &RestoreArguments) -> Result<Answer> {
    let config = invocation.configuration()?;
    let aside = run_async(store::restore(&config.store, &arguments.file))?;
    if let Some(aside) = aside.as_ref().map(|aside| aside.display()) {
        terminal::tell(&said!(
            "What stood there is now {aside}: delete it when nothing is missed.",
            "Ce qui s’y trouvait est maintenant {aside}\u{a0}: supprimez-le quand rien ne manque."
        ));
    }
    terminal::tell(&said!(
        "Put back. `guichet serve` tells what came since and takes it in again from the folder for handled mail.",
        "Remis en place. «\u{a0}guichet serve\u{a0}» dit ce qui est venu depuis et le reprend du dossier du courrier traité."
    ));
    Ok(Answer::Done)
}
