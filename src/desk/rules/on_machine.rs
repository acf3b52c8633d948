//! A machine reports: monitoring, backups. One key is one ticket. Nothing is acknowledged, nobody becomes a requester or
//! participant by it, and a human confirms what is over. What is not authenticated goes on tickets of its own alone.

use crate::desk::deliberation::Deliberation;
use crate::desk::docket::entering::{self, EnteredAs};
use crate::desk::docket::machine_mail::{self, Report, Says};
use crate::desk::docket::{matching, subject};
use crate::desk::incoming::Author;
use crate::desk::outgoing::offer;
use crate::desk::outgoing::telling::{News, tell_staff};
use crate::desk::outgoing::wording::Line;
use crate::desk::rules::opening;
use crate::desk::{
    Actor, Audience, Decision, EntryKind, Event, Incoming, Origin, Outcome, Purpose, Reason, RequestType, Role, Ticket,
};

/// A mail that a machine wrote.
pub(in crate::desk) fn on_machine(
    deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    report: &Report<'_>,
) -> Decision {
    let known = report
        .key
        .as_deref()
        .and_then(|key| machine_mail::ticket_of(deliberation.docket, &report.machine.name, key, author.trust()));
    let last = known.map(|number| matching::goes_on_in(deliberation.docket, number));
    let last = last.and_then(|number| deliberation.ticket(number)).cloned();
    match (report.says, last) {
        (says, Some(ticket)) if !ticket.state.is_over() => {
            reported(deliberation, incoming, author, report, says, &ticket)
        }
        (Says::Failed, last) => open(deliberation, incoming, author, report, last.as_ref()),
        (Says::Recovered | Says::Other, _) => deliberation.suppress(Reason::NothingFailed),
    }
}

/// A failure that no open ticket is about.
fn open(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    report: &Report<'_>,
    last: Option<&Ticket>,
) -> Decision {
    let mail = incoming.mail;
    let desk = match &report.machine.desk {
        Some(name) => deliberation.policy().desk(name),
        None => opening::desk_for(&deliberation, mail),
    };
    let begun = deliberation.open(desk, &subject::bare(&mail.subject), None);
    let number = begun.number;
    let by = by(author);
    let opened = Event::Opened {
        requester: None,
        origin: Origin::Mail,
        request_type: RequestType::Incident,
        desk: Some(desk.name.clone()),
        address: opening::address_written_to(desk, mail),
        automatic: false,
    };
    deliberation.happened(number, by, opened);
    if let Some(last) = last {
        deliberation.happened(number, Actor::SYSTEM, Event::Follows { ticket: last.number });
    }
    if let Some(key) = &report.key {
        let (machine, key) = (report.machine.name.clone(), key.clone());
        deliberation.happened(number, by, Event::MachineFailed { machine, key, trust: author.trust() });
    }
    enter(&mut deliberation, incoming, author, &begun, EntryKind::Request);
    let ticket = deliberation.as_it_stands(&begun);
    let reference = last.map(|last| last.number.to_string());
    let mut lines: Vec<Line<'_>> = reference.as_deref().map(Line::FailedBefore).into_iter().collect();
    lines.extend(report.key.is_none().then_some(Line::KeyNotFound(&report.machine.name)));
    let fixes = offer::candidates(&offer::find(&deliberation, mail));
    let news = News { purpose: Purpose::NewTicket, author: Some(author), lines: &lines, fixes };
    let staff = deliberation.staff_for(&ticket);
    tell_staff(&mut deliberation, incoming, &staff, &ticket, &news);
    deliberation.end(Outcome::Ticket(number))
}

/// One more report on a ticket. The desk is told where it says something new: that it works again, or fails again behind that.
fn reported(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    report: &Report<'_>,
    says: Says,
    ticket: &Ticket,
) -> Decision {
    let number = ticket.number;
    enter(&mut deliberation, incoming, author, ticket, EntryKind::Auto);
    let (machine, trust) = (report.machine.name.as_str(), author.trust());
    let key = report.key.as_deref().unwrap_or_default();
    let works = ticket.machine_key(machine, key, trust).is_some_and(|known| known.recovered);
    let (name, key_said) = (machine.to_owned(), key.to_owned());
    let new = match says {
        Says::Failed if works => {
            Some((Event::MachineFailed { machine: name, key: key_said, trust }, Line::MachineFailsAgain(machine, key)))
        }
        Says::Recovered if !works => Some((
            Event::MachineRecovered { machine: name, key: key_said, trust },
            Line::MachineRecovered(machine, key),
        )),
        Says::Failed | Says::Recovered | Says::Other => None,
    };
    if let Some((event, line)) = new {
        deliberation.happened(number, by(author), event);
        let staff = deliberation.staff_for(ticket);
        let lines = [line];
        tell_staff(&mut deliberation, incoming, &staff, ticket, &News::of(Purpose::Notice, author, &lines));
    }
    deliberation.end(Outcome::Ticket(number))
}

fn enter(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ticket: &Ticket,
    kind: EntryKind,
) {
    let entered_as = EnteredAs { kind, audience: Audience::Requester, trust: author.trust(), by: by(author) };
    let body = &incoming.mail.body;
    let text = if body.reply_text.is_empty() { &body.text } else { &body.reply_text }.clone();
    entering::enter_as(deliberation, incoming, ticket.number, entered_as, text);
    let received = Event::MailReceived { ledger: incoming.ledger };
    deliberation.happened(ticket.number, by(author), received);
}

fn by(author: Author<'_>) -> Actor {
    Actor { role: Role::Unknown, contact: Some(author.contact.id) }
}
