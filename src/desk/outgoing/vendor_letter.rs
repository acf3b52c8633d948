//! Letters to vendors: a private thread a ticket, with the vendor's own case number and none of our internals.

use crate::desk::deliberation::Deliberation;
use crate::desk::{Audience, Dossier, Enclosure, Letter, Privacy, Pseudonyms, Purpose, Subject, Ticket, Vendor};
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
    letter.subject = hide(deliberation, ticket, vendor, &ticket.subject);
    letter.case_number = case.and_then(|case| case.number.clone());
    letter.enclosures = named;
    let sent = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.sent);
    let ours = sent.iter().filter(|sent| sent.audience == audience).map(|sent| sent.message_id.clone());
    letter.references = ours.collect();
    letter.references.extend(case.and_then(|case| case.last_heard.clone()));
    letter.in_reply_to = letter.references.last().cloned();
    letter.facts.subject = letter.subject.clone();
    letter.facts.case_number = letter.case_number.clone();
    letter.facts.state = None;
    letter.facts.vendor = Some(vendor.name.clone());
    if vendor.privacy == Privacy::Pseudonym {
        letter.facts.requester_name = Some(pseudonyms(deliberation, ticket, vendor).name(0));
    }
    letter
}

fn pseudonyms(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor) -> Pseudonyms {
    let people = ticket.requester.into_iter().chain(ticket.participants.iter().map(|p| p.contact));
    let people = people.filter_map(|id| deliberation.contact(id)).map(|contact| Subject {
        names: contact.name.iter().cloned().collect(),
        addresses: vec![contact.address.clone()],
        telephones: Vec::new(),
    });
    Pseudonyms::new(&people.collect::<Vec<_>>(), vendor.language)
}

/// With privacy `pseudonym` nobody is named, the same way all through the case.
fn hide(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &Vendor, text: &str) -> String {
    if vendor.privacy == Privacy::Full {
        return text.to_owned();
    }
    pseudonyms(deliberation, ticket, vendor).apply(text)
}
