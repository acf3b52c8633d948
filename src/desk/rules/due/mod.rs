//! What time alone does to a ticket. Each kind of deadline says when it next falls due, and what is then done; the ticket's
//! history knows what was done already, so that nothing is done twice, however often and late somebody looks.

mod chasing;
mod clocks;
mod closing;
mod crowds;
mod leaving;
mod on_call;
mod told;
mod waiting;
mod waking;

use jiff::Timestamp;

use crate::desk::deliberation::Deliberation;
use crate::desk::{Decision, Policy, Ticket, TicketNumber};

pub use crowds::CHILDREN_AT_A_TIME;
use told::Told;

pub(in crate::desk) use crowds::said;

/// A sort of deadline. Once `act` is done, `next` lies ahead or is none.
struct Kind {
    /// When it next falls due, seen from now.
    next: fn(&Policy, &Ticket, Timestamp) -> Option<Timestamp>,
    /// What is done then.
    act: fn(&mut Deliberation<'_>, TicketNumber, &mut Told),
}

const KINDS: &[Kind] = &[
    Kind { next: leaving::next, act: leaving::act },
    Kind { next: clocks::next, act: clocks::act },
    Kind { next: on_call::next, act: on_call::act },
    Kind { next: waiting::next, act: waiting::act },
    Kind { next: waking::next, act: waking::act },
    Kind { next: chasing::next, act: chasing::act },
    Kind { next: closing::next, act: closing::act },
    Kind { next: crowds::next, act: crowds::act },
];

/// When time alone next does something to a ticket.
pub fn next_look(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    KINDS.iter().filter_map(|kind| (kind.next)(policy, ticket, now)).min()
}

/// What time does to these tickets. What falls due together to one person is one letter.
pub(in crate::desk) fn decide(mut deliberation: Deliberation<'_>, tickets: &[TicketNumber]) -> Decision {
    let mut told = Told::default();
    for number in tickets {
        deliberation.turn_clocks(*number);
        deliberation.looked_at(*number, told::not_before(&deliberation, *number));
        for kind in KINDS {
            let Some(ticket) = deliberation.ticket(*number) else { continue };
            let due = (kind.next)(deliberation.policy(), ticket, deliberation.now);
            if due.is_some_and(|at| at <= deliberation.now) {
                (kind.act)(&mut deliberation, *number, &mut told);
            }
        }
    }
    told.send(&mut deliberation);
    deliberation.end_without_mail()
}
