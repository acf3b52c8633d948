//! `guichet ledger`: every message ever seen, and where it ended.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::author::author;
use super::list::{self, Extent, Part};
use super::since::{Since, since};
use super::{Answer, Invocation, terminal};
use crate::desk::LedgerId;
use crate::said;
use crate::store::{LedgerFilter, LedgerLine, Retried, Standing};
use crate::view::ledger::{document, end_of};

/// Every message ever seen, and where it ended
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  guichet ledger --since 2h
  guichet ledger list --mailbox support --json
  guichet ledger release 42"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    list: ListArguments,
}

#[derive(Subcommand)]
enum Command {
    /// List messages
    #[command(after_help = "Example:\n  guichet ledger list --since 2026-11-01 --json")]
    List(ListArguments),
    /// Decide about a message again that is on no ticket
    #[command(after_help = "Example:\n  guichet ledger retry 42")]
    Retry {
        /// Its number in the ledger
        id: i64,
    },
    /// Let a message out of quarantine: you vouch for its author
    #[command(after_help = "Example:\n  guichet ledger release 42")]
    Release {
        /// Its number in the ledger
        id: i64,
    },
}

#[derive(Args)]
struct ListArguments {
    /// Only those of this mailbox
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// Only those taken in since then: 2026-11-01, 2026-11-01T08:00:00Z, or so long ago: 90m, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
    /// Only those that ended so
    #[arg(long)]
    outcome: Option<OutcomeArgument>,
    #[command(flatten)]
    extent: Extent,
    /// Print one JSON document, of all unless there is a --limit
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutcomeArgument {
    Pending,
    Ticket,
    Quarantine,
    Suppressed,
}

impl OutcomeArgument {
    fn standing(self) -> Standing {
        match self {
            OutcomeArgument::Pending => Standing::Pending,
            OutcomeArgument::Ticket => Standing::Ticket,
            OutcomeArgument::Quarantine => Standing::Quarantine,
            OutcomeArgument::Suppressed => Standing::Suppressed,
        }
    }
}

pub(super) fn run(invocation: &Invocation, arguments: Arguments) -> Result<Answer> {
    match arguments.command {
        None => print(invocation, arguments.list),
        Some(Command::List(arguments)) => print(invocation, arguments),
        Some(Command::Retry { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_retry(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, || {
                said!("Mail {id} is decided again.", "Le courriel {id} est traité de nouveau.")
            }));
            Ok(Answer::Done)
        }
        Some(Command::Release { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_release(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, || said!("Mail {id} is released.", "Le courriel {id} est libéré.")));
            Ok(Answer::Done)
        }
    }
}

fn told(id: i64, retried: Retried, decided: impl FnOnce() -> String) -> String {
    match retried {
        Retried::Decided => decided(),
        Retried::AskedFor => said!(
            "The mailbox's server is asked for mail {id} again within a minute.",
            "Le courriel {id} est redemandé au serveur de la boîte d’ici une minute."
        ),
    }
}

fn print(invocation: &Invocation, arguments: ListArguments) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let filter = LedgerFilter {
            mailbox: arguments.mailbox,
            since: arguments.since.map(|since| since.moment(Timestamp::now())).transpose()?,
            standing: arguments.outcome.map(OutcomeArgument::standing),
        };
        let lines = async |before, limit| store.ledger_page(&filter, before, limit).await;
        if arguments.json {
            return list::print_json(&arguments.extent, async |before, limit| {
                Ok(part(&lines(before, limit).await?, document))
            })
            .await;
        }
        let count = async || store.count_ledger(&filter).await.map(Some);
        list::print_table(
            &arguments.extent,
            header(),
            async |before, limit| Ok(part(&lines(before, limit).await?, row)),
            count,
        )
        .await
    })?;
    Ok(Answer::Done)
}

fn part<R>(lines: &[LedgerLine], row: impl Fn(&LedgerLine) -> R) -> Part<R, LedgerId> {
    (lines.iter().map(row).collect(), lines.last().map(|line| line.id))
}

fn header() -> [String; 8] {
    [
        said!("ID", "ID"),
        said!("MAILBOX", "BOÎTE"),
        said!("UID", "UID"),
        said!("TAKEN IN", "REÇU"),
        said!("OUTCOME", "SORT"),
        said!("WHERE OR WHY", "OÙ OU POURQUOI"),
        said!("MESSAGE-ID", "MESSAGE-ID"),
        said!("AUTHOR", "AUTEUR"),
    ]
}

fn row(line: &LedgerLine) -> [String; 8] {
    let (outcome, reference, reason) = end_of(line.outcome.as_ref());
    [
        line.id.to_string(),
        line.mailbox.clone(),
        line.uid.map(|(_, uid)| uid.to_string()).unwrap_or_default(),
        terminal::moment(line.received_at),
        outcome.to_owned(),
        reference.or(reason.map(str::to_owned)).unwrap_or_default(),
        line.message_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        line.proof.as_ref().map(author).unwrap_or_default(),
    ]
}
