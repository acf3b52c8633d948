//! `guichet ticket`: tickets, for people and programs.

mod disclosures;
mod list;
mod order;
mod timeline;

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;

use super::{Answer, Invocation, terminal};
use crate::desk::{self, Level, Policy, TicketNumber};
use crate::mail::Address;
use crate::said;
use crate::store::Store;
use crate::view::ticket::Document;

/// Tickets: list them, read one, work on it
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet ticket list --active
  guichet ticket show R-000123")]
pub(super) enum Command {
    /// List tickets, newest first
    #[command(after_help = "\
Examples:
  guichet ticket list --active --level L2
  guichet ticket list --owner marie@example.com --since 7d --json
  guichet ticket list --search \"imprimante couloir\" --all")]
    List(list::Arguments),
    /// Show one ticket: who, what was written and sent, what happened
    #[command(after_help = "Example:\n  guichet ticket show R-000123 --json")]
    Show {
        /// The ticket: R-000123, or 123
        #[arg(value_name = "REF", value_parser = reference)]
        reference: TicketNumber,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List what left for whom outside the desk: when, what a vendor was told of the requester, which files
    #[command(after_help = "Example:\n  guichet ticket disclosures R-000123 --json")]
    Disclosures {
        /// The ticket: R-000123, or 123
        #[arg(value_name = "REF", value_parser = reference)]
        reference: TicketNumber,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Write something for the desk only
    #[command(after_help = "\
Examples:
  guichet ticket note R-000123 --agent marie@example.com --text \"rappelé, attend le fil\"
  guichet ticket note R-000123 --agent marie@example.com --text - < note.txt")]
    Note(order::Words),
    /// Answer the requester
    #[command(after_help = "\
Example:
  guichet ticket reply R-000123 --agent marie@example.com --text \"C'est réparé.\"")]
    Reply(order::Words),
    /// Hand the ticket to another level or to a vendor
    #[command(after_help = "\
Example:
  guichet ticket escalate R-000123 --level L3 --vendor acme --text \"Error 17 since this morning\"")]
    Escalate(order::Escalation),
    /// Make somebody its owner
    #[command(after_help = "Example:\n  guichet ticket assign R-000123 --to marie@example.com")]
    Assign {
        #[command(flatten)]
        act: order::Act,
        /// The owner to be
        #[arg(long, value_name = "ADDRESS")]
        to: Address,
    },
    /// Close it, silently unless there is a text
    #[command(after_help = "Example:\n  guichet ticket close R-000123")]
    Close {
        #[command(flatten)]
        act: order::Act,
        /// Goes to the requester; - reads it from stdin
        #[arg(long)]
        text: Option<String>,
    },
    /// Not solved after all
    #[command(after_help = "Example:\n  guichet ticket reopen R-000123")]
    Reopen {
        #[command(flatten)]
        act: order::Act,
    },
    /// Let it go on in another ticket
    #[command(after_help = "Example:\n  guichet ticket merge R-000123 --into R-000120")]
    Merge {
        #[command(flatten)]
        act: order::Act,
        /// The ticket that goes on
        #[arg(long, value_name = "REF", value_parser = reference)]
        into: TicketNumber,
    },
    /// Open a ticket for somebody who called
    #[command(after_help = "\
Example:
  guichet ticket new --requester luc@example.com --subject \"Écran noir\" --text \"Depuis midi\" --origin phone")]
    New(order::NewTicket),
}

pub(super) fn run(invocation: &Invocation, command: Command) -> Result<Answer> {
    match command {
        Command::List(arguments) => list::run(invocation, arguments),
        Command::Show { reference, json } => show(invocation, reference, json),
        Command::Disclosures { reference, json } => disclosures::run(invocation, reference, json),
        Command::Note(words) => order::say(invocation, words, desk::Command::Note, "note"),
        Command::Reply(words) => order::say(invocation, words, desk::Command::Reply, "reply"),
        Command::Escalate(escalation) => order::escalate(invocation, escalation),
        Command::Assign { act, to } => order::order(invocation, &act, desk::Command::Assign(to), None),
        Command::Close { act, text } => order::order(invocation, &act, desk::Command::Close, text),
        Command::Reopen { act } => order::order(invocation, &act, desk::Command::Reopen, None),
        Command::Merge { act, into } => order::order(invocation, &act, desk::Command::Merge(into), None),
        Command::New(ticket) => order::new_ticket(invocation, ticket),
    }
}

/// A level as people write it.
fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|_| {
        said!("{text} is no level: write L1, L2 or L3", "{text} n’est pas un niveau\u{a0}: écrivez N1, N2 ou N3")
    })
}

/// A ticket's reference as people write it.
pub(super) fn reference(text: &str) -> Result<TicketNumber, String> {
    text.parse().map_err(|_| {
        said!(
            "{text} is no ticket: write R-000123, or 123",
            "{text} n’est pas un billet\u{a0}: écrivez R-000123, ou 123"
        )
    })
}

pub(super) fn no_ticket(reference: TicketNumber) -> String {
    said!("There is no ticket {reference}.", "Il n’y a pas de billet {reference}.")
}

fn show(invocation: &Invocation, reference: TicketNumber, json: bool) -> Result<Answer> {
    let document = invocation.with_store(async |store, config| {
        let Some(shown) = store.ticket(reference).await? else { return Ok(None) };
        Document::read(store, &config.policy, &shown, Timestamp::now()).await.map(Some)
    })?;
    let Some(document) = document else {
        terminal::tell(&no_ticket(reference));
        return Ok(Answer::No);
    };
    if json {
        terminal::print_json(&document)?;
    } else {
        terminal::print(&timeline::page(&document))?;
    }
    Ok(Answer::Done)
}

/// A ticket as `ticket show` prints it, with the beginning of each text only.
pub(super) async fn outline(
    store: &Store,
    policy: &Policy,
    number: TicketNumber,
    now: Timestamp,
) -> Result<Option<String>> {
    let Some(shown) = store.ticket(number).await? else { return Ok(None) };
    let mut document = Document::read(store, policy, &shown, now).await?;
    document.shorten_texts();
    Ok(Some(timeline::page(&document)))
}
