//! `guichet ticket list`.

use std::collections::HashMap;

use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{address, document};
use crate::cli::list::{Extent, Length};
use crate::cli::since::{Since, since};
use crate::cli::{Answer, Invocation, terminal};
use crate::desk::{Contact, ContactId, Level, Ticket};
use crate::mail::Address;
use crate::said;
use crate::store::{Store, TicketFilter};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// Only those that somebody has work with: new, open and pending ones
    #[arg(long, conflicts_with = "status")]
    active: bool,
    /// Only those that stand exactly here; `open` has neither new nor pending ones, --active has all three
    #[arg(long)]
    status: Option<StatusArgument>,
    /// Only those of this level: L1, L2 or L3
    #[arg(long)]
    level: Option<Level>,
    /// Only those of this desk
    #[arg(long, value_name = "NAME")]
    desk: Option<String>,
    /// Only those that this agent owns
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    /// Only those that this person asked for
    #[arg(long, value_name = "ADDRESS")]
    requester: Option<Address>,
    /// Only those with all these words in the subject or in the requester's name or address
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only those touched since then: 2026-11-01, 2026-11-01T08:00:00Z, or so long ago: 90m, 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,
    #[command(flatten)]
    extent: Extent,
    /// Print one JSON document, of all unless there is a --limit
    #[arg(long)]
    json: bool,
}

/// Where a ticket stands.
#[derive(Clone, Copy, ValueEnum)]
enum StatusArgument {
    New,
    Open,
    Pending,
    Resolved,
    Closed,
    Spam,
}

pub(super) fn run(invocation: &Invocation, arguments: Arguments) -> Result<Answer> {
    invocation.with_store(async |store, _| {
        let Arguments { active, status, level, desk, owner, requester, search, since, extent, json } = arguments;
        let filter = TicketFilter {
            state: status.and_then(|status| Some(status.to_possible_value()?.get_name().to_owned())),
            at_work: active,
            level,
            desk,
            owner,
            requester,
            since: since.map(|since| since.moment(Timestamp::now())).transpose()?,
            search: search.iter().flat_map(|words| words.split_whitespace()).map(str::to_owned).collect(),
        };
        match json {
            true => print_json(store, &filter, extent.of_json()).await,
            false => print_table(store, &filter, extent.of_text()).await,
        }
    })?;
    Ok(Answer::Done)
}

async fn print_json(store: &Store, filter: &TicketFilter, mut length: Length) -> Result<()> {
    let mut list = terminal::JsonList::default();
    let mut before = None;
    while length.wants_more() {
        let page = store.ticket_page(filter, before, length.page()).await?;
        list.items(page.list.tickets.iter().map(|ticket| document::Head::of(ticket, &page.list.contacts)))?;
        length.shown(page.list.tickets.len());
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    list.end()
}

async fn print_table(store: &Store, filter: &TicketFilter, mut length: Length) -> Result<()> {
    let mut table = terminal::LongTable::new(header());
    let mut before = None;
    loop {
        let page = store.ticket_page(filter, before, length.page()).await?;
        before = page.next;
        let tickets = &page.list.tickets;
        if !tickets.is_empty() || (before.is_none() && length.is_fresh()) {
            terminal::print(&table.rows(tickets.iter().map(|ticket| row(ticket, &page.list.contacts))))?;
        }
        length.shown(tickets.len());
        if before.is_none() {
            return Ok(());
        }
        if !length.wants_more() {
            return length.tell_of_the_rest(store.count_tickets(filter).await?);
        }
    }
}

fn header() -> [String; 8] {
    [
        said!("TICKET", "BILLET"),
        said!("STATUS", "ÉTAT"),
        said!("LEVEL", "NIVEAU"),
        said!("PRIORITY", "PRIORITÉ"),
        said!("REQUESTER", "DEMANDEUR"),
        said!("OWNER", "RESPONSABLE"),
        said!("UPDATED", "MODIFIÉ"),
        said!("SUBJECT", "OBJET"),
    ]
}

fn row(ticket: &Ticket, contacts: &HashMap<ContactId, Contact>) -> [String; 8] {
    [
        ticket.number.to_string(),
        ticket.state.word().to_owned(),
        ticket.level.to_string(),
        ticket.priority.0.to_string(),
        address(ticket.requester, contacts).unwrap_or_default(),
        address(ticket.agent, contacts).unwrap_or_default(),
        terminal::moment(ticket.updated_at),
        ticket.subject.clone(),
    ]
}
