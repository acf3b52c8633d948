//! A resolved ticket is closed, silently, once its requester had some days to say no.

use jiff::{Timestamp, ToSpan};

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::{Actor, Event, Policy, State, Ticket, TicketNumber};

pub(super) fn next(policy: &Policy, ticket: &Ticket, _now: Timestamp) -> Option<Timestamp> {
    let days = policy.waiting.close_days;
    let resolved_at = ticket.resolved_at.filter(|_| ticket.state == State::Resolved && days > 0)?;
    let zone = policy.desk(&ticket.desk).time_zone.clone();
    resolved_at.to_zoned(zone).checked_add(i64::from(days).days()).ok().map(|at| at.timestamp())
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, _told: &mut Told) {
    deliberation.happened(number, Actor::SYSTEM, Event::Closed);
}
