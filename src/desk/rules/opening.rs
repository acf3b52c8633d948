//! A ticket begins: by mail, by telephone, or only so that a mail is accounted for.

use crate::desk::deliberation::{Deliberation, without};
use crate::desk::docket::entering::{add_participants, enter_request, learn_language};
use crate::desk::docket::matching::{self, TICKETS_A_THREAD};
use crate::desk::docket::subject;
use crate::desk::incoming::Author;
use crate::desk::outgoing::acknowledging::acknowledge_named;
use crate::desk::outgoing::offer::{self, Offer};
use crate::desk::outgoing::telling::{News, Told, letter_to_author, tell_of, tell_staff};
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{brakes, reach};
use crate::desk::rules::escalating::{self, Arrived, ByMail};
use crate::desk::rules::{crowds, due};
use crate::desk::{
    Actor, Arrival, Audience, Call, Decision, Desk, Entry, EntryKind, Event, FixFacts, Handed, Incoming, Leaves,
    Letter, Level, Named, Origin, Outcome, PendingReason, Policy, Proof, Purpose, RequestType, Role, State, Ticket,
    TicketNumber, Trust,
};
use crate::mail::{Address, Authentication, InboundMail};

/// What a new ticket has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Antecedent {
    /// It has nothing before it.
    Fresh,
    /// It goes on from a ticket closed long ago.
    Follows(TicketNumber),
    /// Its author names a ticket in which they have no part; the flag says that a letter of ours names it.
    Mentions(TicketNumber, bool),
    /// It is about a mass incident that is at work.
    PartOf(TicketNumber),
}

/// Opens a ticket, tells the desk, and acknowledges where an automatic letter may answer at all.
pub(in crate::desk) fn open(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Option<Author<'_>>,
    antecedent: Antecedent,
) -> Decision {
    let mail = incoming.mail;
    let desk = desk_for(&deliberation, mail);
    let language = deliberation.language_for(desk, author.map(|author| author.contact), mail.language);
    let begun = deliberation.open(desk, &subject::bare(&mail.subject), language);
    let number = begun.number;
    let contact = author.map(|author| author.contact.id);
    let role = if author.is_some() { Role::Requester } else { Role::Unknown };
    let by = Actor { role, contact };
    let opened = Event::Opened {
        requester: contact,
        origin: if incoming.proof.form().is_some() { Origin::Form } else { Origin::Mail },
        request_type: RequestType::Incident,
        desk: Some(desk.name.clone()),
        address: address_written_to(desk, mail),
        automatic: !mail.may_ack(),
    };
    deliberation.happened(number, by, opened);
    let opened = deliberation.as_it_stands(&begun);
    let antecedent = part_of_crowd(&deliberation, incoming, author, antecedent, &opened);
    match antecedent {
        Antecedent::Fresh => {}
        Antecedent::PartOf(parent) => {
            deliberation.happened(number, Actor::SYSTEM, Event::JoinedCrowd { parent });
            deliberation.happened(parent, Actor::SYSTEM, Event::ChildJoined { child: number, untold: true });
        }
        Antecedent::Follows(ticket) => deliberation.happened(number, Actor::SYSTEM, Event::Follows { ticket }),
        Antecedent::Mentions(ticket, _) => deliberation.happened(number, Actor::SYSTEM, Event::Mentioned { ticket }),
    }
    let ticket = deliberation.as_it_stands(&begun);
    enter_request(
        &mut deliberation,
        incoming,
        &ticket,
        by,
        Audience::Requester,
        author.map_or(Trust::Unverified, |a| a.trust()),
    );
    cited_threads(&mut deliberation, mail, number);
    let found = offer::find(&deliberation, mail);
    let mut offer = Offer::default();
    if let Some(author) = author {
        if author.authentication == Authentication::Passed {
            deliberation.can_reach(author.contact);
        }
        learn_language(&mut deliberation, mail, author, number);
        if author.authentication == Authentication::Passed {
            add_participants(&mut deliberation, mail, number, author.address());
            if !matches!(antecedent, Antecedent::PartOf(_)) {
                offer = Offer::of(&found, &deliberation, mail, &ticket);
            }
        }
    }
    let fixes = offer::candidates(&found);
    // What becomes of a child becomes of its parent.
    let by_rules = match antecedent {
        Antecedent::PartOf(_) => Vec::new(),
        _ => by_rules(&mut deliberation, incoming, author, number, &fixes),
    };
    let mut told = Acknowledged::default();
    if let Some(author) = author {
        told = acknowledge(&mut deliberation, incoming, author, number, antecedent, offer);
    }
    if matches!(antecedent, Antecedent::PartOf(_)) {
        tell_other_desks(&mut deliberation, incoming, author, number, &[]);
        // Agents read of it in the next digest.
        return deliberation.end(Outcome::Ticket(number));
    }
    let mut lines = told.lines();
    lines.extend(by_rules);
    let mentioned = match antecedent {
        Antecedent::Mentions(ticket, _) => Some(ticket.to_string()),
        Antecedent::Fresh | Antecedent::Follows(_) | Antecedent::PartOf(_) => None,
    };
    let follows = |number| {
        let (ticket, author) = (deliberation.ticket(number), author.map(|author| author.contact));
        ticket.zip(author).is_some_and(|(ticket, author)| deliberation.follows(ticket, author))
    };
    let has_part = matches!(antecedent, Antecedent::Mentions(ticket, _) if follows(ticket));
    lines.extend(mentioned.as_deref().map(if has_part { Line::StandsBeside } else { Line::Mentions }));
    lines.extend(mail.writer.looks_automatic().then_some(Line::LooksAutomatic));
    lines.extend(handed_in(incoming));
    let staff = deliberation.staff_for(&ticket);
    let staff: Vec<Address> =
        staff.into_iter().filter(|to| author.is_none_or(|author| !to.is(author.address()))).collect();
    let news = News { purpose: Purpose::NewTicket, author, lines: &lines, fixes };
    tell_staff(&mut deliberation, incoming, &staff, &ticket, &news);
    tell_other_desks(&mut deliberation, incoming, author, number, &staff);
    if antecedent == Antecedent::Fresh && !mail.writer.looks_automatic() {
        crowds::propose(&mut deliberation, incoming, &ticket);
    }
    deliberation.end(Outcome::Ticket(number))
}

/// By what way a mail came that somebody else's server handed in.
pub(in crate::desk) fn handed_in<'a>(incoming: &Incoming<'a>) -> Option<Line<'a>> {
    match incoming.proof {
        Proof::Form(Handed { name, author: Named::Somebody, .. }) => Some(Line::NamedByForm(name)),
        Proof::Form(Handed { name, author: Named::Nobody, .. }) => Some(Line::FormNamesNobody(name)),
        Proof::Form(Handed { name, author: Named::Ours, .. }) => Some(Line::FormNamesOurs(name)),
        Proof::List(Handed { name, author: Named::Somebody, .. }) => Some(Line::NamedByList(name)),
        Proof::List(Handed { name, .. }) => Some(Line::ListNamesNobody(name)),
        Proof::Redirected(Handed { name, .. }) => Some(Line::RedirectedBy(name)),
        _ => None,
    }
}

/// A request whose author is proven is part of the mass incident that it is about: what is said to all goes to nobody else.
fn part_of_crowd(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Option<Author<'_>>,
    antecedent: Antecedent,
    ticket: &Ticket,
) -> Antecedent {
    let is_proven = author.is_some_and(|author| author.authentication == Authentication::Passed);
    if antecedent != Antecedent::Fresh || !is_proven || incoming.mail.writer.looks_automatic() {
        return antecedent;
    }
    crowds::parent_of(deliberation, incoming, ticket).map_or(antecedent, Antecedent::PartOf)
}

/// What the operator's rules do with a mail that has opened a ticket.
fn by_rules<'a>(
    deliberation: &mut Deliberation<'a>,
    incoming: &Incoming<'_>,
    author: Option<Author<'_>>,
    number: TicketNumber,
    fixes: &[FixFacts],
) -> Vec<Line<'a>> {
    let arrived = Arrived {
        text: words(incoming.mail),
        trust: author.map_or(Trust::Unverified, |author| author.trust()),
        by_mail: Some(ByMail { incoming, author, fixes }),
    };
    escalating::at_arrival(deliberation, number, &arrived)
}

/// What a mail asks, as rules look for words in it.
pub(in crate::desk) fn words(mail: &InboundMail) -> &str {
    let body = &mail.body;
    if body.unquoted_text.is_empty() { &body.text } else { &body.unquoted_text }
}

/// A request that an agent took by telephone: acknowledged, and the desk is told.
pub(in crate::desk) fn by_telephone(mut deliberation: Deliberation<'_>, call: &Call<'_>) -> Decision {
    let Call { requester, subject: title, text, origin } = *call;
    let desk = deliberation.policy().desks.first();
    let contact = deliberation.contact_at(requester);
    let language = deliberation.language_for(desk, contact, None);
    let begun = deliberation.open(desk, &subject::bare(title), language);
    let number = begun.number;
    let by = Actor { role: Role::Requester, contact: contact.map(|contact| contact.id) };
    let opened = Event::Opened {
        requester: by.contact,
        origin,
        request_type: RequestType::Incident,
        desk: Some(desk.name.clone()),
        address: Some(desk.addresses.first().clone()),
        automatic: false,
    };
    deliberation.happened(number, Actor::SYSTEM, opened);
    deliberation.enter(Entry {
        ticket: number,
        at: deliberation.now,
        ledger: None,
        message_id: None,
        kind: EntryKind::Request,
        audience: Audience::Requester,
        trust: Trust::Unverified,
        author_role: Role::Requester,
        author: by.contact,
        text: text.to_owned(),
    });
    let acknowledged = acknowledge_named(&mut deliberation, number, None);
    let ticket = deliberation.as_it_stands(&begun);
    let staff = deliberation.staff_for(&ticket);
    let arrived = Arrived { text, trust: Trust::Unverified, by_mail: None };
    let mut lines = escalating::at_arrival(&mut deliberation, number, &arrived);
    lines.extend(acknowledged);
    let ticket = deliberation.as_it_stands(&ticket);
    tell_of(&mut deliberation, &staff, &ticket, &Told { text: Some(text), lines: &lines, ..Told::default() });
    deliberation.end_without_mail()
}

/// A mail that asks only the program: on a ticket that is closed at once, so that it is accounted for.
pub(in crate::desk) fn keep_silently(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) -> Decision {
    let mail = incoming.mail;
    let desk = desk_for(&deliberation, mail);
    let begun = deliberation.open(desk, &subject::bare(&mail.subject), None);
    let number = begun.number;
    let by = Actor { role: Role::Agent, contact: Some(author.contact.id) };
    let opened = Event::Opened {
        requester: by.contact,
        origin: Origin::Mail,
        request_type: RequestType::ServiceRequest,
        desk: Some(desk.name.clone()),
        address: address_written_to(desk, mail),
        automatic: false,
    };
    deliberation.happened(number, by, opened);
    enter_request(&mut deliberation, incoming, &begun, by, Audience::Desk, author.trust());
    deliberation.happened(number, Actor::SYSTEM, Event::Closed);
    deliberation.end(Outcome::Ticket(number))
}

/// What the author was told.
#[derive(Default)]
struct Acknowledged<'a> {
    /// The brake that holds the letter back.
    brake: Option<&'static str>,
    offer: Offer<'a>,
}

impl<'a> Acknowledged<'a> {
    /// What agents should know of it.
    fn lines(&self) -> Vec<Line<'a>> {
        match self.offer {
            _ if self.brake == Some(brakes::FORM) => vec![Line::FormBrakeTripped],
            _ if self.brake == Some(brakes::COMPLAINT) => vec![Line::ComplaintBrakes],
            _ if self.brake.is_some() => vec![Line::BrakeTripped],
            Offer { article: None, .. } => Vec::new(),
            Offer { article: Some(article), as_answer: true } => vec![Line::FixAnswered(&article.id)],
            Offer { article: Some(article), as_answer: false } => vec![Line::FixSuggested(&article.id)],
        }
    }
}

/// Tells an author who is proven only by a later copy of the mail that it arrived.
pub(in crate::desk) fn acknowledge_late(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
) {
    let cites_letter = matching::verified(incoming.mail, deliberation.rules.keyring).next().is_some();
    let antecedent = Antecedent::Mentions(number, cites_letter);
    acknowledge(deliberation, incoming, author, number, antecedent, Offer::default());
}

fn acknowledge<'a>(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    antecedent: Antecedent,
    offer: Offer<'a>,
) -> Acknowledged<'a> {
    let mail = incoming.mail;
    let cites_letter = matches!(antecedent, Antecedent::Mentions(_, true));
    let passes = author.authentication != Authentication::Failed && incoming.arrival == Arrival::Ordinary;
    if !mail.may_ack() || cites_letter || !passes || !reach::somebody_reads(author.address(), deliberation.policy()) {
        return Acknowledged::default();
    }
    let verified = author.authentication == Authentication::Passed;
    let purpose = match (verified, offer.as_answer, antecedent) {
        (false, ..) => Purpose::AcknowledgementGeneric,
        (true, true, _) => Purpose::KnownFix,
        (true, false, Antecedent::PartOf(_)) => Purpose::CrowdAcknowledgement,
        (true, false, _) => Purpose::Acknowledgement,
    };
    let form = incoming.proof.form();
    let brake = brakes::tripped(deliberation, author.address(), number, purpose)
        .or_else(|| form.and_then(|form| brakes::of_form(deliberation, form)));
    let Some(mut letter) = letter_to_author(deliberation, incoming, author, number, purpose) else {
        return Acknowledged::default();
    };
    letter.form = form.map(str::to_owned);
    let desk = deliberation.policy().desk(&letter.desk);
    letter.facts.language_unsure = deliberation.is_language_unsure(desk, author.contact, mail.language);
    letter.facts.asks_yes = offer.article.is_some();
    if let (Purpose::CrowdAcknowledgement, Antecedent::PartOf(parent)) = (purpose, antecedent) {
        tell_of_parent(deliberation, &mut letter, parent);
    }
    letter.facts.fixes = offer.article.into_iter().map(offer::facts).collect();
    if !verified {
        letter.subject = String::new();
        letter.facts.subject = String::new();
        letter.facts.requester_name = None;
        letter.to.iter_mut().for_each(|mailbox| mailbox.name = None);
        letter.thread_topic = None;
    }
    if brake.is_some() {
        letter.leaves = Leaves::WhenReleased;
    }
    deliberation.send(letter);
    if let Some(article) = offer.article {
        deliberation.happened(number, Actor::SYSTEM, Event::KnownFixOffered { fix: article.id.clone() });
    }
    if let Some(brake) = brake {
        deliberation.happened(number, Actor::SYSTEM, Event::BrakeTripped { brake: brake.to_owned() });
    }
    Acknowledged { brake, offer }
}

/// Where the mass incident stands: its title, and what was said to all. Nothing that is its own requester's.
fn tell_of_parent(deliberation: &Deliberation<'_>, letter: &mut Letter, parent: TicketNumber) {
    let Some(ticket) = deliberation.ticket(parent) else { return };
    let mut standing = deliberation.standing(ticket);
    if ticket.state == (State::Pending { reason: PendingReason::Requester }) {
        // Another requester's answer is nothing that this one waits for.
        standing.state = State::Open;
    }
    letter.facts.state = Some(standing.state.word().to_owned());
    letter.facts.standing = Some(wording::state_of_request(standing, letter.language));
    letter.facts.title = ticket.title.clone();
    let said = ticket.as_major().and_then(|crowd| crowd.said);
    letter.facts.text = said.and_then(|said| due::said(deliberation, parent, &said));
}

/// What a first mail cites is a key too: a colleague's reply-all may arrive before it, or beside it. Whoever cited it first in
/// a ticket of theirs does not keep it from others.
fn cited_threads(deliberation: &mut Deliberation<'_>, mail: &InboundMail, number: TicketNumber) {
    for cited in mail.in_reply_to.iter().chain(mail.references.iter().rev()).take(10) {
        let known = deliberation.docket.threads.get(cited).map_or(0, Vec::len);
        if known < TICKETS_A_THREAD {
            deliberation.thread(cited, number);
        }
    }
}

/// The desk that a mail was sent to, the first of several; what names none belongs to the first of all.
pub(in crate::desk) fn desk_for<'a>(deliberation: &Deliberation<'a>, mail: &InboundMail) -> &'a Desk {
    let policy = deliberation.policy();
    desk_named(policy, mail).unwrap_or(policy.desks.first())
}

/// The same; `None` where it names none.
pub(in crate::desk) fn desk_named<'a>(policy: &'a Policy, mail: &InboundMail) -> Option<&'a Desk> {
    let delivered = mail.delivered_to.iter().filter_map(|address| policy.desk_at(address));
    addressed(policy, mail).chain(delivered).next()
}

/// The desks that a mail names in To and Cc, in that order: a copy that came by another mailbox says the same. Where it was delivered
/// may be the mailbox of all desks.
fn addressed<'a>(policy: &'a Policy, mail: &InboundMail) -> impl Iterator<Item = &'a Desk> {
    mail.to.iter().chain(&mail.cc).filter_map(|address| policy.desk_at(address))
}

/// Tells the first level of the other desks that the mail was written to, where nobody there has read of the ticket yet; `told`
/// read the mail already.
pub(in crate::desk) fn tell_other_desks(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Option<Author<'_>>,
    number: TicketNumber,
    told: &[Address],
) {
    let policy = deliberation.policy();
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let desk = deliberation.desk_of(&ticket);
    // Where the ticket was moved its requester goes on writing to the address of the desk that had it.
    let had_it = ticket.address.as_ref().and_then(|address| policy.desk_at(address));
    let sent = deliberation.dossier(number).map_or(&[][..], |dossier| &dossier.sent);
    let for_desk = sent.iter().filter(|letter| letter.audience == Audience::Desk);
    let mut knows: Vec<Address> = for_desk.flat_map(|letter| &letter.recipients).chain(told).cloned().collect();
    knows.extend(author.map(|author| author.address().clone()));
    let mut staff: Vec<Address> = Vec::new();
    for other in addressed(policy, incoming.mail) {
        if other.name != desk.name && had_it.is_none_or(|had_it| other.name != had_it.name) {
            let team = without(deliberation.staff_at(&other.name, Level::L1), &knows);
            staff.extend(without(team, &staff));
        }
    }
    let reference = number.to_string();
    let lines = [Line::AlsoWrittenTo(&desk.display_name, &reference)];
    let news = News { purpose: Purpose::Notice, author, lines: &lines, fixes: Vec::new() };
    tell_staff(deliberation, incoming, &staff, &ticket, &news);
}

/// Which of the desk's addresses the mail was sent to: visible recipients first, because that one the author knows.
pub(in crate::desk) fn address_written_to(desk: &Desk, mail: &InboundMail) -> Option<Address> {
    let addresses = mail.to.iter().chain(&mail.cc).chain(&mail.delivered_to);
    let own = addresses.filter_map(|address| desk.addresses.iter().find(|own| address.is_within(own))).next();
    Some(own.unwrap_or(desk.addresses.first()).clone())
}
