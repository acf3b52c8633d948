//! Reports about letters of ours: delivery reports, read receipts, complaints, absences. Never answered, and they
//! count only if they cite a letter of ours (anybody can write the rest).

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::entering::{self, EnteredAs};
use crate::desk::docket::matching;
use crate::desk::outgoing::enclosures;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::rules::absences;
use crate::desk::{
    Actor, Audience, Decision, EntryKind, Event, Incoming, LetterView, LightenedLetter, Outcome, Purpose, Reason,
    RefusedLetter, Role, TicketNumber, Trust,
};
use crate::mail::token::Token;
use crate::mail::{Address, DeliveryStatus, InboundMail, Language};
use jiff::SignedDuration;

/// Recipients beyond this number are not told of one by one.
const RECIPIENTS_MAX: usize = 20;

/// Letters about one ticket's failures in an hour.
const TOLD_AN_HOUR_MAX: usize = 3;

/// A delivery status notification (RFC 3464). An agent is told of every failure of a letter of ours, whoever it names: it may
/// name an alias that the recipient's server made of the address.
pub(in crate::desk) fn bounce(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let Some((ticket, cited)) = cited_letter(&deliberation, incoming.mail) else {
        return deliberation.suppress(Reason::BounceForeign);
    };
    enter(&mut deliberation, incoming, ticket, EntryKind::Bounce);
    let statuses = &incoming.mail.bounce;
    let failed = statuses.iter().filter(|status| status.action.as_deref() == Some("failed"));
    for status in failed.take(RECIPIENTS_MAX) {
        failure(&mut deliberation, ticket, &cited, status);
    }
    if statuses.is_empty() {
        failure(&mut deliberation, ticket, &cited, &DeliveryStatus::failed_somehow());
    }
    deliberation.end(Outcome::Ticket(ticket))
}

/// Somebody marked a letter of ours as junk (ARF, RFC 5965): its only recipient gets no automatic letter any more, and whoever
/// works on the ticket is told, once. Where a letter had several recipients nobody knows whose complaint it is.
pub(in crate::desk) fn complaint(mut deliberation: Deliberation<'_>, incoming: &Incoming<'_>) -> Decision {
    let Some((ticket, cited)) = cited_letter(&deliberation, incoming.mail) else {
        return other(deliberation, incoming, Reason::Feedback);
    };
    let only = cited.letter.as_ref().and_then(|letter| match letter.recipients.as_slice() {
        [only] if letter.audience == Audience::Requester => deliberation.contact_at(only),
        _ => None,
    });
    let new = only.filter(|contact| !contact.complained && !deliberation.policy().is_staff(&contact.address));
    if let Some(contact) = new {
        deliberation.silence(contact.id);
        deliberation.happened(ticket, Actor::SYSTEM, Event::Complained { contact: contact.id });
        tell_of_letter(&mut deliberation, ticket, Purpose::Notice, |language| {
            wording::say(&Line::Complained(contact.address.as_str()), language)
        });
    }
    record(deliberation, incoming, ticket, Reason::Feedback)
}

/// A robot's mail that changes nothing: on the ticket of the letter that it cites, or suppressed.
pub(in crate::desk) fn other(deliberation: Deliberation<'_>, incoming: &Incoming<'_>, reason: Reason) -> Decision {
    match cited_ticket(&deliberation, incoming.mail) {
        Some(ticket) => record(deliberation, incoming, ticket, reason),
        None => deliberation.suppress(reason),
    }
}

/// The same, on a ticket that is known.
pub(in crate::desk) fn record(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: TicketNumber,
    reason: Reason,
) -> Decision {
    enter(&mut deliberation, incoming, ticket, EntryKind::Auto);
    let ignored = Event::MailIgnored { ledger: incoming.ledger, reason: reason.code().to_owned() };
    deliberation.happened(ticket, Actor::SYSTEM, ignored);
    if reason == Reason::AutoReply {
        absences::of_requester(&mut deliberation, incoming, ticket);
    }
    deliberation.end(Outcome::Ticket(ticket))
}

/// The ticket of the letter, or of the mail, that a report cites.
pub(in crate::desk) fn cited_ticket(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<TicketNumber> {
    let mut ours = matching::reported(mail).filter(|token| deliberation.rules.keyring.verify(token));
    let by_token = ours.find_map(|token| deliberation.dossier(TicketNumber(token.ticket)));
    let by_token = by_token.map(|dossier| matching::goes_on_in(deliberation.docket, dossier.ticket.number));
    by_token.or_else(|| {
        let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
        leads.iter().find(|lead| lead.by == matching::By::Thread).map(|lead| lead.ticket)
    })
}

/// The letter that a report cites: by its number, and as it was sent where that is still known.
struct Cited {
    number: i64,
    letter: Option<LetterView>,
}

fn cited_letter(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<(TicketNumber, Cited)> {
    let ours = || matching::reported(mail).filter(|token| deliberation.rules.keyring.verify(token));
    let of = |token: Token| Some((deliberation.dossier(TicketNumber(token.ticket))?, token.letter));
    let known = ours().filter_map(of).find_map(|(dossier, number)| {
        let letter = Some(dossier.letter(number)?.clone());
        Some((dossier.ticket.number, Cited { number, letter }))
    });
    // Of a long thread only the newest letters are at hand.
    let unknown = || {
        let (dossier, number) = ours().filter(|token| token.letter > 0).find_map(of)?;
        Some((dossier.ticket.number, Cited { number, letter: None }))
    };
    known.or_else(unknown)
}

/// The recipient that a report speaks of, if the letter went there at all: nobody else can be disabled by it. Of a letter with
/// one recipient every report is about that one.
fn recipient_of(status: &DeliveryStatus, letter: &LetterView) -> Option<Address> {
    let named = status.named();
    let by_name = named.and_then(|named| letter.recipients.iter().find(|recipient| recipient.is(&named)).cloned());
    by_name.or_else(|| match letter.recipients.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

/// Whether the failed address is the recipient's own, or the same name at another domain; a mailbox that forwards is not dead
/// because the one behind it is.
fn is_own_address(status: &DeliveryStatus, recipient: &Address) -> bool {
    status.named().is_none_or(|named| named.is(recipient) || named.local().eq_ignore_ascii_case(recipient.local()))
}

fn failure(deliberation: &mut Deliberation<'_>, ticket: TicketNumber, cited: &Cited, status: &DeliveryStatus) {
    let recipient = cited.letter.as_ref().and_then(|letter| recipient_of(status, letter));
    let known = recipient.as_ref().and_then(|recipient| deliberation.contact_at(recipient));
    // A second report on the same dead address tells nothing new; an answer that somebody wrote still counts.
    let is_human = cited.letter.as_ref().is_none_or(|letter| letter.purpose.is_human());
    let told = known.is_some_and(|contact| !contact.deliverable) && !is_human;
    let contact = known.map(|contact| contact.id);
    let is_dead = status.hard && recipient.as_ref().is_some_and(|recipient| is_own_address(status, recipient));
    let event = Event::DeliveryFailed { letter: cited.number, contact, hard: is_dead };
    deliberation.happened(ticket, Actor::SYSTEM, event);
    if let Some(contact) = contact.filter(|_| is_dead) {
        deliberation.cannot_reach(contact);
    }
    if cited.letter.as_ref().is_some_and(|letter| letter.audience == Audience::Desk) {
        // Another letter to the desk could fail the same way, and so on for ever.
        deliberation
            .alert(format!("Letter {} of {ticket} did not reach an agent: check the agents' addresses", cited.number));
        return;
    }
    if told {
        return;
    }
    let reason = status.reason.as_deref().or(status.status.as_deref()).unwrap_or("?").to_owned();
    let all = || {
        let recipients = cited.letter.as_ref().map_or(&[][..], |letter| &letter.recipients);
        recipients.iter().map(Address::as_str).collect::<Vec<_>>().join(", ")
    };
    let whom =
        recipient.map(|recipient| recipient.to_string()).or_else(|| status.recipient.clone()).unwrap_or_else(all);
    not_delivered(deliberation, ticket, &whom, &reason);
}

/// The relay itself refused a letter for good.
pub(in crate::desk) fn refused_by_relay(mut deliberation: Deliberation<'_>, refused: &RefusedLetter<'_>) -> Decision {
    let RefusedLetter { ticket, letter, recipient, reply } = *refused;
    let sent = deliberation.dossier(ticket).and_then(|dossier| dossier.sent.iter().find(|sent| sent.number == letter));
    let contact = deliberation.contact_at(recipient).map(|contact| contact.id);
    let for_desk = sent.is_some_and(|sent| sent.audience == Audience::Desk);
    deliberation.happened(ticket, Actor::SYSTEM, Event::DeliveryFailed { letter, contact, hard: false });
    if for_desk {
        deliberation.alert(format!("Letter {letter} of {ticket} could not be delivered to an agent: {reply}"));
    } else {
        not_delivered(&mut deliberation, ticket, recipient.as_str(), reply);
    }
    deliberation.end_without_mail()
}

/// Tells whoever works on the ticket that a letter left without some of its files. Agents see it in their own letters.
pub(in crate::desk) fn left_without(mut deliberation: Deliberation<'_>, lightened: &LightenedLetter<'_>) -> Decision {
    let is_told = *lightened.audience != Audience::Desk && !lightened.left_out.is_empty();
    let ticket = lightened.ticket.filter(|_| is_told).and_then(|number| deliberation.ticket(number));
    if let Some(ticket) = ticket.cloned() {
        let staff = deliberation.staff_for(&ticket);
        let recipient = lightened.recipient.to_string();
        deliberation.send_to_staff(&staff, |deliberation, language| {
            let mut letter = deliberation.letter(&ticket, Purpose::NotDelivered, Audience::Desk, language);
            let names = enclosures::names(lightened.left_out, language);
            letter.facts.reasons = vec![wording::say(&Line::DidNotLeave(&recipient, &names), language)];
            letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
            Some(letter)
        });
    }
    deliberation.end_without_mail()
}

/// Tells whoever works on the ticket that a letter did not arrive.
fn not_delivered(deliberation: &mut Deliberation<'_>, number: TicketNumber, recipient: &str, reason: &str) {
    tell_of_letter(deliberation, number, Purpose::NotDelivered, |language| {
        wording::say(&Line::DeliveryFailed(recipient, reason), language)
    });
}

/// Tells whoever works on the ticket what became of a letter; of many at once the last are on the ticket alone.
fn tell_of_letter(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    purpose: Purpose,
    why: impl Fn(Language) -> String,
) {
    let now = deliberation.now;
    let lately = |letter: &&LetterView| {
        letter.purpose == purpose && now.duration_since(letter.at) < SignedDuration::from_hours(1)
    };
    let told = deliberation.dossier(number).map_or(0, |dossier| dossier.sent.iter().filter(lately).count());
    let goes_on = matching::goes_on_in(deliberation.docket, number);
    let Some(ticket) = deliberation.ticket(goes_on).cloned() else { return };
    if told >= TOLD_AN_HOUR_MAX {
        return;
    }
    let staff = deliberation.staff_for(&ticket);
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, purpose, Audience::Desk, language);
        letter.facts.reasons = vec![why(language)];
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        Some(letter)
    });
}

fn enter(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, ticket: TicketNumber, kind: EntryKind) {
    let author = incoming.mail.from.as_ref().and_then(|from| deliberation.contact_at(&from.address));
    let by = Actor { role: Role::System, contact: author.map(|contact| contact.id) };
    let entry = entering::entry(
        deliberation,
        incoming,
        ticket,
        EnteredAs { kind, audience: Audience::Desk, trust: Trust::Unverified, by },
    );
    deliberation.enter(entry);
    deliberation.happened(ticket, Actor::SYSTEM, Event::MailReceived { ledger: incoming.ledger });
}
