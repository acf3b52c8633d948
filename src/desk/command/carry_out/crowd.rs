//! `#majeur`: one ticket for what many people ask.

use super::Work;
use crate::desk::command::Major;
use crate::desk::command::check::requester_is_reachable;
use crate::desk::outgoing::telling;
use crate::desk::outgoing::wording::Line;
use crate::desk::{Event, Purpose, TicketNumber};

impl Work<'_, '_, '_> {
    pub(super) fn major(&mut self, order: &Major) {
        match order {
            Major::Called(title) => self.call_major(title),
            Major::ChildOf(parent) => {
                let child = self.ticket.number;
                self.happened(Event::JoinedCrowd { parent: *parent });
                self.deliberation.happened(*parent, self.act.by, Event::ChildJoined { child, untold: false });
                self.say(&Line::PartOf(&parent.to_string()));
            }
            Major::Ends => self.end_major(),
            Major::Without(child) => self.let_go(*child),
            Major::ToAll => {
                self.answer_if_reachable(Purpose::Answer);
                self.say_to_all(false);
            }
        }
    }

    fn call_major(&mut self, title: &str) {
        if self.ticket.as_major().is_none() {
            self.happened(Event::MadeMajor);
        }
        self.deliberation.call(self.ticket.number, title);
        self.ticket = self.deliberation.as_it_stands(&self.ticket);
        let joining = self.ticket.as_major().map_or(0, |crowd| crowd.proposed.len());
        self.say(&Line::MajorIs(title, joining));
    }

    fn end_major(&mut self) {
        let Some(parent) = self.ticket.major else {
            self.happened(Event::MajorEnded);
            self.say(&Line::NoMajorAnyMore);
            return;
        };
        let child = self.ticket.number;
        self.happened(Event::LeftCrowd);
        if self.deliberation.ticket(parent).is_some() {
            self.deliberation.happened(parent, self.act.by, Event::ChildLeft { child });
        }
        self.say(&Line::PartNoMore(&child.to_string()));
    }

    /// The desk reads of it as of a new ticket: nobody had a letter that shows it.
    fn let_go(&mut self, child: TicketNumber) {
        self.happened(Event::ChildLeft { child });
        self.deliberation.happened(child, self.act.by, Event::LeftCrowd);
        if let Some(child) = self.deliberation.ticket(child).cloned() {
            telling::tell_of_request(self.deliberation, &child);
        }
        self.say(&Line::PartNoMore(&child.to_string()));
    }

    /// The words go to the requester of this ticket where somebody reads that address: a monitoring system's ticket may be the
    /// parent of people's.
    pub(super) fn answer_if_reachable(&mut self, purpose: Purpose) {
        if requester_is_reachable(self.deliberation, &self.ticket) {
            self.answer(purpose, self.text.to_owned());
        } else {
            self.done.reached_requester = true;
            self.done.left = Some(self.text.to_owned());
            self.own_if_nobody_does();
        }
    }

    /// The words of this mail and its files are for all children: they leave from now on, some at a time. Files of other mails on
    /// the ticket are its own requester's.
    pub(super) fn say_to_all(&mut self, solves: bool) {
        let Some(crowd) = self.ticket.as_major() else { return };
        let count = crowd.audience().count();
        let ledger = self.act.incoming.map(|incoming| incoming.ledger);
        let files = self.own_files().0.iter().map(|file| file.index).collect();
        self.happened(Event::SaidToAll { ledger, solves, files });
        self.say(&if self.text.is_empty() { Line::SolvedForAll(count) } else { Line::GoesToAll(count) });
    }

    /// What becomes of those who are part of it, where it ends otherwise than solved.
    pub(super) fn tell_of_children(&mut self, line: fn(usize) -> Line<'static>) {
        let count = self.ticket.as_major().map_or(0, |crowd| crowd.children.len());
        if count > 0 {
            self.say(&line(count));
        }
    }

    /// A plain answer on a parent reaches one person, and whoever wrote it may have meant all.
    pub(super) fn tell_who_did_not_get_it(&mut self) {
        let count = self.ticket.as_major().map_or(0, |crowd| crowd.audience().count());
        if count > 0 {
            self.say(&Line::OthersDidNotGetIt(count));
            self.done.withheld = true;
        }
    }
}
