//! Letters to vendors: a private thread a ticket, with the vendor's own case mark and none of our internals.

use crate::desk::audience::people;
use crate::desk::deliberation::Deliberation;
use crate::desk::without_secrets;
use crate::desk::{
    Actor, Audience, Dossier, Enclosure, Event, Letter, Privacy, Pseudonyms, Purpose, Ticket, TicketNumber, Vendor,
};
use crate::mail::Mailbox;

/// What a vendor is told: the agent's brief, else the request itself.
pub(in crate::desk) fn brief_or_request(deliberation: &Deliberation<'_>, ticket: &Ticket, brief: &str) -> String {
    match brief.trim() {
        "" => deliberation
            .dossier(ticket.number)
            .and_then(Dossier::first_request)
            .map(|request| request.text.clone())
            .unwrap_or_default(),
        brief => brief.to_owned(),
    }
}

/// The letter that opens a case.
pub(in crate::desk) fn case(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    vendor: &Vendor,
    brief: &str,
    named: Vec<Enclosure>,
) -> Letter {
    let mut letter = letter(deliberation, ticket, vendor, Purpose::Case, named);
    letter.facts.brief = Some(hide(deliberation, ticket, vendor, brief));
    letter
}

/// Sends a letter on a case, which the first one opens. The vendor owes an answer from then on.
pub(in crate::desk) fn send(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    by: Actor,
    vendor: &Vendor,
    letter: Letter,
) {
    let case = deliberation.ticket(number).and_then(|ticket| ticket.case(&vendor.name));
    let is_first = case.is_none_or(|case| case.opened_with.is_none());
    deliberation.send(letter);
    deliberation.happened(number, by, Event::VendorAsked { vendor: vendor.name.clone() });
    if let Some(letter) = deliberation.last_message_id().filter(|_| is_first) {
        deliberation.happened(number, by, Event::VendorCaseOpened { vendor: vendor.name.clone(), letter });
    }
}

/// A later letter on a case.
pub(in crate::desk) fn follow_up(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    vendor: &Vendor,
    text: &str,
    named: Vec<Enclosure>,
) -> Letter {
    let mut letter = letter(deliberation, ticket, vendor, Purpose::FollowUp, named);
    letter.facts.text = Some(hide(deliberation, ticket, vendor, text));
    letter
}

fn letter(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    vendor: &Vendor,
    purpose: Purpose,
    named: Vec<Enclosure>,
) -> Letter {
    let audience = Audience::Vendor(vendor.name.clone());
    let mut letter = deliberation.letter(ticket, purpose, audience.clone(), vendor.language);
    let case = ticket.case(&vendor.name);
    letter.to = vec![Mailbox { name: None, address: vendor.address.clone() }];
    letter.subject = subject(deliberation, ticket, vendor);
    letter.tag =
        if case.is_some_and(|case| case.refused) { vendor.subject_tag.elsewhere() } else { vendor.subject_tag };
    letter.case_mark = case.and_then(|case| case.mark()).map(str::to_owned);
    letter.enclosures = named;
    letter.enclosures.iter_mut().for_each(|file| file.name = hide(deliberation, ticket, vendor, &file.name));
    let sent = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.sent);
    let ours = sent.iter().filter(|sent| sent.audience == audience).map(|sent| sent.message_id.clone());
    letter.references = case.and_then(|case| case.opened_with.clone()).into_iter().collect();
    letter.references.extend(ours.filter(|id| case.is_none_or(|case| case.opened_with.as_ref() != Some(id))));
    letter.references.extend(case.and_then(|case| case.last_heard.clone()));
    letter.in_reply_to = letter.references.last().cloned();
    letter.facts.subject = letter.subject.clone();
    letter.facts.case_number = letter.case_mark.clone();
    letter.facts.watermark = case.and_then(|case| case.watermark.clone());
    letter.facts.state = None;
    letter.facts.standing = None;
    letter.facts.vendor = Some(vendor.name.clone());
    if vendor.privacy == Privacy::Pseudonym {
        letter.facts.requester_name =
            Some(pseudonyms(deliberation, ticket, vendor).name(place_of_requester(ticket, vendor)));
    }
    letter
}

fn pseudonyms(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor) -> Pseudonyms {
    Pseudonyms::new(&people::of(deliberation, ticket, &ticket.people_before(&vendor.name)), vendor.language)
}

/// What the vendor knows the people of the ticket by, and their own names.
pub(in crate::desk) fn stand_ins(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    vendor: &Vendor,
) -> Vec<(String, Option<String>)> {
    let people = ticket.people_before(&vendor.name);
    let people = people.iter().filter_map(|id| deliberation.contact(*id)).enumerate();
    let pseudonyms = pseudonyms(deliberation, ticket, vendor);
    let known_by = |at: usize, name: &Option<String>| match vendor.privacy {
        Privacy::Pseudonym => Some(pseudonyms.name(at)),
        Privacy::Full => name.clone(),
    };
    people.filter_map(|(at, contact)| Some((known_by(at, &contact.name)?, contact.name.clone()))).collect()
}

/// The ticket's subject, as the vendor reads it.
pub(in crate::desk) fn subject(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor) -> String {
    without_secrets(&hide(deliberation, ticket, vendor, &ticket.subject), "…")
}

/// The ticket's subject, as people here know it and as the vendor reads it: what stands in it is no mark of the vendor's.
pub(in crate::desk) fn subjects(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor) -> String {
    format!("{}\n{}", ticket.subject, hide(deliberation, ticket, vendor, &ticket.subject))
}

fn place_of_requester(ticket: &Ticket, vendor: &Vendor) -> usize {
    ticket.people_before(&vendor.name).iter().position(|contact| Some(*contact) == ticket.requester).unwrap_or_default()
}

/// With privacy `pseudonym` nobody is named, the same way all through the case.
fn hide(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor, text: &str) -> String {
    if vendor.privacy == Privacy::Full {
        return text.to_owned();
    }
    pseudonyms(deliberation, ticket, vendor).apply(text)
}
