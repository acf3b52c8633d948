//! A mail goes on a ticket, and what it tells of people is learned.

use crate::desk::deliberation::Deliberation;
use crate::desk::incoming::Author;
use crate::desk::outgoing::reach;
use crate::desk::{Actor, Audience, Entry, EntryKind, Event, Incoming, LanguagePolicy, Ticket, TicketNumber, Trust};
use crate::mail::{Address, Authentication, InboundMail};

/// Ccs beyond this never become participants.
const PARTICIPANTS_MAX: usize = 10;

/// What a mail becomes on a ticket: a kind of entry, for an audience, by somebody.
pub(in crate::desk) struct EnteredAs {
    pub(in crate::desk) kind: EntryKind,
    pub(in crate::desk) audience: Audience,
    pub(in crate::desk) trust: Trust,
    pub(in crate::desk) by: Actor,
}

/// The mail is on the ticket, and later mails that cite it find this.
pub(in crate::desk) fn enter(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: TicketNumber,
    entered_as: EnteredAs,
) {
    let text = incoming.mail.body.reply_text.clone();
    enter_as(deliberation, incoming, ticket, entered_as, text);
}

/// The mail is on the ticket with another text than its own words.
pub(in crate::desk) fn enter_as(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: TicketNumber,
    entered_as: EnteredAs,
    text: String,
) {
    let entry = entry(deliberation, incoming, ticket, entered_as);
    deliberation.enter(Entry { text, ..entry });
    if let Some(message_id) = &incoming.mail.message_id {
        deliberation.thread(message_id, ticket);
    }
}

/// What was newly written in the mail.
pub(in crate::desk) fn entry(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: TicketNumber,
    entered_as: EnteredAs,
) -> Entry {
    Entry {
        ticket,
        at: deliberation.now,
        ledger: Some(incoming.ledger),
        message_id: incoming.mail.message_id.clone(),
        kind: entered_as.kind,
        audience: entered_as.audience,
        trust: entered_as.trust,
        author_role: entered_as.by.role,
        author: entered_as.by.contact,
        text: incoming.mail.body.reply_text.clone(),
    }
}

/// A mail of somebody without powers.
pub(in crate::desk) fn enter_request(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: &Ticket,
    by: Actor,
    audience: Audience,
    trust: Trust,
) {
    let body = &incoming.mail.body;
    // Where nothing new seems to be written the whole text is kept: nothing that somebody asks may be lost.
    let text = if body.reply_text.is_empty() { &body.text } else { &body.reply_text }.clone();
    enter_as(deliberation, incoming, ticket.number, EnteredAs { kind: EntryKind::Request, audience, trust, by }, text);
    deliberation.happened(ticket.number, by, Event::MailReceived { ledger: incoming.ledger });
}

/// A mail that somebody else may have written tells nothing of its author; and where a desk writes in its first language unless
/// asked for another, what somebody writes in asks for none.
pub(in crate::desk) fn learn_language(
    deliberation: &mut Deliberation<'_>,
    mail: &InboundMail,
    author: Author<'_>,
    number: TicketNumber,
) {
    let Some(desk) = deliberation.ticket(number).map(|ticket| deliberation.desk_of(ticket)) else { return };
    if author.authentication == Authentication::Passed
        && desk.language_policy != LanguagePolicy::First
        && let (None, Some(language)) = (author.contact.language, mail.language)
    {
        deliberation.speaks(author.contact.id, language);
    }
}

pub(in crate::desk) fn add_participants(
    deliberation: &mut Deliberation<'_>,
    mail: &InboundMail,
    number: TicketNumber,
    author: &Address,
) {
    for address in mail.to.iter().chain(&mail.cc) {
        let Some(ticket) = deliberation.ticket(number) else { return };
        let Some(contact) = deliberation.contact_at(address).map(|contact| contact.id) else { continue };
        let full = ticket.participants.len() >= PARTICIPANTS_MAX;
        let known = ticket.is_followed_by(contact) || address.is(author);
        if !full && !known && reach::may_participate(address, deliberation.policy()) {
            deliberation.happened(number, Actor::SYSTEM, Event::ParticipantAdded { contact });
        }
    }
}
