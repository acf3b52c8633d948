//! Reports about letters of ours: delivery reports, read receipts, complaints, absences. Never answered, and they
//! count only if they cite a letter of ours (anybody can write the rest).

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::filing::{self, Filing};
use crate::desk::docket::matching;
use crate::desk::outgoing::enclosures;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::{
    Actor, Audience, Decision, Enclosure, EntryKind, Event, Incoming, LetterView, Outcome, Purpose, Reason, Role,
    TicketNumber, Trust,
};
use crate::mail::{Address, DeliveryStatus, InboundMail};

/// A delivery status notification (RFC 3464).
pub(in crate::desk) fn bounce(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let Some((ticket, letter)) = cited_letter(&deliberation, incoming.mail) else {
        return deliberation.suppress(Reason::BounceForeign);
    };
    file(&mut deliberation, incoming, ticket, EntryKind::Bounce);
    let failed = incoming.mail.bounce.iter().filter(|status| status.action.as_deref() == Some("failed"));
    for status in failed.take(20) {
        if let Some(recipient) = recipient_of(status, &letter) {
            failure(&mut deliberation, ticket, &letter, &recipient, status);
        }
    }
    deliberation.end(Outcome::Ticket(ticket))
}

/// A robot's mail that changes nothing: on the ticket of the letter that it cites, or suppressed.
pub(in crate::desk) fn other(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason) -> Decision {
    let Some(ticket) = cited_ticket(&deliberation, incoming.mail) else {
        return deliberation.suppress(reason);
    };
    file(&mut deliberation, incoming, ticket, EntryKind::Auto);
    let ignored = Event::MailIgnored { ledger: incoming.ledger, reason: reason.code().to_owned() };
    deliberation.happened(ticket, Actor::SYSTEM, ignored);
    deliberation.end(Outcome::Ticket(ticket))
}

fn cited_ticket(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<TicketNumber> {
    let mut ours = matching::reported(mail).filter(|token| deliberation.rules.keyring.verify(token));
    let by_token = ours.find_map(|token| deliberation.dossier(TicketNumber(token.ticket)));
    let by_token = by_token.map(|dossier| matching::goes_on_in(deliberation.docket, dossier.ticket.number));
    by_token.or_else(|| {
        let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
        leads.iter().find(|lead| lead.by == matching::By::Thread).map(|lead| lead.ticket)
    })
}

fn cited_letter(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<(TicketNumber, LetterView)> {
    matching::reported(mail).filter(|token| deliberation.rules.keyring.verify(token)).find_map(|token| {
        let dossier = deliberation.dossier(TicketNumber(token.ticket))?;
        let letter = dossier.sent.iter().find(|letter| letter.number == token.letter)?;
        Some((dossier.ticket.number, letter.clone()))
    })
}

/// The recipient that a report speaks of, if the letter went there at all: nobody else can be disabled by it.
fn recipient_of(status: &DeliveryStatus, letter: &LetterView) -> Option<Address> {
    let named: Option<Address> = status.recipient.as_deref().and_then(|recipient| recipient.parse().ok());
    match (named, letter.recipients.as_slice()) {
        (Some(named), recipients) => recipients.iter().find(|recipient| recipient.is(&named)).cloned(),
        (None, [only]) => Some(only.clone()),
        (None, _) => None,
    }
}

fn failure(
    deliberation: &mut Deliberation<'_>,
    ticket: TicketNumber,
    letter: &LetterView,
    recipient: &Address,
    status: &DeliveryStatus,
) {
    let known = deliberation.contact_at(recipient);
    // A second report on the same dead address tells nothing new; an answer that somebody wrote still counts.
    let told = known.is_some_and(|contact| !contact.deliverable) && !letter.purpose.is_human();
    let contact = known.map(|contact| contact.id);
    let event = Event::DeliveryFailed { letter: letter.number, contact, hard: status.hard };
    deliberation.happened(ticket, Actor::SYSTEM, event);
    if let Some(contact) = contact.filter(|_| status.hard) {
        deliberation.cannot_reach(contact);
    }
    if letter.audience == Audience::Desk {
        // Another letter to the desk could fail the same way, and so on for ever.
        deliberation
            .alert(format!("Letter {} of {ticket} did not reach an agent: check the agents' addresses", letter.number));
        return;
    }
    if told {
        return;
    }
    let reason = status.reason.as_deref().or(status.status.as_deref()).unwrap_or("?").to_owned();
    not_delivered(deliberation, ticket, recipient, &reason);
}

/// The relay itself refused a letter for good.
pub(in crate::desk) fn refused_by_relay(
    mut deliberation: Deliberation<'_>,
    ticket: TicketNumber,
    letter: i64,
    recipient: &Address,
    reply: &str,
) -> Decision {
    let sent = deliberation.dossier(ticket).and_then(|dossier| dossier.sent.iter().find(|sent| sent.number == letter));
    let contact = deliberation.contact_at(recipient).map(|contact| contact.id);
    let for_desk = sent.is_some_and(|sent| sent.audience == Audience::Desk);
    deliberation.happened(ticket, Actor::SYSTEM, Event::DeliveryFailed { letter, contact, hard: false });
    if for_desk {
        deliberation.alert(format!("Letter {letter} of {ticket} could not be delivered to an agent: {reply}"));
    } else {
        not_delivered(&mut deliberation, ticket, recipient, reply);
    }
    deliberation.end_without_mail()
}

/// Tells whoever works on the ticket that a letter left without some of its files. Agents see it in their own letters.
pub(in crate::desk) fn left_without(
    mut deliberation: Deliberation<'_>,
    number: TicketNumber,
    recipient: &Address,
    left_out: &[Enclosure],
) -> Decision {
    if let Some(ticket) = deliberation.ticket(number).cloned() {
        let staff = deliberation.staff_for(&ticket);
        let (recipient, names) = (recipient.to_string(), enclosures::names(left_out));
        deliberation.send_to_staff(&staff, |deliberation, language| {
            let mut letter = deliberation.letter(&ticket, Purpose::NotDelivered, Audience::Desk, language);
            letter.facts.reasons = vec![wording::say(&Line::DidNotLeave(&recipient, &names), language)];
            letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
            Some(letter)
        });
    }
    deliberation.end_without_mail()
}

/// Tells whoever works on the ticket that a letter did not arrive; at most three times a ticket.
fn not_delivered(deliberation: &mut Deliberation<'_>, number: TicketNumber, recipient: &Address, reason: &str) {
    let told = deliberation
        .dossier(number)
        .map_or(0, |dossier| dossier.sent.iter().filter(|letter| letter.purpose == Purpose::NotDelivered).count());
    let goes_on = matching::goes_on_in(deliberation.docket, number);
    let Some(ticket) = deliberation.ticket(goes_on).cloned() else { return };
    if told >= 3 {
        return;
    }
    let staff = deliberation.staff_for(&ticket);
    let recipient = recipient.to_string();
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, Purpose::NotDelivered, Audience::Desk, language);
        letter.facts.reasons = vec![wording::say(&Line::DeliveryFailed(&recipient, reason), language)];
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        Some(letter)
    });
}

fn file(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, ticket: TicketNumber, kind: EntryKind) {
    let author = incoming.mail.from.as_ref().and_then(|from| deliberation.contact_at(&from.address));
    let by = Actor { role: Role::System, contact: author.map(|contact| contact.id) };
    let entry = filing::entry(
        deliberation,
        incoming,
        ticket,
        Filing { kind, audience: Audience::Desk, trust: Trust::Unverified, by },
    );
    deliberation.file(entry);
    deliberation.happened(ticket, Actor::SYSTEM, Event::MailReceived { ledger: incoming.ledger });
}
