//! The list of their open tickets that agents get on working days, what is due first in front.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::{self, Day};
use crate::desk::{Clock, ClockState, ContactId, Decision, PendingReason, Purpose, State, Ticket, WorkFacts, targets};
use crate::mail::Language;
use crate::mail::token::TokenAudience;

/// So many tickets are listed: more is no list that anybody works down in a day.
const LISTED: usize = 100;

/// One letter to each owner of these tickets who works here and is there in the hours that begin.
pub(in crate::desk) fn decide(mut deliberation: Deliberation<'_>, desk: &str, tickets: &[Ticket]) -> Decision {
    let desk = deliberation.policy().desk(desk);
    let today = deliberation.now.to_zoned(desk.time_zone.clone()).date();
    let begins = desk.opening_on(today).unwrap_or(deliberation.now).max(deliberation.now);
    for (owner, mut tickets) in by_owner(tickets) {
        let is_away = deliberation.absence_of(owner).is_some_and(|absence| absence.holds(begins));
        let Some(owner) = deliberation.still_staff(owner).filter(|_| !is_away) else { continue };
        let language = deliberation.staff_language(&owner.address, desk);
        tickets.sort_by_cached_key(|ticket| urgency(&deliberation, ticket));
        let listed = tickets.iter().take(LISTED).map(|ticket| work(&deliberation, ticket, language));
        let mut letter = deliberation.loose_letter(Purpose::Worklist, desk, language);
        letter.facts.worklist = listed.collect();
        letter.to = vec![deliberation.staff_mailbox(&owner.address)];
        deliberation.send(letter);
    }
    deliberation.end_without_mail()
}

fn by_owner(tickets: &[Ticket]) -> BTreeMap<ContactId, Vec<&Ticket>> {
    let mut by_owner: BTreeMap<ContactId, Vec<&Ticket>> = BTreeMap::new();
    for ticket in tickets {
        if let Some(owner) = ticket.agent {
            by_owner.entry(owner).or_default().push(ticket);
        }
    }
    by_owner
}

/// By deadline; what has none stands behind, by priority and number.
fn urgency(deliberation: &Deliberation<'_>, ticket: &Ticket) -> (Timestamp, u8, i64) {
    let due = promised(deliberation, ticket).into_iter().filter_map(|(_, due_at)| due_at).min();
    let wakes = match ticket.state {
        State::Pending { reason: PendingReason::Until { at } } => Some(at),
        _ => None,
    };
    (due.or(wakes).unwrap_or(Timestamp::MAX), ticket.priority.0, ticket.number.0)
}

/// What is promised to the requester and not over.
fn promised(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<(Clock, Option<Timestamp>)> {
    let mut clocks = targets::due(deliberation.policy(), ticket, deliberation.now);
    clocks.retain(|(clock, _)| clock.party.is_none() && clock.state != ClockState::Stopped);
    clocks
}

fn work(deliberation: &Deliberation<'_>, ticket: &Ticket, language: Language) -> WorkFacts {
    let day = |at: Timestamp| Day::at(at, deliberation.now, deliberation.zone_of(ticket));
    let promises = promised(deliberation, ticket).into_iter();
    let keyring = deliberation.rules.keyring;
    WorkFacts {
        reference: ticket.number.to_string(),
        subject: ticket.subject.clone(),
        priority: ticket.priority.0,
        standing: wording::state(deliberation.standing(ticket), language),
        organisation: ticket.organisation.as_deref().map(|name| {
            let known = deliberation.policy().organisation(name);
            known.map_or_else(|| name.to_owned(), |known| known.display_name.clone())
        }),
        promises: promises.map(|(clock, due)| wording::promise(clock.name, due.map(day), language)).collect(),
        token: keyring.sign(ticket.number.0, 0, TokenAudience::Desk).to_string(),
    }
}
