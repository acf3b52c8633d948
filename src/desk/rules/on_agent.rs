//! An agent wrote: somebody with powers, authenticated.

use crate::desk::command::act::Act;
use crate::desk::command::{carry_out, check, sign_off};
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::filing::{self, Filing};
use crate::desk::docket::matching;
use crate::desk::incoming::Author;
use crate::desk::outgoing::telling;
use crate::desk::outgoing::to_agent::{letter_to_agent, worklist};
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::rules::new_from_agent::without_ticket;
use crate::desk::rules::opening;
use crate::desk::{
    Actor, Audience, Command, Decision, EntryKind, Event, Incoming, Instructions, LedgerId, LetterView, Names, Outcome,
    Purpose, Role, State, Ticket, TicketNumber, Trust,
};
use crate::mail::{Address, InboundMail, Language};

/// An agent's authenticated mail.
pub(in crate::desk) fn on_agent(
    deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) -> Decision {
    let mail = incoming.mail;
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    let ticket = leads.first().and_then(|lead| deliberation.ticket(lead.ticket)).map(|ticket| ticket.number);
    let instructions = read(&deliberation, mail);
    if let Some(Command::Ok | Command::Release) = instructions.commands.first()
        && let Some(ledger) = matching::loose_mail(mail, deliberation.rules.keyring)
    {
        return vouch(deliberation, incoming, author, ledger);
    }
    if let (Some(held), Some(number)) = (incoming.held, ticket) {
        match instructions.commands.first() {
            Some(Command::Ok | Command::Release) => return release(deliberation, incoming, author, held, number),
            Some(Command::Cancel) => return withdraw(deliberation, incoming, author, held, number),
            _ => {}
        }
    }
    match ticket {
        Some(number) => on_ticket(deliberation, incoming, author, number, &instructions, Conflicts::Hold),
        None => without_ticket(deliberation, incoming, author, &instructions),
    }
}

/// Gives a quarantined mail back to the intake; this one, which says so, asks nothing else of anybody.
pub(in crate::desk) fn vouch(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    ledger: LedgerId,
) -> Decision {
    deliberation.release(ledger);
    opening::keep_silently(deliberation, incoming, author)
}

/// An agent's command from the command line.
pub(in crate::desk) fn command_line(
    mut deliberation: Deliberation<'_>,
    number: TicketNumber,
    agent: Option<&Address>,
    instructions: &Instructions,
) -> Result<Decision, Vec<String>> {
    let language = Language::ENGLISH;
    let contact = agent.and_then(|agent| deliberation.contact_at(agent));
    let act = Act {
        by: Actor { role: if agent.is_some() { Role::Agent } else { Role::System }, contact: contact.map(|c| c.id) },
        address: agent.cloned(),
        name: agent.map(|agent| deliberation.staff_name(agent)),
        incoming: None,
        language,
    };
    let faults = check::check(&deliberation, number, &act, instructions);
    if !faults.is_empty() {
        return Err(faults);
    }
    carry_out::carry_out(&mut deliberation, number, &act, instructions);
    Ok(deliberation.end_without_mail())
}

/// What the agent's new words say. Above a forwarded mail only the agent's own words count.
pub(in crate::desk) fn read(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Instructions {
    let vendors: Vec<&str> = deliberation.policy().vendors.iter().map(|vendor| vendor.name.as_str()).collect();
    let text = match &mail.body.forwarded {
        Some(forwarded) => forwarded.before.as_str(),
        None => mail.body.reply_text.as_str(),
    };
    let name = mail.from.as_ref().map(|from| deliberation.staff_name(&from.address)).unwrap_or_default();
    Instructions::read(sign_off::without(text, &name), &Names { vendors: &vendors })
}

/// Whether an answer that crosses a colleague's is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conflicts {
    Hold,
    Ignore,
}

fn on_ticket(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    number: TicketNumber,
    instructions: &Instructions,
    conflicts: Conflicts,
) -> Decision {
    let Some(ticket) = deliberation.ticket(number).cloned() else {
        return without_ticket(deliberation, incoming, author, instructions);
    };
    let act = Act::by_mail(&deliberation, incoming, author, &ticket);
    let answered = answered_letter(&deliberation, incoming.mail, number);
    if instructions.commands.iter().any(Command::only_asks) {
        report(&mut deliberation, incoming, &act, &ticket, instructions, answered.as_ref());
        note_received(&mut deliberation, incoming, &act, number, EntryKind::Note, Audience::Desk);
        return deliberation.end(Outcome::Ticket(number));
    }
    let direct = deliberation.policy().team_of(author.address()).is_none_or(|team| team.direct);
    let instructions = &with_direction(instructions, answered.as_ref(), direct);
    let mut faults = check::check(&deliberation, number, &act, instructions);
    if conflicts == Conflicts::Hold && instructions.answers_requester() {
        faults.extend(conflict(&deliberation, answered.as_ref(), &ticket, author));
    }
    if !faults.is_empty() {
        hold(&mut deliberation, incoming, &act, &ticket, faults);
        return deliberation.end(Outcome::Ticket(number));
    }
    let done = carry_out::carry_out(&mut deliberation, number, &act, instructions);
    receipt(&mut deliberation, incoming, &act, number, &done, author);
    deliberation.end(Outcome::Ticket(number))
}

/// A plain text becomes what the answered letter makes of it: an answer to the requester, or a note. When in doubt, a note.
fn with_direction(instructions: &Instructions, answered: Option<&LetterView>, direct: bool) -> Instructions {
    let mut directed = instructions.clone();
    let commands_alone = directed.text.is_empty() && !directed.commands.is_empty();
    // With a fault nothing is carried out, and what the text would have been for is not known.
    if commands_alone || directed.text_is_claimed() || !directed.faults.is_empty() {
        return directed;
    }
    let public = answered.is_some_and(|letter| {
        letter.audience == Audience::Requester
            || matches!(letter.purpose, Purpose::NewTicket | Purpose::RequesterAnswered)
    });
    // The text under `#solution nouveau` is for the article.
    let drafts = directed.commands.iter().any(|command| matches!(command, Command::Draft(_)));
    directed.commands.push(if public && direct && !drafts { Command::Reply } else { Command::Note });
    directed.plain = true;
    directed
}

fn answered_letter(deliberation: &Deliberation<'_>, mail: &InboundMail, ticket: TicketNumber) -> Option<LetterView> {
    let token = matching::answered_token(mail, deliberation.rules.keyring).filter(|token| token.ticket == ticket.0)?;
    let sent = &deliberation.dossier(ticket)?.sent;
    sent.iter().find(|letter| letter.number == token.letter).cloned()
}

/// A colleague answered, or the ticket was closed, after the letter that is being answered.
fn conflict(
    deliberation: &Deliberation<'_>,
    answered: Option<&LetterView>,
    ticket: &Ticket,
    author: Author<'_>,
) -> Vec<String> {
    let Some(answered) = answered else { return Vec::new() };
    let language = deliberation.staff_language(author.address(), deliberation.desk_of(ticket));
    let entries = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.entries);
    let colleague = entries.iter().rev().find(|entry| {
        entry.kind == EntryKind::AgentReply && entry.at > answered.at && entry.author != Some(author.contact.id)
    });
    let mut lines = Vec::new();
    if let Some(entry) = colleague {
        let name = entry.author.and_then(|id| deliberation.contact(id)).map(|c| deliberation.staff_name(&c.address));
        lines.push(wording::say(&Line::ColleagueAnswered(name.as_deref().unwrap_or("?")), language));
        lines.push(entry.text.clone());
    }
    let ended_since = ticket.resolved_at.max(ticket.closed_at).is_some_and(|at| at > answered.at);
    if matches!(ticket.state, State::Closed | State::Resolved) && ended_since && colleague.is_none() {
        lines.push(wording::say(&Line::StateChanged(ticket.state), language));
    }
    if !lines.is_empty() {
        lines.push(wording::say(&Line::OkHint, language));
    }
    lines
}

/// The whole mail is held: nothing reaches anybody but the agent, who gets the reasons.
fn hold(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    reasons: Vec<String>,
) {
    note_received(deliberation, incoming, act, ticket.number, EntryKind::Note, Audience::Desk);
    let held = Event::Held { ledger: Some(incoming.ledger), why: "refused".to_owned() };
    deliberation.happened(ticket.number, act.by, held);
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::CommandRefused);
    letter.facts.reasons = reasons;
    letter.facts.text = Some(incoming.mail.body.reply_text.clone());
    letter.facts.not_sent_to_requester = true;
    deliberation.send(letter);
}

/// The mail is on the ticket, as what it is.
pub(in crate::desk) fn note_received(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: TicketNumber,
    kind: EntryKind,
    audience: Audience,
) {
    filing::file(deliberation, incoming, ticket, Filing { kind, audience, trust: Trust::Verified, by: act.by });
}

fn receipt(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    number: TicketNumber,
    done: &carry_out::Done,
    author: Author<'_>,
) {
    let given = deliberation.docket.answers_given.get(&author.contact.id).copied().unwrap_or(0);
    let is_new = given < i64::from(deliberation.policy().receipts_at_first);
    if done.plain_answer_delivered && !is_new {
        return;
    }
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let mut letter = letter_to_agent(deliberation, incoming, act, &ticket, Purpose::Receipt);
    letter.facts.done = done.lines.clone();
    letter.facts.recipients = done.recipients.clone();
    letter.facts.not_sent_to_requester = !done.sent_to_requester;
    deliberation.send(letter);
}

/// `#statut`, `#aide`, `#liste`, `#aperçu`: answered by mail, changing nothing.
fn report(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
    answered: Option<&LetterView>,
) {
    let mut lines = Vec::new();
    for command in &instructions.commands {
        match command {
            Command::Help => lines.extend(wording::help(act.language)),
            Command::List => lines.extend(worklist(deliberation, act)),
            Command::Preview => lines.extend(preview(deliberation, incoming, act, ticket, instructions, answered)),
            _ => {
                lines.push(wording::say(&Line::StateIs(ticket.state), act.language));
                lines.push(wording::say(&Line::LevelIs(ticket.level), act.language));
                lines.push(wording::say(&Line::PriorityIs(ticket.priority.0), act.language));
                let owner = ticket.agent.and_then(|id| deliberation.contact(id));
                lines.extend(
                    owner.map(|c| wording::say(&Line::Owner(&deliberation.staff_name(&c.address)), act.language)),
                );
            }
        }
    }
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::Report);
    letter.facts.timeline = telling::timeline(deliberation, ticket);
    letter.facts.done = lines;
    deliberation.send(letter);
}

/// What would be sent: the rest of the mail is carried out on a copy that nobody writes down.
fn preview(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
    answered: Option<&LetterView>,
) -> Vec<String> {
    let mut rest = instructions.clone();
    rest.commands.retain(|command| !command.only_asks());
    let rest = with_direction(&rest, answered, true);
    let mut trial = Deliberation::new(deliberation.rules, deliberation.docket, deliberation.now, 0);
    let faults = check::check(&trial, ticket.number, act, &rest);
    if !faults.is_empty() {
        return faults;
    }
    carry_out::carry_out(&mut trial, ticket.number, &Act { incoming: Some(incoming), ..act.clone() }, &rest);
    let decision = trial.end_without_mail();
    let leaves = decision.letters.iter().filter(|letter| letter.audience != Audience::Desk);
    leaves
        .flat_map(|letter| {
            let to: Vec<String> = letter.to.iter().chain(&letter.cc).map(|m| m.address.to_string()).collect();
            [
                format!("→ {}", to.join(", ")),
                letter.facts.brief.clone().or(letter.facts.text.clone()).unwrap_or_default(),
            ]
        })
        .collect()
}

/// `#ok`, `#libérer`: the mail that waits is carried out now, by its own author's word or a colleague's.
fn release(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    held: crate::desk::HeldMail<'_>,
    number: TicketNumber,
) -> Decision {
    let released = Event::Released { ledger: Some(held.ledger) };
    deliberation.happened(number, Actor { role: Role::Agent, contact: Some(author.contact.id) }, released);
    if let Some(act_on) = deliberation.ticket(number).cloned() {
        let act = Act::by_mail(&deliberation, incoming, author, &act_on);
        note_received(&mut deliberation, incoming, &act, number, EntryKind::Note, Audience::Desk);
    }
    let again = Incoming { ledger: held.ledger, mail: held.mail, held: None, ..*incoming };
    let instructions = Instructions { forced: true, ..read(&deliberation, held.mail) };
    on_ticket(deliberation, &again, author, number, &instructions, Conflicts::Ignore)
}

/// `#annuler`: nothing of it is ever sent.
fn withdraw(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    held: crate::desk::HeldMail<'_>,
    number: TicketNumber,
) -> Decision {
    let Some(ticket) = deliberation.ticket(number).cloned() else {
        return without_ticket(deliberation, incoming, author, &Instructions::default());
    };
    let act = Act::by_mail(&deliberation, incoming, author, &ticket);
    note_received(&mut deliberation, incoming, &act, ticket.number, EntryKind::Note, Audience::Desk);
    deliberation.happened(ticket.number, act.by, Event::Released { ledger: Some(held.ledger) });
    let mut letter = letter_to_agent(&deliberation, incoming, &act, &ticket, Purpose::Receipt);
    letter.facts.done = vec![wording::say(&Line::Withdrawn, act.language)];
    letter.facts.not_sent_to_requester = true;
    deliberation.send(letter);
    deliberation.end(Outcome::Ticket(ticket.number))
}
