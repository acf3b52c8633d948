//! `guichet ticket list`.

use std::collections::HashMap;

use anyhow::Result;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use crate::cli::list::{self, Extent, Part};
use crate::cli::since::{Since, since};
use crate::cli::{Answer, Invocation, terminal};
use crate::desk::{Contact, ContactId, Level, Ticket, TicketNumber, wording};
use crate::mail::Address;
use crate::store::{TicketFilter, TicketList, TicketPage};
use crate::view::ticket::{Head, address};
use crate::{locale, said};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// Only those that somebody has work with: new, open and pending ones
    #[arg(long, conflicts_with = "status")]
    active: bool,
    /// Only those that stand exactly here; `open` has neither new nor pending ones, --active has all three
    #[arg(long)]
    status: Option<StatusArgument>,
    /// Only those of this level: L1, L2 or L3
    #[arg(long, value_parser = super::level)]
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
    /// Only those with all these words in the subject or in the requester's name or address (a word is found by its beginning)
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
        let page = async |before, limit| store.ticket_page(&filter, before, limit).await;
        if json {
            return list::print_json(&extent, async |before, limit| Ok(part(&page(before, limit).await?, Head::of)))
                .await;
        }
        let count = async || store.count_tickets(&filter).await;
        list::print_table(&extent, header(), async |before, limit| Ok(part(&page(before, limit).await?, row)), count)
            .await
    })?;
    Ok(Answer::Done)
}

fn part<R>(page: &TicketPage, row: impl Fn(&Ticket, &HashMap<ContactId, Contact>) -> R) -> Part<R, TicketNumber> {
    let TicketPage { list: TicketList { tickets, contacts }, next } = page;
    (tickets.iter().map(|ticket| row(ticket, contacts)).collect(), *next)
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
        wording::level(ticket.level, locale::language()).to_owned(),
        ticket.priority.0.to_string(),
        requester(ticket, contacts),
        address(ticket.agent, contacts).unwrap_or_default(),
        terminal::moment(ticket.updated_at),
        ticket.subject.clone(),
    ]
}

/// Who asks, with the organisation: `marie@client.example (client)`.
fn requester(ticket: &Ticket, contacts: &HashMap<ContactId, Contact>) -> String {
    let address = address(ticket.requester, contacts).unwrap_or_default();
    match &ticket.organisation {
        Some(organisation) => format!("{address} ({organisation})"),
        None => address,
    }
}
