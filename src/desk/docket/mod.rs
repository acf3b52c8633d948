//! What the store knows that bears on the mails of one commit. The store loads it; decisions are applied to it, so
//! that the second mail of a commit sees what the first one did.

pub(super) mod absence;
pub(crate) mod case_mark;
pub(super) mod copies;
pub(super) mod disclosure;
pub(super) mod entering;
pub(super) mod keys;
pub(super) mod machine_mail;
pub(super) mod matching;
pub(super) mod subject;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::desk::{
    Absence, Audience, Contact, ContactId, Decision, Disclosure, Enclosure, Entry, EntryKind, Event, Incoming,
    LedgerId, Letter, Moved, Outcome, PersonId, Purpose, Reason, Ticket, TicketNumber, Trust, Weight,
};
use crate::known_fix::{Gist, Outcomes, Question};
use crate::mail::token::Keyring;
use crate::mail::{Address, MessageId};

/// The last ticket of each machine and key, apart by whether its reports are authenticated.
pub type MachineTickets = HashMap<(String, String, Trust), TicketNumber>;

/// The working set of one commit.
#[derive(Clone, Debug, Default)]
pub struct Docket {
    /// Everybody whom the mails and the tickets of the commit name.
    pub contacts: HashMap<ContactId, Contact>,
    /// Contact of an address, by `Address::key`.
    pub by_address: HashMap<String, ContactId>,
    /// Tickets that any key led to, and those opened in this commit.
    pub dossiers: HashMap<TicketNumber, Dossier>,
    /// Where cited Message-IDs stand.
    pub threads: HashMap<MessageId, Vec<ThreadHit>>,
    /// Where vendors' case numbers stand, by vendor and number.
    pub cases: HashMap<(String, String), Vec<TicketNumber>>,
    /// The last ticket of each machine and key that mails name.
    pub machine_tickets: MachineTickets,
    /// Mails that are accounted for, by Message-ID; copies of them are not.
    pub seen: HashMap<MessageId, Vec<Seen>>,
    /// Mails that are accounted for, by SHA-256 of the whole; copies of them are not.
    pub seen_raw: HashMap<[u8; 32], Vec<Seen>>,
    /// When letters that are counted ([`Purpose::is_counted`]) were made for a correspondent in the last hour, by
    /// `Address::correspondent_key`.
    pub counted_letters: HashMap<String, Vec<(Timestamp, Purpose)>>,
    /// When letters were made in the last hour for people whom a form names, by the form.
    pub form_letters: HashMap<String, Vec<Timestamp>>,
    /// When cases were opened in the last hour with vendors that rules hand requests to, by the vendor.
    pub cases_lately: HashMap<String, Vec<Timestamp>>,
    /// Answers that agents have given so far.
    pub answers_given: HashMap<ContactId, i64>,
    /// What requesters said of known fixes, by their ids; how often they were offered is not counted here.
    pub known_fixes: HashMap<String, Outcomes>,
    /// Open tickets, for `#liste`; empty unless a mail asks for it.
    pub worklist: Vec<Ticket>,
    /// What `#cherche` found, by its words; empty unless a mail asks for it.
    pub found: HashMap<String, FoundTickets>,
    /// What left for whom outside the desk, of tickets that `#voir` asks for.
    pub disclosures: HashMap<TicketNumber, Vec<Disclosure>>,
    /// Tickets that are at work, by who asked, newest first; of the requesters that were looked up, and no more than a
    /// letter shows.
    pub open_tickets: HashMap<ContactId, Vec<Ticket>>,
    /// Those of the people in question who have asked something before that was no spam.
    pub acquaintances: BTreeSet<PersonId>,
    /// What was asked in the last minutes, newest first; empty unless somebody may ask for something new.
    pub newcomers: Vec<Newcomer>,
    /// What was asked first on the tickets that hold others together, or might; empty as well.
    pub holders: Vec<Newcomer>,
    /// The numbers of these, and of those that do so since this commit.
    pub crowds: BTreeSet<TicketNumber>,
    /// Who is away or soon will be.
    pub absences: HashMap<ContactId, Absence>,
    /// The number that the next ticket gets.
    pub next_ticket: i64,
}

/// Tickets that a search found.
#[derive(Clone, Debug, Default)]
pub struct FoundTickets {
    /// The newest first, no more than a letter shows.
    pub tickets: Vec<Ticket>,
    /// There are more.
    pub more: bool,
}

/// A request that is at work, as others are compared with it.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Name of its desk.
    pub desk: String,
    /// Its subject.
    pub subject: String,
    /// The beginning of what was asked first, as far as it is looked at.
    pub text: String,
    /// The mass incident that it is part of.
    pub major: Option<TicketNumber>,
    /// What it is about; made when it is first compared.
    pub gist: OnceLock<Arc<Gist>>,
}

impl Newcomer {
    /// What it is about.
    pub fn gist(&self) -> &Gist {
        let make = || Gist::of(&Question { subject: &self.subject, text: &self.text, language: None });
        self.gist.get_or_init(|| Arc::new(make()))
    }
}

/// A mail that is accounted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// SHA-256 of the body behind the header; `None` where the program failed on it.
    pub body_sha256: Option<[u8; 32]>,
    /// Who seems to have written it.
    pub author: Option<ContactId>,
    /// What its decision stands on.
    pub weight: Weight,
    /// Where it ended.
    pub outcome: Outcome,
}

impl Seen {
    /// Whether `author` seems to have written it. A proven mail of nobody is from before authors were noted: it may be anybody's.
    pub fn is_by(&self, author: Option<ContactId>) -> bool {
        self.author == author || self.author.is_none() && self.weight == Weight::Proven
    }
}

/// A ticket whose thread holds a Message-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadHit {
    /// One of the tickets on whose thread it stands.
    pub ticket: TicketNumber,
}

/// A ticket with what letters about it need.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// As it stands, after the mails of this commit that are decided.
    pub ticket: Ticket,
    /// Letters numbered so far.
    pub letters: i64,
    /// When time alone next does something to it; as it was read, and as whoever sits knows by now.
    pub look_at: Option<Timestamp>,
    /// Its timeline's entries, oldest first. Not loaded in full for old tickets: what was asked first, whatever agents and
    /// vendors wrote, and the newest 50.
    pub entries: Vec<Entry>,
    /// Attachments of its mails, as `#pièces` numbers them; empty unless an agent's mail bears on it, or some are on their way to all.
    pub attachments: Vec<Enclosure>,
    /// Its letters, oldest first; the newest 50, and those that are answered.
    pub sent: Vec<LetterView>,
}

/// A letter as read back.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterView {
    /// Its number within the ticket.
    pub number: i64,
    /// When it was made.
    pub at: Timestamp,
    /// What it says, and the name of its template.
    pub purpose: Purpose,
    /// Who may read it.
    pub audience: Audience,
    /// What answers to it cite.
    pub message_id: MessageId,
    /// Everybody in its To and Cc.
    pub recipients: Vec<Address>,
    /// The mail that it speaks of.
    pub about: Option<LedgerId>,
    /// Version of the ticket that its reader saw.
    pub ticket_version: i64,
    /// What its reader reads: its plain text.
    pub text: Option<String>,
    /// What its list of attachments names, in order.
    pub listed: Vec<Enclosure>,
    /// Who would have read a plain reply to it when it left: the requester and the participants of then. `None` where no
    /// plain reply reaches them.
    pub readers: Option<Vec<ContactId>>,
}

impl Docket {
    /// Notes that a mail is accounted for, so that a copy of it in the same commit is known for one.
    pub fn take_in_mail(&mut self, incoming: &Incoming<'_>, decision: &Decision) {
        let Some(outcome) = decision.outcome.clone().filter(|o| *o != Outcome::Suppressed(Reason::Duplicate)) else {
            return;
        };
        let mail = incoming.mail;
        let author = mail.from.as_ref().and_then(|from| self.contact_at(&from.address)).map(|contact| contact.id);
        let (ledger, body_sha256) = (incoming.ledger, Some(mail.body_sha256));
        let seen = Seen { ledger, body_sha256, author, weight: decision.weight, outcome };
        if let Some(digest) = incoming.raw_sha256 {
            self.seen_raw.entry(digest).or_default().push(seen.clone());
        }
        if let Some(message_id) = &mail.message_id {
            self.seen.entry(message_id.clone()).or_default().push(seen);
        }
    }

    /// The contact of an address.
    pub fn contact_at(&self, address: &Address) -> Option<&Contact> {
        self.contacts.get(self.by_address.get(&address.key())?)
    }

    /// The contact with this id.
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.contacts.get(&id)
    }

    /// The ticket with this number.
    pub fn dossier(&self, ticket: TicketNumber) -> Option<&Dossier> {
        self.dossiers.get(&ticket)
    }

    /// Takes in what a decision changes, so that the next one sees it.
    pub fn apply(&mut self, decision: &Decision, keyring: &Keyring, now: Timestamp) {
        for ticket in &decision.opened {
            self.next_ticket = self.next_ticket.max(ticket.number.0 + 1);
            let dossier = Dossier::new(ticket.clone());
            self.dossiers.insert(ticket.number, dossier);
        }
        for (number, happened) in &decision.history {
            if let Some(dossier) = self.dossiers.get_mut(number) {
                dossier.ticket = dossier.ticket.clone().after(happened);
            }
            match &happened.event {
                Event::KnownFixConfirmed { fix } => self.known_fixes.entry(fix.clone()).or_default().solved += 1,
                Event::KnownFixRefused { fix } => self.known_fixes.entry(fix.clone()).or_default().refused += 1,
                Event::CaseNumberLearned { vendor, number: named, .. } => {
                    self.cases.entry((vendor.clone(), named.clone())).or_default().push(*number);
                }
                Event::AlikeFound { .. } | Event::AlikeProposed { .. } | Event::MadeMajor => {
                    self.crowds.insert(*number);
                }
                Event::MachineFailed { machine, key, trust } => {
                    self.machine_tickets.insert((machine.clone(), key.clone(), *trust), *number);
                }
                Event::CaseTakenOver { case, .. } => {
                    for mark in &case.marks {
                        self.cases.entry((case.vendor.clone(), mark.number.clone())).or_default().push(*number);
                    }
                }
                _ => {}
            }
        }
        for (number, title) in &decision.titles {
            if let Some(dossier) = self.dossiers.get_mut(number) {
                dossier.ticket.title = Some(title.clone());
            }
        }
        for entry in &decision.entries {
            if let Some(dossier) = self.dossiers.get_mut(&entry.ticket) {
                dossier.entries.push(entry.clone());
            }
        }
        decision.moved.iter().for_each(|moved| self.move_mail(moved));
        for (ticket, ledger) in &decision.verified {
            let entries = self.dossiers.get_mut(ticket).into_iter().flat_map(|dossier| &mut dossier.entries);
            entries.filter(|entry| entry.ledger == Some(*ledger)).for_each(|entry| entry.trust = Trust::Verified);
        }
        for letter in &decision.letters {
            self.take_in_letter(letter, keyring, now);
        }
        for (message_id, ticket) in &decision.threads {
            self.threads.entry(message_id.clone()).or_default().push(ThreadHit { ticket: *ticket });
        }
        for (contact, language) in &decision.languages {
            if let Some(contact) = self.contacts.get_mut(contact) {
                contact.language = Some(*language);
            }
        }
        for (contact, absence) in &decision.absences {
            match absence {
                Some(absence) => self.absences.insert(*contact, *absence),
                None => self.absences.remove(contact),
            };
        }
        for contact in &decision.deliverable {
            if let Some(contact) = self.contacts.get_mut(contact) {
                contact.deliverable = true;
            }
        }
        for contact in &decision.complained {
            if let Some(contact) = self.contacts.get_mut(contact) {
                contact.complained = true;
            }
        }
        for contact in &decision.undeliverable {
            if let Some(contact) = self.contacts.get_mut(contact) {
                contact.deliverable = false;
            }
        }
        self.take_in_newcomers(decision);
    }

    fn move_mail(&mut self, moved: &Moved) {
        let Some(from) = self.dossiers.get_mut(&moved.from) else { return };
        let is_it = |entry: &&mut Entry| entry.ledger == Some(moved.ledger) && entry.kind == EntryKind::Request;
        let entries: Vec<Entry> = from.entries.extract_if(.., |entry| is_it(&entry)).collect();
        let files: Vec<Enclosure> = from.attachments.extract_if(.., |file| file.ledger == moved.ledger).collect();
        if let Some(to) = self.dossiers.get_mut(&moved.to) {
            let as_its_own = |entry| Entry { ticket: moved.to, audience: Audience::Requester, ..entry };
            to.entries.extend(entries.into_iter().map(as_its_own));
            to.attachments.extend(files);
        }
        let hits = moved.message_id.as_ref().and_then(|id| self.threads.get_mut(id));
        for hit in hits.into_iter().flatten() {
            if hit.ticket == moved.from {
                hit.ticket = moved.to;
            }
        }
        for seen in self.seen.values_mut().chain(self.seen_raw.values_mut()).flatten() {
            if seen.ledger == moved.ledger {
                seen.outcome = Outcome::Ticket(moved.to);
            }
        }
    }

    /// What is asked in this commit is compared with what is asked next.
    fn take_in_newcomers(&mut self, decision: &Decision) {
        for (number, happened) in &decision.history {
            if let Event::JoinedCrowd { parent } = happened.event {
                let known = self.newcomers.iter_mut().filter(|one| one.ticket == *number);
                known.for_each(|one| one.major = Some(parent));
            }
        }
        for opened in &decision.opened {
            let Some(dossier) = self.dossiers.get(&opened.number) else { continue };
            let (ticket, Some(request)) = (&dossier.ticket, dossier.first_request()) else { continue };
            if !ticket.state.is_over() {
                let newcomer = Newcomer {
                    ticket: ticket.number,
                    desk: ticket.desk.clone(),
                    subject: ticket.subject.clone(),
                    text: request.text[..request.text.floor_char_boundary(Gist::BYTES)].to_owned(),
                    major: ticket.major,
                    gist: decision.gist.clone().map_or_else(OnceLock::new, OnceLock::from),
                };
                self.newcomers.insert(0, newcomer);
            }
        }
    }

    /// What is known of what these requests are about.
    pub fn compared(&self) -> impl Iterator<Item = &Newcomer> {
        self.newcomers.iter().chain(&self.holders)
    }

    /// What a letter of this commit says, now that it is written.
    pub fn take_in_text(&mut self, ticket: Option<TicketNumber>, number: i64, text: &str) {
        let sent = ticket.and_then(|ticket| self.dossiers.get_mut(&ticket)).into_iter().flat_map(|d| &mut d.sent);
        for letter in sent.filter(|letter| letter.number == number) {
            letter.text = Some(text.to_owned());
        }
    }

    fn take_in_letter(&mut self, letter: &Letter, keyring: &Keyring, now: Timestamp) {
        if letter.purpose.is_counted() {
            for mailbox in &letter.to {
                let correspondent = mailbox.address.correspondent_key();
                self.counted_letters.entry(correspondent).or_default().push((now, letter.purpose));
            }
        }
        if let (Purpose::Case, Audience::Vendor(vendor)) = (letter.purpose, &letter.audience) {
            self.cases_lately.entry(vendor.clone()).or_default().push(now);
        }
        if let Some(form) = &letter.form {
            self.form_letters.entry(form.clone()).or_default().push(now);
        }
        let Some(dossier) = letter.ticket.and_then(|ticket| self.dossiers.get_mut(&ticket)) else { return };
        dossier.letters = dossier.letters.max(letter.number);
        dossier.sent.push(LetterView {
            number: letter.number,
            at: now,
            purpose: letter.purpose,
            audience: letter.audience.clone(),
            message_id: letter.message_id(keyring),
            recipients: letter.to.iter().chain(&letter.cc).map(|mailbox| mailbox.address.clone()).collect(),
            about: letter.about,
            ticket_version: dossier.ticket.version,
            listed: letter.listed.clone(),
            text: letter.words().map(str::to_owned),
            readers: letter.readers.clone(),
        });
    }
}

impl Dossier {
    /// A ticket with nothing in it yet.
    pub fn new(ticket: Ticket) -> Dossier {
        Dossier { ticket, letters: 0, look_at: None, entries: Vec::new(), attachments: Vec::new(), sent: Vec::new() }
    }

    /// The letter with this number.
    pub fn letter(&self, number: i64) -> Option<&LetterView> {
        self.sent.iter().find(|letter| letter.number == number)
    }

    /// What was asked first.
    pub fn first_request(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == EntryKind::Request)
    }
}
