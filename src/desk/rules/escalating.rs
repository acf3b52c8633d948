//! What goes to another level by itself, as the operator's rules say: when it arrives, or when a promise is broken.

use crate::desk::audience::gate::{self, Breach, Leaving};
use crate::desk::command::check::requester_may_be_told;
use crate::desk::deliberation::Deliberation;
use crate::desk::incoming::Author;
use crate::desk::outgoing::telling::{self, News, tell_staff};
use crate::desk::outgoing::wording::{self, Line, Whom, Withheld};
use crate::desk::outgoing::{brakes, vendor_letter};
use crate::desk::policy::is_within;
use crate::desk::{
    Actor, Audience, ClockName, CopiedLevel, Dossier, Escalation, Event, FixFacts, Incoming, Level, Policy, Purpose,
    Team, Ticket, TicketNumber, Trust, Vendor,
};
use crate::mail::Address;
use crate::mail::fold::folded;

/// A request that has just opened a ticket.
pub(in crate::desk) struct Arrived<'n> {
    /// Its words.
    pub(in crate::desk) text: &'n str,
    pub(in crate::desk) trust: Trust,
    /// `None`: it came with no mail.
    pub(in crate::desk) by_mail: Option<ByMail<'n>>,
}

/// The mail that a request came in.
pub(in crate::desk) struct ByMail<'n> {
    pub(in crate::desk) incoming: &'n Incoming<'n>,
    pub(in crate::desk) author: Option<Author<'n>>,
    /// Known fixes that may help.
    pub(in crate::desk) fixes: &'n [FixFacts],
}

/// Does what the rules say of a ticket that arrives, and says what that was: to L1, which hears of the ticket once. Its
/// acknowledgement is all that the requester is told; whoever took the ticket already decides who works on it.
pub(in crate::desk) fn at_arrival<'a>(
    deliberation: &mut Deliberation<'a>,
    number: TicketNumber,
    arrived: &Arrived<'_>,
) -> Vec<Line<'a>> {
    let rules = deliberation.policy().escalations.iter().filter(|rule| rule.clock.is_none());
    follow(deliberation, number, rules, arrived.text, |deliberation, rule| {
        if deliberation.ticket(number).is_some_and(|ticket| ticket.agent.is_some()) {
            return None;
        }
        let request = Request { text: arrived.text, trust: arrived.trust, arrived: Some(arrived) };
        escalate(deliberation, number, rule, &request)
    })
}

/// Does what the rules say of a ticket at L1 for which a promise is broken, and says what that was.
pub(in crate::desk) fn by_clock<'a>(
    deliberation: &mut Deliberation<'a>,
    number: TicketNumber,
    clock: ClockName,
) -> Vec<Line<'a>> {
    if deliberation.ticket(number).is_none_or(|ticket| ticket.level != Level::L1 || ticket.state.is_over()) {
        return Vec::new();
    }
    let request = deliberation.dossier(number).and_then(Dossier::first_request);
    let text = request.map_or("", |entry| entry.text.as_str());
    let trust = request.map_or(Trust::Unverified, |entry| entry.trust);
    let rules = deliberation.policy().escalations.iter().filter(|rule| rule.clock == Some(clock));
    follow(deliberation, number, rules, text, |deliberation, rule| {
        let line = escalate(deliberation, number, rule, &Request { text, trust, arrived: None })?;
        if matches!(line, Line::EscalatedByRule(..)) {
            tell_requester_passed_on(deliberation, number);
        }
        Some(line)
    })
}

/// The rules in their order, each on what those before it made of the ticket; the first that escalates is the last.
fn follow<'a>(
    deliberation: &mut Deliberation<'a>,
    number: TicketNumber,
    rules: impl Iterator<Item = &'a Escalation>,
    text: &str,
    escalate: impl Fn(&mut Deliberation<'a>, &'a Escalation) -> Option<Line<'a>>,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut words = None;
    for rule in rules {
        let Some(ticket) = deliberation.ticket(number) else { break };
        let words = words.get_or_insert_with(|| words_of(ticket, text));
        let requester = ticket.requester.and_then(|id| deliberation.contact(id)).map(|contact| &contact.address);
        if !fits(rule, ticket, requester, words) {
            continue;
        }
        if let Some(priority) = rule.set_priority.filter(|priority| *priority != ticket.priority) {
            deliberation.happened(number, Actor::SYSTEM, Event::PriorityChanged { priority });
            lines.push(Line::PriorityByRule(&rule.name, priority.0));
        }
        let done = rule.level.and_then(|_| escalate(deliberation, rule));
        let is_last = matches!(done, Some(Line::EscalatedByRule(..)));
        lines.extend(done);
        if is_last {
            break;
        }
    }
    lines
}

/// The rules that hold for a request when it arrives, as [`at_arrival`] follows them.
pub(in crate::desk) fn holding<'a>(
    policy: &'a Policy,
    ticket: &Ticket,
    requester: Option<&Address>,
    text: &str,
) -> Vec<&'a Escalation> {
    let mut ticket = ticket.clone();
    let words = words_of(&ticket, text);
    let mut holding: Vec<&Escalation> = Vec::new();
    for rule in policy.escalations.iter().filter(|rule| rule.clock.is_none()) {
        if holding.last().is_some_and(|last| last.level.is_some()) {
            break;
        }
        if fits(rule, &ticket, requester, &words) {
            ticket.priority = rule.set_priority.unwrap_or(ticket.priority);
            holding.push(rule);
        }
    }
    holding
}

/// What a ticket is about, as it is compared.
fn words_of(ticket: &Ticket, text: &str) -> String {
    comparable(&format!("{} \n {text}", ticket.subject))
}

/// Whether all that a rule names holds.
fn fits(rule: &Escalation, ticket: &Ticket, requester: Option<&Address>, words: &str) -> bool {
    (rule.words.is_empty() || rule.words.iter().any(|word| stands_in(&comparable(word), words)))
        && (rule.senders.is_empty()
            || requester.is_some_and(|address| rule.senders.iter().any(|own| is_at(address, own))))
        && holds(rule.to_address.as_ref(), |own| ticket.address.as_ref().is_some_and(|address| address.is(own)))
        && holds(rule.service.as_ref(), |own| ticket.service.as_ref().is_some_and(|known| folded(known) == folded(own)))
        && holds(rule.organisation.as_ref(), |own| ticket.organisation.as_ref() == Some(own))
        && holds(rule.priority.as_ref(), |own| ticket.priority <= *own)
}

fn holds<T>(named: Option<&T>, is_so: impl Fn(&T) -> bool) -> bool {
    named.is_none_or(is_so)
}

fn is_at(address: &Address, sender: &str) -> bool {
    sender.parse::<Address>().map_or_else(|_| is_within(address.domain(), sender), |own| own.is(address))
}

/// Words as they are compared: folded, one blank between them.
fn comparable(text: &str) -> String {
    folded(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether words stand in a text as whole words.
fn stands_in(words: &str, text: &str) -> bool {
    let is_end = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    let mut places = text.match_indices(words);
    places.any(|(at, _)| is_end(text[..at].chars().next_back()) && is_end(text[at + words.len()..].chars().next()))
}

/// What is handed on.
struct Request<'r, 'n> {
    text: &'r str,
    trust: Trust,
    /// The ticket has just been opened: nothing of it is on record yet.
    arrived: Option<&'r Arrived<'n>>,
}

/// Functional escalation by the program.
fn escalate<'a>(
    deliberation: &mut Deliberation<'a>,
    number: TicketNumber,
    rule: &'a Escalation,
    request: &Request<'_, '_>,
) -> Option<Line<'a>> {
    let ticket = deliberation.ticket(number)?.clone();
    match rule.level? {
        Level::L3 => {
            let vendor = deliberation.vendor_named(&ticket, rule.vendor.as_deref())?;
            match withheld(deliberation, vendor, &ticket, request) {
                Some(why) => {
                    if why == Withheld::Brake {
                        let tripped = Event::BrakeTripped { brake: brakes::VENDOR.to_owned() };
                        deliberation.happened(number, Actor::SYSTEM, tripped);
                    }
                    Some(Line::NotHandedOver(&rule.name, &vendor.name, why))
                }
                None => {
                    to_vendor(deliberation, &ticket, rule, vendor, request.text);
                    Some(Line::EscalatedByRule(&rule.name, Whom::Vendor(&vendor.name)))
                }
            }
        }
        level => {
            to_level(deliberation, &ticket, rule, level, request);
            Some(Line::EscalatedByRule(&rule.name, Whom::Level(level)))
        }
    }
}

fn to_level(
    deliberation: &mut Deliberation<'_>,
    ticket: &Ticket,
    rule: &Escalation,
    level: Level,
    request: &Request<'_, '_>,
) {
    let number = ticket.number;
    let escalated =
        Event::Escalated { from: ticket.level, to: level, vendor: None, by: None, rule: Some(rule.name.clone()) };
    deliberation.happened(number, Actor::SYSTEM, escalated);
    if deliberation.policy().team(&ticket.desk, level).is_some_and(Team::is_copied) {
        deliberation.happened(number, Actor::SYSTEM, Event::LevelCopied { level: CopiedLevel::Team(level) });
    }
    let ticket = deliberation.as_it_stands(ticket);
    let staff = deliberation.staff_at(&ticket.desk, level);
    let by_rule = [Line::EscalatedByRule(&rule.name, Whom::Level(level))];
    match request.arrived.and_then(|arrived| arrived.by_mail.as_ref()) {
        Some(ByMail { incoming, author, fixes }) => {
            let news = News { purpose: Purpose::Escalated, author: *author, lines: &by_rule, fixes: fixes.to_vec() };
            tell_staff(deliberation, incoming, &staff, &ticket, &news);
        }
        None => tell_team(deliberation, &staff, &ticket, request, &by_rule),
    }
}

fn tell_team(
    deliberation: &mut Deliberation<'_>,
    staff: &[Address],
    ticket: &Ticket,
    request: &Request<'_, '_>,
    lines: &[Line<'_>],
) {
    let attachments = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.attachments);
    deliberation.send_to_staff(staff, |deliberation, language| {
        let mut letter = deliberation.letter(ticket, Purpose::Escalated, Audience::Desk, language);
        telling::staff_thread(deliberation, &mut letter);
        telling::show_request(deliberation, &mut letter, ticket, attachments);
        if request.arrived.is_some() {
            letter.facts.author = letter.facts.requester_name.clone();
            letter.facts.text = Some(request.text.to_owned());
        }
        letter.facts.reasons = lines.iter().map(|line| wording::say(line, language)).collect();
        letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
        Some(letter)
    });
}

/// Why a request goes to no vendor unasked; `None`: it may. A human may look, and send it.
fn withheld(
    deliberation: &Deliberation<'_>,
    vendor: &Vendor,
    ticket: &Ticket,
    request: &Request<'_, '_>,
) -> Option<Withheld> {
    let by_mail = request.arrived.and_then(|arrived| arrived.by_mail.as_ref());
    if request.trust != Trust::Verified {
        return Some(Withheld::Unproven);
    }
    if by_mail.is_some_and(|by_mail| by_mail.incoming.mail.writer.looks_automatic()) {
        return Some(Withheld::Automatic);
    }
    if brakes::holds_vendor(deliberation, &vendor.name) {
        return Some(Withheld::Brake);
    }
    let to = Audience::Vendor(vendor.name.clone());
    let parts = deliberation.parts(ticket.number);
    let leaving = Leaving { to: &to, text: request.text, named: None, to_all: false, by: None };
    let breaches = gate::breaches(&parts, deliberation.rules.library, &leaving);
    breaches.first().map(|breach| match breach {
        Breach::Secret(_) => Withheld::Secret,
        Breach::OthersLetter | Breach::OthersWords(_) => Withheld::OthersWords,
    })
}

/// The request is the brief.
fn to_vendor(deliberation: &mut Deliberation<'_>, ticket: &Ticket, rule: &Escalation, vendor: &Vendor, brief: &str) {
    let number = ticket.number;
    let escalated = Event::Escalated {
        from: ticket.level,
        to: Level::L3,
        vendor: Some(vendor.name.clone()),
        by: None,
        rule: Some(rule.name.clone()),
    };
    deliberation.happened(number, Actor::SYSTEM, escalated);
    if vendor.is_copied() {
        let level = CopiedLevel::Vendor(vendor.name.clone());
        deliberation.happened(number, Actor::SYSTEM, Event::LevelCopied { level });
    }
    let ticket = deliberation.as_it_stands(ticket);
    let letter = vendor_letter::case(deliberation, &ticket, vendor, brief, Vec::new());
    vendor_letter::send(deliberation, number, Actor::SYSTEM, vendor, letter);
}

/// Specialists work on it: an automatic letter, so brakes hold it.
fn tell_requester_passed_on(deliberation: &mut Deliberation<'_>, number: TicketNumber) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    if !requester_may_be_told(deliberation, &ticket) {
        return;
    }
    let Some(mut letter) = telling::letter_to_requester(deliberation, &ticket, Purpose::PassedOn) else { return };
    letter.cc = telling::copied_levels(deliberation, &ticket);
    let may_go = |address: &Address| brakes::tripped(deliberation, address, number, Purpose::PassedOn).is_none();
    if letter.to.first().is_some_and(|to| may_go(&to.address)) {
        deliberation.send(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_a_text_as_whole_words_whatever_their_case_and_accents() {
        let text = comparable("Accès à la PAIE\nL'écran d’été, feuille\n de   temps n° 3.");
        for (words, stand) in [
            ("paie", true),
            ("Été", true),
            ("ecran", true),
            ("feuille de temps", true),
            ("accès à", true),
            ("pai", false),
            ("crans", false),
            ("temps 3", false),
            ("n° 3", true),
        ] {
            assert_eq!(stands_in(&comparable(words), &text), stand, "{words}");
        }
    }
}
