//! An agent's commands: all are checked before any is carried out.

mod answers;
mod crowd;
mod levels;
mod split;

use crate::desk::command::absence;
use crate::desk::command::act::Act;
use crate::desk::command::check::{attachments, numbered};
use crate::desk::command::{WaitFor, When};
use crate::desk::deliberation::{Deliberation, without};
use crate::desk::docket::matching;
use crate::desk::outgoing::acknowledging::acknowledge_named;
use crate::desk::outgoing::to_agent::names_of;
use crate::desk::outgoing::wording::{self, Line};
use crate::desk::outgoing::{enclosures, lesson, telling};
use crate::desk::{
    Audience, Command, Drafted, Enclosure, Entry, EntryKind, Event, Instructions, Level, PendingReason, Priority,
    Purpose, Ticket, TicketNumber, Trust, VendorCase,
};
use crate::mail::Address;

/// What was done, for the receipt.
#[derive(Clone, Debug, Default)]
pub(in crate::desk) struct Done {
    pub(in crate::desk) lines: Vec<String>,
    pub(in crate::desk) recipients: Vec<String>,
    /// The words that left, as their reader has them.
    pub(in crate::desk) left: Option<String>,
    /// Words of the mail are with the requester: sent by us, or by the agent.
    pub(in crate::desk) reached_requester: bool,
    pub(in crate::desk) plain_answer_delivered: bool,
    /// Something of the mail did not leave: no answer is plain then.
    pub(in crate::desk) withheld: bool,
}

/// Carries out what [`check`] found nothing wrong with.
pub(in crate::desk) fn carry_out(
    deliberation: &mut Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
) -> Done {
    let mut work = Work::on(deliberation, ticket, act, instructions);
    work.enter(instructions);
    work.all(instructions)
}

/// The same by a mail that opened the ticket and stands on it: only words that are beside the request are entered.
pub(in crate::desk) fn carry_out_on_opening(
    deliberation: &mut Deliberation<'_>,
    ticket: &Ticket,
    act: &Act<'_>,
    instructions: &Instructions,
) -> Done {
    let mut work = Work::on(deliberation, ticket, act, instructions);
    if !work.text.is_empty() {
        work.enter(instructions);
        if !instructions.text_is_claimed() {
            work.say(&Line::NotedForDesk);
        }
    }
    work.all(instructions)
}

/// One mail's commands on one ticket, while they are carried out.
struct Work<'w, 'd, 'a> {
    deliberation: &'w mut Deliberation<'d>,
    /// As it stands after what was done so far.
    ticket: Ticket,
    act: &'w Act<'a>,
    text: &'w str,
    named: Vec<Enclosure>,
    /// The mail's words as they stand on the ticket.
    entered: Option<Entry>,
    /// Letters to colleagues: they are written when all is done, and tell what came of it.
    news: Vec<NewsForStaff<'d>>,
    /// It went up from this level, which the requester hears, too.
    passed_on_from: Option<Level>,
    done: Done,
}

struct NewsForStaff<'d> {
    staff: Vec<Address>,
    purpose: Purpose,
    lines: Vec<Line<'d>>,
}

impl<'w, 'd, 'a> Work<'w, 'd, 'a> {
    fn on(
        deliberation: &'w mut Deliberation<'d>,
        ticket: &Ticket,
        act: &'w Act<'a>,
        instructions: &'w Instructions,
    ) -> Work<'w, 'd, 'a> {
        let ticket = deliberation.ticket(ticket.number).unwrap_or(ticket).clone();
        let text = instructions.text.as_str();
        let mut work = Work {
            deliberation,
            ticket,
            act,
            text,
            named: Vec::new(),
            entered: None,
            news: Vec::new(),
            passed_on_from: None,
            done: Done::default(),
        };
        if let Some(rest) = act.incoming.and_then(|incoming| enclosures::note_of_rest(incoming.mail, act.language)) {
            work.done.lines.push(rest);
            work.done.withheld = true;
        }
        work.named = work.named_attachments(instructions);
        work
    }

    fn all(mut self, instructions: &Instructions) -> Done {
        for command in &instructions.commands {
            self.one(command);
        }
        self.tell_the_news();
        if let Some(from) = self.passed_on_from {
            self.tell_requester_passed_on(from);
        }
        self.done.plain_answer_delivered = instructions.plain
            && instructions.commands == [Command::Reply]
            && self.done.reached_requester
            && !self.done.withheld;
        self.done
    }

    fn happened(&mut self, event: Event) {
        self.deliberation.happened(self.ticket.number, self.act.by, event);
        self.ticket = self.deliberation.as_it_stands(&self.ticket);
    }

    fn say(&mut self, line: &Line<'_>) {
        let line = wording::say(line, self.act.language);
        self.done.lines.push(line);
    }

    fn named_attachments(&self, instructions: &Instructions) -> Vec<Enclosure> {
        let all = numbered(self.deliberation, &self.ticket, self.act);
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
            Command::Answered => self.answered_directly(),
            Command::Take => self.assign(self.act.address.as_ref()),
            Command::Assign(address) => self.assign(Some(address)),
            Command::Escalate { level: Level::L3, vendor } => self.escalate_to_vendor(vendor.as_deref()),
            Command::Escalate { level, .. } => self.escalate(*level),
            Command::Return(level) => self.give_back(*level),
            Command::Pending(wait) => self.suspend(wait),
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
            Command::Desk(desk) => self.move_to_desk(desk),
            Command::Cc { add, remove } => self.change_participants(add, remove),
            Command::Requester(address) => self.change_requester(address),
            Command::Fix(id) => self.send_fix(id),
            Command::Draft(title) => self.draft(title),
            Command::Merge(other) => self.merge(*other),
            Command::Link(other) => {
                self.happened(Event::Linked { ticket: *other });
                self.say(&Line::Linked(&other.to_string()));
            }
            Command::Split(title) => self.split(title),
            Command::Major(order) => self.major(order),
            Command::Spam => {
                self.state_by(Event::MarkedSpam);
                self.tell_of_children(Line::ChildrenGoBack);
            }
            Command::Vendor { name, case_number } => self.write_to_vendor(name, case_number.as_deref()),
            Command::Consult(address) => self.consult(address),
            Command::Publish => self.publish(),
            Command::Absent { from, until } => self.leave(*from, *until),
            Command::Present => self.come_back(),
            // Attachments go with the letters; the others are answered before anything is carried out.
            Command::Attach(_)
            | Command::Status
            | Command::List
            | Command::Search(_)
            | Command::Show(_)
            | Command::Help
            | Command::Preview
            | Command::Cancel
            | Command::Ok
            | Command::Release(_) => {}
        }
    }

    /// The mail itself stands on the ticket once, as what it was for.
    fn enter(&mut self, instructions: &Instructions) {
        let claims = instructions.commands.iter().find(|command| command.claims_text());
        let has_text = !self.text.is_empty();
        let (kind, audience) = match claims {
            Some(Command::Reply | Command::Answered | Command::Publish | Command::Major(_)) => {
                (EntryKind::AgentReply, Audience::Requester)
            }
            Some(Command::Solved(_) | Command::Close | Command::Pending(WaitFor::Requester)) if has_text => {
                (EntryKind::AgentReply, Audience::Requester)
            }
            Some(Command::Escalate { .. } | Command::Return(_)) => (EntryKind::Escalation, Audience::Desk),
            Some(Command::Vendor { name, .. }) => (EntryKind::AgentReply, Audience::Vendor(name.clone())),
            Some(Command::Consult(address)) => (EntryKind::AgentReply, Audience::Vendor(address.key())),
            _ => (EntryKind::Note, Audience::Desk),
        };
        let message_id = self.act.incoming.and_then(|incoming| incoming.mail.message_id.clone());
        if let Some(message_id) = &message_id {
            self.deliberation.thread(message_id, self.ticket.number);
        }
        let text = match claims {
            _ if has_text => self.text.to_owned(),
            Some(Command::Publish) => self.published().map(|published| published.text).unwrap_or_default(),
            _ => {
                let mail = self.act.incoming.filter(|_| audience == Audience::Desk);
                mail.map(|incoming| incoming.mail.body.reply_text.clone()).unwrap_or_default()
            }
        };
        if self.act.incoming.is_none() && text.is_empty() {
            return;
        }
        let entry = Entry {
            ticket: self.ticket.number,
            at: self.deliberation.now,
            ledger: self.act.incoming.map(|incoming| incoming.ledger),
            message_id,
            kind,
            audience,
            trust: Trust::Verified,
            author_role: self.act.by.role,
            author: self.act.by.contact,
            text,
        };
        self.entered = Some(entry.clone());
        self.deliberation.enter(entry);
    }

    fn note(&mut self) {
        self.happened(Event::NoteAdded { ledger: self.act.incoming.map(|incoming| incoming.ledger) });
        self.say(&Line::NotedForDesk);
        let owner = self.ticket.agent.filter(|owner| Some(*owner) != self.act.by.contact);
        let Some(owner) = owner.and_then(|id| self.deliberation.contact(id)) else { return };
        self.will_tell(vec![owner.address.clone()], Purpose::Notice, Vec::new());
    }

    fn will_tell(&mut self, staff: Vec<Address>, purpose: Purpose, lines: Vec<Line<'d>>) {
        self.news.push(NewsForStaff { staff, purpose, lines });
    }

    fn tell_the_news(&mut self) {
        let mut told: Vec<Address> = Vec::new();
        for news in std::mem::take(&mut self.news) {
            self.tell_staff(&news);
            told.extend(without(news.staff, &told));
        }
        if !told.is_empty() {
            self.say(&Line::MailedTo(&names_of(self.deliberation, &told, self.act.language)));
        }
    }

    /// A letter to colleagues that shows the agent's words: a brief is what the desk alone reads.
    fn tell_staff(&mut self, news: &NewsForStaff<'_>) {
        let NewsForStaff { staff, purpose, lines } = news;
        let (act, text, ticket, purpose) = (self.act, self.text, &self.ticket, *purpose);
        let said = self.entered.as_ref().filter(|entry| entry.audience != Audience::Desk);
        let all = attachments(self.deliberation, ticket, act);
        self.deliberation.send_to_staff(staff, |deliberation, language| {
            let mut letter = deliberation.letter(ticket, purpose, Audience::Desk, language);
            telling::staff_thread(deliberation, &mut letter);
            letter.about = act.incoming.map(|incoming| incoming.ledger);
            letter.writer = act.name.clone();
            letter.facts.author = act.name.clone();
            letter.facts.reply_goes_to = Some(wording::reply_goes_to(None, language));
            letter.facts.reasons = lines.iter().map(|line| wording::say(line, language)).collect();
            match purpose {
                Purpose::Escalated | Purpose::Returned => {
                    letter.facts.brief = Some(text.to_owned()).filter(|text| said.is_none() && !text.is_empty());
                    telling::show_request(deliberation, &mut letter, ticket, &all);
                    let said = said.map(|entry| telling::in_timeline(deliberation, ticket, entry, language));
                    letter.facts.timeline.splice(0..0, said);
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
        let name = self.deliberation.staff_name(&contact.address, self.act.language);
        self.say(&Line::Owner(&name));
        if Some(contact.id) != self.act.by.contact {
            self.will_tell(vec![contact.address.clone()], Purpose::Escalated, Vec::new());
        }
    }

    /// Whoever owns it and does not work at that desk owns it no more. The team there is told, unless it is the one that had it.
    fn move_to_desk(&mut self, name: &str) {
        let (policy, act) = (self.deliberation.policy(), self.act);
        let level = self.ticket.level.worked_at();
        let from = self.deliberation.desk_of(&self.ticket);
        let mut knew = self.deliberation.staff_at(&from.name, level);
        self.happened(Event::DeskChanged { desk: name.to_owned() });
        self.say(&Line::DeskIs(name));
        let owner = self.ticket.agent.and_then(|owner| self.deliberation.contact(owner));
        if let Some(owner) = owner.filter(|owner| !policy.works_at(&owner.address, name)) {
            self.happened(Event::Unassigned { from: owner.id });
            let owner = self.deliberation.staff_name(&owner.address, act.language);
            self.say(&Line::OwnerIsOfAnotherDesk(&owner));
            knew.clear();
        }
        knew.extend(act.address.clone());
        let team = without(self.deliberation.staff_at(name, level), &knew);
        self.will_tell(team, Purpose::Escalated, vec![Line::MovedFromDesk(&from.display_name)]);
    }

    /// Whoever does not work at the ticket's desk leaves it to those who do.
    fn own_if_nobody_does(&mut self) {
        let (None, Some(agent)) = (self.ticket.agent, self.act.by.contact) else { return };
        let (policy, desk) = (self.deliberation.policy(), &self.ticket.desk);
        if self.act.address.as_ref().is_some_and(|address| !policy.works_at(address, desk)) {
            return;
        }
        if self.deliberation.away(agent).is_some() {
            self.say(&Line::StaysWithTeam);
        } else {
            self.happened(Event::Assigned { agent });
        }
    }

    fn leave(&mut self, from: Option<When>, until: When) {
        let Some(agent) = self.act.by.contact else { return };
        let desk = self.deliberation.desk_of(&self.ticket);
        if let Ok(away) = absence::worded(desk, self.deliberation.now, agent, from, until) {
            let lines = absence::leave(self.deliberation, self.act.by, desk, away, self.act.language);
            self.done.lines.extend(lines);
            self.ticket = self.deliberation.as_it_stands(&self.ticket);
        }
    }

    fn come_back(&mut self) {
        let Some(agent) = self.act.by.contact else { return };
        let was_away = absence::come_back(self.deliberation, agent);
        self.say(if was_away { &Line::YouAreBack } else { &Line::YouWereNotAway });
    }

    fn suspend(&mut self, wait: &WaitFor) {
        let reason = match wait {
            WaitFor::Requester => {
                if !self.text.is_empty() {
                    self.reply();
                }
                PendingReason::Requester
            }
            WaitFor::Vendor => PendingReason::Vendor,
            WaitFor::Until(when) => {
                let now = self.deliberation.now;
                let at = when.instant(self.deliberation.desk_of(&self.ticket), now);
                PendingReason::Until { at: at.unwrap_or(now) }
            }
        };
        self.state_by(Event::PutOnHold { reason, reminds: true });
    }

    fn state_by(&mut self, event: Event) {
        self.happened(event);
        let standing = self.deliberation.standing(&self.ticket);
        self.say(&Line::StateIs(standing));
    }

    fn change_participants(&mut self, add: &[Address], remove: &[Address]) {
        for address in add {
            if let Some(contact) = self.deliberation.contact_at(address).map(|contact| contact.id) {
                if !self.ticket.is_followed_by(contact) {
                    self.happened(Event::ParticipantAdded { contact });
                }
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

    /// Who asks reads along no more beside it: nobody has a letter twice.
    fn change_requester(&mut self, address: &Address) {
        if let Some(contact) = self.deliberation.contact_at(address).map(|contact| contact.id) {
            if self.ticket.participants.iter().any(|participant| participant.contact == contact) {
                self.happened(Event::ParticipantRemoved { contact });
            }
            let is_new = self.ticket.requester != Some(contact) && self.act.by.contact != Some(contact);
            self.happened(Event::RequesterChanged { contact });
            self.say(&Line::RequesterIs(address.as_str()));
            if is_new && !self.ticket.state.is_over() {
                let acknowledged = acknowledge_named(self.deliberation, self.ticket.number, None);
                acknowledged.iter().for_each(|line| self.say(line));
                self.ticket = self.deliberation.as_it_stands(&self.ticket);
            }
        }
    }

    fn draft(&mut self, title: &str) {
        let ticket = self.ticket.clone();
        let Some(article) = lesson::article(self.deliberation, &ticket, title, self.text) else { return };
        self.happened(Event::KnownFixDrafted { fix: article.id.clone() });
        self.say(&Line::FixDrafted(&article.id, &article.symptoms.join(" | ")));
        self.deliberation.draft(Drafted { desk: ticket.desk, article });
    }

    /// Who asked here reads along there, what waits here waits there, and vendors' cases go on there.
    fn merge(&mut self, other: TicketNumber) {
        let ticket = self.ticket.clone();
        let other = matching::goes_on_in(self.deliberation.docket, other);
        let people = ticket.requester.into_iter().chain(ticket.participants.iter().map(|p| p.contact));
        for contact in people {
            let follows = self.deliberation.ticket(other).is_some_and(|target| target.is_followed_by(contact));
            if !follows {
                self.deliberation.happened(other, self.act.by, Event::ParticipantAdded { contact });
            }
        }
        for case in &ticket.vendor_cases {
            let case = VendorCase { people: ticket.people_before(&case.vendor), ..case.clone() };
            self.deliberation.happened(other, self.act.by, Event::CaseTakenOver { from: ticket.number, case });
        }
        for ledger in &ticket.held {
            let leaving = ticket.leaving.iter().find(|leaving| leaving.ledger == *ledger);
            let why = if leaving.is_some() { "relay_hold" } else { "refused" }.to_owned();
            let held = Event::Held { ledger: Some(*ledger), why, until: leaving.map(|leaving| leaving.until) };
            self.deliberation.happened(other, self.act.by, held);
        }
        self.happened(Event::MergedInto { ticket: other });
        self.say(&Line::MergedInto(&other.to_string()));
        self.tell_of_children(Line::ChildrenGoAlong);
    }
}
