//! A ticket of the highest priority that nobody owns: whoever is on call is told of it, at any hour and once.

use jiff::Timestamp;

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::Line;
use crate::desk::targets::calendar_named;
use crate::desk::{Actor, ClockName, Desk, Event, Policy, Priority, State, Ticket, TicketNumber};

/// While the desk works it sees the ticket itself, until so many percent of the time to own have run.
const LEFT_TO_THE_DESK: i64 = 75;

pub(super) fn next(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    let desk = policy.desk(&ticket.desk);
    if desk.on_call.is_none() || ticket.paged || ticket.priority != Priority::HIGHEST || ticket.state != State::New {
        return None;
    }
    let by_clock = || {
        let clock = ticket.clock(ClockName::Tto, None)?;
        clock.reaches(LEFT_TO_THE_DESK, calendar_named(policy, ticket, &clock.calendar)?)
    };
    if works_at(desk, now) { by_clock() } else { Some(now) }
}

fn works_at(desk: &Desk, at: Timestamp) -> bool {
    desk.calendar.as_ref().is_some_and(|calendar| calendar.is_open(at))
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, told: &mut Told) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let Some(on_call) = deliberation.desk_of(&ticket).on_call.clone() else { return };
    told.on_call(deliberation, &on_call, number, &Line::NobodyOwnsIt);
    deliberation.happened(number, Actor::SYSTEM, Event::OnCallPaged);
}
