//! A vendor wrote, or its ticket system. What it says stays inside until an agent publishes it.

use crate::desk::audience::vendor_words::{self, Heard, Kind, Said};
use crate::desk::deliberation::{Deliberation, Ruling};
use crate::desk::docket::case_mark;
use crate::desk::docket::entering::{self, EnteredAs};
use crate::desk::docket::matching::{self, By, Lead, TICKETS_A_THREAD};
use crate::desk::incoming::Author;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{enclosures, telling, vendor_letter};
use crate::desk::{
    Actor, Audience, Contact, EntryKind, Event, Incoming, LetterView, Mark, Outcome, PendingReason, Purpose, Reason,
    Role, State, Ticket, TicketNumber, Trust, Vendor, VendorCase,
};
use crate::mail::token::Token;
use crate::mail::{Address, Attachment, InboundMail, MessageId};
use std::borrow::Cow;

const WAITS_FOR_VENDOR: State = State::Pending { reason: PendingReason::Vendor };

/// So many cited mails are looked at.
const CITED_MAX: usize = 80;

/// So many cited mails of theirs are remembered for each mail.
const THREAD_IDS_MAX: usize = 5;

/// A vendor's authenticated mail.
pub(in crate::desk) fn on_vendor<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    vendor: &Vendor,
) -> Ruling<'a> {
    let mail = incoming.mail;
    let marks = case_mark::find(mail, vendor);
    let Some(number) = ticket_of(&deliberation, mail, vendor, &marks) else {
        return Ruling::Doubtful(deliberation, Reason::VendorWithoutCase);
    };
    let by = Actor { role: Role::Vendor, contact: Some(author.contact.id) };
    learn_mark(&mut deliberation, number, mail, vendor, &marks, by);
    learn_watermark(&mut deliberation, number, mail, vendor, by);
    learn_thread(&mut deliberation, number, mail);
    let said = said(&deliberation, number, incoming, vendor, &marks);
    // Somebody who is away answers nothing, and the wait goes on.
    let is_absence = mail.writer.is_robot() && mail.says_absent;
    let answer = said.kind == Kind::Answer && !is_absence;
    let kind = if answer { EntryKind::Vendor } else { EntryKind::Auto };
    let audience = Audience::Vendor(vendor.name.clone());
    let entered_as = EnteredAs { kind, audience, trust: Trust::Verified, by };
    let mut entry = entering::entry(&deliberation, incoming, number, entered_as);
    if answer {
        entry.text = said.words.clone();
    }
    deliberation.enter(entry);
    if let Some(message_id) = &mail.message_id {
        deliberation.thread(message_id, number);
    }
    let heard = Event::VendorHeard {
        vendor: vendor.name.clone(),
        message_id: mail.message_id.clone(),
        answer,
        from: Some(author.contact.id),
    };
    deliberation.happened(number, by, heard);
    match said.kind {
        Kind::Answer if is_absence => {
            tell(&mut deliberation, incoming, author, vendor, number, Purpose::Notice, &said);
        }
        Kind::Answer => {
            if deliberation.ticket(number).is_some_and(|ticket| ticket.state == WAITS_FOR_VENDOR) {
                deliberation.happened(number, by, Event::Resumed);
            }
            tell(&mut deliberation, incoming, author, vendor, number, Purpose::VendorAnswered, &said);
        }
        Kind::Refusal => {
            deliberation.happened(number, by, Event::VendorRefused { vendor: vendor.name.clone() });
            tell(&mut deliberation, incoming, author, vendor, number, Purpose::Notice, &said);
        }
        Kind::Confirmation | Kind::Echo | Kind::StateChange if said.closes => {
            tell(&mut deliberation, incoming, author, vendor, number, Purpose::Notice, &said);
        }
        Kind::Confirmation | Kind::Echo | Kind::StateChange => {}
    }
    Ruling::Decided(deliberation.end(Outcome::Ticket(number)))
}

/// What the mail says beside our own words, as [`vendor_words`] reads it.
fn said(
    deliberation: &Deliberation<'_>,
    number: TicketNumber,
    incoming: &Incoming<'_>,
    vendor: &Vendor,
    marks: &[Mark],
) -> Said {
    let mail = incoming.mail;
    let audience = Audience::Vendor(vendor.name.clone());
    let parts = deliberation.parts(number);
    let sent = parts.iter().flat_map(|dossier| &dossier.sent).filter(|letter| letter.audience == audience);
    let ours: Vec<&str> = sent.filter_map(|letter| letter.text.as_deref()).collect();
    let ticket = deliberation.ticket(number);
    let subject = ticket.map(|ticket| vendor_letter::subject(deliberation, ticket, vendor)).unwrap_or_default();
    let known = ticket.and_then(|ticket| ticket.case(&vendor.name)).map_or(&[][..], |case| &case.marks);
    let desk = ticket.map_or(deliberation.policy().desks.first(), |ticket| deliberation.desk_of(ticket));
    let author = mail.from.as_ref().and_then(|from| from.name.as_deref());
    let mut names: Vec<&str> = vec![&vendor.name, &desk.display_name, &desk.tag];
    let reference = number.to_string();
    names.extend(author.into_iter().chain([reference.as_str()]));
    names.extend(known.iter().chain(marks).map(|mark| mark.mark.as_str()));
    let desks = &deliberation.policy().desks;
    let addresses: Vec<&str> = desks.iter().flat_map(|desk| &desk.addresses).map(Address::as_str).collect();
    let body = &mail.body;
    vendor_words::said(&Heard {
        subject: &mail.subject,
        text: match (&body.forwarded, body.reply_text.trim()) {
            // What a vendor hands on below its words is its answer, too.
            (Some(forwarded), _) if !forwarded.is_attached => &body.unquoted_text,
            // All of it looks quoted: what of it is ours is known.
            (_, "") => &body.text,
            (_, words) => words,
        },
        ours: &ours,
        our_subject: &subject,
        names: &names,
        domains: &vendor.own_domains().collect::<Vec<_>>(),
        addresses: &addresses,
        automatic: case_mark::is_automatic(mail),
        brings_file: mail.attachments.iter().any(|attachment| is_words_of_its_own(deliberation, attachment)),
    })
}

/// A file that says something: no picture of a signature, no key, no letter of ours.
fn is_words_of_its_own(deliberation: &Deliberation<'_>, attachment: &Attachment) -> bool {
    let from_us = attachment.message_from.as_ref().is_some_and(|from| deliberation.policy().desk_at(from).is_some());
    let machinery = [
        "application/pgp-",
        "application/pkcs7-",
        "application/x-pkcs7-",
        "text/vcard",
        "text/x-vcard",
        "text/rfc822-headers",
    ];
    !attachment.inline
        && !attachment.holds_own_letter
        && !from_us
        && !machinery.iter().any(|kind| attachment.content_type.starts_with(kind))
}

/// The vendor that somebody writes for: by the addresses that the configuration names; else as a person of the vendor's who
/// wrote in a case before, or who answers in it from an address at the vendor's domain.
pub(in crate::desk) fn vendor_behind<'a>(
    deliberation: &Deliberation<'a>,
    mail: &InboundMail,
) -> Option<Cow<'a, Vendor>> {
    let from = &mail.from.as_ref()?.address;
    let policy = deliberation.policy();
    if policy.is_staff(from) || policy.desk_at(from).is_some() {
        return None;
    }
    policy.vendor_of(from).map(Cow::Borrowed).or_else(|| {
        let contact = deliberation.contact_at(from)?;
        let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
        let mut vendors = policy.vendors.iter();
        let vendor = vendors.find(|vendor| belongs_to(deliberation, mail, contact, vendor, &leads)).map(Cow::Borrowed);
        vendor.or_else(|| {
            deliberation.correspondent(&from.key()).filter(|_| is_consulted(deliberation, mail, contact, &leads))
        })
    })
}

/// Whether somebody whom an agent consults answers in that thread. Whatever else they write is their own.
fn is_consulted(deliberation: &Deliberation<'_>, mail: &InboundMail, contact: &Contact, leads: &[Lead]) -> bool {
    let name = contact.address.key();
    let strong = leads.iter().filter(|lead| lead.by != By::Reference).map(|lead| lead.ticket);
    let cited = matching::cited_tickets(mail, deliberation.docket, deliberation.rules.keyring);
    let mut tickets = strong.chain(cited).filter_map(|number| deliberation.ticket(number));
    tickets.any(|ticket| ticket.case(&name).is_some() && !deliberation.follows(ticket, contact))
}

fn belongs_to(
    deliberation: &Deliberation<'_>,
    mail: &InboundMail,
    contact: &Contact,
    vendor: &Vendor,
    leads: &[Lead],
) -> bool {
    // A requester's mail is a requester's, also in an organisation that supplies itself.
    let case_on = |number: TicketNumber| {
        let ticket = deliberation.ticket(number).filter(|ticket| !ticket.is_followed_by(contact.id))?;
        ticket.case(&vendor.name)
    };
    let mut led = leads.iter().filter_map(|lead| case_on(lead.ticket));
    if led.any(|case| case.correspondents.contains(&contact.id)) {
        return true;
    }
    if !vendor.shares_domain(&contact.address) {
        return false;
    }
    let is_outside = |number: &TicketNumber| {
        let requester = deliberation.ticket(*number).and_then(|ticket| deliberation.contact(ticket.requester?));
        requester.is_some_and(|requester| !requester.address.domain().eq_ignore_ascii_case(contact.address.domain()))
    };
    let marks = case_mark::find(mail, vendor);
    let named = marks.iter().filter_map(|mark| of_mark(deliberation, vendor, mark)).find(is_outside);
    named.is_some_and(|number| case_on(number).is_some())
        || has_our_letter(deliberation, mail, vendor, &case_on)
        || matching::cited_tickets(mail, deliberation.docket, deliberation.rules.keyring)
            .any(|number| case_on(number).is_some())
            && answers_vendors_thread(deliberation, mail, vendor)
}

/// Whether a mail bears the token of a letter of ours to the vendor.
fn has_our_letter<'t>(
    deliberation: &'t Deliberation<'_>,
    mail: &InboundMail,
    vendor: &Vendor,
    case_on: &impl Fn(TicketNumber) -> Option<&'t VendorCase>,
) -> bool {
    matching::verified(mail, deliberation.rules.keyring).any(|token| {
        let number = TicketNumber(token.ticket);
        let sent = deliberation.dossier(number).map_or(&[][..], |dossier| &dossier.sent);
        let to_vendor = |letter: &LetterView| {
            letter.number == token.letter && letter.audience == Audience::Vendor(vendor.name.clone())
        };
        case_on(number).is_some() && sent.iter().any(to_vendor)
    })
}

/// Whether what a mail answers was written to or by the vendor.
fn answers_vendors_thread(deliberation: &Deliberation<'_>, mail: &InboundMail, vendor: &Vendor) -> bool {
    let audience = Audience::Vendor(vendor.name.clone());
    let cited: Vec<_> = mail.in_reply_to.iter().chain(&mail.references).take(CITED_MAX).collect();
    matching::cited_tickets(mail, deliberation.docket, deliberation.rules.keyring)
        .filter_map(|number| deliberation.dossier(number))
        .any(|dossier| {
            let sent =
                dossier.sent.iter().filter(|letter| letter.audience == audience).map(|letter| Some(&letter.message_id));
            let heard =
                dossier.entries.iter().filter(|e| e.audience == audience).map(|entry| entry.message_id.as_ref());
            sent.chain(heard).flatten().any(|id| cited.contains(&id))
        })
}

/// By token or answered mail, by its own case number, by its thread, by our reference: always a ticket that has a case with
/// this vendor.
fn ticket_of(
    deliberation: &Deliberation<'_>,
    mail: &InboundMail,
    vendor: &Vendor,
    marks: &[Mark],
) -> Option<TicketNumber> {
    let has_case = |number: &TicketNumber| has_case(deliberation, *number, vendor);
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    let by = |strong: bool| {
        let leads = leads.iter().filter(move |lead| (lead.by != By::Reference) == strong);
        leads.map(|lead| lead.ticket).find(has_case)
    };
    // What a requester wrote into the subject names no other ticket's case.
    let named = by(false).and_then(|number| deliberation.ticket(number));
    let ours = named.map(|ticket| vendor_letter::subjects(deliberation, ticket, vendor)).unwrap_or_default();
    let by_mark = || case_mark::not_in(&ours, marks).find_map(|mark| of_mark(deliberation, vendor, mark));
    let by_thread = || matching::cited_tickets(mail, deliberation.docket, deliberation.rules.keyring).find(has_case);
    by(true).or_else(by_mark).or_else(by_thread).or_else(|| by(false))
}

/// Whether the ticket, or one that was merged into it, has a case with the vendor.
fn has_case(deliberation: &Deliberation<'_>, number: TicketNumber, vendor: &Vendor) -> bool {
    let docket = deliberation.docket;
    let own = deliberation.ticket(number).is_some_and(|ticket| ticket.case(&vendor.name).is_some());
    let goes_on_here = |ticket: &Ticket| matching::goes_on_in(docket, ticket.number) == number;
    let mut tickets = docket.dossiers.values().map(|dossier| &dossier.ticket);
    own || tickets.any(|ticket| ticket.case(&vendor.name).is_some() && goes_on_here(ticket))
}

/// The ticket whose case with the vendor has this mark, however it is written; where several share the number, by the writing.
fn of_mark(deliberation: &Deliberation<'_>, vendor: &Vendor, mark: &Mark) -> Option<TicketNumber> {
    let tickets = deliberation.docket.cases.get(&(vendor.name.clone(), mark.number.clone()))?;
    let has = |same: fn(&Mark, &Mark) -> bool| {
        let case_of = |number: &TicketNumber| deliberation.ticket(*number)?.case(&vendor.name);
        let found =
            tickets.iter().filter(move |n| case_of(n).is_some_and(|case| case.marks.iter().any(|m| same(m, mark))));
        found.copied()
    };
    let written_so = has(|known, mark| known.mark == mark.mark).next_back();
    let found = written_so.or_else(|| has(|known, mark| known.number == mark.number).next_back());
    found.map(|ticket| matching::goes_on_in(deliberation.docket, ticket))
}

/// A mark that is new is the case's newest; what our own letter brought there is none of the vendor's.
fn learn_mark(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    mail: &InboundMail,
    vendor: &Vendor,
    marks: &[Mark],
    by: Actor,
) {
    let Some(ticket) = deliberation.ticket(number) else { return };
    let known = ticket.case(&vendor.name).map_or(&[][..], |case| &case.marks);
    let mut ours = vendor_letter::subjects(deliberation, ticket, vendor);
    if !case_mark::is_in_subject(mail, marks) {
        let parts = deliberation.parts(number);
        let sent = parts.iter().flat_map(|dossier| &dossier.sent);
        let texts = sent.filter(|letter| letter.audience == Audience::Vendor(vendor.name.clone()));
        texts.filter_map(|letter| letter.text.as_deref()).for_each(|text| {
            ours.push('\n');
            ours.push_str(text);
        });
    }
    // Beside a mark that is known people write other things in brackets.
    let names_known = marks.iter().any(|mark| known.iter().any(|known| known.mark == mark.mark));
    if names_known && !case_mark::is_automatic(mail) {
        return;
    }
    // A number alone says nothing new of a mark that is known; the same number in other brackets is a case that was moved.
    let is_known = |mark: &Mark| {
        let is_moved = mark.mark.starts_with('[') && known.iter().all(|known| known.mark != mark.mark);
        known.iter().any(|known| known.number == mark.number) && !is_moved
    };
    let learned = case_mark::not_in(&ours, marks).find(|mark| !is_known(mark)).cloned();
    if let Some(mark) = learned {
        deliberation.happened(number, by, mark.learned(&vendor.name));
    }
}

/// ServiceNow finds its case by a mark in the text, which an answer has to hold.
fn learn_watermark(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    mail: &InboundMail,
    vendor: &Vendor,
    by: Actor,
) {
    let known = deliberation.ticket(number).and_then(|ticket| ticket.case(&vendor.name)?.watermark.clone());
    if let Some(watermark) = case_mark::watermark(&mail.body.text)
        && known.as_deref() != Some(watermark)
    {
        let event = Event::WatermarkLearned { vendor: vendor.name.clone(), watermark: watermark.to_owned() };
        deliberation.happened(number, by, event);
    }
}

/// Systems and people cite mails of theirs that we never saw, such as the one that stands for the case: later ones find it.
fn learn_thread(deliberation: &mut Deliberation<'_>, number: TicketNumber, mail: &InboundMail) {
    let ours = |id: &&MessageId| Token::parse(id.as_str().split('@').next().unwrap_or_default()).is_some();
    let new = mail.references.iter().chain(&mail.in_reply_to).filter(|id| !ours(id)).take(THREAD_IDS_MAX);
    for id in new {
        let hits = deliberation.docket.threads.get(id).map_or(&[][..], Vec::as_slice);
        // Somebody else may have cited it first, on another ticket.
        if hits.len() < TICKETS_A_THREAD && !hits.iter().any(|hit| hit.ticket == number) {
            deliberation.thread(id, number);
        }
    }
}

/// Tells whoever escalated what the vendor said.
fn tell(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    vendor: &Vendor,
    number: TicketNumber,
    purpose: Purpose,
    said: &Said,
) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let staff = who_hears(deliberation, &ticket, &vendor.name);
    let enclosed = enclosures::of(incoming.ledger, incoming.mail);
    let name = author.contact.name.as_deref().or(author.mailbox.name.as_deref()).unwrap_or(&vendor.name);
    let lines = [
        said.closes.then_some(Line::VendorSaysClosed(&vendor.name)),
        (said.kind == Kind::Refusal).then_some(Line::VendorRefused(&vendor.name)),
        incoming.mail.writer.looks_automatic().then_some(Line::LooksAutomatic),
    ];
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, purpose, Audience::Desk, language);
        telling::staff_thread(deliberation, &mut letter);
        letter.about = Some(incoming.ledger);
        letter.writer = Some(name.to_owned());
        letter.facts.author = Some(name.to_owned());
        letter.facts.vendor = Some(vendor.name.clone());
        letter.facts.case_number = ticket.case(&vendor.name).and_then(|case| case.number()).map(str::to_owned);
        letter.facts.text = Some(said.words.clone()).filter(|words| !words.is_empty());
        letter.facts.reasons = lines.iter().flatten().map(|line| wording::say(line, language)).collect();
        letter.facts.reasons.extend(enclosures::note_of_rest(incoming.mail, language));
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        letter.listed = enclosed.clone();
        letter.enclosures = enclosures::within(&enclosed, deliberation.policy().enclosure_bytes);
        Some(letter)
    });
}

/// Who hears of a vendor: whoever escalated; of somebody consulted whoever asked last and is there.
pub(in crate::desk) fn who_hears(deliberation: &Deliberation<'_>, ticket: &Ticket, vendor: &str) -> Vec<Address> {
    let is_consulted = deliberation.correspondent(vendor).is_some_and(|vendor| vendor.is_consulted);
    let audience = Audience::Vendor(vendor.to_owned());
    let parts = deliberation.parts(ticket.number);
    let asked = parts.iter().flat_map(|dossier| &dossier.entries).filter(|entry| entry.audience == audience);
    let last = asked.filter(|entry| entry.author_role == Role::Agent).max_by_key(|entry| entry.at);
    let asker = last.filter(|_| is_consulted).and_then(|entry| deliberation.still_staff(entry.author?));
    let asker = asker.filter(|agent| deliberation.away(agent.id).is_none());
    asker.map_or_else(|| agent_for(deliberation, ticket), |agent| vec![agent.address.clone()])
}

/// Whoever escalated and is there, here or on a ticket that was merged into this one; else the owner; else the first level.
pub(in crate::desk) fn agent_for(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<Address> {
    let parts = deliberation.parts(ticket.number);
    let merged = parts.iter().rev().filter_map(|dossier| dossier.ticket.escalated_by);
    let is_there = |agent: &&Contact| deliberation.away(agent.id).is_none();
    let agent_at = |id| deliberation.still_staff(id).filter(is_there);
    match ticket.escalated_by.into_iter().chain(merged).find_map(agent_at) {
        Some(agent) => vec![agent.address.clone()],
        None => deliberation.staff_for(ticket),
    }
}
