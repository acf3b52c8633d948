//! What to look up before something can be decided.

use std::collections::BTreeSet;

use crate::desk::audience::pseudonyms::signed_names;
use crate::desk::deliberation::Rules;
use crate::desk::docket::case_mark;
use crate::desk::docket::machine_mail::{self, Report};
use crate::desk::docket::matching::{cited, references, reported, verified};
use crate::desk::{
    Arrival, Command, Incoming, Instructions, Level, Major, Names, NewWords, Occasion, Policy, RoutineDue, Slip,
    TicketNumber, Wanted,
};
use crate::mail::{Address, Authentication, Mailbox, MessageId};

/// What to look up for a set of mails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Tickets that tokens or references name.
    pub tickets: BTreeSet<TicketNumber>,
    /// Letters that tokens name, by ticket and number.
    pub letters: BTreeSet<(TicketNumber, i64)>,
    /// Message-IDs that mails cite or bear.
    pub message_ids: BTreeSet<MessageId>,
    /// SHA-256 of whole mails.
    pub raw_digests: BTreeSet<[u8; 32]>,
    /// Case numbers that vendors' mails may name, with the vendor.
    pub case_numbers: BTreeSet<(String, String)>,
    /// What machines' mails report about, with the machine.
    pub machine_keys: BTreeSet<(String, String)>,
    /// Addresses whose contact is needed; missing ones are made.
    pub contacts: Vec<Sighting>,
    /// Addresses that a request may be from (`Address::key`), whose other open tickets are told to the desk.
    pub requesters: BTreeSet<String>,
    /// Mass incidents of which those children are needed that something is next to be done with.
    pub crowds: BTreeSet<TicketNumber>,
    /// Addresses (`Address::key`) of which it counts whether their people have asked anything before.
    pub strangers: BTreeSet<String>,
    /// Whether somebody may ask for something new: it may be about what others asked just now.
    pub newcomers: bool,
    /// Addresses of ours (`Address::key`) whose open tickets may go back to the team.
    pub owners: BTreeSet<String>,
    /// Those of them whose mail only adds to one of a moment ago.
    pub continuing: BTreeSet<String>,
    /// Addresses whose letters of the last hour are counted (`Address::correspondent_key`).
    pub correspondents: BTreeSet<String>,
    /// Forms whose recent letters are counted.
    pub forms: BTreeSet<String>,
    /// Vendors whose recent cases are counted.
    pub vendors: BTreeSet<String>,
}

/// An address that a mail bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// As the mail writes it.
    pub address: Address,
    /// The name beside it.
    pub name: Option<String>,
    /// Whether somebody authenticated vouches for the name: it is the contact's from then on.
    pub verified: bool,
}

impl Sighting {
    /// An address without a name.
    pub fn nameless(address: &Address) -> Sighting {
        Sighting { address: address.clone(), name: None, verified: false }
    }

    /// An address with the name beside it.
    pub fn of(mailbox: &Mailbox, verified: bool) -> Sighting {
        Sighting { address: mailbox.address.clone(), name: mailbox.name.clone(), verified }
    }
}

/// What to look up before the desk can [decide](super::super::decide) about an occasion.
pub fn keys(rules: Rules<'_>, occasion: &Occasion<'_>) -> Keys {
    match occasion {
        Occasion::Mail(incoming) => of_mail(rules, incoming),
        Occasion::Order(order) => {
            let mut keys = of_command(order.instructions);
            keys.tickets.insert(order.ticket);
            keys.contacts.extend(order.agent.map(Sighting::nameless));
            keys
        }
        Occasion::Call(call) => Keys {
            contacts: vec![Sighting::nameless(call.requester)],
            requesters: [call.requester.key()].into(),
            vendors: vendors_by_rule(rules.policy),
            correspondents: [call.requester.correspondent_key()].into(),
            ..Keys::default()
        },
        Occasion::Refused(letter) => of_letter(Some(letter.ticket), letter.recipient),
        Occasion::Lightened(letter) => of_letter(letter.ticket, letter.recipient),
        Occasion::Due(tickets) => Keys {
            tickets: tickets.iter().copied().collect(),
            crowds: tickets.iter().copied().collect(),
            vendors: vendors_by_rule(rules.policy),
            correspondents: rules.policy.staff().map(Address::correspondent_key).collect(),
            ..Keys::default()
        },
        Occasion::AbsenceBegins(away) => of_absence(rules.policy, away),
        Occasion::Routine(RoutineDue::Worklist { .. } | RoutineDue::WeeklyReport { .. }) => {
            let members = rules.policy.teams.iter().flat_map(|team| &team.members);
            Keys { contacts: rules.policy.staff().chain(members).map(Sighting::nameless).collect(), ..Keys::default() }
        }
        Occasion::Routine(
            RoutineDue::Quarantine { mails } | RoutineDue::QuarantineAlarm { mails } | RoutineDue::Junk { mails, .. },
        ) => {
            let mut keys = Keys::default();
            for mail in mails.iter().filter_map(|waits| waits.mail) {
                let named = verified(mail, rules.keyring).filter(|token| token.ticket > 0);
                keys.tickets.extend(named.map(|token| TicketNumber(token.ticket)).chain(references(mail)));
                keys.message_ids.extend(cited(mail).cloned());
            }
            keys
        }
        Occasion::Unreadable(_) => {
            Keys { correspondents: rules.policy.staff().map(Address::correspondent_key).collect(), ..Keys::default() }
        }
    }
}

fn of_mail(rules: Rules<'_>, incoming: &Incoming<'_>) -> Keys {
    let (policy, keyring, mail) = (rules.policy, rules.keyring, incoming.mail);
    // A colleague vouches for what a mail says, and not for the name that it gives.
    let is_proven = incoming.arrival != Arrival::Released && incoming.proof.authentication() == Authentication::Passed;
    let verified_author = is_proven && mail.from_is_sound;
    let mut keys = Keys::default();
    if let Some(Report { machine, key: Some(key), .. }) = machine_mail::report(policy, mail) {
        keys.machine_keys.insert((machine.name.clone(), key));
    }
    keys.forms.extend(incoming.proof.form().map(str::to_owned));
    keys.raw_digests.extend(incoming.raw_sha256);
    let reported = reported(mail).filter(|token| keyring.verify(token));
    for token in verified(mail, keyring).chain(reported).filter(|token| token.ticket > 0) {
        keys.tickets.insert(TicketNumber(token.ticket));
        keys.letters.insert((TicketNumber(token.ticket), token.letter));
    }
    keys.tickets.extend(references(mail));
    keys.message_ids.extend(cited(mail).cloned());
    keys.message_ids.extend(mail.message_id.clone());
    if let Some(author) = &mail.from {
        keys.contacts.push(Sighting::of(author, verified_author));
        if verified_author {
            // Names that somebody signs with are no display names; they are kept so that no vendor ever reads them.
            let signed = signed_names(&mail.body.unquoted_text).into_iter();
            keys.contacts
                .extend(signed.map(|name| Sighting { name: Some(name), ..Sighting::nameless(&author.address) }));
        }
        keys.correspondents.insert(author.address.correspondent_key());
        if incoming.arrival == Arrival::Junk {
            keys.strangers.insert(author.address.key());
        }
        if !policy.is_staff(&author.address) {
            keys.requesters.insert(author.address.key());
            keys.newcomers = true;
            keys.vendors = vendors_by_rule(policy);
            if verified_author && mail.addition().is_some() {
                keys.continuing.insert(author.address.key());
            }
        }
        keys.correspondents.extend(policy.staff().map(Address::correspondent_key));
        if policy.is_staff(&author.address) {
            let words = NewWords { text: &mail.body.reply_text, ..NewWords::default() };
            let said = Instructions::read(&words, &Names::of(policy));
            keys.merge(of_command(&said));
            if mail.writer.is_robot() || may_leave(&said) {
                keys.merge(of_absence(policy, &author.address));
            }
        }
        for vendor in policy.vendors_at(&author.address) {
            let marks = case_mark::find(mail, vendor);
            keys.case_numbers.extend(marks.into_iter().map(|mark| (vendor.name.clone(), mark.number)));
        }
    }
    let others = mail.to.iter().chain(&mail.cc).take(50);
    keys.contacts.extend(others.filter(|address| policy.desk_at(address).is_none()).map(Sighting::nameless));
    // Names beside addresses are what a vendor must not read, whoever wrote them there.
    let named = mail.named.iter().take(50).filter(|mailbox| policy.desk_at(&mailbox.address).is_none());
    keys.contacts.extend(named.map(|mailbox| Sighting::of(mailbox, false)));
    if let Some(original) = mail.body.forwarded.as_ref().and_then(|forwarded| forwarded.from.as_ref()) {
        // An agent vouches for whom they write down as the requester.
        let by_agent = mail.from.as_ref().is_some_and(|author| policy.is_staff(&author.address));
        keys.contacts.push(Sighting::of(original, verified_author && by_agent));
        keys.requesters.insert(original.address.key());
        keys.correspondents.insert(original.address.correspondent_key());
    }
    keys
}

/// The vendors that a rule may hand a request to: any, where one hands to a vendor.
fn vendors_by_rule(policy: &Policy) -> BTreeSet<String> {
    let hands_over = policy.escalations.iter().any(|rule| rule.level == Some(Level::L3));
    policy.vendors.iter().filter(|_| hands_over).map(|vendor| vendor.name.clone()).collect()
}

/// Whether an agent's mail may say that they are away, or let go a held one that does. What day it is is not known yet.
fn may_leave(said: &Instructions) -> bool {
    let of_absence = |slip: &Slip| matches!(slip, Slip::BadArgument(bad) if bad.wanted == Wanted::Absence);
    let command = |one: &Command| matches!(one, Command::Absent { .. }) || one.is_about_held_mail();
    said.commands.iter().any(command) || said.slips.iter().any(of_absence)
}

/// Somebody's tickets go back to those who are there.
fn of_absence(policy: &Policy, away: &Address) -> Keys {
    let everybody = policy.staff().chain(policy.teams.iter().flat_map(|team| &team.members));
    Keys { owners: [away.key()].into(), contacts: everybody.map(Sighting::nameless).collect(), ..Keys::default() }
}

fn of_command(instructions: &Instructions) -> Keys {
    let mut keys = Keys::default();
    for command in &instructions.commands {
        match command {
            Command::Assign(address) | Command::Consult(address) => {
                keys.contacts.push(Sighting::nameless(address));
            }
            Command::Requester(address) => {
                keys.contacts.push(Sighting::nameless(address));
                keys.requesters.insert(address.key());
                keys.correspondents.insert(address.correspondent_key());
            }
            Command::Cc { add, remove } => {
                keys.contacts.extend(add.iter().chain(remove).map(Sighting::nameless));
            }
            Command::Merge(ticket)
            | Command::Link(ticket)
            | Command::Show(ticket)
            | Command::Major(Major::ChildOf(ticket) | Major::Without(ticket)) => {
                keys.tickets.insert(*ticket);
            }
            _ => {}
        }
    }
    keys
}

fn of_letter(ticket: Option<TicketNumber>, recipient: &Address) -> Keys {
    Keys { tickets: ticket.into_iter().collect(), contacts: vec![Sighting::nameless(recipient)], ..Keys::default() }
}

impl Keys {
    /// Looks up both.
    pub fn merge(&mut self, other: Keys) {
        self.tickets.extend(other.tickets);
        self.letters.extend(other.letters);
        self.message_ids.extend(other.message_ids);
        self.raw_digests.extend(other.raw_digests);
        self.case_numbers.extend(other.case_numbers);
        self.machine_keys.extend(other.machine_keys);
        self.contacts.extend(other.contacts);
        self.requesters.extend(other.requesters);
        self.crowds.extend(other.crowds);
        self.strangers.extend(other.strangers);
        self.newcomers |= other.newcomers;
        self.owners.extend(other.owners);
        self.continuing.extend(other.continuing);
        self.correspondents.extend(other.correspondents);
        self.forms.extend(other.forms);
        self.vendors.extend(other.vendors);
    }
}
