//! `guichet completions` and `guichet man`: what shells and readers are told of the commands, made from them.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Answer, Cli, terminal};
use crate::said;

/// Print a shell's completions of the commands and their options
#[derive(Args)]
#[command(after_help = "Example:\n  guichet completions bash > /usr/share/bash-completion/completions/guichet")]
pub(super) struct Arguments {
    /// Whose completions
    shell: Shell,
}

/// Write the manual pages of all commands into a folder
#[derive(Args)]
#[command(after_help = "Example:\n  guichet man /usr/local/share/man/man1")]
pub(super) struct ManArguments {
    /// Where to write guichet.1, guichet-serve.1 and the others; what is there is replaced
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn completions(arguments: &Arguments) -> Result<Answer> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "guichet", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(Answer::Done)
}

pub(super) fn man(ManArguments { folder }: &ManArguments) -> Result<Answer> {
    let mut commands = Cli::command().disable_help_subcommand(true);
    commands.build();
    let written = std::fs::create_dir_all(folder).and_then(|()| write_pages(&commands, folder));
    written.with_context(|| {
        said!("Cannot write manual pages into {}", "Impossible d’écrire les pages de manuel dans {}", folder.display())
    })?;
    Ok(Answer::Done)
}

/// One page for the command and one for each below it.
fn write_pages(command: &Command, folder: &Path) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_pages(below, folder)?;
    }
    let page = Man::new(command.clone()).source(concat!("guichet ", env!("CARGO_PKG_VERSION"))).manual("guichet");
    page.generate_to(folder)?;
    Ok(())
}
