//! Whether an agent's commands can be carried out: all are looked at before any is done.

use crate::desk::audience::gate::{self, Breach, Leaving};
use crate::desk::command::act::Act;
use crate::desk::command::rest::key;
use crate::desk::command::{WaitFor, absence};
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::matching;
use crate::desk::outgoing::published::{Why, publishable};
use crate::desk::outgoing::wording::{self, Day, Line};
use crate::desk::outgoing::{enclosures, lesson, reach, vendor_letter};
use crate::desk::{
    Absence, Audience, Command, Contact, ContactId, Dossier, Enclosure, Entry, EntryKind, Instructions, Level, Major,
    Purpose, Slip, Ticket, TicketNumber, Wanted, When, nearest,
};
use crate::mail::Address;
use crate::mail::fold::folded;
use std::collections::HashSet;

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
        instructions.slips.iter().map(|slip| wording::say(&Line::Slip(slip), act.language)).collect();
    if instructions.slips.iter().any(wants_attachments) {
        let all = numbered(deliberation, ticket, act).len();
        wrong.push(wording::say(&Line::AttachmentsAre(all), act.language));
    }
    for command in &instructions.commands {
        let mut say = |line: Line<'_>| wrong.push(wording::say(&line, act.language));
        check_one(deliberation, ticket, act, instructions, command, &mut say);
    }
    if !instructions.forced {
        wrong.extend(stopped_at_the_gate(deliberation, ticket, act, instructions));
    }
    wrong
}

/// What keeps the text from leaving for whom the commands send it to.
fn stopped_at_the_gate(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
) -> Vec<String> {
    let parts = deliberation.parts(ticket.number);
    let publishes = instructions.commands.contains(&Command::Publish);
    let named = if publishes { publishable(deliberation, ticket, act.answered.as_ref()).ok() } else { None };
    let named = named.map(|published| published.text);
    let mut lines = Vec::new();
    for (to, text) in leaving(deliberation, ticket, instructions, named.as_deref()) {
        let to_all = to == Audience::Requester && goes_to_all(ticket, instructions);
        let by = act.address.as_ref();
        let leaving = Leaving { to: &to, text: &text, named: named.as_deref(), to_all, by };
        for breach in gate::breaches(&parts, deliberation.rules.library, &leaving) {
            let line = match &breach {
                Breach::OthersLetter => Line::HoldsOthersLetter,
                Breach::OthersWords(words) => Line::HoldsOthersWords(words),
                Breach::Secret(_) => Line::LooksSecret,
            };
            let line = wording::say(&line, act.language);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let somebody =
        for_all(ticket, instructions).into_iter().find_map(|text| somebody_named(deliberation, ticket, text));
    lines.extend(somebody.map(|name| wording::say(&Line::NamesSomebody(&name), act.language)));
    if !lines.is_empty() {
        lines.push(wording::say(&Line::OkHint, act.language));
    }
    lines
}

/// Whether the text goes to everybody who is part of the mass incident.
pub(in crate::desk) fn goes_to_all(ticket: &Ticket, instructions: &Instructions) -> bool {
    let ends = |command: &Command| matches!(command, Command::Solved(_) | Command::Close);
    let says = |command: &Command| *command == Command::Major(Major::ToAll);
    has_children(ticket) && instructions.commands.iter().any(ends) || instructions.commands.iter().any(says)
}

pub(in crate::desk) fn has_children(ticket: &Ticket) -> bool {
    ticket.as_major().is_some_and(|crowd| crowd.audience().next().is_some())
}

/// What everybody who is part of a mass incident reads: its title, and words for all.
fn for_all<'i>(ticket: &Ticket, instructions: &'i Instructions) -> Vec<&'i str> {
    let text = goes_to_all(ticket, instructions).then_some(instructions.text.as_str());
    let titles = instructions.commands.iter().filter_map(|command| match command {
        Command::Major(Major::Called(title)) => Some(title.as_str()),
        _ => None,
    });
    titles.chain(text).collect()
}

/// Somebody who asked or reads along on the ticket and whom the text names, by a name or an address.
fn somebody_named(deliberation: &Deliberation<'_>, ticket: &Ticket, text: &str) -> Option<String> {
    const SHORTEST: usize = 3;
    let text = folded(text);
    let words: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let people = ticket.people.iter().filter_map(|id| deliberation.contact(*id));
    let mut people = people.filter(|contact| !deliberation.policy().is_staff(&contact.address));
    let is_named = |contact: &&Contact| {
        let name = folded(contact.name.as_deref().unwrap_or_default());
        let mut parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() >= SHORTEST);
        parts.any(|part| words.contains(part)) || text.contains(&contact.address.as_str().to_lowercase())
    };
    people.find(is_named).map(|contact| contact.display().to_owned())
}

/// The texts that commands send out of the desk, with whom for.
fn leaving(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
    published: Option<&str>,
) -> Vec<(Audience, String)> {
    let text = &instructions.text;
    let to_vendor = |name: Option<&str>, text: String| {
        deliberation.vendor_named(ticket, name).map(|vendor| (Audience::Vendor(vendor.name.clone()), text))
    };
    let one = |command: &Command| match command {
        Command::Publish if text.is_empty() => published.map(|published| (Audience::Requester, published.to_owned())),
        Command::Escalate { level: Level::L3, vendor } => {
            to_vendor(vendor.as_deref(), vendor_letter::brief_or_request(deliberation, ticket, text))
        }
        Command::Vendor { name, .. } => to_vendor(Some(name), text.clone()),
        Command::Consult(address) => Some((Audience::Vendor(address.key()), text.clone())),
        // What the new ticket is called stands in its acknowledgement.
        Command::Split(title) => Some((Audience::Requester, title.clone())),
        command if command.answers_requester() => Some((Audience::Requester, text.clone())),
        _ => None,
    };
    instructions.commands.iter().filter_map(one).filter(|(_, text)| !text.is_empty()).collect()
}

fn may_leave(deliberation: &Deliberation<'_>, ticket: &Ticket, enclosure: &Enclosure) -> bool {
    gate::may_leave(&deliberation.parts(ticket.number), enclosure)
}

/// Whether a file of the agent's own mail holds a letter of ours.
fn is_own_letter(deliberation: &Deliberation<'_>, act: &Act<'_>, enclosure: &Enclosure) -> bool {
    let own = act.incoming.filter(|incoming| incoming.ledger == enclosure.ledger);
    let file = own.and_then(|incoming| incoming.mail.attachments.get(enclosure.index));
    file.is_some_and(|file| enclosures::is_own_letter(file, deliberation.policy()))
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
    match command {
        Command::Reply | Command::Fix(_) if !requester_is_reachable(deliberation, ticket) => say(Line::NobodyReachable),
        Command::Solved(_) | Command::Close if has_children(ticket) => {}
        Command::Major(order) => check_major(deliberation, ticket, instructions, order, say),
        Command::Pending(WaitFor::Requester) | Command::Solved(_) | Command::Close | Command::Publish
            if !text.is_empty() && !requester_is_reachable(deliberation, ticket) =>
        {
            say(Line::NobodyReachable);
        }
        Command::Reply if text.is_empty() && !has_enclosures(act) => say(Line::AnswerIsEmpty),
        Command::Note if text.is_empty() && !instructions.plain && !has_enclosures(act) => say(Line::NoteIsEmpty),
        Command::Vendor { name, case_number: None } if text.is_empty() => say(Line::NothingForVendor(name)),
        Command::Consult(address) => check_consulted(deliberation, ticket, address, text, say),
        Command::Fix(id) if deliberation.rules.library.article(id).is_none() => {
            let articles = deliberation.rules.library.articles();
            let ids: Vec<String> = articles.iter().map(|article| article.id.clone()).collect();
            say(Line::NoSuchFix(id, nearest_fix(deliberation, id), &ids));
        }
        Command::Draft(_) => lesson::missing(deliberation, ticket, instructions).into_iter().for_each(say),
        Command::Assign(address) if !policy.is_staff(address) || deliberation.contact_at(address).is_none() => {
            let agents: Vec<String> = policy.agents.iter().map(|agent| agent.address.to_string()).collect();
            say(Line::NoSuchAgent(address.as_str(), &agents));
        }
        Command::Assign(address) if !instructions.forced => say_away(deliberation, ticket, address, act, say),
        Command::Absent { from, until } => {
            let (desk, contact) = (deliberation.desk_of(ticket), act.by.contact.unwrap_or(ContactId(0)));
            absence::worded(desk, deliberation.now, contact, *from, *until).err().into_iter().for_each(say);
        }
        Command::Escalate { level: Level::L3, vendor }
            if deliberation.vendor_named(ticket, vendor.as_deref()).is_none() =>
        {
            let names: Vec<String> = policy.vendors.iter().map(|vendor| vendor.name.clone()).collect();
            say(Line::WhichVendor(&names));
        }
        Command::Escalate { level: Level::L3, .. } => {}
        Command::Escalate { level, .. }
            if policy.team(&ticket.desk, *level).is_none()
                && policy.agents_at(&ticket.desk, *level).next().is_none() =>
        {
            say(Line::NoTeam(*level));
        }
        Command::Escalate { level, .. } if *level == ticket.level => say(Line::AlreadyAt(*level)),
        Command::Escalate { level, .. } if *level < ticket.level => say(Line::NoWayUp(*level)),
        Command::Return(level) if *level == ticket.level => say(Line::AlreadyAt(*level)),
        Command::Return(level) if *level > ticket.level => say(Line::NoWayDown(*level)),
        Command::Pending(WaitFor::Until(when)) => say_past(deliberation, ticket, *when, say),
        Command::Desk(name) if !policy.desks.iter().any(|desk| desk.name == *name) => {
            let desks: Vec<String> = policy.desks.iter().map(|desk| desk.name.clone()).collect();
            say(Line::NoSuchDesk(name, &desks));
        }
        Command::Desk(name) if *name == ticket.desk => say(Line::AlreadyAtDesk(name)),
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
        Command::Merge(other) if *other == ticket.number => say(Line::IntoItself(&other.to_string())),
        Command::Merge(other) if matching::goes_on_in(deliberation.docket, *other) == ticket.number => {
            say(Line::MergedAlready(&other.to_string()));
        }
        Command::Link(other) if *other == ticket.number => say(Line::LinkedToItself(&other.to_string())),
        Command::Merge(other) | Command::Link(other) if deliberation.ticket(*other).is_none() => {
            say(Line::NoSuchTicket(&other.to_string()));
        }
        Command::Merge(other) | Command::Link(other) => say_of_another_desk(deliberation, ticket, *other, say),
        Command::Split(_) => {
            let splits = instructions.commands.iter().filter(|command| matches!(command, Command::Split(_))).count();
            let speaks = instructions.answers_requester() || instructions.commands.contains(&Command::Answered);
            match mail_to_split(deliberation, ticket, act) {
                Err(line) => say(line),
                Ok(_) if splits > 1 || speaks => say(Line::SplitsAlone),
                Ok(_) => {}
            }
        }
        Command::Publish if text.is_empty() => check_publication(deliberation, ticket, act, instructions, say),
        Command::Attach(numbers) => {
            let all = numbered(deliberation, ticket, act);
            let goes_outside = instructions.commands.iter().any(Command::writes_outside);
            if instructions.commands.iter().all(|command| matches!(command, Command::Attach(_))) {
                say(Line::FilesGoNowhere);
            }
            for number in numbers {
                match all.get(number - 1) {
                    None => say(Line::NoSuchAttachment(*number, all.len())),
                    Some(enclosure) if goes_outside && !may_leave(deliberation, ticket, enclosure) => {
                        say(Line::AttachmentOfNote(&enclosure.name));
                    }
                    Some(enclosure) if goes_outside && is_own_letter(deliberation, act, enclosure) => {
                        say(Line::AttachmentWithheld(&enclosure.name));
                    }
                    Some(_) => {}
                }
            }
        }
        Command::Ok | Command::Cancel | Command::Release(_) => say(Line::NothingHeld),
        _ => {}
    }
}

/// The request that the answered letter is about, where it can leave the ticket.
///
/// # Errors
/// What is to be said where it cannot.
pub(in crate::desk) fn mail_to_split<'d>(
    deliberation: &Deliberation<'d>,
    ticket: &Ticket,
    act: &Act<'_>,
) -> Result<&'d Entry, Line<'static>> {
    let about = act.answered.as_ref().and_then(|letter| letter.about);
    let parts = deliberation.parts(ticket.number);
    let entries = parts.iter().flat_map(|dossier| &dossier.entries);
    let about = about.ok_or(Line::NothingToSplit)?;
    let mut of_mail = entries.filter(|entry| entry.ledger == Some(about)).peekable();
    // What a letter on this ticket is about was on it.
    of_mail.peek().ok_or(Line::SplitAlready)?;
    let entry = of_mail.find(|entry| entry.kind == EntryKind::Request).ok_or(Line::NothingToSplit)?;
    let first = deliberation.dossier(ticket.number).and_then(Dossier::first_request);
    if first.is_some_and(|first| first.ledger == entry.ledger) { Err(Line::SplitsFirst) } else { Ok(entry) }
}

fn check_major(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
    order: &Major,
    say: &mut impl FnMut(Line<'_>),
) {
    let reference = ticket.number.to_string();
    match order {
        Major::Called(_) | Major::ChildOf(_) if ticket.state.is_over() => say(Line::IsOver(&reference)),
        Major::Called(_) => {}
        Major::ChildOf(_) if has_children(ticket) => say(Line::HasChildren),
        Major::ChildOf(parent) => {
            let is_parent =
                |one: &Ticket| one.as_major().is_some() && !one.state.is_over() && one.number != ticket.number;
            if !deliberation.ticket(*parent).is_some_and(is_parent) {
                say(Line::NoMajor(&parent.to_string()));
            } else {
                say_of_another_desk(deliberation, ticket, *parent, say);
            }
        }
        Major::Ends if ticket.major.is_none() && ticket.as_major().is_none() => say(Line::PartOfNone(&reference)),
        Major::Ends => {}
        Major::Without(child) => {
            if deliberation.ticket(*child).is_none_or(|child| child.major != Some(ticket.number)) {
                say(Line::PartOfNone(&child.to_string()));
            }
        }
        Major::ToAll if ticket.as_major().is_none() => say(Line::NoTitle),
        Major::ToAll if ticket.state.is_over() => say(Line::IsOver(&reference)),
        Major::ToAll if instructions.text.is_empty() => say(Line::NothingForAll),
        Major::ToAll => {}
    }
}

/// What belongs together is at one desk.
fn say_of_another_desk(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    other: TicketNumber,
    say: &mut impl FnMut(Line<'_>),
) {
    if let Some(other) = deliberation.ticket(other).filter(|other| other.desk != ticket.desk) {
        say(Line::OfAnotherDesk(&other.number.to_string(), &other.desk));
    }
}

/// Who got the words of the mail that the answered letter speaks of, where they are with the requester.
pub(in crate::desk) fn left_already(deliberation: &Deliberation<'_>, ticket: &Ticket, act: &Act<'_>) -> Option<String> {
    let about = act.answered.as_ref().filter(|letter| letter.purpose == Purpose::Receipt)?.about?;
    let parts = deliberation.parts(ticket.number);
    let sent = parts.iter().flat_map(|dossier| &dossier.sent);
    let left = sent.filter(|letter| letter.about == Some(about) && letter.audience == Audience::Requester);
    let readers: Vec<&str> = left.flat_map(|letter| &letter.recipients).map(Address::as_str).collect();
    (!readers.is_empty()).then(|| readers.join(", "))
}

/// Whether a letter that nobody wrote may go to the requester: programs are never answered.
pub(in crate::desk) fn requester_may_be_told(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    !ticket.automatic && requester_is_reachable(deliberation, ticket)
}

pub(in crate::desk) fn requester_is_reachable(deliberation: &Deliberation<'_>, ticket: &Ticket) -> bool {
    let requester = ticket.requester.and_then(|id| deliberation.contact(id));
    requester.is_some_and(|contact| reach::somebody_reads(&contact.address, deliberation.policy()))
}

/// Files, or a mail that was forwarded.
fn has_enclosures(act: &Act<'_>) -> bool {
    act.incoming.is_some_and(|incoming| !incoming.mail.attachments.is_empty() || incoming.mail.body.forwarded.is_some())
}

fn wants_attachments(slip: &Slip) -> bool {
    matches!(slip, Slip::BadArgument(bad) if bad.wanted == Wanted::Attachments)
}

fn nearest_fix<'a>(deliberation: &Deliberation<'a>, id: &str) -> Option<&'a str> {
    let ids = deliberation.rules.library.articles().iter().map(|article| article.id.as_str());
    nearest(&key(id), ids.map(|id| (key(id), id)))
}

/// Asks whether somebody who is away is meant all the same.
fn say_away(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    address: &Address,
    act: &Act<'_>,
    say: &mut impl FnMut(Line<'_>),
) {
    let contact = deliberation.contact_at(address).map(|contact| contact.id);
    let Some(Absence { until, told_by, .. }) = contact.and_then(|contact| deliberation.away(contact)) else { return };
    if contact != act.by.contact {
        let until = until.map(|until| Day::at(until, deliberation.now, deliberation.zone_of(ticket)));
        say(Line::IsAway { name: &deliberation.staff_name(address, act.language), until, told_by });
        say(Line::OkHint);
    }
}

/// Says of a moment that is past which one was understood.
fn say_past(deliberation: &Deliberation<'_>, ticket: &Ticket, when: When, say: &mut impl FnMut(Line<'_>)) {
    let now = deliberation.now;
    let at = when.instant(deliberation.desk_of(ticket), now).unwrap_or(now);
    if at <= now {
        say(Line::DateIsPast(Day::at(at, now, deliberation.zone_of(ticket))));
    }
}

/// Whoever works here or asks here is written to in other ways.
fn check_consulted(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    address: &Address,
    text: &str,
    say: &mut impl FnMut(Line<'_>),
) {
    let policy = deliberation.policy();
    let follows = deliberation.contact_at(address).is_some_and(|contact| deliberation.follows(ticket, contact));
    if follows {
        say(Line::ConsultsReader(address.as_str()));
    } else if policy.is_staff(address) {
        say(Line::ConsultsStaff(address.as_str()));
    } else if let Some(vendor) = policy.vendor_of(address) {
        say(Line::ConsultsVendor(address.as_str(), &vendor.name));
    } else if !reach::may_participate(address, policy) {
        say(Line::ConsultsNobody(address.as_str()));
    } else if text.is_empty() {
        say(Line::NothingToConsult(address.as_str()));
    }
}

fn check_publication(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
    say: &mut impl FnMut(Line<'_>),
) {
    let names_file = instructions.commands.iter().any(|command| matches!(command, Command::Attach(_)));
    match publishable(deliberation, ticket, act.answered.as_ref()) {
        Ok(published) if published.text.trim().is_empty() && !names_file => say(Line::NothingToPublish),
        Err(Why::Nothing) => say(Line::NothingToPublish),
        Err(Why::Which(vendors)) => say(Line::WhichAnswer(&vendors.join(", "))),
        Err(Why::Newer(meant, newer)) if !instructions.forced => {
            say(Line::VendorAnsweredAnew(&meant.vendor, &newer));
            say(Line::OkHint);
        }
        Ok(_) | Err(Why::Newer(..)) => {}
    }
}

/// What `#pièces` numbers: the attachments that the answered letter lists, else all of the ticket; then those of the agent's
/// own mail.
pub(in crate::desk) fn numbered(deliberation: &Deliberation<'_>, ticket: &Ticket, act: &Act<'_>) -> Vec<Enclosure> {
    let listed = act.answered.as_ref().map(|letter| &letter.listed).filter(|listed| !listed.is_empty());
    let Some(listed) = listed else { return attachments(deliberation, ticket, act) };
    listed.iter().cloned().chain(own(act)).collect()
}

/// The ticket's attachments, then those of the agent's own mail.
pub(in crate::desk) fn attachments(deliberation: &Deliberation<'_>, ticket: &Ticket, act: &Act<'_>) -> Vec<Enclosure> {
    let earlier = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.attachments);
    earlier.iter().cloned().chain(own(act)).collect()
}

fn own(act: &Act<'_>) -> Vec<Enclosure> {
    act.incoming.map(|incoming| enclosures::of(incoming.ledger, incoming.mail)).unwrap_or_default()
}
