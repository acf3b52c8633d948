//! `guichet ticket`: tickets, for people and programs.

mod document;
mod timeline;

use std::collections::HashMap;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};

use super::{Answer, Invocation, terminal};
use crate::desk::{Contact, ContactId, Level, Policy, TicketNumber};
use crate::store::{Store, TicketFilter};

/// Tickets: list them, read one, work on it
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  guichet ticket list --status open
  guichet ticket show R-000123")]
pub(super) enum Command {
    /// List tickets
    #[command(after_help = "Example:\n  guichet ticket list --status open --level L2 --json")]
    List {
        /// Only those that stand here
        #[arg(long)]
        status: Option<StatusArgument>,
        /// Only those of this level: L1, L2 or L3
        #[arg(long)]
        level: Option<Level>,
        /// Only those of this desk
        #[arg(long, value_name = "NAME")]
        desk: Option<String>,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Show one ticket: who, what was written and sent, what happened
    #[command(after_help = "Example:\n  guichet ticket show R-000123 --json")]
    Show {
        /// The ticket, such as R-000123
        #[arg(value_name = "REF")]
        reference: TicketNumber,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Where a ticket stands.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StatusArgument {
    New,
    Open,
    Pending,
    Resolved,
    Closed,
    Spam,
}

pub(super) fn run(invocation: &Invocation, command: Command) -> Result<Answer> {
    match command {
        Command::List { status, level, desk, json } => {
            let state = status.and_then(|status| Some(status.to_possible_value()?.get_name().to_owned()));
            list(invocation, &TicketFilter { state, level, desk, ..TicketFilter::default() }, json)
        }
        Command::Show { reference, json } => show(invocation, reference, json),
    }
}

fn list(invocation: &Invocation, filter: &TicketFilter, json: bool) -> Result<Answer> {
    let found = invocation.with_store(async |store, _| store.tickets(filter).await)?;
    if json {
        let rows: Vec<_> = found.tickets.iter().map(|ticket| document::Head::of(ticket, &found.contacts)).collect();
        terminal::print_json(&rows)?;
        return Ok(Answer::Done);
    }
    let rows = found.tickets.iter().map(|ticket| {
        [
            ticket.number.to_string(),
            ticket.state.word().to_owned(),
            ticket.level.to_string(),
            ticket.priority.0.to_string(),
            address(ticket.requester, &found.contacts).unwrap_or_default(),
            address(ticket.agent, &found.contacts).unwrap_or_default(),
            terminal::moment(ticket.updated_at),
            ticket.subject.clone(),
        ]
    });
    let header = ["TICKET", "STATUS", "LEVEL", "PRIORITY", "REQUESTER", "OWNER", "UPDATED", "SUBJECT"];
    terminal::print(&terminal::table(header, rows))?;
    Ok(Answer::Done)
}

fn show(invocation: &Invocation, reference: TicketNumber, json: bool) -> Result<Answer> {
    let document = invocation.with_store(async |store, config| {
        let Some(shown) = store.ticket(reference).await? else { return Ok(None) };
        document::Document::read(store, &config.policy, &shown).await.map(Some)
    })?;
    let Some(document) = document else {
        terminal::tell(&format!("There is no ticket {reference}."));
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
pub(super) async fn outline(store: &Store, policy: &Policy, number: TicketNumber) -> Result<Option<String>> {
    let Some(shown) = store.ticket(number).await? else { return Ok(None) };
    let mut document = document::Document::read(store, policy, &shown).await?;
    document.shorten_texts();
    Ok(Some(timeline::page(&document)))
}

fn address(contact: Option<ContactId>, contacts: &HashMap<ContactId, Contact>) -> Option<String> {
    Some(contacts.get(&contact?)?.address.to_string())
}
