//! `#scinder`: a mail that was another question becomes a ticket of its own.

use super::Work;
use crate::desk::command::check::{self, mail_to_split};
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::telling::{self, Told};
use crate::desk::outgoing::wording::Line;
use crate::desk::outgoing::{brakes, reach};
use crate::desk::rules::escalating::{self, Arrived};
use crate::desk::{
    Actor, Audience, Enclosure, Entry, EntryKind, Event, Leaves, Moved, Origin, Purpose, Ticket, TicketNumber, Trust,
};

impl Work<'_, '_, '_> {
    pub(super) fn split(&mut self, title: &str) {
        let Ok(entry) = mail_to_split(self.deliberation, &self.ticket, self.act) else { return };
        let Some(ledger) = entry.ledger else { return };
        let (from, by) = (self.ticket.clone(), self.act.by);
        let begun = self.deliberation.open(self.deliberation.desk_of(&from), title, Some(from.language));
        let number = begun.number;
        let opened = Event::Opened {
            requester: entry.author,
            origin: Origin::Mail,
            request_type: from.request_type,
            desk: Some(from.desk.clone()),
            address: from.address.clone(),
            automatic: from.automatic,
        };
        self.deliberation.happened(number, by, opened);
        self.deliberation.happened(number, by, Event::Follows { ticket: from.number });
        let author = Actor { role: entry.author_role, contact: entry.author };
        self.deliberation.happened(number, author, Event::MailReceived { ledger });
        self.happened(Event::SplitOff {
            ticket: number,
            ledger,
            asked_at: asked_without(self.deliberation, &from, entry),
        });
        let moved = Moved { ledger, message_id: entry.message_id.clone(), from: entry.ticket, to: number };
        self.deliberation.move_mail(moved);
        let opened = self.deliberation.as_it_stands(&begun);
        let acknowledged = acknowledge(self.deliberation, &opened, entry, from.number);
        let arrived = Arrived { text: &entry.text, trust: entry.trust, by_mail: None };
        let lines = escalating::at_arrival(self.deliberation, number, &arrived);
        self.tell_of_split(&opened, entry, &lines);
        let requester = entry.author.and_then(|id| self.deliberation.contact(id));
        let requester = requester.map(|contact| contact.display().to_owned()).unwrap_or_default();
        self.say(&Line::SplitInto(&number.to_string(), &requester));
        if !acknowledged {
            self.say(&Line::SplitUntold);
        }
    }

    /// Whoever takes requests in reads it as a new one, and so does the agent: a letter of it is what is answered.
    fn tell_of_split(&mut self, opened: &Ticket, entry: &Entry, lines: &[Line<'_>]) {
        let ticket = self.deliberation.as_it_stands(opened);
        let mut staff = self.deliberation.staff_for(&ticket);
        staff.extend(self.act.address.clone().filter(|agent| !staff.iter().any(|one| one.is(agent))));
        let files = check::attachments(self.deliberation, &self.ticket, self.act);
        let files: Vec<Enclosure> = files.into_iter().filter(|file| Some(file.ledger) == entry.ledger).collect();
        let reference = self.ticket.number.to_string();
        let mut lines = lines.to_vec();
        lines.push(Line::SplitFrom(&reference));
        telling::tell_of(
            self.deliberation,
            &staff,
            &ticket,
            &Told {
                text: Some(&entry.text),
                about: entry.ledger,
                unverified: entry.trust == Trust::Unverified,
                lines: &lines,
                files: &files,
            },
        );
    }
}

/// Since when the rest of the ticket has waited for an answer; `None`: it does not.
fn asked_without(deliberation: &Deliberation<'_>, ticket: &Ticket, entry: &Entry) -> Option<jiff::Timestamp> {
    let parts = deliberation.parts(ticket.number);
    let public = |one: &&Entry| one.audience == Audience::Requester && one.ledger != entry.ledger;
    let mut entries: Vec<&Entry> = parts.iter().flat_map(|dossier| &dossier.entries).filter(public).collect();
    entries.sort_unstable_by_key(|entry| entry.at);
    let answered = entries.iter().rposition(|entry| entry.kind == EntryKind::AgentReply).map_or(0, |at| at + 1);
    let asked = entries[answered..].iter().find(|entry| entry.kind == EntryKind::Request);
    ticket.asked_at.and(asked.map(|entry| entry.at))
}

/// Tells the author that their mail is a request of its own, in its thread; `false` where no letter may go there.
fn acknowledge(deliberation: &mut Deliberation<'_>, ticket: &Ticket, entry: &Entry, from: TicketNumber) -> bool {
    let contact = entry.author.and_then(|id| deliberation.contact(id));
    let Some(contact) = contact.filter(|_| entry.trust == Trust::Verified && !ticket.automatic) else { return false };
    if !reach::somebody_reads(&contact.address, deliberation.policy()) {
        return false;
    }
    let language = deliberation.language_on(ticket, contact, None);
    let mut letter = deliberation.letter(ticket, Purpose::Acknowledgement, Audience::Requester, language);
    letter.to = vec![contact.mailbox()];
    letter.in_reply_to = entry.message_id.clone();
    letter.references = entry.message_id.iter().cloned().collect();
    letter.facts.received_at = Some(telling::moment(deliberation, &letter, entry.at));
    letter.facts.split_from = Some(from.to_string());
    let brake = brakes::tripped(deliberation, &contact.address, ticket.number, Purpose::Acknowledgement);
    if brake.is_some() {
        letter.leaves = Leaves::WhenReleased;
    }
    deliberation.send(letter);
    if let Some(brake) = brake {
        deliberation.happened(ticket.number, Actor::SYSTEM, Event::BrakeTripped { brake: brake.to_owned() });
    }
    brake.is_none()
}
