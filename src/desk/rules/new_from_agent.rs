//! An agent's mail that answers nothing: a forwarded request, a telephone call, or a request of the agent's own.

use crate::desk::AfterAnswer;
use crate::desk::PendingReason;
use crate::desk::Reason;
use crate::desk::audience::ears;
use crate::desk::command::absence;
use crate::desk::command::act::Act;
use crate::desk::command::{carry_out, check};
use crate::desk::deliberation::Deliberation;
use crate::desk::docket::entering::add_participants;
use crate::desk::docket::entering::{self, EnteredAs};
use crate::desk::docket::{matching, subject};
use crate::desk::incoming::Author;
use crate::desk::outgoing::acknowledging::acknowledge_named;
use crate::desk::outgoing::telling::{Told, tell_of};
use crate::desk::outgoing::to_agent::names_of;
use crate::desk::outgoing::to_agent::{answer, answer_mail, letter_to_agent, shown};
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{enclosures, reach};
use crate::desk::rules::escalating::{self, Arrived};
use crate::desk::rules::opening::{self, Antecedent};
use crate::desk::rules::quarantine;
use crate::desk::{
    Actor, Arrival, Audience, Command, Decision, Desk, Entry, EntryKind, Event, Incoming, Instructions, Origin,
    Outcome, Purpose, RequestType, Role, Trust,
};
use crate::mail::Address;
use crate::mail::Mailbox;

/// What an agent's mail on no ticket comes to.
pub(in crate::desk) fn without_ticket(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    instructions: &Instructions,
) -> Decision {
    let caller = instructions.commands.iter().find_map(|command| match command {
        Command::Requester(address) => Some(Mailbox { name: None, address: address.clone() }),
        _ => None,
    });
    if let Some(caller) = caller {
        return on_behalf(deliberation, incoming, author, Some(&caller), instructions);
    }
    match incoming.mail.body.forwarded.as_ref().map(|forwarded| &forwarded.from) {
        Some(Some(original)) if reach::may_participate(&original.address, deliberation.policy()) => {
            return on_behalf(deliberation, incoming, author, Some(original), instructions);
        }
        // Outlook names colleagues without an address.
        Some(None) => return on_behalf(deliberation, incoming, author, None, instructions),
        Some(Some(_)) | None => {}
    }
    let commands = !instructions.commands.is_empty() || !instructions.slips.is_empty();
    let customers = ears::customers(deliberation.policy(), incoming.mail);
    if let (false, Some((asked, _))) = (commands, customers.split_first()) {
        return answered_directly(deliberation, incoming, author, asked);
    }
    // An answer to a letter about quarantine that decides nothing is no request, and neither is a code.
    let answers_loose_letter = matching::answers_loose_letter(incoming.mail, deliberation.rules.keyring);
    let is_code = quarantine::is_code_alone(&instructions.text);
    if !commands && !answers_loose_letter && !is_code {
        return opening::open(deliberation, incoming, Some(author), Antecedent::Fresh);
    }
    let desk = opening::desk_for(&deliberation, incoming.mail);
    let act = Act::at(&deliberation, incoming, author, desk);
    let say = |line: &Line<'_>| wording::say(line, act.language);
    let are_sound = commands && instructions.slips.is_empty();
    if are_sound && instructions.commands.iter().all(Command::is_about_its_writer) {
        return about_its_writer(deliberation, incoming, &act, desk, instructions);
    }
    let asks = are_sound && instructions.commands.iter().all(Command::only_asks);
    let purpose = if asks { Purpose::Report } else { Purpose::CommandRefused };
    let mut letter = deliberation.loose_letter(purpose, desk, act.language);
    answer_mail(&mut letter, incoming.mail, &deliberation, &act);
    letter.subject = subject::bare(&incoming.mail.subject);
    let needs_no_ticket = instructions.is_for_the_program() || answers_loose_letter || is_code;
    if asks {
        for command in &instructions.commands {
            match command {
                Command::Show(number) => match shown(&deliberation, incoming, &act, *number) {
                    Ok(letter) => drop(deliberation.send(letter)),
                    Err(line) => letter.facts.done.push(line),
                },
                command => {
                    let answered = answer(&deliberation, &act, command);
                    letter.facts.done.extend(answered.unwrap_or_else(|| vec![say(&Line::NoTicket)]));
                }
            }
        }
        let shows = |command: &Command| matches!(command, Command::Show(_));
        if letter.facts.done.is_empty() && instructions.commands.iter().all(shows) {
            return deliberation.suppress(Reason::OnlyAsked);
        }
    } else {
        let held = instructions.commands.iter().any(Command::is_about_held_mail);
        letter.facts.reasons = match instructions.slips.as_slice() {
            [] if is_code => vec![say(&Line::CodeAnswersNothing)],
            [] if held && answers_loose_letter => vec![say(&Line::WhichMail)],
            [] if held => vec![say(&Line::NothingHeld)],
            [] => vec![say(&Line::NoTicket)],
            slips if needs_no_ticket => slips.iter().map(|slip| say(&Line::Slip(slip))).collect(),
            slips => {
                let slips = slips.iter().map(Line::Slip);
                std::iter::once(Line::NoTicket).chain(slips).map(|line| say(&line)).collect()
            }
        };
        letter.facts.text = Some(incoming.mail.body.reply_text.clone()).filter(|text| !text.is_empty());
        letter.facts.not_sent_to_requester = true;
    }
    deliberation.send(letter);
    if needs_no_ticket {
        return deliberation.suppress(Reason::OnlyAsked);
    }
    // A person's mail ends on a ticket or in quarantine; this one asks nothing of anybody but the program.
    opening::keep_silently(deliberation, incoming, author)
}

/// `#absent` and `#présent` in a mail of their own, which is on no ticket.
fn about_its_writer(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    desk: &Desk,
    instructions: &Instructions,
) -> Decision {
    let Some(contact) = act.by.contact else { return deliberation.suppress(Reason::OnlyAsked) };
    let (mut done, mut reasons) = (Vec::new(), Vec::new());
    for command in &instructions.commands {
        if let Command::Absent { from, until } = command {
            match absence::worded(desk, deliberation.now, contact, *from, *until) {
                Ok(away) => done.extend(absence::leave(&mut deliberation, act.by, desk, away, act.language)),
                Err(line) => reasons.push(wording::say(&line, act.language)),
            }
        } else {
            let was_away = absence::come_back(&mut deliberation, contact);
            let line = if was_away { Line::YouAreBack } else { Line::YouWereNotAway };
            done.push(wording::say(&line, act.language));
        }
    }
    let purpose = if done.is_empty() { Purpose::CommandRefused } else { Purpose::Receipt };
    let mut letter = deliberation.loose_letter(purpose, desk, act.language);
    answer_mail(&mut letter, incoming.mail, &deliberation, act);
    letter.subject = subject::bare(&incoming.mail.subject);
    (letter.facts.done, letter.facts.reasons) = (done, reasons);
    deliberation.send(letter);
    deliberation.suppress(Reason::OnlyAsked)
}

/// An agent wrote to a customer, the desk in Cc or Bcc: the ticket is the customer's, and the words are with them already.
fn answered_directly(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    customer: &Address,
) -> Decision {
    let mail = incoming.mail;
    let desk = opening::desk_for(&deliberation, mail);
    let contact = deliberation.contact_at(customer);
    let language = deliberation.language_for(desk, contact, mail.language);
    let begun = deliberation.open(desk, &subject::bare(&mail.subject), language);
    let number = begun.number;
    let act = Act::at(&deliberation, incoming, author, desk);
    let opened = Event::Opened {
        requester: contact.map(|contact| contact.id),
        origin: Origin::Mail,
        request_type: RequestType::Incident,
        desk: Some(desk.name.clone()),
        address: opening::address_written_to(desk, mail),
        automatic: false,
    };
    deliberation.happened(number, act.by, opened);
    add_participants(&mut deliberation, mail, number, author.address());
    let answer =
        EnteredAs { kind: EntryKind::AgentReply, audience: Audience::Requester, trust: Trust::Verified, by: act.by };
    entering::enter(&mut deliberation, incoming, number, answer);
    deliberation.happened(number, act.by, Event::Assigned { agent: author.contact.id });
    deliberation.happened(number, act.by, Event::AnsweredDirectly { ledger: incoming.ledger });
    if deliberation.policy().after_answer == AfterAnswer::PendingRequester {
        deliberation.happened(number, act.by, Event::PutOnHold { reason: PendingReason::Requester, reminds: true });
    }
    let ticket = deliberation.as_it_stands(&begun);
    let mut letter = letter_to_agent(&deliberation, incoming, &act, &ticket, Purpose::Receipt);
    let (reference, whom) = (number.to_string(), names_of(&deliberation, std::slice::from_ref(customer), act.language));
    letter.facts.done = vec![
        wording::say(&Line::TicketOpenedFor(&reference, &whom), act.language),
        wording::say(&Line::RequesterHasIt(&whom), act.language),
    ];
    deliberation.send(letter);
    deliberation.end(Outcome::Ticket(number))
}

/// Opens a ticket for somebody else, who is told that it arrived: the agent vouches for who asks. Where a forwarded mail does
/// not say so, the agent is asked.
fn on_behalf(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    requester: Option<&Mailbox>,
    instructions: &Instructions,
) -> Decision {
    let mail = incoming.mail;
    let desk = opening::desk_for(&deliberation, mail);
    let contact = requester.and_then(|requester| deliberation.contact_at(&requester.address));
    let forwarded = mail.body.forwarded.as_ref();
    let written_in = forwarded.map_or(mail.language, |forwarded| forwarded.language);
    let language = deliberation.language_for(desk, contact, written_in);
    let title = forwarded.and_then(|forwarded| forwarded.subject.as_deref()).unwrap_or(&mail.subject);
    let begun = deliberation.open(desk, &subject::bare(title), language);
    let number = begun.number;
    let by = Actor { role: Role::Agent, contact: Some(author.contact.id) };
    let opened = Event::Opened {
        requester: contact.map(|contact| contact.id),
        origin: if forwarded.is_some() { Origin::Mail } else { Origin::Phone },
        request_type: RequestType::Incident,
        desk: Some(desk.name.clone()),
        address: opening::address_written_to(desk, mail),
        automatic: false,
    };
    deliberation.happened(number, by, opened);
    let works_there = deliberation.policy().works_at(author.address(), &desk.name);
    if works_there {
        deliberation.happened(number, by, Event::Assigned { agent: author.contact.id });
    }
    let text = forwarded.map_or(instructions.text.as_str(), |forwarded| forwarded.body.as_str());
    let entered_as = EnteredAs {
        kind: EntryKind::Request,
        audience: Audience::Requester,
        trust: Trust::Unverified,
        by: Actor { role: Role::Requester, contact: contact.map(|contact| contact.id) },
    };
    let entry = entering::entry(&deliberation, incoming, number, entered_as);
    deliberation.enter(if text.is_empty() { entry } else { Entry { text: text.to_owned(), ..entry } });
    deliberation.happened(number, by, Event::MailReceived { ledger: incoming.ledger });
    if let Some(message_id) = &mail.message_id {
        deliberation.thread(message_id, number);
    }
    let arrived = Arrived { text, trust: Trust::Unverified, by_mail: None };
    let mut lines = escalating::at_arrival(&mut deliberation, number, &arrived);
    if incoming.arrival == Arrival::Ordinary {
        lines.extend(acknowledge_named(&mut deliberation, number, written_in));
    }
    let act = Act::at(&deliberation, incoming, author, deliberation.desk_of(&begun));
    let beside = beside_the_request(instructions, forwarded.is_some());
    let refused = check::check(&deliberation, number, &act, &beside);
    let carried_out =
        if refused.is_empty() { beside } else { Instructions { commands: Vec::new(), slips: Vec::new(), ..beside } };
    let done = carry_out::carry_out_on_opening(&mut deliberation, &begun, &act, &carried_out).lines;
    let ticket = deliberation.as_it_stands(&begun);
    let enclosed = enclosures::of(incoming.ledger, mail);
    // A letter about the request, so that the agent's plain reply goes to who asks.
    let mut letter = letter_to_agent(&deliberation, incoming, &act, &ticket, Purpose::NewTicket);
    let reference = number.to_string();
    let whom = requester.map(|requester| requester.address.to_string());
    let opened = match &whom {
        Some(whom) => Line::TicketOpenedFor(&reference, whom),
        None => Line::ForwardNamesNobody(&reference),
    };
    let none_done = (!refused.is_empty()).then_some(Line::NoCommandDone);
    let said = |lines: Vec<Line<'_>>| lines.iter().map(|line| wording::say(line, act.language)).collect::<Vec<_>>();
    let opening = said(std::iter::once(opened).chain(lines).collect());
    letter.facts.reasons = [opening, done, said(none_done.into_iter().collect()), refused].concat();
    letter.facts.author = requester.and_then(|requester| requester.name.clone()).or(whom.clone());
    letter.facts.text = Some(text.to_owned());
    letter.facts.reply_is_public = requester.is_some();
    letter.facts.reply_goes_to = Some(wording::reply_goes_to(letter.facts.requester_name.as_deref(), act.language));
    letter.listed = enclosed.clone();
    deliberation.send(letter);
    if !works_there {
        let staff = deliberation.staff_for(&ticket);
        let about = Some(incoming.ledger);
        tell_of(
            &mut deliberation,
            &staff,
            &ticket,
            &Told { text: Some(text), about, files: &enclosed, ..Told::default() },
        );
    }
    deliberation.end(Outcome::Ticket(number))
}

/// What else the agent says beside the request: above a forwarded mail the words are the agent's own, in a call they are the
/// request.
fn beside_the_request(instructions: &Instructions, is_forward: bool) -> Instructions {
    let names_requester = |command: &&Command| matches!(command, Command::Requester(_));
    let commands = instructions.commands.iter().filter(|command| !names_requester(command)).cloned().collect();
    let beside = Instructions { commands, plain: false, ..instructions.clone() };
    let says_more = is_forward || beside.text_is_claimed();
    Instructions { text: if says_more { beside.text } else { String::new() }, ..beside }
}
