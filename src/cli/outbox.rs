//! `guichet outbox`: letters that have not left.

use anyhow::Result;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Answer, Invocation, terminal};
use crate::store::{DeliveryId, DeliveryLine, Dropped};

/// Failed deliveries are listed for so long.
const FAILED_SHOWN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Letters that have not left: list them, try again, give up, stop all sending
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet outbox list
  guichet outbox retry 17
  guichet outbox hold-all")]
pub(super) enum Command {
    /// List deliveries that have not succeeded; failed ones of the last 14 days
    #[command(after_help = "Example:\n  guichet outbox list --json")]
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Try a delivery at once, also one that was held or has failed
    #[command(after_help = "Example:\n  guichet outbox retry 17")]
    Retry {
        /// Its number in the list
        id: i64,
    },
    /// Give a delivery up
    #[command(after_help = "Example:\n  guichet outbox drop 17")]
    Drop {
        /// Its number in the list
        id: i64,
    },
    /// Stop all sending until `resume`; mail is still taken in
    #[command(after_help = "Example:\n  guichet outbox hold-all")]
    HoldAll,
    /// Send again
    #[command(after_help = "Example:\n  guichet outbox resume --drop-automatic")]
    Resume {
        /// Discard the automatic letters that wait; people's words leave
        #[arg(long)]
        drop_automatic: bool,
    },
}

pub(super) fn run(invocation: &Invocation, command: &Command) -> Result<Answer> {
    let now = Timestamp::now();
    match *command {
        Command::List { json } => return list(invocation, now, json),
        Command::Retry { id } => {
            invocation.with_store(async |store, _| store.outbox_retry(DeliveryId(id), now).await)?;
            terminal::tell(&format!("Delivery {id} is tried at once."));
        }
        Command::Drop { id } => {
            invocation.with_store(async |store, _| store.outbox_drop(DeliveryId(id), now).await)?;
            terminal::tell(&format!("Delivery {id} is given up."));
        }
        Command::HoldAll => {
            invocation.with_store_to_write(async |store, _| store.outbox_hold_all(now).await)?;
            terminal::tell("Nothing leaves until `guichet outbox resume`.");
        }
        Command::Resume { drop_automatic } => {
            let dropped = if drop_automatic { Dropped::AutomaticLetters } else { Dropped::Nothing };
            let count = invocation.with_store(async |store, _| store.outbox_resume(dropped, now).await)?;
            terminal::tell(&format!("Letters leave again; {count} automatic ones were discarded."));
        }
    }
    Ok(Answer::Done)
}

fn list(invocation: &Invocation, now: Timestamp, json: bool) -> Result<Answer> {
    let (lines, held_since) = invocation
        .with_store(async |store, _| Ok((store.unsent(now - FAILED_SHOWN).await?, store.outbox_held_since().await?)))?;
    if json {
        terminal::print_json(&lines.iter().map(document).collect::<Vec<_>>())?;
        return Ok(Answer::Done);
    }
    if let Some(since) = held_since {
        let since = terminal::moment(since);
        terminal::tell(&format!("Nothing leaves since {since}: `guichet outbox resume` lets letters go again."));
    }
    let rows = lines.iter().map(|line| {
        [
            line.id.0.to_string(),
            line.ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
            line.purpose.name().to_owned(),
            line.recipient.to_string(),
            line.state.word().to_owned(),
            line.attempts.to_string(),
            terminal::moment(line.due_at),
            line.last_reply.clone().unwrap_or_default(),
        ]
    });
    let header = ["ID", "TICKET", "LETTER", "TO", "STATE", "ATTEMPTS", "NEXT", "THE RELAY SAID"];
    terminal::print(&terminal::table(header, rows))?;
    Ok(Answer::Done)
}

fn document(line: &DeliveryLine) -> Value {
    json!({
        "id": line.id.0,
        "ref": line.ticket.map(|ticket| ticket.to_string()),
        "purpose": line.purpose.name(),
        "message_id": line.message_id.as_ref().map(ToString::to_string),
        "subject": line.subject,
        "recipient": line.recipient,
        "delivery": line.state.word(),
        "attempts": line.attempts,
        "due_at": line.due_at,
        "created_at": line.created_at,
        "last_reply": line.last_reply,
    })
}
