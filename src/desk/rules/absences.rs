//! A mail program says that its owner is away. Only what is sure of it counts.

use crate::desk::command::absence;
use crate::desk::command::announced::{self, Back};
use crate::desk::deliberation::Deliberation;
use crate::desk::incoming::Author;
use crate::desk::{Absence, Actor, Decision, Desk, Event, Incoming, Role, Ticket, TicketNumber, ToldBy};
use crate::mail::{Address, Authentication, InboundMail};
use jiff::Timestamp;

/// Whose request it is will not answer before that day.
pub(in crate::desk) fn of_requester(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    number: TicketNumber,
) {
    let Some(ticket) = deliberation.ticket(number) else { return };
    let author = incoming.mail.from.as_ref().and_then(|from| deliberation.contact_at(&from.address));
    let requester = ticket.requester.and_then(|id| deliberation.contact(id));
    let is_theirs = author.zip(requester).is_some_and(|(author, requester)| author.person == requester.person);
    if !is_theirs || ticket.state.is_over() || incoming.proof.authentication() == Authentication::Failed {
        return;
    }
    let (desk, known) = (deliberation.desk_of(ticket), ticket.away_until);
    let Some(Back::On(day)) = said(incoming.mail, desk, deliberation.now) else { return };
    if let (Some(until), Some(author)) = (desk.opening_on(day).filter(|until| Some(*until) != known), author) {
        let by = Actor { role: Role::System, contact: Some(author.id) };
        deliberation.happened(number, by, Event::RequesterAway { until });
    }
}

/// Whoever writes in person is there again, whatever day their mail program named.
pub(in crate::desk) fn requester_wrote(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) {
    if !incoming.mail.writer.is_person() || author.authentication == Authentication::Failed {
        return;
    }
    let at_hand = deliberation.docket.dossiers.keys().filter_map(|number| deliberation.ticket(*number));
    let waits = |ticket: &&Ticket| {
        let requester = ticket.requester.and_then(|id| deliberation.contact(id));
        let is_theirs = requester.is_some_and(|requester| requester.person == author.contact.person);
        is_theirs && ticket.away_until.is_some_and(|until| until > deliberation.now) && !ticket.state.is_over()
    };
    let mut numbers: Vec<TicketNumber> = at_hand.filter(waits).map(|ticket| ticket.number).collect();
    numbers.sort_unstable();
    let by = Actor { role: Role::Requester, contact: Some(author.contact.id) };
    for number in numbers {
        deliberation.happened(number, by, Event::RequesterBack);
    }
}

/// Somebody of ours is away: as by `#absent`, until the day that is named, else until they write again. What they said
/// themselves stays.
pub(in crate::desk) fn of_staff(deliberation: &mut Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) {
    let is_shared = deliberation.policy().teams.iter().any(|team| team.address.is(author.address()));
    let desk = deliberation.policy().desks.first();
    let named = match said(incoming.mail, desk, deliberation.now) {
        None | Some(Back::Over) => return,
        Some(Back::Unsure) => None,
        Some(Back::On(day)) => desk.opening_on(day),
    };
    if is_shared {
        return;
    }
    let contact = author.contact.id;
    let known = deliberation.absence_of(contact).filter(|known| known.until.is_none_or(|at| at > deliberation.now));
    if known.is_some_and(|known| known.told_by == ToldBy::Agent && known.begun) {
        return;
    }
    let away = Absence {
        contact,
        from: known.filter(|known| known.begun).map_or(deliberation.now, |known| known.from),
        until: named.or(known.and_then(|known| known.until)),
        told_by: ToldBy::Robot,
        begun: true,
    };
    let by = Actor { role: Role::System, contact: Some(contact) };
    absence::begin(deliberation, by, desk, away);
}

/// The day has come on which somebody said to be away from, unless all of it is over by now.
pub(in crate::desk) fn begin(mut deliberation: Deliberation<'_>, away: &Address) -> Decision {
    let now = deliberation.now;
    let contact = deliberation.contact_at(away).map(|contact| contact.id);
    let begins = contact.and_then(|contact| Some((contact, deliberation.absence_of(contact)?)));
    if let Some((contact, begins)) = begins.filter(|(_, one)| !one.begun && one.from <= now) {
        if begins.holds(now) {
            let by = Actor { role: Role::System, contact: Some(contact) };
            let desk = deliberation.policy().desks.first();
            absence::begin(&mut deliberation, by, desk, begins);
        } else {
            deliberation.is_away_from_now_on(contact, None);
        }
    }
    deliberation.end_without_mail()
}

/// When a program says that its owner is back; `None`: it does not say that they are away.
fn said(mail: &InboundMail, desk: &Desk, now: Timestamp) -> Option<Back> {
    let is_absence = mail.says_absent || announced::names_return(&mail.body.reply_text);
    let today = now.to_zoned(desk.time_zone.clone()).date();
    let notice = || format!("{}\n{}", mail.body.reply_text, mail.subject);
    (mail.writer.is_robot() && is_absence).then(|| announced::back(&notice(), today))
}
