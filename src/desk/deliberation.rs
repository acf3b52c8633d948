//! One decision in the making: what is known, what came in, and what has been decided so far.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::desk::docket::matching;
use crate::desk::outgoing::enclosures;
use crate::desk::outgoing::wording::{self, Day, Standing};
use crate::desk::{
    Absence, Actor, Audience, ClockName, ClockState, Contact, ContactId, Decision, Desk, Docket, Dossier, Drafted,
    Entry, Event, Facts, Happened, Leaves, LedgerId, Letter, Level, Moved, OtherFacts, Outcome, PendingReason, Policy,
    Purpose, Reason, State, TagPlace, Ticket, TicketNumber, Vendor, Vouched, targets,
};
use crate::known_fix::{Gist, Library};
use crate::mail::token::Keyring;
use crate::mail::{Address, Language, Mailbox, MessageId};

/// So many other tickets of a requester are shown: more would say no more.
const OTHERS_SHOWN: usize = 5;

/// What holds for every decision of this installation.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What the operator decided.
    pub policy: &'a Policy,
    /// What signs our letters.
    pub keyring: &'a Keyring,
    /// How known problems are solved.
    pub library: &'a Library,
}

/// What a rule says of a mail.
pub(super) enum Ruling<'a> {
    /// What is to be done.
    Decided(Decision),
    /// A human must look first.
    Doubtful(Deliberation<'a>, Reason),
}

/// A decision in the making. What it has decided so far is seen by what it decides next.
pub(super) struct Deliberation<'a> {
    pub(super) rules: Rules<'a>,
    pub(super) docket: &'a Docket,
    pub(super) now: Timestamp,
    decision: Decision,
    tickets: HashMap<TicketNumber, Ticket>,
    letters: HashMap<Option<TicketNumber>, i64>,
    gist: OnceCell<Arc<Gist>>,
}

impl<'a> Deliberation<'a> {
    /// A fresh one; `loose_letters` numbers the letters that are on no ticket, which nothing else counts.
    pub(super) fn new(rules: Rules<'a>, docket: &'a Docket, now: Timestamp, loose_letters: i64) -> Self {
        let letters = HashMap::from([(None, loose_letters)]);
        let (decision, tickets, gist) = (Decision::default(), HashMap::new(), OnceCell::new());
        Deliberation { rules, docket, now, decision, tickets, letters, gist }
    }

    pub(super) fn end(mut self, outcome: Outcome) -> Decision {
        self.turn_all_clocks();
        self.decision.gist = self.gist.into_inner();
        self.decision.outcome = Some(outcome);
        self.decision
    }

    pub(super) fn suppress(self, reason: Reason) -> Decision {
        self.end(Outcome::Suppressed(reason))
    }

    /// The decision on what came with no mail.
    pub(super) fn end_without_mail(mut self) -> Decision {
        self.turn_all_clocks();
        self.decision
    }

    /// Nothing is done of an order, for these reasons.
    pub(super) fn refuse(self, refusals: Vec<String>) -> Decision {
        Decision { refusals, ..Decision::default() }
    }

    pub(super) fn policy(&self) -> &'a Policy {
        self.rules.policy
    }

    /// The ticket as it stands after what was decided so far.
    pub(super) fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        self.tickets.get(&number).or_else(|| self.docket.dossier(number).map(|dossier| &dossier.ticket))
    }

    pub(super) fn dossier(&self, number: TicketNumber) -> Option<&'a Dossier> {
        self.docket.dossier(number)
    }

    /// The ticket's dossier, and those of the tickets that were merged into it.
    pub(super) fn parts(&self, number: TicketNumber) -> Vec<&'a Dossier> {
        let goes_on_here = |dossier: &&Dossier| matching::goes_on_in(self.docket, dossier.ticket.number) == number;
        let mut parts: Vec<&'a Dossier> = self.docket.dossiers.values().filter(goes_on_here).collect();
        parts.sort_unstable_by_key(|dossier| dossier.ticket.number);
        parts
    }

    pub(super) fn desk_of(&self, ticket: &Ticket) -> &'a Desk {
        self.policy().desk(&ticket.desk)
    }

    /// The time at a ticket's desk.
    pub(super) fn zone_of(&self, ticket: &Ticket) -> &'a TimeZone {
        &self.desk_of(ticket).time_zone
    }

    /// The language that a desk writes to a requester in; `None` where nothing tells: then in its first. `written_in` is what they
    /// write in just now, or have so far.
    pub(super) fn language_for(
        &self,
        desk: &Desk,
        requester: Option<&Contact>,
        written_in: Option<Language>,
    ) -> Option<Language> {
        let organisation = requester.and_then(|contact| self.policy().organisation_of(&contact.address));
        let own = requester.and_then(|contact| contact.language);
        desk.language_for(own, written_in, organisation.and_then(|organisation| organisation.language))
    }

    /// The same on a ticket.
    pub(super) fn language_on(&self, ticket: &Ticket, requester: &Contact, written_in: Option<Language>) -> Language {
        let desk = self.desk_of(ticket);
        let known = self.language_for(desk, Some(requester), written_in.or(Some(ticket.language)));
        known.unwrap_or(*desk.languages.first())
    }

    /// Whether a requester is to be told how to be written to in another language.
    pub(super) fn is_language_unsure(&self, desk: &Desk, requester: &Contact, written_in: Option<Language>) -> bool {
        desk.languages.len() > 1 && self.language_for(desk, Some(requester), written_in).is_none()
    }

    /// Whoever a case of that name is with; somebody consulted is written to in their own language where that is known.
    pub(super) fn correspondent(&self, name: &str) -> Option<Cow<'a, Vendor>> {
        let mut vendor = self.policy().correspondent(name)?;
        if vendor.is_consulted
            && let Some(language) = self.contact_at(&vendor.address).and_then(|contact| contact.language)
        {
            vendor.to_mut().language = language;
        }
        Some(vendor)
    }

    /// The vendor of this name; without one the one of the requester's organisation, else the only one there is.
    pub(super) fn vendor_named(&self, ticket: &Ticket, name: Option<&str>) -> Option<&'a Vendor> {
        let policy = self.policy();
        let organisation = ticket.organisation.as_deref().and_then(|organisation| policy.organisation(organisation));
        match name.or(organisation.and_then(|organisation| organisation.vendor.as_deref())) {
            Some(name) => policy.vendor(name),
            None => policy.vendors.first().filter(|_| policy.vendors.len() == 1),
        }
    }

    /// Where a ticket stands, as it can be said.
    pub(super) fn standing(&self, ticket: &Ticket) -> Standing {
        let until = match ticket.state {
            State::Pending { reason: PendingReason::Until { at } } => Some(Day::at(at, self.now, self.zone_of(ticket))),
            _ => None,
        };
        Standing { state: ticket.state, until }
    }

    pub(super) fn contact(&self, id: ContactId) -> Option<&'a Contact> {
        self.docket.contact(id)
    }

    pub(super) fn contact_at(&self, address: &Address) -> Option<&'a Contact> {
        self.docket.contact_at(address)
    }

    /// Whether the person, by whatever address, asked or reads along.
    pub(super) fn follows(&self, ticket: &Ticket, contact: &Contact) -> bool {
        let same_person = |id: ContactId| self.contact(id).is_some_and(|known| known.person == contact.person);
        ticket.readers().any(|reader| reader == contact.id || same_person(reader))
    }

    /// A ticket as it stands by now: what was decided so far has happened to it.
    pub(super) fn as_it_stands(&self, ticket: &Ticket) -> Ticket {
        self.ticket(ticket.number).unwrap_or(ticket).clone()
    }

    /// Opens a ticket with the next number, in the desk's first language where nothing tells; nothing has happened to it yet.
    pub(super) fn open(&mut self, desk: &Desk, subject: &str, language: Option<Language>) -> Ticket {
        let language = language.unwrap_or(*desk.languages.first());
        let number = TicketNumber(self.docket.next_ticket + self.decision.opened.len() as i64);
        let ticket = Ticket::new(number, &desk.name, subject, language, self.now);
        self.decision.opened.push(ticket.clone());
        self.tickets.insert(number, ticket.clone());
        ticket
    }

    /// Writes history: the only way in which a ticket changes.
    pub(super) fn happened(&mut self, number: TicketNumber, by: Actor, event: Event) {
        let is_anothers = matches!(event, Event::Opened { .. } | Event::RequesterChanged { .. });
        self.write_history(number, by, event);
        if is_anothers {
            self.follow_organisation(number);
        }
    }

    /// A ticket belongs to whatever organisation its requester does.
    fn follow_organisation(&mut self, number: TicketNumber) {
        let Some(ticket) = self.ticket(number) else { return };
        let requester = ticket.requester.and_then(|id| self.contact(id));
        let belongs = requester.and_then(|contact| self.policy().organisation_of(&contact.address));
        let organisation = belongs.map(|organisation| organisation.name.clone());
        if organisation != ticket.organisation {
            self.write_history(number, Actor::SYSTEM, Event::OrganisationChanged { organisation });
        }
    }

    fn write_history(&mut self, number: TicketNumber, by: Actor, event: Event) {
        let happened = Happened { at: self.now, by, event };
        if let Some(ticket) = self.ticket(number).cloned() {
            self.tickets.insert(number, ticket.after(&happened));
        }
        self.decision.history.push((number, happened));
    }

    /// Sets the clocks of a ticket as it stands by now. Rules know nothing of clocks: these follow the ticket.
    pub(super) fn turn_clocks(&mut self, number: TicketNumber) {
        let Some(ticket) = self.ticket(number) else { return };
        let clocks = targets::turned(self.policy(), ticket, self.now);
        if !clocks.is_empty() {
            self.happened(number, Actor::SYSTEM, Event::ClocksSet { clocks });
        }
    }

    fn turn_all_clocks(&mut self) {
        let mut touched: Vec<TicketNumber> = self.tickets.keys().copied().collect();
        touched.sort_unstable();
        touched.into_iter().for_each(|number| self.turn_clocks(number));
    }

    /// What a mass incident is called from now on.
    pub(super) fn call(&mut self, number: TicketNumber, title: &str) {
        if let Some(ticket) = self.ticket(number).cloned() {
            self.tickets.insert(number, Ticket { title: Some(title.to_owned()), ..ticket });
        }
        self.decision.titles.push((number, title.to_owned()));
    }

    /// More is to be done on a ticket, in the next commit.
    pub(super) fn is_unfinished(&mut self, number: TicketNumber) {
        self.decision.unfinished.push(number);
    }

    /// Time had come to look at a ticket; `not_before`: what falls due there is gathered until then.
    pub(super) fn looked_at(&mut self, number: TicketNumber, not_before: Option<Timestamp>) {
        self.decision.looked_at.push((number, not_before));
    }

    /// The absence of somebody of ours, as it is by now.
    pub(super) fn absence_of(&self, contact: ContactId) -> Option<Absence> {
        let decided = self.decision.absences.iter().rev().find(|(who, _)| *who == contact);
        decided.map_or_else(|| self.docket.absences.get(&contact).copied(), |(_, absence)| *absence)
    }

    /// The same, while it lasts.
    pub(super) fn away(&self, contact: ContactId) -> Option<Absence> {
        self.absence_of(contact).filter(|absence| absence.holds(self.now))
    }

    pub(super) fn is_away_from_now_on(&mut self, contact: ContactId, absence: Option<Absence>) {
        self.decision.absences.push((contact, absence));
    }

    /// Whether an absence ended by what was decided so far.
    pub(super) fn came_back(&self, contact: ContactId) -> bool {
        let was_away = self.docket.absences.get(&contact).is_some_and(|absence| absence.holds(self.now));
        was_away && self.away(contact).is_none()
    }

    /// The tickets at hand that somebody owns and that are not over, as they stand.
    pub(super) fn open_tickets_of(&self, owner: ContactId) -> Vec<Ticket> {
        let at_hand = self.docket.dossiers.keys().chain(self.tickets.keys()).filter_map(|number| self.ticket(*number));
        let theirs = at_hand.filter(|ticket| ticket.agent == Some(owner) && !ticket.state.is_over());
        let mut theirs: Vec<Ticket> = theirs.cloned().collect();
        theirs.sort_unstable_by_key(|ticket| ticket.number);
        theirs.dedup_by_key(|ticket| ticket.number);
        theirs
    }

    pub(super) fn enter(&mut self, entry: Entry) {
        self.decision.entries.push(entry);
    }

    /// A request leaves its ticket for one of its own.
    pub(super) fn move_mail(&mut self, moved: Moved) {
        self.decision.moved.push(moved);
    }

    /// The author of a mail that is on a ticket already is proven.
    pub(super) fn verify(&mut self, ticket: TicketNumber, ledger: LedgerId) {
        self.decision.verified.push((ticket, ledger));
    }

    /// Later mails that cite this one find the ticket.
    pub(super) fn thread(&mut self, message_id: &MessageId, ticket: TicketNumber) {
        self.decision.threads.push((message_id.clone(), ticket));
    }

    /// What the mail that is decided about asks: made once.
    pub(super) fn gist(&self, make: impl FnOnce() -> Gist) -> &Gist {
        self.gist.get_or_init(|| Arc::new(make()))
    }

    pub(super) fn speaks(&mut self, contact: ContactId, language: Language) {
        self.decision.languages.push((contact, language));
    }

    pub(super) fn cannot_reach(&mut self, contact: ContactId) {
        self.decision.undeliverable.push(contact);
    }

    /// No automatic letter goes there any more.
    pub(super) fn silence(&mut self, contact: ContactId) {
        self.decision.complained.push(contact);
    }

    /// Somebody wrote from an address that a report called dead.
    pub(super) fn can_reach(&mut self, contact: &Contact) {
        if !contact.deliverable {
            self.decision.deliverable.push(contact.id);
        }
    }

    /// Gives a quarantined mail back to the intake; an agent vouches for it.
    pub(super) fn release(&mut self, ledger: LedgerId, vouched: Vouched) {
        self.decision.released.push((ledger, vouched));
    }

    /// Gives an agent's mail that only waited back to the intake, to be carried out.
    pub(super) fn let_leave(&mut self, ledger: LedgerId) {
        self.decision.let_leave.push(ledger);
    }

    /// Letters numbered so far on a ticket.
    pub(super) fn letters_on(&self, ticket: TicketNumber) -> i64 {
        let known = self.dossier(ticket).map_or(0, |dossier| dossier.letters);
        self.letters.get(&Some(ticket)).copied().unwrap_or(known)
    }

    /// The first level is told of a mail in quarantine.
    pub(super) fn told_of(&mut self, ledger: LedgerId) {
        self.decision.told_of.push(ledger);
    }

    /// Team and managers are warned of a mail in quarantine.
    pub(super) fn called_out(&mut self, ledger: LedgerId) {
        self.decision.called_out.push(ledger);
    }

    pub(super) fn draft(&mut self, drafted: Drafted) {
        self.decision.drafts.push(drafted);
    }

    pub(super) fn alert(&mut self, sentence: String) {
        self.decision.alerts.push(sentence);
    }

    /// Sends a letter, unless nobody is left to send it to. Its number within its ticket is given here.
    pub(super) fn send(&mut self, mut letter: Letter) -> Option<i64> {
        if letter.to.is_empty() {
            return None;
        }
        let ticket = letter.ticket.filter(|_| letter.facts.reply_is_public).and_then(|ticket| self.ticket(ticket));
        letter.readers = ticket.map(|ticket| ticket.readers().collect());
        let known = letter.ticket.and_then(|ticket| self.dossier(ticket)).map_or(0, |dossier| dossier.letters);
        let last = self.letters.entry(letter.ticket).or_insert(known);
        *last += 1;
        letter.number = *last;
        letter.facts.attachments = enclosures::listed(&letter.listed, letter.language);
        self.decision.letters.push(letter);
        Some(*last)
    }

    /// The Message-ID that the last letter sent will bear.
    pub(super) fn last_message_id(&self) -> Option<MessageId> {
        self.decision.letters.last().map(|letter| letter.message_id(self.rules.keyring))
    }

    /// A letter about a ticket, with the facts that every letter for this audience may know.
    pub(super) fn letter(&self, ticket: &Ticket, purpose: Purpose, audience: Audience, language: Language) -> Letter {
        let desk = self.desk_of(ticket);
        let requester = ticket.requester.and_then(|id| self.contact(id));
        let owner = ticket.agent.and_then(|id| self.contact(id));
        let for_desk = audience == Audience::Desk;
        let state = match audience {
            Audience::Desk | Audience::Vendor(_) => wording::state,
            Audience::Requester => wording::state_of_request,
        };
        let called = if for_desk { ticket.called() } else { &ticket.subject };
        let named = requester.filter(|contact| contact.name.is_some());
        let others = purpose == Purpose::NewTicket && for_desk;
        let promises = if for_desk { self.promises(ticket) } else { Vec::new() };
        let promises_answer = matches!(purpose, Purpose::Acknowledgement | Purpose::Status);
        Letter {
            ticket: Some(ticket.number),
            number: 0,
            purpose,
            audience,
            language,
            desk: desk.name.clone(),
            from: ticket.address.clone().unwrap_or_else(|| desk.addresses.first().clone()),
            writer: None,
            to: Vec::new(),
            cc: Vec::new(),
            subject: called.to_owned(),
            tag: TagPlace::Front,
            case_mark: None,
            in_reply_to: None,
            references: Vec::new(),
            thread_topic: None,
            thread_index: None,
            html: None,
            enclosures: Vec::new(),
            made: Vec::new(),
            listed: Vec::new(),
            about: None,
            readers: None,
            form: None,
            leaves: Leaves::AtOnce,
            facts: Facts {
                reference: Some(ticket.number.to_string()),
                subject: called.to_owned(),
                requester_name: requester.map(|contact| contact.display().to_owned()),
                requester_address: named.filter(|_| for_desk).map(|contact| contact.address.to_string()),
                organisation: self.organisation_name(ticket).filter(|_| for_desk),
                major: ticket.major.filter(|_| for_desk).map(|parent| self.reference_and_title(parent)),
                level: for_desk.then(|| wording::level(ticket.level, language).to_owned()),
                state: Some(ticket.state.word().to_owned()),
                standing: Some(state(self.standing(ticket), language)),
                priority: for_desk.then_some(ticket.priority.0),
                owner: owner.filter(|_| for_desk).map(|contact| self.staff_name(&contact.address, language)),
                hours: wording::hours(desk, language),
                answer_by: promises_answer.then(|| self.answer_by(ticket, language)).flatten(),
                moves: if for_desk { self.moves(ticket, language) } else { Vec::new() },
                clocks: promises.iter().map(|(name, day)| wording::promise(*name, *day, language)).collect(),
                others: if others { self.others_of_requester(ticket, language) } else { Vec::new() },
                ..Facts::default()
            },
        }
    }

    /// Commands that take a ticket to another level from where it is: one up, and back, where somebody is there.
    fn moves(&self, ticket: &Ticket, language: Language) -> Vec<String> {
        let is_manned = |level: &Level| match level {
            Level::L3 => self.vendor_named(ticket, None).is_some(),
            level => !self.everybody_at(&ticket.desk, *level).is_empty(),
        };
        let up = [Level::L2, Level::L3].into_iter().find(|level| *level > ticket.level && is_manned(level));
        let back = [Level::L2, Level::L1].into_iter().filter(|level| *level < ticket.level && is_manned(level));
        let up = up.map(|level| wording::escalate_command(level, language));
        up.into_iter().chain(back.map(|level| wording::return_command(level, language))).collect()
    }

    /// The organisation of a ticket, as people read it: its bare name where it has left the configuration.
    pub(super) fn organisation_name(&self, ticket: &Ticket) -> Option<String> {
        let name = ticket.organisation.as_deref()?;
        let known = self.policy().organisation(name);
        Some(known.map_or(name, |organisation| organisation.display_name.as_str()).to_owned())
    }

    /// `R-000123 · Title`: the number alone where the ticket is not at hand.
    fn reference_and_title(&self, number: TicketNumber) -> String {
        self.ticket(number).map_or_else(|| number.to_string(), |ticket| format!("{number} · {}", ticket.called()))
    }

    /// What of the promises to a ticket's requester is still to be kept, and until when; `None` while it waits.
    fn promises(&self, ticket: &Ticket) -> Vec<(ClockName, Option<Day>)> {
        let day = |at: Timestamp| Day::at(at, self.now, self.zone_of(ticket));
        let clocks = targets::due(self.policy(), ticket, self.now).into_iter();
        let clocks = clocks.filter(|(clock, _)| clock.party.is_none() && clock.state != ClockState::Stopped);
        clocks.map(|(clock, due_at)| (clock.name, due_at.map(day))).collect()
    }

    /// When a human answers at the latest.
    fn answer_by(&self, ticket: &Ticket, language: Language) -> Option<String> {
        let answers = [ClockName::Tto, ClockName::Tnr];
        let promised = self.promises(ticket).into_iter().filter(|(name, _)| answers.contains(name));
        promised.filter_map(|(_, day)| day).next().map(|day| wording::day(day, language))
    }

    /// What else its requester has open, newest first.
    pub(super) fn others_of_requester(&self, ticket: &Ticket, language: Language) -> Vec<OtherFacts> {
        let Some(requester) = ticket.requester.and_then(|id| self.contact(id)) else { return Vec::new() };
        let is_theirs = |asked: ContactId| self.contact(asked).is_some_and(|known| known.person == requester.person);
        let looked_up = self.docket.open_tickets.iter().filter(|(asked, _)| is_theirs(**asked));
        let looked_up = looked_up.flat_map(|(_, tickets)| tickets);
        // Those that this commit touches are known as they stand.
        let at_hand = self.docket.dossiers.values().map(|dossier| &dossier.ticket);
        let at_hand = at_hand.filter(|ticket| ticket.requester.is_some_and(is_theirs));
        let mut open: Vec<Ticket> = looked_up.chain(at_hand).map(|ticket| self.as_it_stands(ticket)).collect();
        open.retain(|other| other.number != ticket.number && !other.state.is_over());
        open.sort_unstable_by_key(|ticket| std::cmp::Reverse(ticket.number));
        open.dedup_by_key(|ticket| ticket.number);
        open.iter().take(OTHERS_SHOWN).map(|other| self.other(other, language)).collect()
    }

    pub(super) fn other(&self, ticket: &Ticket, language: Language) -> OtherFacts {
        let owner = ticket.agent.and_then(|id| self.contact(id));
        OtherFacts {
            reference: ticket.number.to_string(),
            subject: ticket.subject.clone(),
            standing: wording::state(self.standing(ticket), language),
            owner: owner.map(|contact| self.staff_name(&contact.address, language)),
        }
    }

    /// A letter to staff about a mail that is on no ticket.
    pub(super) fn loose_letter(&self, purpose: Purpose, desk: &Desk, language: Language) -> Letter {
        Letter {
            ticket: None,
            number: 0,
            purpose,
            audience: Audience::Desk,
            language,
            desk: desk.name.clone(),
            from: desk.addresses.first().clone(),
            writer: None,
            to: Vec::new(),
            cc: Vec::new(),
            subject: String::new(),
            tag: TagPlace::Front,
            case_mark: None,
            in_reply_to: None,
            references: Vec::new(),
            thread_topic: None,
            thread_index: None,
            html: None,
            enclosures: Vec::new(),
            made: Vec::new(),
            listed: Vec::new(),
            about: None,
            readers: None,
            form: None,
            leaves: Leaves::AtOnce,
            facts: Facts::default(),
        }
    }

    /// The name that requesters and colleagues read; a team without one is called by its level.
    pub(super) fn staff_name(&self, address: &Address, language: Language) -> String {
        let name = self.policy().agent(address).map(|agent| agent.name.clone());
        name.or_else(|| self.contact_at(address).and_then(|contact| contact.name.clone())).unwrap_or_else(|| {
            self.policy()
                .team_of(address)
                .map_or(address.to_string(), |team| wording::level(team.level, language).to_owned())
        })
    }

    pub(super) fn staff_mailbox(&self, address: &Address) -> Mailbox {
        Mailbox { name: self.policy().agent(address).map(|agent| agent.name.clone()), address: address.clone() }
    }

    pub(super) fn staff_language(&self, address: &Address, desk: &Desk) -> Language {
        let said = self.policy().agent(address).and_then(|agent| agent.language);
        said.or_else(|| self.contact_at(address).and_then(|contact| contact.language))
            .unwrap_or(*desk.languages.first())
    }

    /// Where a desk's letters for a level go: its team's mailbox, else each of its agents who is there; a level without anybody
    /// falls to L1. Where all of a level are away, all of it hear, and L1 does: somebody must see what comes.
    pub(super) fn staff_at(&self, desk: &str, level: Level) -> Vec<Address> {
        let everybody = self.everybody_at(desk, level);
        let there: Vec<Address> = everybody.iter().filter(|address| self.is_there(address)).cloned().collect();
        if !there.is_empty() {
            return there;
        }
        let first: Vec<Address> = if level == Level::L1 { Vec::new() } else { self.staff_at(desk, Level::L1) };
        let first = first.into_iter().filter(|one| !everybody.iter().any(|known| known.is(one)));
        everybody.iter().cloned().chain(first).collect()
    }

    /// Where letters go that concern every desk: to the first level of each, everybody once.
    pub(super) fn first_level_of_all(&self) -> Vec<Address> {
        let mut staff: Vec<Address> = Vec::new();
        for desk in self.policy().desks.iter() {
            staff.extend(without(self.staff_at(&desk.name, Level::L1), &staff));
        }
        staff
    }

    fn everybody_at(&self, desk: &str, level: Level) -> Vec<Address> {
        match self.policy().team(desk, level) {
            Some(team) => vec![team.address.clone()],
            None => self.policy().agents_at(desk, level).map(|agent| agent.address.clone()).collect(),
        }
    }

    /// Whether nobody knows of an absence of theirs.
    fn is_there(&self, address: &Address) -> bool {
        self.contact_at(address).is_none_or(|contact| self.away(contact.id).is_none())
    }

    /// Who hears about a ticket: its owner, else its level; both while the owner is away.
    pub(super) fn staff_for(&self, ticket: &Ticket) -> Vec<Address> {
        match ticket.agent.and_then(|id| self.still_staff(id)) {
            Some(owner) if self.is_there(&owner.address) => vec![owner.address.clone()],
            Some(owner) => self.owner_and_level(ticket, owner),
            None => self.staff_at(&ticket.desk, ticket.level.worked_at()),
        }
    }

    /// A ticket's owner first, and its level.
    pub(super) fn owner_and_level(&self, ticket: &Ticket, owner: &Contact) -> Vec<Address> {
        let level = self.staff_at(&ticket.desk, ticket.level.worked_at()).into_iter();
        let others = level.filter(|one| !one.is(&owner.address));
        std::iter::once(owner.address.clone()).chain(others).collect()
    }

    /// Who works here now: whoever left the configuration is told nothing any more.
    pub(super) fn still_staff(&self, id: ContactId) -> Option<&'a Contact> {
        self.contact(id).filter(|contact| self.policy().is_staff(&contact.address))
    }

    /// Sends the same letter to several of the staff: one a language, a delivery each. Whoever is none any more gets nothing.
    pub(super) fn send_to_staff(&mut self, staff: &[Address], make: impl Fn(&Self, Language) -> Option<Letter>) {
        let mut by_language: Vec<(Language, Vec<Mailbox>)> = Vec::new();
        for address in staff.iter().filter(|address| self.policy().is_staff(address)) {
            let language = self.staff_language(address, self.policy().desks.first());
            let mailbox = self.staff_mailbox(address);
            match by_language.iter_mut().find(|(known, _)| *known == language) {
                Some((_, mailboxes)) => mailboxes.push(mailbox),
                None => by_language.push((language, vec![mailbox])),
            }
        }
        for (language, to) in by_language {
            if let Some(letter) = make(self, language) {
                self.send(Letter { to, ..letter });
            }
        }
    }
}

/// Those of them who are not among the others.
pub(super) fn without(staff: Vec<Address>, others: &[Address]) -> Vec<Address> {
    staff.into_iter().filter(|one| !others.iter().any(|other| other.is(one))).collect()
}
