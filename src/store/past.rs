//! Past requests, and the known fixes that answered them, for somebody to learn from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result};

use super::database::Connection;
use super::docket::parties;
use super::prepared::KEYS_MAX;
use super::reading::contacts;
use super::statement::{execute, fetch, fetch_in};
use super::words::clean;
use super::{Store, ticket};
use crate::desk::{Contact, ContactId, Event, Role, Ticket, TicketNumber};

/// Requests for which an agent sent a known fix, and the people they name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkedRequests {
    /// The newest first.
    pub requests: Vec<LinkedRequest>,
    /// Everybody the tickets name.
    pub contacts: HashMap<ContactId, Contact>,
}

/// A request that was solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRequest {
    /// Subject of its ticket.
    pub subject: String,
    /// What the requester wrote first.
    pub text: String,
    /// Id of the known fix that helped, or that an agent sent last and the requester did not refuse.
    pub fix: Option<String>,
}

/// A request for which an agent sent a known fix.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedRequest {
    /// As it stands today.
    pub ticket: Ticket,
    /// Id of the article that was sent last.
    pub fix: String,
    /// What the requester wrote first.
    pub text: String,
}

const LINKED: &str = "select h.ticket, h.detail, e.text from history h \
    join entry e on e.id = (select min(id) from entry where ticket = h.ticket and kind = 'request') \
    where h.event = 'known_fix_offered' and h.role = 'agent' order by h.ticket, h.seq";
const PAST: &str = "select t.number, t.subject, e.text from ticket t \
    join entry e on e.id = (select min(id) from entry where ticket = t.number and kind = 'request') \
    where t.state in ('resolved', 'closed') and t.number > $1 order by t.number limit $2";
const FIXES: &str = "select ticket, role, detail from history where ticket in ({keys}) \
    and event in ('known_fix_offered', 'known_fix_confirmed', 'known_fix_refused') order by ticket, seq";
const REVIEWED: &str = "select ticket, known_fix from reviewed_symptom";
const REVIEW: &str = "insert into reviewed_symptom (ticket, known_fix) values ($1, $2) on conflict do nothing";

impl Store {
    /// What nobody has reviewed yet. A fix that the requester said did not help is left out.
    pub async fn linked_requests(&self) -> Result<LinkedRequests> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let mut linked: BTreeMap<TicketNumber, (String, String)> = BTreeMap::new();
        for (number, detail, text) in fetch!(connection, (i64, String, String), LINKED) {
            if let Event::KnownFixOffered { fix } = serde_json::from_str(&detail).context("Cannot read an event")? {
                linked.insert(TicketNumber(number), (fix, text));
            }
        }
        for (number, fix) in fetch!(connection, (i64, String), REVIEWED) {
            if linked.get(&TicketNumber(number)).is_some_and(|(last, _)| *last == fix) {
                linked.remove(&TicketNumber(number));
            }
        }
        with_tickets(connection, linked).await
    }

    /// Requests that were solved, the oldest first: a part of them, behind this ticket, and behind which the next ones come;
    /// `None`: there are no more.
    pub async fn past_requests(
        &self,
        behind: Option<TicketNumber>,
    ) -> Result<(Vec<PastRequest>, Option<TicketNumber>)> {
        let mut held = self.read().await?;
        let connection = &mut held.connection();
        let (behind, limit) = (behind.map_or(0, |number| number.0), i64::try_from(KEYS_MAX)?);
        let past = fetch!(connection, (i64, String, String), PAST, behind, limit);
        let numbers: Vec<i64> = past.iter().map(|(number, ..)| *number).collect();
        let mut fixes: HashMap<i64, String> = HashMap::new();
        for (ticket, role, detail) in fetch_in!(connection, (i64, String, String), FIXES, numbers) {
            match serde_json::from_str(&detail).context("Cannot read an event")? {
                Event::KnownFixOffered { .. } if role != Role::Agent.word() => {}
                Event::KnownFixOffered { fix } | Event::KnownFixConfirmed { fix } => {
                    fixes.insert(ticket, fix);
                }
                Event::KnownFixRefused { fix } if fixes.get(&ticket) == Some(&fix) => {
                    fixes.remove(&ticket);
                }
                _ => {}
            }
        }
        let past = past.into_iter();
        let past = past.map(|(ticket, subject, text)| PastRequest { subject, text, fix: fixes.remove(&ticket) });
        Ok((past.collect(), numbers.last().copied().map(TicketNumber)))
    }

    /// Somebody has seen what could be learnt from this request.
    pub async fn review_linked_request(&self, request: &LinkedRequest) -> Result<()> {
        let mut held = self.write().await?;
        execute!(&mut held.connection(), REVIEW, request.ticket.number.0, clean(&request.fix));
        Ok(())
    }
}

async fn with_tickets(
    connection: &mut Connection<'_>,
    mut linked: BTreeMap<TicketNumber, (String, String)>,
) -> Result<LinkedRequests> {
    let numbers: Vec<TicketNumber> = linked.keys().rev().copied().collect();
    let mut requests = Vec::with_capacity(numbers.len());
    for stored in ticket::load(connection, &numbers).await? {
        let ticket = stored.ticket;
        let request = linked.remove(&ticket.number).filter(|(fix, _)| !ticket.refused_fixes.contains(fix));
        requests.extend(request.map(|(fix, text)| LinkedRequest { ticket, fix, text }));
    }
    requests.sort_by_key(|request| std::cmp::Reverse(request.ticket.number));
    let named: BTreeSet<ContactId> = requests.iter().flat_map(|request| parties(&request.ticket)).collect();
    let contacts = contacts(connection, named).await?;
    Ok(LinkedRequests { requests, contacts })
}
