//! An agent's commands: all are checked before any is carried out.

use super::check::{attachments, last_vendor_text, requester_is_reachable, vendor_named};
use super::command::WaitFor;
use super::decide::Incoming;
use super::deliberation::Deliberation;
use super::telling;
use super::wording::{self, Line};
use super::{
    Actor, Audience, Command, CopiedLevel, Drafted, Entry, EntryKind, EntryView, EscalationBy, Event, Instructions,
    Letter, Level, PendingReason, Priority, Purpose, Role, Ticket, TicketNumber, TimelineFacts, Trust, brakes,
    enclosures, lesson, offer, vendor_letter,
};
use crate::desk::{AfterAnswer, Enclosure};
use crate::mail::{Address, Attachment, Language, Mailbox};

/// Who commands, by what.
#[derive(Clone, Debug)]
pub(super) struct Act<'a> {
    pub(super) by: Actor,
    pub(super) address: Option<Address>,
    /// What requesters and colleagues read.
    pub(super) name: Option<String>,
    /// `None` on the command line.
    pub(super) incoming: Option<&'a Incoming<'a>>,
    /// Of receipts and refusals.
    pub(super) language: Language,
}

/// What was done, for the receipt.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub(super) lines: Vec<String>,
    pub(super) recipients: Vec<String>,
    pub(super) sent_to_requester: bool,
    pub(super) plain_answer_delivered: bool,
    /// Something of the mail did not leave: no answer is plain then.
    pub(super) withheld: bool,
}

/// Carries out what [`check`] found nothing wrong with.
pub(super) fn carry_out(
    deliberation: &mut Deliberation<'_>,
    number: TicketNumber,
    act: &Act<'_>,
    instructions: &Instructions,
) -> Done {
    let mut work =
        Work { deliberation, number, act, text: &instructions.text, named: Vec::new(), done: Done::default() };
    work.named = work.named_attachments(instructions);
    work.file(instructions);
    for command in &instructions.commands {
        work.one(command);
    }
    work.done.plain_answer_delivered = instructions.plain
        && instructions.commands == [Command::Reply]
        && work.done.sent_to_requester
        && !work.done.withheld;
    work.done
}

/// The entries of a ticket as a letter to the desk shows them, newest first.
pub(super) fn timeline(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Vec<TimelineFacts> {
    let Some(dossier) = deliberation.dossier(ticket.number) else { return Vec::new() };
    let zone = jiff::tz::TimeZone::get(&deliberation.desk_of(ticket).time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let shown = dossier.entries.iter().rev().filter(|entry| !matches!(entry.kind, EntryKind::Auto | EntryKind::Bounce));
    shown
        .take(20)
        .map(|entry| TimelineFacts {
            at: entry.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
            who: entry.author.and_then(|id| deliberation.contact(id)).map_or_else(
                || entry.author_role.word().to_owned(),
                |contact| match entry.author_role {
                    Role::Agent => deliberation.staff_name(&contact.address),
                    _ => contact.display().to_owned(),
                },
            ),
            audience: entry.audience.word().to_owned(),
            text: entry.text.clone(),
        })
        .collect()
}

/// One mail's commands on one ticket, while they are carried out.
struct Work<'w, 'd, 'a> {
    deliberation: &'w mut Deliberation<'d>,
    number: TicketNumber,
    act: &'w Act<'a>,
    text: &'w str,
    named: Vec<Enclosure>,
    done: Done,
}

impl Work<'_, '_, '_> {
    fn ticket(&self) -> Ticket {
        match self.deliberation.ticket(self.number) {
            Some(ticket) => ticket.clone(),
            None => unreachable!("checked before anything is done"),
        }
    }

    fn happened(&mut self, event: Event) {
        self.deliberation.happened(self.number, self.act.by, event);
    }

    fn say(&mut self, line: &Line<'_>) {
        let line = wording::say(line, self.act.language);
        self.done.lines.push(line);
    }

    fn named_attachments(&self, instructions: &Instructions) -> Vec<Enclosure> {
        let all = attachments(self.deliberation, &self.ticket(), self.act);
        let numbers = instructions.commands.iter().filter_map(|command| match command {
            Command::Attach(numbers) => Some(numbers),
            _ => None,
        });
        numbers.flatten().filter_map(|number| all.get(number - 1)).cloned().collect()
    }

    fn one(&mut self, command: &Command) {
        match command {
            Command::Note => self.note(),
            Command::Reply => self.reply(),
            Command::Take => self.assign(self.act.address.as_ref()),
            Command::Assign(address) => self.assign(Some(address)),
            Command::Escalate { level: Level::L3, vendor } => self.escalate_to_vendor(vendor.as_deref()),
            Command::Escalate { level, .. } => self.escalate(*level),
            Command::Return(level) => self.give_back(*level),
            Command::Pending(wait) => self.put_on_hold(wait),
            Command::Solved(code) => self.solve(code.clone()),
            Command::Reopen => self.state_by(Event::Reopened),
            Command::Close => {
                self.solution();
                self.state_by(Event::Closed);
            }
            Command::Priority(priority) => {
                self.happened(Event::PriorityChanged { priority: Priority(*priority) });
                self.say(&Line::PriorityIs(*priority));
            }
            Command::Service(service) => {
                self.happened(Event::ServiceChanged { service: service.clone() });
                self.say(&Line::ServiceIs(service));
            }
            Command::Desk(desk) => {
                self.happened(Event::DeskChanged { desk: desk.clone() });
                self.say(&Line::DeskIs(desk));
            }
            Command::Cc { add, remove } => self.change_participants(add, remove),
            Command::Requester(address) => self.change_requester(address),
            Command::Fix(id) => self.send_fix(id),
            Command::Draft(title) => self.draft(title),
            Command::Merge(other) => self.merge(*other),
            Command::Link(other) => {
                self.happened(Event::Linked { ticket: *other });
                self.say(&Line::Linked(&other.to_string()));
            }
            Command::Spam => self.state_by(Event::MarkedSpam),
            Command::Vendor { name, case_number } => self.write_to_vendor(name, case_number.as_deref()),
            Command::Publish => self.publish(),
            // Attachments go with the letters; the others are answered before anything is carried out.
            Command::Attach(_)
            | Command::Status
            | Command::List
            | Command::Help
            | Command::Preview
            | Command::Cancel
            | Command::Ok
            | Command::Release => {}
        }
    }

    /// The mail itself stands on the ticket once, as what it was for.
    fn file(&mut self, instructions: &Instructions) {
        let claims = instructions.commands.iter().find(|command| command.claims_text());
        let has_text = !self.text.is_empty();
        let (kind, audience) = match claims {
            Some(Command::Reply | Command::Publish) => (EntryKind::AgentReply, Audience::Requester),
            Some(Command::Solved(_) | Command::Close | Command::Pending(WaitFor::Requester)) if has_text => {
                (EntryKind::AgentReply, Audience::Requester)
            }
            Some(Command::Escalate { .. } | Command::Return(_)) => (EntryKind::Escalation, Audience::Desk),
            Some(Command::Vendor { name, .. }) => (EntryKind::AgentReply, Audience::Vendor(name.clone())),
            _ => (EntryKind::Note, Audience::Desk),
        };
        let message_id = self.act.incoming.and_then(|incoming| incoming.mail.message_id.clone());
        if let Some(message_id) = &message_id {
            self.deliberation.thread(message_id, self.number);
        }
        let text = match claims {
            _ if has_text => self.text.to_owned(),
            Some(Command::Publish) => self.published().map(|(_, text)| text).unwrap_or_default(),
            _ => {
                let mail = self.act.incoming.filter(|_| audience == Audience::Desk);
                mail.map(|incoming| incoming.mail.body.reply_text.clone()).unwrap_or_default()
            }
        };
        if self.act.incoming.is_none() && text.is_empty() {
            return;
        }
        self.deliberation.file(Entry {
            ticket: self.number,
            ledger: self.act.incoming.map(|incoming| incoming.ledger),
            message_id,
            kind,
            audience,
            trust: Trust::Verified,
            author_role: self.act.by.role,
            author: self.act.by.contact,
            text,
        });
    }

    fn note(&mut self) {
        self.happened(Event::NoteAdded { ledger: self.act.incoming.map(|incoming| incoming.ledger) });
        self.say(&Line::NotedForDesk);
        let ticket = self.ticket();
        let owner = ticket.agent.filter(|owner| Some(*owner) != self.act.by.contact);
        let Some(owner) = owner.and_then(|id| self.deliberation.contact(id)) else { return };
        self.tell_staff(std::slice::from_ref(&owner.address), &ticket, Purpose::Notice);
    }

    /// A letter to colleagues that shows the agent's words.
    fn tell_staff(&mut self, staff: &[Address], ticket: &Ticket, purpose: Purpose) {
        let (act, text) = (self.act, self.text);
        let timeline = timeline(self.deliberation, ticket);
        let all = attachments(self.deliberation, ticket, act);
        self.deliberation.send_to_staff(staff, |deliberation, language| {
            let mut letter = deliberation.letter(ticket, purpose, Audience::Desk, language);
            telling::staff_thread(deliberation, &mut letter);
            letter.about = act.incoming.map(|incoming| incoming.ledger);
            letter.writer = act.name.clone();
            letter.facts.author = act.name.clone();
            letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
            match purpose {
                Purpose::Escalated | Purpose::Returned => {
                    letter.facts.brief = Some(text.to_owned()).filter(|text| !text.is_empty());
                    let request = first_entry(deliberation, ticket);
                    let author = request.and_then(|entry| deliberation.contact(entry.author?));
                    letter.facts.author = author.map(|contact| contact.display().to_owned());
                    letter.facts.text = request.map(|entry| entry.text.clone());
                    letter.facts.timeline = timeline.clone();
                    letter.facts.attachments = enclosures::listed(&all);
                    letter.enclosures = enclosures::within(&all, deliberation.policy().enclosure_bytes);
                    let case = ticket.vendor_cases.iter().rev().find(|case| case.number.is_some());
                    letter.facts.case_number = case.and_then(|case| case.number.clone());
                }
                _ => letter.facts.text = Some(text.to_owned()),
            }
            Some(letter)
        });
    }

    fn assign(&mut self, address: Option<&Address>) {
        let contact = address.and_then(|address| self.deliberation.contact_at(address));
        let Some(contact) = contact else { return };
        self.happened(Event::Assigned { agent: contact.id });
        let name = self.deliberation.staff_name(&contact.address);
        self.say(&Line::Owner(&name));
        if Some(contact.id) != self.act.by.contact {
            let ticket = self.ticket();
            self.tell_staff(std::slice::from_ref(&contact.address), &ticket, Purpose::Escalated);
        }
    }

    fn reply(&mut self) {
        self.answer(Purpose::Answer, self.text.to_owned());
        if self.done.sent_to_requester {
            self.say(&Line::SentToRequester);
        }
    }

    /// A person's words to the requester, from the address that the requester wrote to, in the requester's thread.
    fn answer(&mut self, purpose: Purpose, text: String) {
        let ticket = self.ticket();
        let Some(mut letter) = self.letter_to_requester(&ticket, purpose) else { return };
        letter.writer = self.act.name.clone();
        letter.facts.author = self.act.name.clone();
        letter.facts.text = Some(text);
        letter.enclosures = self.enclosures_of_answer();
        self.done.recipients.extend(letter.to.iter().chain(&letter.cc).map(|mailbox| mailbox.address.to_string()));
        let sent = self.deliberation.send(letter);
        self.done.sent_to_requester = true;
        if let Some(letter) = sent {
            self.happened(Event::Answered { letter });
        }
        self.own_if_nobody_does();
        if purpose == Purpose::Answer {
            let policy = self.deliberation.policy();
            if policy.after_answer == AfterAnswer::PendingRequester && !self.ticket().state.is_over() {
                self.happened(Event::PutOnHold { reason: PendingReason::Requester });
            }
        }
    }

    /// The requester, the participants and the levels that read along; nobody who has the agent's mail already.
    fn letter_to_requester(&self, ticket: &Ticket, purpose: Purpose) -> Option<Letter> {
        let deliberation = &*self.deliberation;
        let requester = deliberation.contact(ticket.requester?)?;
        let language = requester.language.filter(|known| deliberation.desk_of(ticket).languages.contains(known));
        let mut letter = deliberation.letter(ticket, purpose, Audience::Requester, language.unwrap_or(ticket.language));
        letter.to = vec![requester.mailbox()];
        let participants = ticket.participants.iter().filter_map(|p| deliberation.contact(p.contact));
        letter.cc = participants.map(super::Contact::mailbox).collect();
        letter.cc.extend(self.copied_levels(ticket));
        let has_it = |mailbox: &Mailbox| {
            self.act.incoming.is_some_and(|incoming| {
                incoming.mail.to.iter().chain(&incoming.mail.cc).any(|address| address.is(&mailbox.address))
            })
        };
        letter.cc.retain(|mailbox| !has_it(mailbox));
        if has_it(&letter.to[0]) {
            letter.to = std::mem::take(&mut letter.cc);
        }
        requester_thread(deliberation, &mut letter);
        Some(letter)
    }

    fn copied_levels(&self, ticket: &Ticket) -> Vec<Mailbox> {
        let policy = self.deliberation.policy();
        let address = |copied: &CopiedLevel| match copied {
            CopiedLevel::Team(level) => policy.team(*level).map(|team| team.address.clone()),
            CopiedLevel::Vendor(name) => policy.vendor(name).map(|vendor| vendor.address.clone()),
        };
        let addresses = ticket.copied_levels.iter().filter_map(address);
        addresses.map(|address| Mailbox { name: None, address }).collect()
    }

    /// The agent's own attachments, but none that holds a letter of ours to the desk.
    fn enclosures_of_answer(&mut self) -> Vec<Enclosure> {
        let Some(incoming) = self.act.incoming else { return self.named.clone() };
        let (kept, withheld): (Vec<Enclosure>, Vec<Enclosure>) = enclosures::of_answer(incoming.ledger, incoming.mail)
            .into_iter()
            .partition(|enclosure| !self.is_own_letter(&incoming.mail.attachments[enclosure.index]));
        for enclosure in withheld {
            self.say(&Line::AttachmentWithheld(&enclosure.name));
            self.done.withheld = true;
        }
        kept.into_iter().chain(self.named.clone()).collect()
    }

    /// A letter of ours to the desk, handed on as an attachment: it may hold notes.
    fn is_own_letter(&self, attachment: &Attachment) -> bool {
        let from_us = attachment.message_from.as_ref().and_then(|from| self.deliberation.policy().desk_at(from));
        attachment.holds_own_letter || from_us.is_some()
    }

    fn own_if_nobody_does(&mut self) {
        if let (None, Some(agent)) = (self.ticket().agent, self.act.by.contact) {
            self.happened(Event::Assigned { agent });
        }
    }

    fn escalate(&mut self, level: Level) {
        let from = self.ticket().level;
        self.happened(Event::Escalated { from, to: level, vendor: None, by: self.act.by.contact });
        let by_cc = self.deliberation.policy().team(level).is_some_and(|team| team.escalation == EscalationBy::Cc);
        if by_cc {
            self.happened(Event::LevelCopied { level: CopiedLevel::Team(level) });
        } else {
            let staff = self.deliberation.staff_at(level);
            let ticket = self.ticket();
            self.tell_staff(&staff, &ticket, Purpose::Escalated);
        }
        self.tell_requester_passed_on();
        self.say(&Line::EscalatedTo(&level.to_string()));
    }

    fn escalate_to_vendor(&mut self, name: Option<&str>) {
        let Some(vendor) = vendor_named(self.deliberation, name) else { return };
        let from = self.ticket().level;
        let event =
            Event::Escalated { from, to: Level::L3, vendor: Some(vendor.name.clone()), by: self.act.by.contact };
        self.happened(event);
        let by_cc = vendor.escalation == EscalationBy::Cc && vendor.privacy == super::Privacy::Full;
        if by_cc {
            self.happened(Event::LevelCopied { level: CopiedLevel::Vendor(vendor.name.clone()) });
        } else {
            let ticket = self.ticket();
            let brief = vendor_letter::brief_or_request(self.deliberation, &ticket, self.text);
            if self.text.is_empty() {
                self.say(&Line::BriefWasRequest);
            }
            let letter = vendor_letter::case(self.deliberation, &ticket, vendor, &brief, self.named.clone());
            self.send_to_vendor(vendor, letter);
        }
        self.tell_requester_passed_on();
        self.own_if_nobody_does();
        self.say(&Line::EscalatedTo(&vendor.name));
    }

    fn send_to_vendor(&mut self, vendor: &super::Vendor, letter: Letter) {
        self.done.recipients.extend(letter.to.iter().map(|mailbox| mailbox.address.to_string()));
        let is_first = self.ticket().case(&vendor.name).is_none_or(|case| case.opened_with.is_none());
        self.deliberation.send(letter);
        if let Some(letter) = self.deliberation.last_message_id().filter(|_| is_first) {
            self.happened(Event::VendorCaseOpened { vendor: vendor.name.clone(), letter });
        }
    }

    /// Specialists work on it: said to the requester, never which vendor. An automatic letter, so brakes hold it.
    fn tell_requester_passed_on(&mut self) {
        let ticket = self.ticket();
        if !requester_is_reachable(self.deliberation, &ticket) {
            return;
        }
        let Some(mut letter) = self.letter_to_requester(&ticket, Purpose::PassedOn) else { return };
        letter.cc = self.copied_levels(&ticket);
        let braked =
            letter.to.first().is_none_or(|to| brakes::tripped(self.deliberation, &to.address, self.number).is_some());
        if !braked {
            self.deliberation.send(letter);
        }
    }

    fn give_back(&mut self, level: Level) {
        let from = self.ticket().level;
        self.happened(Event::Returned { from, to: level });
        let staff = self.deliberation.staff_at(level);
        let ticket = self.ticket();
        self.tell_staff(&staff, &ticket, Purpose::Returned);
        self.say(&Line::LevelIs(level));
    }

    fn put_on_hold(&mut self, wait: &WaitFor) {
        let reason = match wait {
            WaitFor::Requester => {
                if !self.text.is_empty() {
                    self.reply();
                }
                PendingReason::Requester
            }
            WaitFor::Vendor => PendingReason::Vendor,
            WaitFor::Hours(hours) => {
                let until = self.deliberation.now.checked_add(jiff::SignedDuration::from_hours(*hours));
                PendingReason::Until { at: until.unwrap_or(self.deliberation.now) }
            }
            WaitFor::Date(date) => {
                let desk = self.deliberation.desk_of(&self.ticket());
                let start = date.in_tz(&desk.time_zone).map(|start| start.timestamp());
                PendingReason::Until { at: start.unwrap_or(self.deliberation.now) }
            }
        };
        self.state_by(Event::PutOnHold { reason });
    }

    fn solve(&mut self, code: Option<String>) {
        self.solution();
        self.own_if_nobody_does();
        self.state_by(Event::Resolved { code });
    }

    fn solution(&mut self) {
        if !self.text.is_empty() {
            self.answer(Purpose::Resolved, self.text.to_owned());
            self.say(&Line::SolutionSent);
        }
    }

    fn state_by(&mut self, event: Event) {
        self.happened(event);
        let state = self.ticket().state;
        self.say(&Line::StateIs(state));
    }

    fn change_participants(&mut self, add: &[Address], remove: &[Address]) {
        for address in add {
            if let Some(contact) = self.deliberation.contact_at(address).map(|contact| contact.id) {
                self.happened(Event::ParticipantAdded { contact });
                self.say(&Line::ParticipantAdded(address.as_str()));
            }
        }
        for address in remove {
            if let Some(contact) = self.deliberation.contact_at(address).map(|contact| contact.id) {
                self.happened(Event::ParticipantRemoved { contact });
                self.say(&Line::ParticipantRemoved(address.as_str()));
            }
        }
    }

    fn change_requester(&mut self, address: &Address) {
        if let Some(contact) = self.deliberation.contact_at(address).map(|contact| contact.id) {
            self.happened(Event::RequesterChanged { contact });
            self.say(&Line::RequesterIs(address.as_str()));
        }
    }

    fn send_fix(&mut self, id: &str) {
        let Some(article) = self.deliberation.rules.library.article(id) else { return };
        let ticket = self.ticket();
        let Some(mut letter) = self.letter_to_requester(&ticket, Purpose::KnownFix) else { return };
        letter.cc.clear();
        letter.writer = self.act.name.clone();
        letter.facts.author = self.act.name.clone();
        letter.facts.fixes = vec![offer::facts(article)];
        letter.facts.asks_yes = true;
        self.done.recipients.extend(letter.to.iter().map(|mailbox| mailbox.address.to_string()));
        self.deliberation.send(letter);
        self.done.sent_to_requester = true;
        self.happened(Event::KnownFixOffered { fix: id.to_owned() });
        self.own_if_nobody_does();
        self.say(&Line::FixSent(id));
    }

    fn draft(&mut self, title: &str) {
        let ticket = self.ticket();
        let Some(article) = lesson::article(self.deliberation, &ticket, title, self.text) else { return };
        self.happened(Event::KnownFixDrafted { fix: article.id.clone() });
        self.say(&Line::FixDrafted(&article.id, &article.symptoms.join(" | ")));
        self.deliberation.draft(Drafted { desk: ticket.desk, article });
    }

    /// Who asked here reads along there.
    fn merge(&mut self, other: TicketNumber) {
        let ticket = self.ticket();
        let people = ticket.requester.into_iter().chain(ticket.participants.iter().map(|p| p.contact));
        for contact in people {
            let follows = self.deliberation.ticket(other).is_some_and(|target| target.is_followed_by(contact));
            if !follows {
                self.deliberation.happened(other, self.act.by, Event::ParticipantAdded { contact });
            }
        }
        self.happened(Event::MergedInto { ticket: other });
        self.say(&Line::MergedInto(&other.to_string()));
    }

    fn write_to_vendor(&mut self, name: &str, case_number: Option<&str>) {
        let Some(vendor) = vendor_named(self.deliberation, Some(name)) else { return };
        if let Some(case_number) = case_number {
            let event = Event::CaseNumberLearned { vendor: vendor.name.clone(), number: case_number.to_owned() };
            self.happened(event);
            self.say(&Line::CaseNumberIs(case_number));
        }
        if self.text.is_empty() {
            return;
        }
        let ticket = self.ticket();
        let letter = if ticket.case(&vendor.name).is_some_and(|case| case.opened_with.is_some()) {
            vendor_letter::follow_up(self.deliberation, &ticket, vendor, self.text, self.named.clone())
        } else {
            vendor_letter::case(self.deliberation, &ticket, vendor, self.text, self.named.clone())
        };
        self.send_to_vendor(vendor, letter);
        if !self.ticket().state.is_over() {
            self.happened(Event::PutOnHold { reason: PendingReason::Vendor });
        }
        self.say(&Line::WroteToVendor(&vendor.name));
    }

    /// The vendor's last answer, and which vendor's.
    fn published(&self) -> Option<(Option<String>, String)> {
        last_vendor_text(self.deliberation, &self.ticket())
    }

    fn publish(&mut self) {
        let (vendor, said) = self.published().unwrap_or_default();
        let text = if self.text.is_empty() { said } else { self.text.to_owned() };
        self.answer(Purpose::Answer, text);
        let letter = self.deliberation.letters_on(self.number);
        self.happened(Event::Published { vendor, letter });
        self.say(&Line::Published);
    }
}

/// Letters to the requester stand in the thread of the requester's own mails.
fn requester_thread(deliberation: &Deliberation<'_>, letter: &mut Letter) {
    let Some(dossier) = letter.ticket.and_then(|ticket| deliberation.dossier(ticket)) else { return };
    let theirs = |role: Role| matches!(role, Role::Requester | Role::Participant);
    let mails =
        dossier.entries.iter().filter(|entry| entry.audience == Audience::Requester && theirs(entry.author_role));
    let ids: Vec<_> = mails.filter_map(|entry| entry.message_id.clone()).collect();
    letter.in_reply_to = ids.last().cloned();
    letter.references = ids;
}

pub(super) fn first_request(deliberation: &Deliberation<'_>, ticket: &Ticket) -> Option<String> {
    first_entry(deliberation, ticket).map(|entry| entry.text.clone())
}

fn first_entry<'a>(deliberation: &Deliberation<'a>, ticket: &Ticket) -> Option<&'a EntryView> {
    let entries = &deliberation.dossier(ticket.number)?.entries;
    entries.iter().find(|entry| entry.kind == EntryKind::Request)
}
