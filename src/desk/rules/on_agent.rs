//! An agent wrote: somebody with powers, authenticated.

use jiff::{SignedDuration, Timestamp};

use crate::desk::audience::ears::{self, Because, Ears, Hearing};
use crate::desk::command::act::Act;
use crate::desk::command::{absence, carry_out, check, sign_off};
use crate::desk::deliberation::{Deliberation, Ruling};
use crate::desk::docket::entering::{self, EnteredAs};
use crate::desk::docket::matching::{self, By, Lead};
use crate::desk::docket::subject;
use crate::desk::incoming::Author;
use crate::desk::outgoing::telling::{self, News};
use crate::desk::outgoing::to_agent::{answer, answer_mail, letter_to_agent, names_of, shown, standing};
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::rules::absences;
use crate::desk::rules::opening;
use crate::desk::rules::{new_from_agent, on_report, on_request, on_robot, quarantine};
use crate::desk::{
    Actor, Audience, Command, Decision, Dossier, EntryKind, Event, HeldMail, Incoming, Instructions, LedgerId, Letter,
    LetterView, Level, Names, NewWords, Order, Outcome, Proof, Purpose, Reason, Role, State, Ticket, TicketNumber,
    Trust, Vouched,
};
use crate::mail::{InboundMail, Language};

/// An agent's authenticated mail.
pub(in crate::desk) fn on_agent<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'a>,
    author: Author<'_>,
) -> Ruling<'a> {
    let mail = incoming.mail;
    if let Some(ledger) = quarantine::answered_challenge(&deliberation, mail) {
        return Ruling::Decided(let_out(deliberation, ledger, Vouched::Author));
    }
    if mail.writer.is_marked() {
        return Ruling::Decided(robot(deliberation, incoming, author));
    }
    if mail.is_mere_gesture()
        && let Some(ticket) = on_report::cited_ticket(&deliberation, mail)
    {
        return Ruling::Decided(on_report::record(deliberation, incoming, ticket, Reason::AutoReply));
    }
    if !mail.writer.is_robot() {
        absence::wrote(&mut deliberation, author.contact.id);
    }
    if answers_as_requester(&deliberation, incoming, author) {
        return on_request::on_request(deliberation, incoming, author);
    }
    let leads = matching::leads(mail, deliberation.docket, deliberation.rules.keyring);
    let lead = leads.iter().find(|lead| !is_beside_the_thread(&deliberation, mail, **lead));
    let dossier = lead.and_then(|lead| deliberation.dossier(lead.ticket));
    let instructions = read(&deliberation, mail, dossier.map(|dossier| dossier.ticket.number));
    let order = instructions.commands.first();
    if let Some(released) = released(&deliberation, mail, order) {
        let desk = opening::desk_for(&deliberation, mail);
        let act = Act::at(&deliberation, incoming, author, desk);
        let mut letter = deliberation.loose_letter(Purpose::Report, desk, act.language);
        answer_mail(&mut letter, mail, &deliberation, &act);
        letter.subject = subject::bare(&mail.subject);
        letter.facts.done = vec![wording::say(&Line::LetOut, act.language)];
        let mut deliberation = deliberation;
        deliberation.send(letter);
        released.into_iter().for_each(|ledger| deliberation.release(ledger, Vouched::Colleague));
        return Ruling::Decided(deliberation.suppress(Reason::OnlyAsked));
    }
    // A team's answer that the first level was asked to pass on is what its `#publier` means.
    let passes_on = order == Some(&Command::Publish)
        && instructions.text.is_empty()
        && answered_purpose(&deliberation, mail) == Some(Purpose::Notice);
    Ruling::Decided(match (dossier, incoming.held, order) {
        (Some(dossier), Some(held), Some(order))
            if (passes_on || matches!(order, Command::Ok | Command::Release(_)))
                && dossier.ticket.held.contains(&held.ledger) =>
        {
            release(deliberation, incoming, author, held, dossier)
        }
        (Some(dossier), Some(held), Some(Command::Cancel)) if dossier.ticket.held.contains(&held.ledger) => {
            withdraw(deliberation, incoming, author, held, &dossier.ticket)
        }
        (Some(dossier), _, Some(Command::Cancel)) if instructions.commands.len() == 1 => {
            too_late(deliberation, incoming, author, dossier, &instructions)
        }
        (Some(dossier), ..) => on_ticket(deliberation, incoming, author, dossier, &instructions, Doubts::Hold),
        (None, ..) => new_from_agent::without_ticket(deliberation, incoming, author, &instructions),
    })
}

/// The mails that an agent lets out of quarantine: those that are named, else the one that the answered letter is about.
fn released(deliberation: &Deliberation<'_>, mail: &InboundMail, order: Option<&Command>) -> Option<Vec<LedgerId>> {
    match order? {
        Command::Release(numbers) if !numbers.is_empty() => Some(numbers.iter().copied().map(LedgerId).collect()),
        Command::Ok | Command::Release(_) => Some(vec![matching::loose_mail(mail, deliberation.rules.keyring)?]),
        _ => None,
    }
}

fn answered_purpose(deliberation: &Deliberation<'_>, mail: &InboundMail) -> Option<Purpose> {
    let token = matching::answered_token(mail, deliberation.rules.keyring)?;
    Some(deliberation.dossier(TicketNumber(token.ticket))?.letter(token.letter)?.purpose)
}

/// Gives a quarantined mail back to the intake; the mail that says so asks nothing else of anybody.
pub(in crate::desk) fn let_out(mut deliberation: Deliberation<'_>, ledger: LedgerId, vouched: Vouched) -> Decision {
    deliberation.release(ledger, vouched);
    deliberation.suppress(Reason::OnlyAsked)
}

/// An agent's command from the command line.
pub(in crate::desk) fn command_line(mut deliberation: Deliberation<'_>, order: &Order<'_>) -> Decision {
    let Order { agent, instructions, language, .. } = *order;
    let number = matching::goes_on_in(deliberation.docket, order.ticket);
    let contact = agent.and_then(|agent| deliberation.contact_at(agent));
    let act = Act {
        by: Actor { role: if agent.is_some() { Role::Agent } else { Role::System }, contact: contact.map(|c| c.id) },
        address: agent.cloned(),
        name: agent.map(|agent| deliberation.staff_name(agent, language)),
        incoming: None,
        answered: None,
        language,
    };
    let reasons = check::check(&deliberation, number, &act, instructions);
    let Some(ticket) = deliberation.ticket(number).cloned().filter(|_| reasons.is_empty()) else {
        return deliberation.refuse(reasons);
    };
    carry_out::carry_out(&mut deliberation, &ticket, &act, instructions);
    deliberation.end_without_mail()
}

/// An agent's mail that bears a mark of a program.
pub(in crate::desk) fn robot(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
) -> Decision {
    absences::of_staff(&mut deliberation, incoming, author);
    let cited = on_report::cited_ticket(&deliberation, incoming.mail);
    let Some(dossier) = cited.and_then(|number| deliberation.dossier(number)) else {
        return deliberation.suppress(Reason::AutoReply);
    };
    let act = Act::on_ticket(&deliberation, incoming, author, dossier);
    on_robot::of_staff(deliberation, incoming, author, dossier, act.answered.as_ref())
}

/// A thread may lead to the ticket of somebody who cited it first: what an agent wrote to a customer is not on a ticket in which
/// the customer has no part.
fn is_beside_the_thread(deliberation: &Deliberation<'_>, mail: &InboundMail, lead: Lead) -> bool {
    let Some(ticket) = deliberation.ticket(lead.ticket).filter(|_| lead.by == By::Thread) else { return false };
    let customers = ears::customers(deliberation.policy(), mail);
    let follows =
        |address| deliberation.contact_at(address).is_some_and(|contact| deliberation.follows(ticket, contact));
    !customers.is_empty() && !customers.iter().any(follows)
}

/// A requester is a requester, whoever they are: an agent who asked answers the letters that a requester gets.
fn answers_as_requester(deliberation: &Deliberation<'_>, incoming: &Incoming<'_>, author: Author<'_>) -> bool {
    let answered = matching::answered_token(incoming.mail, deliberation.rules.keyring);
    let dossier = answered.and_then(|token| deliberation.dossier(TicketNumber(token.ticket)));
    let letter = answered.zip(dossier).and_then(|(token, dossier)| dossier.letter(token.letter));
    letter.zip(dossier).is_some_and(|(letter, dossier)| {
        letter.audience == Audience::Requester && deliberation.follows(&dossier.ticket, author.contact)
    })
}

/// What the agent's new words say. Above a forwarded mail only the agent's own words count.
pub(in crate::desk) fn read(
    deliberation: &Deliberation<'_>,
    mail: &InboundMail,
    ticket: Option<TicketNumber>,
) -> Instructions {
    let ticket = ticket.and_then(|number| deliberation.ticket(number));
    let forwarded = mail.body.forwarded.as_ref();
    let text = forwarded.map_or(mail.body.reply_text.as_str(), |forwarded| forwarded.before.as_str());
    let name =
        mail.from.as_ref().map(|from| deliberation.staff_name(&from.address, Language::ENGLISH)).unwrap_or_default();
    let forwarded_subject = forwarded.and_then(|forwarded| forwarded.subject.as_deref());
    let words = NewWords {
        subject: &mail.subject,
        known_subject: forwarded_subject.or(ticket.map(Ticket::called)),
        text: sign_off::without(text, &name),
    };
    let desk = ticket.map_or(deliberation.policy().desks.first(), |ticket| deliberation.desk_of(ticket));
    let today = deliberation.now.to_zoned(desk.time_zone.clone()).date();
    Instructions::read(&words, &Names { today: Some(today), ..Names::of(deliberation.policy()) })
}

/// Whether a mail with something doubtful is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubts {
    Hold,
    Ignore,
}

fn on_ticket<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'a>,
    author: Author<'_>,
    dossier: &'a Dossier,
    instructions: &Instructions,
    doubts: Doubts,
) -> Decision {
    let (number, mail) = (dossier.ticket.number, incoming.mail);
    let act = Act::on_ticket(&deliberation, incoming, author, dossier);
    // Robots write no commands.
    let looks_automatic = doubts == Doubts::Hold && mail.writer.looks_automatic() && instructions.commands.is_empty();
    if looks_automatic && act.answered.as_ref().is_some_and(on_robot::is_a_word_about_a_mail) {
        return on_report::record(deliberation, incoming, number, Reason::AutoReply);
    }
    let hearing = ears::of(&deliberation, dossier, mail);
    if instructions.only_ask() {
        report(&mut deliberation, incoming, &act, dossier, instructions, &hearing);
        enter_without_words(&mut deliberation, incoming, &act, number);
        return deliberation.end(Outcome::Ticket(number));
    }
    let instructions = &directed(instructions, &hearing);
    let mut reasons = check::check(&deliberation, number, &act, instructions);
    if let Because::Unreadable(why) = &hearing.because {
        reasons.push(wording::say(&Line::Unreadable(*why), act.language));
    } else if looks_automatic {
        reasons.extend([Line::AnswerLooksAutomatic, Line::OkHint].map(|line| wording::say(&line, act.language)));
    } else if doubts == Doubts::Hold && instructions.answers_requester() {
        reasons.extend(crossed(&deliberation, act.answered.as_ref(), dossier, author));
    }
    if !reasons.is_empty() {
        hold(&mut deliberation, incoming, &act, &dossier.ticket, reasons);
        return deliberation.end(Outcome::Ticket(number));
    }
    if goes_by_first_level(&deliberation, &dossier.ticket, &act, instructions) {
        ask_first_level(&mut deliberation, incoming, author, &act, &dossier.ticket, instructions);
        return deliberation.end(Outcome::Ticket(number));
    }
    if doubts == Doubts::Hold
        && let Some(left) = what_waits(&deliberation, incoming, &act, &dossier.ticket, instructions)
    {
        wait_to_leave(&mut deliberation, incoming, &act, &dossier.ticket, &left);
        return deliberation.end(Outcome::Ticket(number));
    }
    let mut done = carry_out::carry_out(&mut deliberation, &dossier.ticket, &act, instructions);
    if !done.reached_requester {
        done.lines.extend(why_inner(&deliberation, &act, &hearing, instructions));
    }
    // Whoever waited was told what would leave.
    let was_told = doubts == Doubts::Hold && is_entered(&deliberation, number, incoming.ledger);
    if !(was_told && done.plain_answer_delivered) {
        receipt(&mut deliberation, incoming, &act, &dossier.ticket, &done);
    }
    deliberation.end(Outcome::Ticket(number))
}

/// Whether something of the mail would reach the requester, and its author's team answers by way of the first level.
fn goes_by_first_level(
    deliberation: &Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
) -> bool {
    let sends = |command: &Command| matches!(command, Command::Reply | Command::Publish | Command::Fix(_));
    let answers = instructions.answers_requester() || instructions.commands.iter().any(sends);
    answers && act.address.as_ref().is_some_and(|address| !ears::are_direct(deliberation, &ticket.desk, address))
}

/// What would leave for the requester now, where it waits in case its author thinks better of it: carried out on a copy that nobody
/// writes down. It waits once.
fn what_waits(
    deliberation: &Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
) -> Option<Letter> {
    let has_waited = is_entered(deliberation, ticket.number, incoming.ledger);
    // The code that proved such an author is spent.
    let is_spent = matches!(incoming.proof, Proof::Challenge | Proof::Release);
    if deliberation.policy().relay_hold.is_zero() || has_waited || is_spent {
        return None;
    }
    let mut trial = Deliberation::new(deliberation.rules, deliberation.docket, deliberation.now, 0);
    carry_out::carry_out(&mut trial, ticket, act, instructions);
    let mut letters = trial.end_without_mail().letters.into_iter();
    letters.find(|letter| {
        letter.audience == Audience::Requester && matches!(letter.purpose, Purpose::Answer | Purpose::Resolved)
    })
}

/// Whether the mail is on the ticket from before this decision: it waited there.
fn is_entered(deliberation: &Deliberation<'_>, number: TicketNumber, ledger: LedgerId) -> bool {
    let parts = deliberation.parts(number);
    parts.iter().flat_map(|dossier| &dossier.entries).any(|entry| entry.ledger == Some(ledger))
}

/// The whole mail waits for its time; until then nothing of it has happened, and `#annuler` withdraws it.
fn wait_to_leave(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    left: &Letter,
) {
    enter_without_words(deliberation, incoming, act, ticket.number);
    let hold = SignedDuration::try_from(deliberation.policy().relay_hold).unwrap_or(SignedDuration::MAX);
    let until = deliberation.now.saturating_add(hold).unwrap_or(Timestamp::MAX);
    let held = Event::Held { ledger: Some(incoming.ledger), why: "relay_hold".to_owned(), until: Some(until) };
    deliberation.happened(ticket.number, act.by, held);
    let to: Vec<&str> = left.to.iter().chain(&left.cc).map(|mailbox| mailbox.address.as_str()).collect();
    let at = wording::hour(until, deliberation.zone_of(ticket), act.language);
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::Receipt);
    letter.facts.done = vec![wording::say(&Line::LeavesAt(&to.join(", "), &at), act.language)];
    letter.facts.text = left.words().map(str::to_owned);
    deliberation.send(letter);
}

/// The whole mail waits until somebody at the first level passes it on, in its author's name, or withdraws it.
fn ask_first_level(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    instructions: &Instructions,
) {
    enter_without_words(deliberation, incoming, act, ticket.number);
    let held = Event::Held { ledger: Some(incoming.ledger), why: "first_level".to_owned(), until: None };
    deliberation.happened(ticket.number, act.by, held);
    let name = act.name.clone().unwrap_or_default();
    let lines = [Line::AsksToPassOn(&name)];
    let first_level = deliberation.staff_at(&ticket.desk, Level::L1);
    telling::tell_staff(deliberation, incoming, &first_level, ticket, &News::of(Purpose::Notice, author, &lines));
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::Receipt);
    letter.facts.done = vec![wording::say(&Line::InnerNotDirect, act.language)];
    letter.facts.text = Some(instructions.text.clone()).filter(|text| !text.is_empty());
    letter.facts.not_sent_to_requester = true;
    deliberation.send(letter);
}

/// A plain text becomes what the mail is: an answer to the requester, or a note.
fn directed(instructions: &Instructions, hearing: &Hearing) -> Instructions {
    let mut directed = instructions.clone();
    let commands_alone = directed.text.is_empty() && !directed.commands.is_empty();
    // With a slip nothing is carried out, and what the text would have been for is not known.
    if commands_alone || directed.text_is_claimed() || !directed.slips.is_empty() {
        return directed;
    }
    // The text under `#solution nouveau` is for the article.
    let drafts = directed.commands.iter().any(|command| matches!(command, Command::Draft(_)));
    directed.commands.push(match hearing.ears {
        Ears::Requester if !drafts => Command::Reply,
        Ears::RequesterHas if !drafts => Command::Answered,
        Ears::Requester | Ears::RequesterHas | Ears::Desk | Ears::Nobody => Command::Note,
    });
    directed.plain = !drafts;
    directed
}

/// What happened after the answered letter left, and may change what the agent would say: a colleague answered, the ticket
/// was closed, somebody reads along now.
fn crossed(
    deliberation: &Deliberation<'_>,
    answered: Option<&LetterView>,
    dossier: &Dossier,
    author: Author<'_>,
) -> Vec<String> {
    let Some(answered) = answered else { return Vec::new() };
    let ticket = &dossier.ticket;
    let language = deliberation.staff_language(author.address(), deliberation.desk_of(ticket));
    let say = |line: &Line<'_>| wording::say(line, language);
    let parts = deliberation.parts(ticket.number);
    let colleague = parts.iter().flat_map(|dossier| dossier.entries.iter().rev()).find(|entry| {
        entry.kind == EntryKind::AgentReply
            && entry.audience == Audience::Requester
            && entry.at > answered.at
            && entry.author != Some(author.contact.id)
    });
    let mut lines = Vec::new();
    if let Some(entry) = colleague {
        let name =
            entry.author.and_then(|id| deliberation.contact(id)).map(|c| deliberation.staff_name(&c.address, language));
        lines.push(say(&Line::ColleagueAnswered(name.as_deref().unwrap_or("?"), &entry.text)));
    }
    let ended_since = ticket.resolved_at.max(ticket.closed_at).is_some_and(|at| at > answered.at);
    if matches!(ticket.state, State::Closed | State::Resolved) && ended_since && colleague.is_none() {
        lines.push(say(&Line::StateChanged(deliberation.standing(ticket))));
    }
    let came = ears::came_since(ticket, answered);
    let came: Vec<&str> = came.iter().filter_map(|id| deliberation.contact(*id)).map(|c| c.address.as_str()).collect();
    if !came.is_empty() {
        lines.push(say(&Line::NewReaders(&came.join(", "))));
    }
    if !lines.is_empty() {
        lines.push(say(&Line::OkHint));
    }
    lines
}

/// The whole mail is held: nothing reaches anybody but the agent, who gets the reasons. Its words are nowhere on the ticket,
/// because nobody has said them yet.
fn hold(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    reasons: Vec<String>,
) {
    enter_without_words(deliberation, incoming, act, ticket.number);
    let held = Event::Held { ledger: Some(incoming.ledger), why: "refused".to_owned(), until: None };
    deliberation.happened(ticket.number, act.by, held);
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::CommandRefused);
    letter.facts.reasons = reasons;
    letter.facts.text = Some(incoming.mail.body.reply_text.clone());
    letter.facts.not_sent_to_requester = true;
    deliberation.send(letter);
}

/// The mail is on the ticket; what it says is for the program, or waits.
fn enter_without_words(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: TicketNumber,
) {
    let note = EnteredAs { kind: EntryKind::Note, audience: Audience::Desk, trust: Trust::Verified, by: act.by };
    entering::enter_as(deliberation, incoming, ticket, note, String::new());
}

/// What was done with the mail, always where it was not plainly a public answer: with the text that left, or who read it.
fn receipt(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    ticket: &Ticket,
    done: &carry_out::Done,
) {
    let given = act.by.contact.and_then(|agent| deliberation.docket.answers_given.get(&agent)).copied().unwrap_or(0);
    let is_new = given < i64::from(deliberation.policy().receipts_at_first);
    let is_back = act.by.contact.is_some_and(|agent| deliberation.came_back(agent));
    if done.plain_answer_delivered && !is_new && !is_back {
        return;
    }
    let ticket = deliberation.as_it_stands(ticket);
    let mut letter = letter_to_agent(deliberation, incoming, act, &ticket, Purpose::Receipt);
    letter.facts.done = done.lines.clone();
    let back = wording::say(&Line::YouAreBack, act.language);
    if is_back && !letter.facts.done.contains(&back) {
        letter.facts.done.push(back);
    }
    letter.facts.recipients = done.recipients.clone();
    letter.facts.text = done.left.clone();
    letter.facts.not_sent_to_requester = !done.reached_requester;
    deliberation.send(letter);
}

/// Why a plain text became a note, and who has read it all the same.
fn why_inner(
    deliberation: &Deliberation<'_>,
    act: &Act<'_>,
    hearing: &Hearing,
    instructions: &Instructions,
) -> Vec<String> {
    let mut lines = Vec::new();
    if instructions.plain {
        let others;
        let line = match &hearing.because {
            Because::Forwards => Some(Line::InnerForward),
            Because::WrittenTo(addresses) => {
                others = names_of(deliberation, addresses, act.language);
                Some(Line::InnerWrittenTo(&others))
            }
            Because::AnswersNothing => Some(Line::InnerAnswersNothing),
            Because::AnswersInner(_) => Some(Line::InnerLetter),
            Because::AnswersRequester | Because::WroteDirectly | Because::Unreadable(_) => None,
        };
        lines.extend(line.map(|line| wording::say(&line, act.language)));
    }
    if !hearing.have_read.is_empty() {
        lines.push(wording::say(
            &Line::AlsoRead(&names_of(deliberation, &hearing.have_read, act.language)),
            act.language,
        ));
    }
    lines
}

/// `#statut`, `#aide`, `#liste`, `#cherche`, `#voir`, `#aperçu`: answered by mail, changing nothing.
fn report(
    deliberation: &mut Deliberation<'_>,
    incoming: &Incoming<'_>,
    act: &Act<'_>,
    dossier: &Dossier,
    instructions: &Instructions,
    hearing: &Hearing,
) {
    let ticket = &dossier.ticket;
    let mut lines = Vec::new();
    let mut others = Vec::new();
    for command in &instructions.commands {
        match command {
            Command::Preview => lines.extend(preview(deliberation, act, dossier, instructions, hearing)),
            Command::Show(number) => match shown(deliberation, incoming, act, *number) {
                Ok(letter) => others.push(letter),
                Err(line) => lines.push(line),
            },
            command => {
                let answered = answer(deliberation, act, command);
                lines.extend(answered.unwrap_or_else(|| standing(deliberation, act, ticket)));
            }
        }
    }
    let shows_others_alone = lines.is_empty() && !others.is_empty();
    for letter in others {
        deliberation.send(letter);
    }
    if shows_others_alone {
        return;
    }
    let mut letter = letter_to_agent(deliberation, incoming, act, ticket, Purpose::Report);
    letter.facts.timeline = telling::timeline(deliberation, ticket, act.language);
    letter.facts.done = lines;
    deliberation.send(letter);
}

/// What would be sent: the rest of the mail is carried out on a copy that nobody writes down.
fn preview(
    deliberation: &Deliberation<'_>,
    act: &Act<'_>,
    dossier: &Dossier,
    instructions: &Instructions,
    hearing: &Hearing,
) -> Vec<String> {
    let mut rest = instructions.clone();
    rest.commands.retain(|command| !command.only_asks());
    let rest = directed(&rest, hearing);
    let number = dossier.ticket.number;
    let mut trial = Deliberation::new(deliberation.rules, deliberation.docket, deliberation.now, 0);
    let reasons = check::check(&trial, number, act, &rest);
    if !reasons.is_empty() {
        return reasons;
    }
    if goes_by_first_level(&trial, &dossier.ticket, act, &rest) {
        return vec![wording::say(&Line::InnerNotDirect, act.language), rest.text];
    }
    let done = carry_out::carry_out(&mut trial, &dossier.ticket, act, &rest);
    let decision = trial.end_without_mail();
    let leaves = decision.letters.iter().filter(|letter| letter.audience != Audience::Desk);
    let mut lines: Vec<String> = leaves
        .flat_map(|letter| {
            let to: Vec<String> = letter.to.iter().chain(&letter.cc).map(|m| m.address.to_string()).collect();
            [format!("→ {}", to.join(", ")), letter.words().unwrap_or_default().to_owned()]
        })
        .collect();
    if check::goes_to_all(&dossier.ticket, &rest) {
        lines.extend(done.lines);
    } else if !done.reached_requester {
        lines.extend(done.lines);
        lines.extend(why_inner(deliberation, act, hearing, &rest));
    }
    lines
}

/// `#ok`, `#libérer`: the mail that waits is carried out now, once, by its own author's word or a colleague's.
fn release<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'a>,
    author: Author<'_>,
    held: HeldMail<'a>,
    dossier: &'a Dossier,
) -> Decision {
    let number = dossier.ticket.number;
    let by = Actor { role: Role::Agent, contact: Some(author.contact.id) };
    deliberation.happened(number, by, Event::Released { ledger: Some(held.ledger) });
    let act = Act::on_ticket(&deliberation, incoming, author, dossier);
    enter_without_words(&mut deliberation, incoming, &act, number);
    let again = Incoming { ledger: held.ledger, mail: held.mail, held: None, ..*incoming };
    let instructions = Instructions { forced: true, ..read(&deliberation, held.mail, Some(number)) };
    on_ticket(deliberation, &again, author, dossier, &instructions, Doubts::Ignore)
}

/// `#annuler` to a letter about an answer that has left: its author is told who has it.
fn too_late<'a>(
    mut deliberation: Deliberation<'a>,
    incoming: &Incoming<'a>,
    author: Author<'_>,
    dossier: &'a Dossier,
    instructions: &Instructions,
) -> Decision {
    let ticket = &dossier.ticket;
    let act = Act::on_ticket(&deliberation, incoming, author, dossier);
    let Some(readers) = check::left_already(&deliberation, ticket, &act) else {
        return on_ticket(deliberation, incoming, author, dossier, instructions, Doubts::Hold);
    };
    enter_without_words(&mut deliberation, incoming, &act, ticket.number);
    let mut letter = letter_to_agent(&deliberation, incoming, &act, ticket, Purpose::Receipt);
    letter.facts.reasons = vec![wording::say(&Line::LeftAlready(&readers), act.language)];
    deliberation.send(letter);
    deliberation.end(Outcome::Ticket(ticket.number))
}

/// `#annuler`: nothing of it is ever sent.
fn withdraw(
    mut deliberation: Deliberation<'_>,
    incoming: &Incoming<'_>,
    author: Author<'_>,
    held: HeldMail<'_>,
    ticket: &Ticket,
) -> Decision {
    let act = Act::at(&deliberation, incoming, author, deliberation.desk_of(ticket));
    enter_without_words(&mut deliberation, incoming, &act, ticket.number);
    deliberation.happened(ticket.number, act.by, Event::Withdrawn { ledger: Some(held.ledger) });
    let mut letter = letter_to_agent(&deliberation, incoming, &act, ticket, Purpose::Receipt);
    letter.facts.done = vec![wording::say(&Line::Withdrawn, act.language)];
    letter.facts.not_sent_to_requester = true;
    deliberation.send(letter);
    let writer = held.mail.from.iter().map(|from| from.address.clone()).filter(|writer| !writer.is(author.address()));
    let name = act.name.clone().unwrap_or_default();
    deliberation.send_to_staff(&writer.collect::<Vec<_>>(), |deliberation, language| {
        let mut letter = deliberation.letter(ticket, Purpose::Notice, Audience::Desk, language);
        telling::staff_thread(deliberation, &mut letter);
        letter.facts.reasons = vec![wording::say(&Line::WithdrawnBy(&name), language)];
        letter.facts.text = Some(held.mail.body.reply_text.clone());
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        Some(letter)
    });
    deliberation.end(Outcome::Ticket(ticket.number))
}
