//! Letters that answer an agent's own mail.
use crate::desk::command::act::Act;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::telling;
use crate::desk::outgoing::wording::{self, Found, Line};
use crate::desk::{Audience, Command, Contact, Disclosure, Incoming, Letter, Purpose, Ticket, TicketNumber};
use crate::mail::InboundMail;
use crate::mail::{Address, Language};

/// A letter that shows a ticket names so many others that left; `guichet ticket disclosures` names all.
const DISCLOSURES_SHOWN: usize = 50;

/// A letter that answers the agent's own mail.
pub(in crate::desk) fn letter_to_agent(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    purpose: Purpose,
) -> Letter {
    let mut letter = deliberation.letter(ticket, purpose, Audience::Desk, act.language);
    answer_mail(&mut letter, incoming.mail, deliberation, act);
    letter.about = Some(incoming.ledger);
    letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, act.language));
    letter
}

pub(in crate::desk) fn answer_mail(
    letter: &mut Letter,
    mail: &InboundMail,
    deliberation: &Deliberation<'_>,
    act: &Act<'_>,
) {
    letter.to = act.address.iter().map(|address| deliberation.staff_mailbox(address)).collect();
    letter.in_reply_to = mail.message_id.clone();
    letter.references = mail.references.iter().chain(&mail.message_id).cloned().collect();
}

/// What a question is answered with that is about no ticket in particular; `None`: it is about one.
pub(in crate::desk) fn answer(
    deliberation: &Deliberation<'_>,
    act: &Act<'_>,
    command: &Command,
) -> Option<Vec<String>> {
    let listed = |tickets: &[Ticket]| -> Vec<String> {
        tickets.iter().map(|ticket| in_a_line(deliberation, act, ticket)).collect()
    };
    match command {
        Command::Help => Some(wording::help(act.language)),
        Command::List => Some(listed(&deliberation.docket.worklist)),
        Command::Search(words) => {
            let found = deliberation.docket.found.get(words).cloned().unwrap_or_default();
            let count = Found { tickets: found.tickets.len(), more: found.more };
            let mut lines = vec![wording::say(&Line::Found(words, count), act.language)];
            lines.extend(listed(&found.tickets));
            Some(lines)
        }
        _ => None,
    }
}

fn in_a_line(deliberation: &Deliberation<'_>, act: &Act<'_>, ticket: &Ticket) -> String {
    let state = wording::state(deliberation.standing(ticket), act.language);
    let level = wording::level(ticket.level, act.language);
    let priority = wording::priority(ticket.priority, act.language);
    let requester = ticket.requester.and_then(|id| deliberation.contact(id)).map(Contact::display).unwrap_or_default();
    let parts = [&ticket.number.to_string(), requester, &ticket.subject, level, &state, &priority];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// How a ticket stands.
pub(in crate::desk) fn standing(deliberation: &Deliberation<'_>, act: &Act<'_>, ticket: &Ticket) -> Vec<String> {
    let owner = ticket.agent.and_then(|id| deliberation.contact(id));
    let owner = owner.map(|contact| deliberation.staff_name(&contact.address, act.language));
    let lines = [
        Some(Line::StateIs(deliberation.standing(ticket))),
        Some(Line::LevelIs(ticket.level)),
        Some(Line::PriorityIs(ticket.priority.0)),
        owner.as_deref().map(Line::Owner),
    ];
    lines.iter().flatten().map(|line| wording::say(line, act.language)).collect()
}

/// A letter that shows another ticket than the agent's mail is on; its answer goes to that one.
///
/// # Errors
/// There is no such ticket: what is to be said of it.
pub(in crate::desk) fn shown(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    number: TicketNumber,
) -> Result<Letter, String> {
    let Some(ticket) = deliberation.ticket(number) else {
        return Err(wording::say(&Line::NoSuchTicket(&number.to_string()), act.language));
    };
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::Report);
    let asked_by = ticket.requester.and_then(|id| deliberation.contact(id)).map(|contact| contact.display().to_owned());
    let opened_at = wording::moment(ticket.opened_at, deliberation.zone_of(ticket), act.language);
    let lines = [asked_by.as_deref().map(Line::Requester), Some(Line::OpenedAt(&opened_at))];
    letter.facts.done = standing(deliberation, act, ticket);
    letter.facts.done.extend(lines.iter().flatten().map(|line| wording::say(line, act.language)));
    letter.facts.done.extend(register(deliberation, act, ticket));
    letter.facts.timeline = telling::timeline(deliberation, ticket, act.language);
    Ok(letter)
}

/// What of the ticket left for whom outside the desk, the newest first.
fn register(deliberation: &Deliberation<'_>, act: &Act<'_>, ticket: &Ticket) -> Vec<String> {
    let Some(disclosures) = deliberation.docket.disclosures.get(&ticket.number) else { return Vec::new() };
    let zone = deliberation.zone_of(ticket);
    let line = |disclosure: &Disclosure| {
        let at = wording::moment(disclosure.at, zone, act.language);
        wording::say(&Line::Disclosed(disclosure, &at), act.language)
    };
    let mut lines: Vec<String> = disclosures.iter().rev().take(DISCLOSURES_SHOWN).map(line).collect();
    if let Some(earlier) = disclosures.len().checked_sub(DISCLOSURES_SHOWN).filter(|earlier| *earlier > 0) {
        lines.push(wording::say(&Line::DisclosedEarlier(earlier), act.language));
    }
    lines
}

/// People by name, else by address, as a receipt lists them.
pub(in crate::desk) fn names_of(deliberation: &Deliberation<'_>, addresses: &[Address], language: Language) -> String {
    let name = |address: &Address| match deliberation.contact_at(address) {
        Some(contact) if !deliberation.policy().is_staff(address) => contact.display().to_owned(),
        _ => deliberation.staff_name(address, language),
    };
    addresses.iter().map(name).collect::<Vec<_>>().join(", ")
}
