//! `guichet ledger`: every message ever seen, and where it ended.

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use jiff::{Span, Timestamp, Zoned, civil, tz::TimeZone};
use serde_json::{Value, json};

use super::{Answer, Invocation, terminal};
use crate::desk::{LedgerId, Outcome};
use crate::store::{LedgerFilter, LedgerLine, Retried};

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
    since: Option<Timestamp>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) fn run(invocation: &Invocation, arguments: Arguments) -> Result<Answer> {
    match arguments.command {
        None => list(invocation, arguments.list),
        Some(Command::List(arguments)) => list(invocation, arguments),
        Some(Command::Retry { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_retry(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, "is decided again"));
            Ok(Answer::Done)
        }
        Some(Command::Release { id }) => {
            let retried = invocation.with_store(async |store, _| store.ledger_release(LedgerId(id)).await)?;
            terminal::tell(&told(id, retried, "is released"));
            Ok(Answer::Done)
        }
    }
}

fn told(id: i64, retried: Retried, decided: &str) -> String {
    match retried {
        Retried::Decided => format!("Mail {id} {decided}."),
        Retried::AskedFor => format!("The mailbox's server is asked for mail {id} again within a minute."),
    }
}

fn list(invocation: &Invocation, arguments: ListArguments) -> Result<Answer> {
    let filter = LedgerFilter { mailbox: arguments.mailbox, since: arguments.since, standing: None };
    let lines = invocation.with_store(async |store, _| store.ledger(&filter).await)?;
    if arguments.json {
        terminal::print_json(&lines.iter().map(document).collect::<Vec<_>>())?;
        return Ok(Answer::Done);
    }
    let rows = lines.iter().map(|line| {
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
    });
    let header = ["ID", "MAILBOX", "UID", "TAKEN IN", "OUTCOME", "WHERE OR WHY", "MESSAGE-ID"];
    terminal::print(&terminal::table(header, rows))?;
    Ok(Answer::Done)
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

/// A moment, a day (its beginning, local time), or a duration before now.
fn since(text: &str) -> Result<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    if let Ok(day) = text.parse::<civil::Date>() {
        let start = day.to_zoned(TimeZone::system()).with_context(|| format!("{text} is no day here"))?;
        return Ok(start.timestamp());
    }
    match text.parse::<Span>() {
        Ok(ago) => {
            Ok(Zoned::now().checked_sub(ago.abs()).with_context(|| format!("{text} is too long ago"))?.timestamp())
        }
        Err(_) => bail!("write 2026-11-01, 2026-11-01T08:00:00Z, 90m, 2h or 3d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_moment_a_day_or_a_while() {
        assert_eq!(since("2026-11-01T08:00:00Z").unwrap().to_string(), "2026-11-01T08:00:00Z");
        for good in ["2026-11-01", "90m", "2h", "3d", "1 week"] {
            assert!(since(good).is_ok(), "{good}");
        }
        assert!(since("yesterday").is_err());
    }
}
