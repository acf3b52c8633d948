//! A vendor wrote, or its ticket system. What it says stays inside until an agent publishes it.

use crate::desk::deliberation::{Deliberation, Ruling};
use crate::desk::docket::case_number;
use crate::desk::docket::filing::{self, Filing};
use crate::desk::docket::matching::{self, By};
use crate::desk::folded::folded;
use crate::desk::incoming::Author;
use crate::desk::outgoing::{enclosures, telling, wording};
use crate::desk::{
    Actor, Audience, EntryKind, Event, Incoming, Outcome, PendingReason, Purpose, Reason, Role, State, Ticket,
    TicketNumber, Trust, Vendor,
};
use crate::mail::{Address, InboundMail, Kind};

/// A vendor's authenticated mail.
pub(in crate::desk) fn on_vendor<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    vendor: &Vendor,
) -> Ruling<'a> {
    let numbers = case_number::find(incoming.mail, vendor);
    let Some(number) = ticket_of(&deliberation, incoming.mail, vendor, &numbers) else {
        return Ruling::Doubtful(deliberation, Reason::VendorWithoutCase);
    };
    let by = Actor { role: Role::Vendor, contact: Some(author.contact.id) };
    let learned = learn_number(&mut deliberation, number, vendor, &numbers, by);
    let answer = !is_receipt(incoming.mail, learned);
    let kind = if answer { EntryKind::Vendor } else { EntryKind::Auto };
    let audience = Audience::Vendor(vendor.name.clone());
    filing::file(&mut deliberation, incoming, number, Filing { kind, audience, trust: Trust::Verified, by });
    let heard =
        Event::VendorHeard { vendor: vendor.name.clone(), message_id: incoming.mail.message_id.clone(), answer };
    deliberation.happened(number, by, heard);
    if answer {
        pass_to_agent(&mut deliberation, incoming, vendor, number, by);
    }
    Ruling::Decided(deliberation.end(Outcome::Ticket(number)))
}

/// By token, by thread, by its own case number, by our reference: always a ticket that has a case with this vendor.
fn ticket_of(
    deliberation: &Deliberation<'_>,
    mail: &InboundMail,
    vendor: &Vendor,
    numbers: &[String],
) -> Option<TicketNumber> {
    let has_case =
        |number: TicketNumber| deliberation.ticket(number).is_some_and(|ticket| ticket.case(&vendor.name).is_some());
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    let by_case = || {
        let cases =
            numbers.iter().filter_map(|number| deliberation.docket.cases.get(&(vendor.name.clone(), number.clone())));
        cases.flatten().copied().find(|ticket| has_case(*ticket))
    };
    let strong = leads.iter().find(|lead| lead.by != By::Reference && has_case(lead.ticket));
    strong
        .map(|lead| lead.ticket)
        .or_else(by_case)
        .or_else(|| leads.iter().find(|lead| has_case(lead.ticket)).map(|lead| lead.ticket))
}

/// The first number that the vendor names is its case's; a second one never replaces it, so that numbers do not mix.
fn learn_number(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    vendor: &Vendor,
    numbers: &[String],
    by: Actor,
) -> bool {
    let known =
        deliberation.ticket(number).and_then(|ticket| ticket.case(&vendor.name)).and_then(|case| case.number.as_ref());
    match (known, numbers.first()) {
        (None, Some(learned)) => {
            let event = Event::CaseNumberLearned { vendor: vendor.name.clone(), number: learned.clone() };
            deliberation.happened(number, by, event);
            true
        }
        _ => false,
    }
}

/// A ticket system's "we received it": marked as automatic without a person's words, or unmarked but saying so in the
/// mail that brings the number.
fn is_receipt(mail: &InboundMail, number_learned: bool) -> bool {
    const SAYS_RECEIVED: &[&str] = &[
        "received your",
        "has been received",
        "has been created",
        "have been created",
        "was created",
        "do not reply",
        "has been logged",
        "has been opened",
        "has been assigned",
        "thank you for contacting",
        "bien recu",
        "a ete creee",
        "a ete cree",
        "a ete enregistre",
        "ne pas repondre",
        "accuse de reception",
    ];
    let words = folded(&format!("{} {}", mail.subject, mail.body.reply_text));
    let says_received = SAYS_RECEIVED.iter().any(|phrase| words.contains(phrase));
    let automatic = mail.kind_if_foreign == Kind::AutoReply || !mail.may_ack;
    says_received && (automatic || number_learned || mail.body.reply_text.len() < 400)
        || mail.body.reply_text.trim().is_empty()
}

fn pass_to_agent(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    vendor: &Vendor,
    number: TicketNumber,
    by: Actor,
) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    if ticket.state == (State::Pending { reason: PendingReason::Vendor }) {
        deliberation.happened(number, by, Event::Resumed);
    }
    let staff = agent_for(deliberation, &ticket);
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let mail = incoming.mail;
    let enclosed = enclosures::of(incoming.ledger, mail);
    deliberation.send_to_staff(&staff, |deliberation, language| {
        let mut letter = deliberation.letter(&ticket, Purpose::VendorAnswered, Audience::Desk, language);
        telling::staff_thread(deliberation, &mut letter);
        letter.about = Some(incoming.ledger);
        letter.writer = Some(vendor.name.clone());
        letter.facts.author = Some(vendor.name.clone());
        letter.facts.vendor = Some(vendor.name.clone());
        letter.facts.case_number = ticket.case(&vendor.name).and_then(|case| case.number.clone());
        letter.facts.text = Some(mail.body.reply_text.clone());
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        letter.listed = enclosed.clone();
        letter.enclosures = enclosures::within(&enclosed, deliberation.policy().enclosure_bytes);
        Some(letter)
    });
}

/// Whoever escalated; else the owner; else the first level.
fn agent_for(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<Address> {
    match ticket.escalated_by.and_then(|id| deliberation.contact(id)) {
        Some(agent) => vec![agent.address.clone()],
        None => deliberation.staff_for(ticket),
    }
}
