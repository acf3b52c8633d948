//! Requests about one matter: those that are about a mass incident become part of it, and many at once are proposed as one.

use jiff::SignedDuration;

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::Newcomer;
use crate::desk::{Actor, CHILDREN_AT_A_TIME, Crowd, Event, Incoming, Ticket, TicketNumber};
use crate::known_fix::{Gist, Question};

/// Requests are compared with those of the last minutes.
pub const COMPARED: SignedDuration = SignedDuration::from_mins(10);
/// With so many of them at most.
pub const COMPARED_MAX: usize = 200;
/// So many that are alike are proposed as one.
const MANY: usize = 10;
/// What was proposed grows for so long.
const GROWS: SignedDuration = SignedDuration::from_hours(1);
/// To so many: who does not see by then that it is one matter sees it by no more of them.
const PROPOSED_MAX: usize = 500;
/// So many children of a mass incident say what it is about, beside its title and its own request.
const CHILDREN_COMPARED: usize = 20;

/// Likeness from which a request is about the same matter as another one. Of thirty outages that were each worded in twelve ways in
/// both languages it finds 309 of 360 requests by another one, and takes one of 300 others for a given outage in 0.26 % of all
/// pairs; from 0.5 on it would be 340 and 0.76 %. Whoever is taken for part of what they did not ask about gets its solution.
const ALIKE: f32 = 0.55;

/// The mass incident at work that a new request is about.
pub(in crate::desk) fn parent_of(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    ticket: &Ticket,
) -> Option<TicketNumber> {
    let parents: Vec<&Ticket> =
        crowds(deliberation, ticket).into_iter().filter(|parent| parent.as_major().is_some()).collect();
    if parents.is_empty() {
        return None;
    }
    let gist = of_mail(deliberation, incoming, ticket);
    let likeness = |parent: &&Ticket| {
        let title = Gist::of(&Question { subject: parent.called(), ..Question::default() });
        let request = of_request(deliberation, parent);
        let children = deliberation.docket.newcomers.iter().filter(|one| one.major == Some(parent.number));
        let children = children.take(CHILDREN_COMPARED).map(Newcomer::gist);
        let all = [Some(&title), request].into_iter().flatten().chain(children);
        all.filter_map(|one| one.likeness(gist, ALIKE)).max_by(f32::total_cmp)
    };
    let alike = parents.iter().filter_map(|parent| Some((likeness(parent)?, parent.number)));
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, number)| number)
}

/// Requests that are alike and come within minutes are to be proposed to L1, once; those that come later are added to what was proposed.
pub(in crate::desk) fn propose(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) {
    let earlier = newcomers(deliberation, ticket);
    let proposed: Vec<&Ticket> =
        crowds(deliberation, ticket).into_iter().filter(|one| one.as_major().is_none()).collect();
    if earlier.len() + 1 < MANY && proposed.is_empty() {
        return;
    }
    let gist = of_mail(deliberation, incoming, ticket);
    let is_alike = |other: &Gist| other.is_like(gist, ALIKE);
    let holds = |holder: &&Ticket, crowd: &Crowd| {
        let grows = crowd.proposed_at.is_some_and(|at| deliberation.now.duration_since(at) < GROWS);
        let mut members = earlier.iter().filter(|one| crowd.proposes(one.ticket));
        grows
            && (of_request(deliberation, holder).is_some_and(is_alike) || members.any(|member| is_alike(member.gist())))
    };
    let holder = proposed.iter().find_map(|holder| {
        let crowd = holder.crowd.as_ref().filter(|crowd| holds(holder, crowd))?;
        Some((holder.number, crowd.offered, crowd.proposed.len()))
    });
    if let Some((holder, is_offered, members)) = holder {
        if members < PROPOSED_MAX {
            let tickets = vec![ticket.number];
            let event = if is_offered { Event::AlikeProposed { tickets } } else { Event::AlikeFound { tickets } };
            deliberation.happened(holder, Actor::SYSTEM, event);
        }
        return;
    }
    let known = crowds(deliberation, ticket);
    let is_taken = |number: TicketNumber| {
        let holds = |one: &&Ticket| one.crowd.as_ref().is_some_and(|crowd| crowd.proposes(number));
        known.iter().any(|one| one.number == number || holds(one))
    };
    let free: Vec<&Newcomer> = earlier.into_iter().filter(|one| one.major.is_none() && !is_taken(one.ticket)).collect();
    let mut tickets = alike(gist, &free);
    if tickets.len() + 1 >= MANY {
        tickets.truncate(CHILDREN_AT_A_TIME);
        tickets.sort_unstable();
        deliberation.happened(ticket.number, Actor::SYSTEM, Event::AlikeFound { tickets });
    }
}

/// Those that are alike, or alike to one that is: of each matter people say different things. Only the first that are found lead
/// to others, which bounds what is compared.
fn alike(gist: &Gist, free: &[&Newcomer]) -> Vec<TicketNumber> {
    let mut found: Vec<usize> = Vec::new();
    let mut looked_at = 0;
    let mut like = gist;
    loop {
        for (at, other) in free.iter().enumerate() {
            if !found.contains(&at) && other.gist().is_like(like, ALIKE) {
                found.push(at);
            }
        }
        match found.get(looked_at) {
            Some(next) if looked_at < MANY => like = free[*next].gist(),
            _ => break,
        }
        looked_at += 1;
    }
    found.into_iter().map(|at| free[at].ticket).collect()
}

/// Tickets at work of the same desk that hold others together, or might; oldest first.
fn crowds<'d>(deliberation: &'d Deliberation<'_>, ticket: &Ticket) -> Vec<&'d Ticket> {
    let known = deliberation.docket.crowds.iter().filter_map(|number| deliberation.ticket(*number));
    let is_meant = |one: &&Ticket| {
        one.crowd.is_some() && one.number != ticket.number && !one.state.is_over() && one.desk == ticket.desk
    };
    known.filter(is_meant).collect()
}

/// What was asked at the same desk in the last minutes.
fn newcomers<'d>(deliberation: &Deliberation<'d>, ticket: &Ticket) -> Vec<&'d Newcomer> {
    let known = deliberation.docket.newcomers.iter();
    known.filter(|one| one.desk == ticket.desk && one.ticket != ticket.number).collect()
}

/// What a mail asks that opens a ticket: as it is read from the ticket later.
fn of_mail<'a>(deliberation: &'a Deliberation<'_>, incoming: &Incoming<'_>, ticket: &Ticket) -> &'a Gist {
    let body = &incoming.mail.body;
    let text = if body.reply_text.is_empty() { &body.text } else { &body.reply_text };
    deliberation.gist(|| Gist::of(&Question { subject: &ticket.subject, text, language: None }))
}

/// What a ticket that holds others, or might, was asked first.
fn of_request<'d>(deliberation: &Deliberation<'d>, ticket: &Ticket) -> Option<&'d Gist> {
    deliberation.docket.compared().find(|one| one.ticket == ticket.number).map(Newcomer::gist)
}
