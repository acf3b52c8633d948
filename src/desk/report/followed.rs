//! A ticket as a report follows it.

use crate::desk::{Event, Happened, Level, Role, State, Ticket};

/// A ticket, and what of its past its fold forgets.
pub(super) struct Followed {
    pub(super) ticket: Ticket,
    /// The highest level that it was at.
    pub(super) highest: Level,
    /// It was somebody else's than the first one's it came to, or not solved after all.
    pub(super) took_more: bool,
    /// Answers that a human gave.
    pub(super) answers: u32,
}

impl Followed {
    pub(super) fn new(ticket: Ticket) -> Followed {
        Followed { highest: ticket.level, ticket, took_more: false, answers: 0 }
    }

    pub(super) fn after(self, happened: &Happened) -> Followed {
        let took_more = matches!(happened.event, Event::Escalated { .. } | Event::Reopened);
        let ticket = self.ticket.after(happened);
        Followed {
            highest: self.highest.max(ticket.level),
            took_more: self.took_more || took_more,
            answers: self.answers + u32::from(is_answer(happened)),
            ticket,
        }
    }

    /// Whether the first one it came to needed one answer at most.
    pub(super) fn is_first_contact(&self) -> bool {
        !self.took_more && self.answers <= 1
    }

    /// Whether somebody still owes something.
    pub(super) fn is_at_work(&self) -> bool {
        !self.ticket.state.is_over()
    }

    /// Whether its promises mean anything: nothing was owed to spam, and what was merged is promised elsewhere.
    pub(super) fn counts(&self) -> bool {
        self.ticket.state != State::Spam && self.ticket.merged_into.is_none()
    }
}

fn is_answer(Happened { by, event, .. }: &Happened) -> bool {
    let is_fix = matches!(event, Event::KnownFixOffered { .. }) && by.role == Role::Agent;
    is_fix || matches!(event, Event::Answered { .. } | Event::AnsweredDirectly { .. } | Event::Published { .. })
}
