//! What would become of a mail if it asked for something new: the desk's own decision, with nothing on record before it.

use jiff::Timestamp;

use crate::desk::rules::{escalating, opening};
use crate::desk::{
    Arrival, Clock, Contact, ContactId, Docket, Escalation, Event, Happened, Incoming, LedgerId, Occasion,
    Organisation, PersonId, Policy, Proof, Rules, Sighting, Ticket, decide, keys, targets,
};
use crate::known_fix::Library;
use crate::mail::InboundMail;
use crate::mail::token::{Key, Keyring};

/// A ticket that a mail would open.
#[derive(Clone, Debug)]
pub struct Foreseen<'a> {
    /// As it would stand.
    pub ticket: Ticket,
    /// Whom its requester belongs to.
    pub organisation: Option<&'a Organisation>,
    /// What would run of what is promised, and when each clock is due; `None` while it does not run.
    pub clocks: Vec<(Clock, Option<Timestamp>)>,
    /// The `[[escalation]]` rules that hold at arrival, in their order; the first that names a level is the last.
    pub rules: Vec<&'a Escalation>,
}

/// The ticket that a mail would open, came it at that instant and were it new; `None` where it would open none: it is held,
/// recorded alone, or somebody's word on another ticket.
pub fn foresee<'a>(policy: &'a Policy, mail: &InboundMail, proof: &Proof, at: Timestamp) -> Option<Foreseen<'a>> {
    let keyring = Keyring::new(Key { id: 0, secret: Vec::new() }, Vec::new());
    let library = Library::default();
    let rules = Rules { policy, keyring: &keyring, library: &library };
    let incoming =
        Incoming { ledger: LedgerId(0), mail, raw_sha256: None, proof, arrival: Arrival::Ordinary, held: None };
    let occasion = Occasion::Mail(incoming);
    let docket = docket_of(&keys(rules, &occasion).contacts);
    let decision = decide(rules, &docket, &occasion, at);
    let begun = decision.opened.first()?;
    let history: Vec<&Happened> =
        decision.history.iter().filter(|(number, _)| *number == begun.number).map(|(_, happened)| happened).collect();
    let ticket = after(begun, &history);
    if ticket.state.is_over() {
        return None;
    }
    let by_rules = history.iter().position(|happened| is_by_rule(happened)).unwrap_or(history.len());
    let asked = after(begun, &history[..by_rules]);
    let requester = asked.requester.and_then(|id| docket.contact(id)).map(|contact| &contact.address);
    let is_authors = mail.from.as_ref().is_some_and(|from| requester.is_some_and(|address| address.is(&from.address)));
    let entered = decision.entries.iter().find(|entry| entry.ticket == begun.number);
    let words = entered.filter(|_| !is_authors).map_or(opening::words(mail), |entry| &entry.text);
    let is_asked = asked.machine_keys.is_empty();
    let rules = is_asked.then(|| escalating::holding(policy, &asked, requester, words));
    Some(Foreseen {
        organisation: ticket.organisation.as_deref().and_then(|name| policy.organisation(name)),
        clocks: targets::due(policy, &ticket, at),
        rules: rules.unwrap_or_default(),
        ticket,
    })
}

fn after(begun: &Ticket, history: &[&Happened]) -> Ticket {
    history.iter().fold(begun.clone(), |ticket, happened| ticket.after(happened))
}

fn is_by_rule(happened: &Happened) -> bool {
    matches!(happened.event, Event::PriorityChanged { .. } | Event::Escalated { .. })
}

/// Nothing is on record but who is named.
fn docket_of(sightings: &[Sighting]) -> Docket {
    let mut docket = Docket { next_ticket: 1, ..Docket::default() };
    for (number, sighting) in (1..).zip(sightings) {
        let id = ContactId(number);
        docket.by_address.insert(sighting.address.key(), id);
        let contact = Contact {
            id,
            person: PersonId(number),
            address: sighting.address.clone(),
            name: sighting.name.clone().filter(|_| sighting.verified),
            names: sighting.name.iter().cloned().collect(),
            language: None,
            deliverable: true,
            complained: false,
        };
        docket.contacts.insert(id, contact);
    }
    docket
}
