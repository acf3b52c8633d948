//! An agent's answer that waited in case its author thinks better of it: it is given back to the intake, and carried out as if it
//! came now. Until then nothing of it has happened.

use jiff::{SignedDuration, Timestamp};

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::{Actor, Event, Leaving, Policy, Ticket, TicketNumber};

pub(super) fn next(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    ticket.leaving.iter().map(|leaving| leaves_at(policy, leaving, now)).min()
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, _: &mut Told) {
    let (policy, now) = (deliberation.policy(), deliberation.now);
    let Some(ticket) = deliberation.ticket(number) else { return };
    let due = ticket.leaving.iter().filter(|leaving| leaves_at(policy, leaving, now) <= now);
    for Leaving { ledger, .. } in due.copied().collect::<Vec<_>>() {
        deliberation.happened(number, Actor::SYSTEM, Event::Released { ledger: Some(ledger) });
        deliberation.let_leave(ledger);
    }
}

/// What lies further ahead than any wait is from before the clock was set back, or the wait made shorter: it is over.
fn leaves_at(policy: &Policy, leaving: &Leaving, now: Timestamp) -> Timestamp {
    let longest = SignedDuration::try_from(policy.relay_hold).unwrap_or(SignedDuration::MAX);
    if leaving.until.duration_since(now) > longest { now } else { leaving.until }
}
