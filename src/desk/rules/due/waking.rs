//! A ticket that waits until a day goes on then, and whoever works on it is told.

use jiff::Timestamp;

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::{Day, Line};
use crate::desk::{Actor, Event, PendingReason, Policy, State, Ticket, TicketNumber};

pub(super) fn next(_policy: &Policy, ticket: &Ticket, _now: Timestamp) -> Option<Timestamp> {
    match ticket.state {
        State::Pending { reason: PendingReason::Until { at } } => Some(at),
        _ => None,
    }
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, told: &mut Told) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    deliberation.happened(number, Actor::SYSTEM, Event::Resumed);
    let State::Pending { reason: PendingReason::Until { at } } = ticket.state else { return };
    // A wait of a store from before this rule ends without a word.
    if ticket.waiting_since.is_some() {
        let day = Day::at(at, deliberation.now, deliberation.zone_of(&ticket));
        let staff = deliberation.staff_for(&ticket);
        told.staff(deliberation, &staff, number, &Line::WaitIsOver(day));
    }
}
