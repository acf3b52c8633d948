//! The acknowledgement that somebody here asked for: an agent, or whoever took a call, named who asks.

use crate::desk::command::check::requester_may_be_told;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::brakes;
use crate::desk::outgoing::telling::moment;
use crate::desk::outgoing::wording::Line;
use crate::desk::{Actor, Audience, Event, Leaves, Purpose, TicketNumber};
use crate::mail::Language;

/// Tells whom somebody here named as the requester that the request has arrived; returns what agents are told of that letter.
pub(in crate::desk) fn acknowledge_named<'l>(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    of_mail: Option<Language>,
) -> Option<Line<'l>> {
    let ticket = deliberation.ticket(number)?.clone();
    let requester = deliberation.contact(ticket.requester?)?;
    if !requester_may_be_told(deliberation, &ticket) {
        return None;
    }
    let language = deliberation.language_on(&ticket, requester, None);
    let mut letter = deliberation.letter(&ticket, Purpose::Acknowledgement, Audience::Requester, language);
    letter.to = vec![requester.mailbox()];
    letter.facts.received_at = Some(moment(deliberation, &letter, ticket.opened_at));
    letter.facts.language_unsure = deliberation.is_language_unsure(deliberation.desk_of(&ticket), requester, of_mail);
    let brake = brakes::tripped(deliberation, &requester.address, number, Purpose::Acknowledgement);
    if brake.is_some() {
        letter.leaves = Leaves::WhenReleased;
    }
    deliberation.send(letter);
    let Some(brake) = brake else { return Some(Line::Acknowledged) };
    deliberation.happened(number, Actor::SYSTEM, Event::BrakeTripped { brake: brake.to_owned() });
    Some(Line::BrakeTripped)
}
