//! A mail of somebody without powers goes on a ticket, and what it tells of people is learned.

use super::decide::Incoming;
use super::deliberation::Deliberation;
use super::{Actor, Audience, Contact, Entry, EntryKind, Event, Ticket, TicketNumber, Trust, reach};
use crate::mail::{Address, InboundMail};

/// Ccs beyond this never become participants.
const PARTICIPANTS_MAX: usize = 10;

pub(super) fn file(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: &Ticket,
    by: Actor,
    audience: Audience,
    trust: Trust,
) {
    let mail = incoming.mail;
    deliberation.file(Entry {
        ticket: ticket.number,
        ledger: Some(incoming.ledger),
        message_id: mail.message_id.clone(),
        kind: EntryKind::Request,
        audience,
        trust,
        author_role: by.role,
        author: by.contact,
        text: mail.body.reply_text.clone(),
    });
    deliberation.happened(ticket.number, by, Event::MailReceived { ledger: incoming.ledger });
    if let Some(message_id) = &mail.message_id {
        deliberation.thread(message_id, ticket.number);
    }
}

pub(super) fn learn_language(deliberation: &mut Deliberation<'_>, mail: &InboundMail, contact: &Contact) {
    if let (None, Some(language)) = (contact.language, mail.language) {
        deliberation.speaks(contact.id, language);
    }
}

pub(super) fn add_participants(
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
