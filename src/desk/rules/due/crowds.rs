//! A mass incident: children join as they were proposed, what is said to all reaches each of them once, and agents read of new
//! ones in a digest. Some at a time, so that no commit holds a crowd.

use jiff::{SignedDuration, Timestamp};

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::matching;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{reach, telling};
use crate::desk::{
    Actor, Audience, Contact, Crowd, Enclosure, Entry, EntryKind, Event, OnTheWay, Policy, Purpose, Role, Said, State,
    Ticket, TicketNumber, Trust,
};

/// Agents read of new children once in that time.
const GATHERED: SignedDuration = SignedDuration::from_mins(15);

/// One commit does so many children.
pub const CHILDREN_AT_A_TIME: usize = 100;

pub(super) fn next(_: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    let crowd = ticket.crowd.as_ref()?;
    if has_work(ticket, crowd) { Some(now) } else { digest_at(crowd) }
}

fn has_work(ticket: &Ticket, crowd: &Crowd) -> bool {
    let is_waiting = crowd.offered && !crowd.declared;
    let joins = !crowd.proposed.is_empty() && !is_waiting;
    joins || !crowd.on_the_way.is_empty() || crowd.leaves_behind(ticket.state.is_over())
}

fn digest_at(crowd: &Crowd) -> Option<Timestamp> {
    crowd.untold_since.and_then(|since| since.checked_add(GATHERED).ok())
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, _: &mut Told) {
    offer(deliberation, number);
    take_in(deliberation, number);
    carry(deliberation, number);
    leave_nobody_behind(deliberation, number);
    let crowd = |deliberation: &Deliberation<'_>| deliberation.ticket(number).and_then(|ticket| ticket.crowd.clone());
    if crowd(deliberation).and_then(|crowd| digest_at(&crowd)).is_some_and(|at| at <= deliberation.now) {
        tell(deliberation, number);
    }
    let ticket = deliberation.ticket(number);
    if ticket.is_some_and(|ticket| ticket.crowd.as_ref().is_some_and(|crowd| has_work(ticket, crowd))) {
        deliberation.is_unfinished(number);
    }
}

/// L1 is told of requests that are alike, on the oldest of them: whoever says there that it is a mass incident has them all.
fn offer(deliberation: &mut Deliberation<'_>, newest: TicketNumber) {
    let crowd = deliberation.ticket(newest).and_then(|ticket| ticket.crowd.as_ref());
    let Some(crowd) = crowd.filter(|crowd| !crowd.declared && !crowd.offered && !crowd.proposed.is_empty()) else {
        return;
    };
    let tickets = crowd.proposed.clone();
    let is_free = |number: &TicketNumber| {
        let holds = |ticket: &Ticket| *number != newest && ticket.crowd.is_some();
        deliberation.ticket(*number).is_some_and(|one| !one.state.is_over() && one.major.is_none() && !holds(one))
    };
    let mut group: Vec<TicketNumber> = tickets.iter().chain([&newest]).copied().filter(is_free).collect();
    group.sort_unstable();
    deliberation.happened(newest, Actor::SYSTEM, Event::AlikeSettled { tickets });
    let [oldest, others @ ..] = group.as_slice() else { return };
    if let Some(oldest) = deliberation.ticket(*oldest).cloned().filter(|_| !others.is_empty()) {
        let proposed = Event::AlikeProposed { tickets: others.to_vec() };
        deliberation.happened(oldest.number, Actor::SYSTEM, proposed);
        telling::tell_of_crowd(deliberation, &oldest, Purpose::CrowdProposed, &group);
    }
}

/// What was proposed becomes children, unless it is over by now, or part of another crowd.
fn take_in(deliberation: &mut Deliberation<'_>, parent: TicketNumber) {
    let Some(ticket) = deliberation.ticket(parent).cloned() else { return };
    let Some(crowd) = ticket.as_major().filter(|crowd| !crowd.proposed.is_empty()) else { return };
    let tickets: Vec<TicketNumber> = crowd.proposed.iter().take(CHILDREN_AT_A_TIME).copied().collect();
    let takes_in = !ticket.state.is_over() || !crowd.on_the_way.is_empty();
    for child in tickets.iter().copied().filter(|_| takes_in) {
        let is_free = |one: &Ticket| !one.state.is_over() && one.major.is_none() && one.as_major().is_none();
        if deliberation.ticket(child).is_some_and(is_free) {
            deliberation.happened(child, Actor::SYSTEM, Event::JoinedCrowd { parent });
            deliberation.happened(parent, Actor::SYSTEM, Event::ChildJoined { child, untold: false });
        }
    }
    deliberation.happened(parent, Actor::SYSTEM, Event::AlikeSettled { tickets });
}

/// The oldest words that are for all go to those whom they have not reached.
fn carry(deliberation: &mut Deliberation<'_>, parent: TicketNumber) {
    let crowd = deliberation.ticket(parent).and_then(|ticket| ticket.crowd.as_ref());
    let Some(words) = crowd.and_then(|crowd| crowd.on_the_way.first()).cloned() else { return };
    let children: Vec<TicketNumber> = words.to.iter().take(CHILDREN_AT_A_TIME).copied().collect();
    let text = said(deliberation, parent, &words.said);
    for child in &children {
        let ticket = open_child(deliberation, parent, *child).filter(|_| words.solves || text.is_some());
        if let Some(ticket) = ticket {
            reach_child(deliberation, parent, &ticket, &words, text.as_deref());
        }
    }
    deliberation.happened(parent, Actor::SYSTEM, Event::ChildrenReached { children });
}

/// However a mass incident ends, nobody waits for it any more: its children go where it was merged into, back to the desk where it
/// is none or is spam, and hear that it is solved in all other cases.
fn leave_nobody_behind(deliberation: &mut Deliberation<'_>, parent: TicketNumber) {
    let Some(ticket) = deliberation.ticket(parent).cloned() else { return };
    let is_left =
        |ticket: &Ticket| ticket.crowd.as_ref().is_some_and(|crowd| crowd.leaves_behind(ticket.state.is_over()));
    let Some(crowd) = ticket.crowd.as_ref().filter(|_| is_left(&ticket)) else { return };
    // Children are at hand where they were left before this look.
    let are_at_hand = deliberation.dossier(parent).is_some_and(|dossier| is_left(&dossier.ticket));
    let children: Vec<TicketNumber> = crowd.children.iter().take(CHILDREN_AT_A_TIME).copied().collect();
    if crowd.declared && ticket.state != State::Spam && ticket.merged_into.is_none() {
        let solved = Event::SaidToAll { ledger: None, solves: true, files: Vec::new() };
        deliberation.happened(parent, Actor::SYSTEM, solved);
    } else if are_at_hand && crowd.declared && ticket.merged_into.is_some() {
        move_on(deliberation, &ticket, &children);
    } else if are_at_hand {
        for child in children {
            deliberation.happened(parent, Actor::SYSTEM, Event::ChildLeft { child });
            if let Some(child) = open_child(deliberation, parent, child) {
                deliberation.happened(child.number, Actor::SYSTEM, Event::LeftCrowd);
                telling::tell_of_request(deliberation, &child);
            }
        }
    }
}

/// What a mass incident was merged into is one from then on, unless it is part of one.
fn move_on(deliberation: &mut Deliberation<'_>, from: &Ticket, children: &[TicketNumber]) {
    let target = matching::goes_on_in(deliberation.docket, from.number);
    let is_at_work = |number: &TicketNumber| {
        *number != from.number && deliberation.ticket(*number).is_some_and(|one| one.as_major().is_some())
    };
    let parent = deliberation.ticket(target).and_then(|ticket| ticket.major).filter(is_at_work).unwrap_or(target);
    if deliberation.ticket(parent).is_some_and(|ticket| ticket.as_major().is_none()) {
        deliberation.happened(parent, Actor::SYSTEM, Event::MadeMajor);
        deliberation.call(parent, from.called());
    }
    for child in children.iter().copied() {
        let untold = from.crowd.as_ref().is_some_and(|crowd| crowd.untold.contains(&child));
        deliberation.happened(from.number, Actor::SYSTEM, Event::ChildLeft { child });
        if open_child(deliberation, from.number, child).is_some_and(|child| child.number != parent) {
            deliberation.happened(child, Actor::SYSTEM, Event::JoinedCrowd { parent });
            deliberation.happened(parent, Actor::SYSTEM, Event::ChildJoined { child, untold });
        }
    }
}

fn open_child(deliberation: &Deliberation<'_>, parent: TicketNumber, child: TicketNumber) -> Option<Ticket> {
    deliberation.ticket(child).filter(|ticket| ticket.major == Some(parent) && !ticket.state.is_over()).cloned()
}

/// The words that an agent said to all.
pub(in crate::desk) fn said(deliberation: &Deliberation<'_>, parent: TicketNumber, said: &Said) -> Option<String> {
    let is_meant = |entry: &&Entry| {
        entry.at == said.at
            && entry.ledger == said.ledger
            && entry.kind == EntryKind::AgentReply
            && entry.audience == Audience::Requester
    };
    let entry = deliberation.dossier(parent)?.entries.iter().rev().find(is_meant)?;
    Some(entry.text.clone()).filter(|text| !text.is_empty())
}

/// In the child's own thread and language, to its own people.
fn reach_child(
    deliberation: &mut Deliberation<'_>,
    parent: TicketNumber,
    ticket: &Ticket,
    words: &OnTheWay,
    text: Option<&str>,
) {
    let number = ticket.number;
    let agent = words.said.by.and_then(|id| deliberation.contact(id)).filter(|_| text.is_some());
    let by = agent.map_or(Actor::SYSTEM, |agent| Actor { role: Role::Agent, contact: Some(agent.id) });
    let requester = ticket.requester.and_then(|id| deliberation.contact(id));
    let is_read = requester.is_some_and(|contact| reach::somebody_reads(&contact.address, deliberation.policy()));
    let purpose = if words.solves { Purpose::Resolved } else { Purpose::Answer };
    if let Some(mut letter) = telling::letter_to_requester(deliberation, ticket, purpose).filter(|_| is_read) {
        let participants = ticket.participants.iter().filter_map(|one| deliberation.contact(one.contact));
        letter.cc = participants.map(Contact::mailbox).collect();
        letter.cc.extend(telling::copied_levels(deliberation, ticket));
        letter.writer = agent.map(|agent| deliberation.staff_name(&agent.address, letter.language));
        letter.facts.author = letter.writer.clone();
        letter.facts.text = text.map(str::to_owned);
        if text.is_none() {
            let title = deliberation.ticket(parent).and_then(|parent| parent.title.as_deref());
            letter.facts.reasons = vec![wording::say(&Line::MajorIsSolved(title), letter.language)];
        }
        letter.enclosures = files(deliberation, parent, words);
        if let Some(letter) = deliberation.send(letter).filter(|_| text.is_some()) {
            deliberation.happened(number, by, Event::Answered { letter });
        }
    }
    if let Some(text) = text {
        deliberation.enter(Entry {
            ticket: number,
            at: deliberation.now,
            ledger: None,
            message_id: None,
            kind: EntryKind::AgentReply,
            audience: Audience::Requester,
            trust: Trust::Verified,
            author_role: Role::Agent,
            author: words.said.by,
            text: text.to_owned(),
        });
    }
    if words.solves {
        deliberation.happened(number, by, Event::Resolved { code: Some("major".to_owned()) });
    }
}

/// The files of the mail with these words.
fn files(deliberation: &Deliberation<'_>, parent: TicketNumber, words: &OnTheWay) -> Vec<Enclosure> {
    let known = deliberation.dossier(parent).map_or(&[][..], |dossier| &dossier.attachments);
    let is_meant = |file: &&Enclosure| Some(file.ledger) == words.said.ledger && words.files.contains(&file.index);
    known.iter().filter(is_meant).cloned().collect()
}

/// One letter for all children that agents have not read of.
fn tell(deliberation: &mut Deliberation<'_>, parent: TicketNumber) {
    let Some(ticket) = deliberation.ticket(parent).cloned() else { return };
    let Some(crowd) = ticket.as_major() else { return };
    let children = crowd.untold.clone();
    telling::tell_of_crowd(deliberation, &ticket, Purpose::CrowdDigest, &children);
    deliberation.happened(parent, Actor::SYSTEM, Event::ChildrenTold { children });
}
