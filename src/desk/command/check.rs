//! Whether an agent's commands can be carried out: all are looked at before any is done.

use crate::desk::command::WaitFor;
use crate::desk::command::act::Act;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{enclosures, lesson, reach, vendor_letter};
use crate::desk::{Audience, Command, Enclosure, EntryKind, Instructions, Level, Ticket, TicketNumber, looks_secret};

/// What is wrong with a mail's commands on a ticket, in the agent's language; empty: all can be done.
pub(in crate::desk) fn check(
    deliberation: &Deliberation<'_>,
    number: TicketNumber,
    act: &Act<'_>,
    instructions: &Instructions,
) -> Vec<String> {
    let Some(ticket) = deliberation.ticket(number) else {
        return vec![wording::say(&Line::NoSuchTicket(&number.to_string()), act.language)];
    };
    let mut wrong: Vec<String> =
        instructions.faults.iter().map(|fault| wording::say(&Line::Fault(fault), act.language)).collect();
    for command in &instructions.commands {
        let mut say = |line: Line<'_>| wrong.push(wording::say(&line, act.language));
        check_one(deliberation, ticket, act, instructions, command, &mut say);
    }
    wrong
}

fn check_one(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
    command: &Command,
    say: &mut impl FnMut(Line<'_>),
) {
    let policy = deliberation.policy();
    let text = instructions.text.as_str();
    let forced = instructions.forced;
    match command {
        Command::Reply | Command::Fix(_) if !requester_is_reachable(deliberation, ticket) => say(Line::NobodyReachable),
        Command::Pending(WaitFor::Requester) | Command::Solved(_) | Command::Close | Command::Publish
            if !text.is_empty() && !requester_is_reachable(deliberation, ticket) =>
        {
            say(Line::NobodyReachable);
        }
        Command::Reply if text.is_empty() && !has_enclosures(act) => say(Line::TextMissing),
        Command::Fix(id) if deliberation.rules.library.article(id).is_none() => say(Line::NoSuchFix(id)),
        Command::Draft(_) => lesson::fault(deliberation, ticket, instructions).into_iter().for_each(say),
        Command::Assign(address) if !policy.is_staff(address) || deliberation.contact_at(address).is_none() => {
            say(Line::NoSuchAgent(address.as_str()));
        }
        Command::Escalate { level: Level::L3, vendor } => match vendor_named(deliberation, vendor.as_deref()) {
            None => {
                let names: Vec<&str> = policy.vendors.iter().map(|vendor| vendor.name.as_str()).collect();
                say(Line::WhichVendor(&names.join(", ")));
            }
            Some(_)
                if !forced
                    && !looks_secret(&vendor_letter::brief_or_request(deliberation, ticket, text)).is_empty() =>
            {
                say(Line::LooksSecret);
                say(Line::OkHint);
            }
            Some(_) => {}
        },
        Command::Escalate { level, .. }
            if deliberation.policy().team(*level).is_none()
                && !policy.agents.iter().any(|agent| agent.level == *level) =>
        {
            say(Line::NoTeam(*level));
        }
        Command::Escalate { level, .. } if *level == ticket.level => say(Line::AlreadyAt(*level)),
        Command::Return(level) if *level == ticket.level => say(Line::AlreadyAt(*level)),
        Command::Vendor { .. } if !forced && !looks_secret(text).is_empty() => {
            say(Line::LooksSecret);
            say(Line::OkHint);
        }
        Command::Desk(name) if !policy.desks.iter().any(|desk| desk.name == *name) => say(Line::NoSuchDesk(name)),
        Command::Cc { add, .. } => {
            for address in add {
                if !reach::may_participate(address, policy) || deliberation.contact_at(address).is_none() {
                    say(Line::MayNotParticipate(address.as_str()));
                }
            }
        }
        Command::Requester(address) if !reach::somebody_reads(address, policy) => {
            say(Line::MayNotParticipate(address.as_str()));
        }
        Command::Merge(other) | Command::Link(other)
            if deliberation.ticket(*other).is_none() || *other == ticket.number =>
        {
            say(Line::NoSuchTicket(&other.to_string()));
        }
        Command::Publish if text.is_empty() && last_vendor_text(deliberation, ticket).is_none() => {
            say(Line::NothingToPublish);
        }
        Command::Attach(numbers) => {
            let all = attachments(deliberation, ticket, act).len();
            numbers.iter().filter(|number| **number > all).for_each(|number| say(Line::NoSuchAttachment(*number)));
        }
        Command::Ok | Command::Cancel | Command::Release => say(Line::NothingHeld),
        _ => {}
    }
}

/// The vendor of that name; with none named, the only one there is.
pub(in crate::desk) fn vendor_named<'a>(
    deliberation: &Deliberation<'a>,
    name: Option<&str>,
) -> Option<&'a crate::desk::Vendor> {
    match (name, deliberation.policy().vendors.as_slice()) {
        (Some(name), _) => deliberation.policy().vendor(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

pub(in crate::desk) fn requester_is_reachable(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    let requester = ticket.requester.and_then(|id| deliberation.contact(id));
    requester.is_some_and(|contact| reach::somebody_reads(&contact.address, deliberation.policy()))
}

fn has_enclosures(act: &Act<'_>) -> bool {
    act.incoming.is_some_and(|incoming| !incoming.mail.attachments.is_empty())
}

pub(in crate::desk) fn last_vendor_text(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
) -> Option<(Option<String>, String)> {
    let entries = &deliberation.dossier(ticket.number)?.entries;
    let answer = entries.iter().rev().find(|entry| entry.kind == EntryKind::Vendor)?;
    let vendor = match &answer.audience {
        Audience::Vendor(name) => Some(name.clone()),
        Audience::Requester | Audience::Desk => None,
    };
    Some((vendor, answer.text.clone()))
}

/// What `#pièces` numbers: the ticket's attachments, then those of the agent's own mail.
pub(in crate::desk) fn attachments(deliberation: &Deliberation<'_>, ticket: &Ticket, act: &Act<'_>) -> Vec<Enclosure> {
    let earlier = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.attachments);
    let own = act.incoming.map(|incoming| enclosures::of(incoming.ledger, incoming.mail)).unwrap_or_default();
    earlier.iter().cloned().chain(own).collect()
}
