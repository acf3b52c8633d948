//! What fell due, gathered by who is told: one letter a person.

use jiff::{SignedDuration, Timestamp};

use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::telling;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::{Audience, DueFacts, Facts, Manager, Priority, Purpose, TicketNumber};
use crate::mail::{Address, Language, Mailbox};

/// Whoever was told of clocks is told of the next ones after that, of all together.
const GATHERED: SignedDuration = SignedDuration::from_mins(15);

/// Letters in the making.
#[derive(Debug, Default)]
pub(super) struct Told(Vec<ToOne>);

/// What one person is told.
#[derive(Debug)]
struct ToOne {
    purpose: Purpose,
    to: Mailbox,
    language: Language,
    tickets: Vec<(TicketNumber, Vec<String>)>,
}

/// Until when what falls due on a ticket is gathered, because whoever hears of it was told of others just now;
/// the highest priority waits for nothing.
pub(super) fn not_before(deliberation: &Deliberation<'_>, number: TicketNumber) -> Option<Timestamp> {
    let ticket = deliberation.ticket(number).filter(|ticket| ticket.priority != Priority::HIGHEST)?;
    let letters = &deliberation.docket.counted_letters;
    let staff = deliberation.staff_for(ticket);
    let sent = staff.iter().filter_map(|address| letters.get(&address.correspondent_key())).flatten();
    let last = sent.filter(|(_, purpose)| *purpose == Purpose::Clocks).map(|(at, _)| *at).max()?;
    last.checked_add(GATHERED).ok().filter(|until| last <= deliberation.now && *until > deliberation.now)
}

impl Told {
    /// Agents and teams are told of a ticket.
    pub(super) fn staff(
        &mut self,
        deliberation: &Deliberation<'_>,
        staff: &[Address],
        number: TicketNumber,
        line: &Line<'_>,
    ) {
        for address in staff.iter().filter(|address| deliberation.policy().is_staff(address)) {
            let language = deliberation.staff_language(address, deliberation.policy().desks.first());
            self.add(Purpose::Clocks, deliberation.staff_mailbox(address), language, number, line);
        }
    }

    /// A manager is told of a ticket.
    pub(super) fn manager(
        &mut self,
        deliberation: &Deliberation<'_>,
        manager: &Manager,
        number: TicketNumber,
        line: &Line<'_>,
    ) {
        let language = manager.language.unwrap_or(*deliberation.policy().desks.first().languages.first());
        let to = Mailbox { name: Some(manager.name.clone()), address: manager.address.clone() };
        self.add(Purpose::HierarchicalEscalation, to, language, number, line);
    }

    /// Whoever is on call is told of a ticket.
    pub(super) fn on_call(
        &mut self,
        deliberation: &Deliberation<'_>,
        address: &Address,
        number: TicketNumber,
        line: &Line<'_>,
    ) {
        let language = deliberation.staff_language(address, deliberation.policy().desks.first());
        self.add(Purpose::OnCall, deliberation.staff_mailbox(address), language, number, line);
    }

    fn add(&mut self, purpose: Purpose, to: Mailbox, language: Language, number: TicketNumber, line: &Line<'_>) {
        let is_theirs = |one: &ToOne| one.purpose == purpose && one.to.address.is(&to.address);
        let at = self.0.iter().position(is_theirs).unwrap_or_else(|| {
            self.0.push(ToOne { purpose, to, language, tickets: Vec::new() });
            self.0.len() - 1
        });
        let one = &mut self.0[at];
        let sentence = wording::say(line, one.language);
        match one.tickets.iter_mut().find(|(known, _)| *known == number) {
            Some((_, sentences)) => sentences.push(sentence),
            None => one.tickets.push((number, vec![sentence])),
        }
    }

    /// Sends all of it. A letter about several tickets hangs on the first.
    pub(super) fn send(self, deliberation: &mut Deliberation<'_>) {
        for ToOne { purpose, to, language, tickets } in self.0 {
            let Some(first) = tickets.first().and_then(|(number, _)| deliberation.ticket(*number)).cloned() else {
                continue;
            };
            let mut letter = deliberation.letter(&first, purpose, Audience::Desk, language);
            if tickets.len() > 1 {
                letter.subject = wording::tickets_due(tickets.len(), language);
            } else {
                telling::staff_thread(deliberation, &mut letter);
            }
            let due = tickets.into_iter();
            let due = due.filter_map(|(number, sentences)| due_facts(deliberation, number, sentences, language));
            letter.facts = Facts {
                reference: letter.facts.reference,
                subject: letter.subject.clone(),
                due: due.collect(),
                ..Facts::default()
            };
            letter.to = vec![to];
            deliberation.send(letter);
        }
    }
}

fn due_facts(
    deliberation: &Deliberation<'_>,
    number: TicketNumber,
    sentences: Vec<String>,
    language: Language,
) -> Option<DueFacts> {
    let ticket = deliberation.ticket(number)?;
    let owner = ticket.agent.and_then(|id| deliberation.contact(id));
    Some(DueFacts {
        reference: number.to_string(),
        subject: ticket.subject.clone(),
        priority: ticket.priority.0,
        level: wording::level(ticket.level, language).to_owned(),
        standing: wording::state(deliberation.standing(ticket), language),
        owner: owner.map(|contact| deliberation.staff_name(&contact.address, language)),
        organisation: deliberation.organisation_name(ticket),
        sentences,
    })
}
