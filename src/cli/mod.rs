//! The command line, one file a sub-command.
//!
//! Data goes to stdout, everything else to stderr. Exit status: 0 done; 1 the answer is no, or it could not be done;
//! 2 wrong usage or configuration, said in one message; 75 (`EX_TEMPFAIL`) asks an MTA to try again.

mod author;
mod backup;
mod calendar;
mod check;
mod clock;
mod completions;
mod demo;
mod dkim;
mod fix;
mod ingest;
mod init;
pub mod inspect;
mod key;
mod ledger;
mod list;
mod log;
mod login;
mod migrate;
mod open;
mod outbox;
mod reconcile;
mod report;
mod serve;
mod service_manager;
mod since;
mod status;
mod template;
mod terminal;
mod ticket;
mod usage;
mod words;
mod zones;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::config::{self, Config, LogFormat};
use crate::locale;
use crate::said;
use crate::store::{Store, TablesMay};

/// A helpdesk that lives in the mail: one binary between a support mailbox and three levels of support.
#[derive(Parser)]
#[command(name = "guichet", version, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    /// The configuration [default: ./guichet.toml, else /etc/guichet/guichet.toml]
    #[arg(long, global = true, value_name = "FILE", env = config::FILE_VARIABLE, hide_env_values = true)]
    config: Option<PathBuf>,

    /// How log lines are written to stderr [default: as configured, else text]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<LogFormatArgument>,

    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  guichet demo                           look at it, without any configuration
  guichet init --dir /etc/guichet        write a first configuration
  guichet check                          try everything that it names
  guichet serve                          run";

#[derive(Subcommand)]
enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Serve(serve::Arguments),
    Demo(demo::Arguments),
    Inspect(inspect::Arguments),
    Ingest(ingest::Arguments),
    #[command(subcommand)]
    Ticket(ticket::Command),
    Ledger(ledger::Arguments),
    Reconcile(reconcile::Arguments),
    #[command(subcommand)]
    Outbox(outbox::Command),
    #[command(subcommand)]
    Fix(fix::Command),
    Status(status::Arguments),
    Calendar(calendar::Arguments),
    Clock(clock::Arguments),
    Report(report::Arguments),
    #[command(subcommand)]
    Key(key::Command),
    Login(login::Arguments),
    #[command(subcommand)]
    Dkim(dkim::Command),
    Backup(backup::Arguments),
    Restore(backup::RestoreArguments),
    Migrate(migrate::Arguments),
    #[command(subcommand)]
    Template(template::Command),
    Completions(completions::Arguments),
    Man(completions::ManArguments),
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormatArgument {
    Text,
    Json,
}

/// How a command ends that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Done; or yes.
    Done,
    /// Not found; a check failed; the sum is wrong.
    No,
    /// Not now (`EX_TEMPFAIL` of sysexits.h).
    TryAgain,
}

/// The command line or the configuration cannot be used as it stands.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUsage(String);

/// What any command may need of the command line.
struct Invocation {
    config: Option<PathBuf>,
    log_format: Option<LogFormat>,
}

/// Every command and option, as clap knows them.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that the arguments name, the first being the program's own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    locale::speak_as_the_environment_asks();
    let command = if locale::is_french() { usage::in_french(Cli::command()) } else { Cli::command() };
    let cli = match command.try_get_matches_from(arguments).and_then(|given| Cli::from_arg_matches(&given)) {
        Ok(cli) => cli,
        Err(error) => {
            tell_of_usage(&error);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli) {
        Ok(Answer::Done) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Ok(Answer::TryAgain) => ExitCode::from(75),
        Err(error) if terminal::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            log::tell_end(&format!("guichet: {}", terminal::safe(&format!("{error:#}"))));
            ExitCode::from(if error.is::<WrongUsage>() { 2 } else { 1 })
        }
    }
}

/// Help and version are answers, on stdout; clap knows which is which.
fn tell_of_usage(error: &clap::Error) {
    if !locale::is_french() {
        let _ = error.print();
        return;
    }
    let (to_stderr, is_terminal) = match error.use_stderr() {
        true => (true, io::stderr().is_terminal()),
        false => (false, io::stdout().is_terminal()),
    };
    let styled = is_terminal && std::env::var_os("NO_COLOR").is_none();
    let told = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let rendered = error.render();
            usage::page_in_french(&if styled { rendered.ansi().to_string() } else { rendered.to_string() })
        }
        _ => usage::wrong_usage_in_french(error),
    };
    let _ = if to_stderr { write!(io::stderr(), "{told}") } else { write!(io::stdout(), "{told}") };
}

fn dispatch(cli: Cli) -> Result<Answer> {
    let log_format = cli.log_format.map(|format| match format {
        LogFormatArgument::Text => LogFormat::Text,
        LogFormatArgument::Json => LogFormat::Json,
    });
    let invocation = Invocation { config: cli.config, log_format };
    if matches!(cli.command, Command::Serve(_)) {
        locale::speak_english();
    } else {
        log::start(log_format.unwrap_or(LogFormat::Text), "warn")?;
    }
    match cli.command {
        Command::Serve(_) => serve::run(&invocation),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&invocation, &arguments),
        Command::Inspect(arguments) => inspect::run(&invocation, &arguments),
        Command::Ingest(arguments) => Ok(ingest::run(&invocation, &arguments)),
        Command::Ticket(command) => ticket::run(&invocation, command),
        Command::Ledger(arguments) => ledger::run(&invocation, arguments),
        Command::Reconcile(arguments) => reconcile::run(&invocation, &arguments),
        Command::Outbox(command) => outbox::run(&invocation, &command),
        Command::Fix(command) => fix::run(&invocation, command),
        Command::Status(arguments) => status::run(&invocation, &arguments),
        Command::Clock(arguments) => clock::run(&invocation, &arguments),
        Command::Calendar(arguments) => calendar::run(&invocation, &arguments),
        Command::Report(arguments) => report::run(&invocation, &arguments),
        Command::Key(command) => key::run(&invocation, &command),
        Command::Login(arguments) => login::run(&invocation, &arguments),
        Command::Dkim(command) => dkim::run(&invocation, &command),
        Command::Backup(arguments) => backup::run(&invocation, &arguments),
        Command::Restore(arguments) => backup::restore(&invocation, &arguments),
        Command::Migrate(arguments) => migrate::run(&invocation, &arguments),
        Command::Template(command) => template::run(&invocation, command),
        Command::Completions(arguments) => completions::completions(&arguments),
        Command::Man(arguments) => completions::man(&arguments),
    }
}

fn run_async<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().context("Cannot start the runtime")?;
    let done = runtime.block_on(work);
    // A name that is still being looked up keeps nobody waiting.
    runtime.shutdown_background();
    done
}

impl Invocation {
    /// The configuration; its faults are wrong usage.
    fn configuration(&self) -> Result<Config> {
        let read = config::find(self.config.as_deref()).and_then(|file| Config::load(&file));
        let config = read.map_err(|error| WrongUsage(format!("{error:#}")))?;
        terminal::tell_times_in(config.policy.desks.first().time_zone.clone());
        Ok(config)
    }

    /// Whether there is a configuration at all.
    fn has_configuration(&self) -> bool {
        config::find(self.config.as_deref()).is_ok()
    }

    /// Starts logging as configured.
    fn log(&self, config: &Config) -> Result<()> {
        log::start(self.log_format.unwrap_or(config.log.format), &config.log.filter)
    }

    /// The configuration, where there is a store: whoever only looks makes none, least of all by a slip in a path.
    fn configuration_with_store(&self) -> Result<Config> {
        let config = self.configuration()?;
        match config.store_file().filter(|file| !file.exists()) {
            Some(file) => bail!(
                "{}",
                said!(
                    "There is no store {} yet: `guichet serve` makes it.",
                    "Il n’y a pas encore de base {} : `guichet serve` la crée.",
                    file.display()
                )
            ),
            None => Ok(config),
        }
    }

    /// Looks into the store, beside a running service or without one. Its tables stay as they are.
    fn with_store<T>(&self, work: impl AsyncFnOnce(&Store, &Config) -> Result<T>) -> Result<T> {
        self.with_store_where(&self.configuration_with_store()?, TablesMay::StayAsTheyAre, work)
    }

    /// Does something in the store, beside a running service or without one. An empty store gets its tables.
    fn with_store_to_write<T>(&self, work: impl AsyncFnOnce(&Store, &Config) -> Result<T>) -> Result<T> {
        self.with_store_where(&self.configuration()?, TablesMay::BeMade, work)
    }

    fn with_store_where<T>(
        &self,
        config: &Config,
        tables: TablesMay,
        work: impl AsyncFnOnce(&Store, &Config) -> Result<T>,
    ) -> Result<T> {
        run_async(async {
            let store = Store::open_where(&config.store, tables).await?;
            open::keep_tokens(config, &store);
            let worked = work(&store, config).await;
            store.close().await;
            worked
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_has_an_example() {
        let mut seen = 0;
        visit(&Cli::command(), "guichet", &mut |path, command| {
            let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(example.contains("Example") && example.contains(path), "{path}: {example:?}");
            seen += 1;
        });
        assert!(seen > 5);
    }

    fn visit(command: &Command, path: &str, check: &mut impl FnMut(&str, &Command)) {
        check(path, command);
        for below in command.get_subcommands() {
            visit(below, &format!("{path} {}", below.get_name()), check);
        }
    }
}
