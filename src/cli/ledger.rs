//! `guichet ledger`: every message ever seen, and where it ended.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::{Extent, Length};
use super::since::{Since, since};
use super::{Answer, Invocation, terminal};
use crate::desk::{LedgerId, Outcome};
use crate::said;
use crate::store::{LedgerFilter, LedgerLine, Retried, Standing, Store};

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
        None => list(invocation, arguments.list),
        Some(Command::List(arguments)) => list(invocation, arguments),
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

fn list(invocation: &Invocation, arguments: ListArguments) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let filter = LedgerFilter {
            mailbox: arguments.mailbox,
            since: arguments.since.map(|since| since.moment(Timestamp::now())).transpose()?,
            standing: arguments.outcome.map(OutcomeArgument::standing),
        };
        match arguments.json {
            true => print_json(store, &filter, arguments.extent.of_json()).await,
            false => print_table(store, &filter, arguments.extent.of_text()).await,
        }
    })?;
    Ok(Answer::Done)
}

async fn print_json(store: &Store, filter: &LedgerFilter, mut length: Length) -> Result<()> {
    let mut list = terminal::JsonList::default();
    let mut before = None;
    while length.wants_more() {
        let lines = store.ledger_page(filter, before, length.page()).await?;
        list.items(lines.iter().map(document))?;
        length.shown(lines.len());
        before = lines.last().map(|line| line.id);
        if before.is_none() {
            break;
        }
    }
    list.end()
}

async fn print_table(store: &Store, filter: &LedgerFilter, mut length: Length) -> Result<()> {
    let mut table = terminal::LongTable::new(header());
    let mut before = None;
    loop {
        let lines = store.ledger_page(filter, before, length.page()).await?;
        before = lines.last().map(|line| line.id);
        if before.is_some() || length.is_fresh() {
            terminal::print(&table.rows(lines.iter().map(row)))?;
        }
        length.shown(lines.len());
        if before.is_none() {
            return Ok(());
        }
        if !length.wants_more() {
            return length.tell_of_the_rest(store.count_ledger(filter).await?);
        }
    }
}

fn header() -> [String; 7] {
    [
        said!("ID", "ID"),
        said!("MAILBOX", "BOÎTE"),
        said!("UID", "UID"),
        said!("TAKEN IN", "REÇU"),
        said!("OUTCOME", "SORT"),
        said!("WHERE OR WHY", "OÙ OU POURQUOI"),
        said!("MESSAGE-ID", "MESSAGE-ID"),
    ]
}

fn row(line: &LedgerLine) -> [String; 7] {
    let (outcome, reference, reason) = end_of(line);
    [
        line.id.to_string(),
        line.mailbox.clone(),
        line.uid.map(|(_, uid)| uid.to_string()).unwrap_or_default(),
        terminal::moment(line.received_at),
        outcome.to_owned(),
        reference.or(reason.map(str::to_owned)).unwrap_or_default(),
        line.message_id.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}

fn document(line: &LedgerLine) -> Value {
    let (outcome, reference, reason) = end_of(line);
    json!({
        "id": line.id,
        "mailbox": line.mailbox,
        "uidvalidity": line.uid.map(|(validity, _)| validity),
        "uid": line.uid.map(|(_, uid)| uid),
        "message_id": line.message_id.as_ref().map(ToString::to_string),
        "raw_sha256": line.raw_sha256.map(|digest| HEXLOWER.encode(&digest)),
        "size": line.size,
        "received_at": line.received_at,
        "outcome": outcome,
        "ref": reference,
        "reason": reason,
    })
}

/// Outcome, ticket and reason.
fn end_of(line: &LedgerLine) -> (&'static str, Option<String>, Option<&'static str>) {
    match &line.outcome {
        None => ("pending", None, Some("not_decided_yet")),
        Some(Outcome::Ticket(number)) => ("ticket", Some(number.to_string()), None),
        Some(Outcome::Quarantine(reason)) => ("quarantine", None, Some(reason.code())),
        Some(Outcome::Suppressed(reason)) => ("suppressed", None, Some(reason.code())),
    }
}
