//! A ticket's state. It is the fold of its history: [`Ticket::after`] is the only thing that changes it.

pub(super) mod case;
pub(super) mod clock;
pub(super) mod contact;
pub(super) mod crowd;
pub(super) mod event;
pub(super) mod ids;
pub(super) mod state;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::case::{Mark, VendorCase};
use self::clock::{Clock, ClockName};
use self::crowd::{Crowd, Said};
use self::event::{Event, Happened};
use self::ids::{ContactId, LedgerId, TicketNumber};
use self::state::{CopiedLevel, Level, Origin, PendingReason, Priority, RequestType, Role, State, Trust};
use crate::mail::{Address, Language};

/// A request, and where it stands: the fold of its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Its number; shown as `R-000123`.
    pub number: TicketNumber,
    /// Name of the desk it belongs to.
    pub desk: String,
    /// The first mail's subject. It may have to be erased, so no event holds it.
    pub subject: String,
    /// Incident or service request.
    pub request_type: RequestType,
    /// How it came in.
    pub origin: Origin,
    /// The desk's address that the requester wrote to: letters leave from it.
    pub address: Option<Address>,
    /// Who asks; `None` for a mail without a usable author.
    pub requester: Option<ContactId>,
    /// The requester's language when the ticket was opened; letters follow the contact's where that is known.
    pub language: Language,
    /// Who works on it now.
    pub level: Level,
    /// Who owns it; `None` while nobody took it.
    pub agent: Option<ContactId>,
    /// The agent who last escalated it to a vendor: the vendor's answers go there.
    pub escalated_by: Option<ContactId>,
    /// Where it stands.
    pub state: State,
    /// How urgent it is.
    pub priority: Priority,
    /// The service concerned, where known.
    pub service: Option<String>,
    /// The older ticket that this one follows.
    pub parent: Option<TicketNumber>,
    /// The mass incident that it is part of: it receives its solution.
    pub major: Option<TicketNumber>,
    /// What it knows of requests about the same matter; `None` where there are none.
    pub crowd: Option<Crowd>,
    /// Of a mass incident: what it is called before everybody who is part of it. It may have to be erased, so no event holds it.
    pub title: Option<String>,
    /// The ticket that this one was merged into.
    pub merged_into: Option<TicketNumber>,
    /// The requester's organisation, by its name in the configuration.
    pub organisation: Option<String>,
    /// A program asked, or seems to have: no letter of ours that nobody wrote goes to the requester.
    pub automatic: bool,
    /// Participants besides the requester, in the order in which they came.
    pub participants: Vec<Participant>,
    /// Everybody who ever asked or read along, in the order in which they came: nobody of them is named to a vendor, and each
    /// stays under the stand-in that they once had.
    pub people: Vec<ContactId>,
    /// One entry a vendor that the ticket was escalated to.
    pub vendor_cases: Vec<VendorCase>,
    /// Addresses of teams and vendors that are escalated to by `cc`: they stand in Cc of the letters to the requester.
    pub copied_levels: Vec<CopiedLevel>,
    /// The id of a known fix that was offered and waits for OUI/YES.
    pub known_fix: Option<String>,
    /// Known fixes that the requester said did not help.
    pub refused_fixes: Vec<String>,
    /// Mails of agents that wait for `#ok` or `#annuler`.
    pub held: Vec<LedgerId>,
    /// Those of them that are carried out by themselves.
    pub leaving: Vec<Leaving>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When an agent first became its owner. It stays, whoever owns the ticket later and whether anybody does: through an
    /// escalation, a return, a reopening.
    pub owned_at: Option<Timestamp>,
    /// When a human of ours first wrote to the requester: an answer, a solution, a question, a vendor's words passed on, a
    /// known fix that an agent sent. Nothing that the program sends by itself, and no telephone call: what was said there
    /// stands in no history. It stays as `owned_at` does; a merger brings nothing of the other ticket's.
    pub answered_at: Option<Timestamp>,
    /// Since when a further question of the requester's has had no answer of a human's.
    pub asked_at: Option<Timestamp>,
    /// What was promised, and what of it has run.
    pub clocks: Vec<Clock>,
    /// What machines reported on it.
    pub machine_keys: Vec<MachineKey>,
    /// Since when it has waited for the requester, or until a day, where somebody is told of that.
    pub waiting_since: Option<Timestamp>,
    /// When the requester was reminded in this wait.
    pub reminded_at: Option<Timestamp>,
    /// Until when the requester said to be away.
    pub away_until: Option<Timestamp>,
    /// Whoever is on call was told of it.
    pub paged: bool,
    /// When it was last resolved.
    pub resolved_at: Option<Timestamp>,
    /// When it was last closed.
    pub closed_at: Option<Timestamp>,
    /// When its newest event happened.
    pub updated_at: Timestamp,
    /// Number of events so far; a reader's proof of what it saw.
    pub version: i64,
}

/// Somebody who reads along or owns a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Their row among the contacts: one address.
    pub contact: ContactId,
}

/// An agent's mail that waits for nothing but time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// When it is carried out.
    pub until: Timestamp,
}

/// What a machine reports about, and whether it works again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineKey {
    /// The machine's name in the configuration.
    pub machine: String,
    /// As its mails write it.
    pub key: String,
    /// Whether its mails are authenticated.
    pub trust: Trust,
    /// Whether its last report says that it works again.
    pub recovered: bool,
}

impl MachineKey {
    fn is(&self, machine: &str, key: &str, trust: Trust) -> bool {
        self.machine == machine && self.key == key && self.trust == trust
    }
}

impl Mark {
    /// That a vendor's case has it.
    pub(in crate::desk) fn learned(self, vendor: &str) -> Event {
        let Mark { mark, number } = self;
        Event::CaseNumberLearned { vendor: vendor.to_owned(), mark: Some(mark).filter(|mark| *mark != number), number }
    }
}

impl Ticket {
    /// A ticket at the moment in which its first event happens.
    pub fn new(number: TicketNumber, desk: &str, subject: &str, language: Language, at: Timestamp) -> Ticket {
        Ticket {
            number,
            desk: desk.to_owned(),
            subject: subject.to_owned(),
            request_type: RequestType::Incident,
            origin: Origin::Mail,
            address: None,
            requester: None,
            language,
            level: Level::L1,
            agent: None,
            escalated_by: None,
            state: State::New,
            priority: Priority(3),
            service: None,
            parent: None,
            major: None,
            crowd: None,
            title: None,
            merged_into: None,
            organisation: None,
            automatic: false,
            participants: Vec::new(),
            people: Vec::new(),
            vendor_cases: Vec::new(),
            copied_levels: Vec::new(),
            known_fix: None,
            refused_fixes: Vec::new(),
            held: Vec::new(),
            leaving: Vec::new(),
            opened_at: at,
            owned_at: None,
            answered_at: None,
            asked_at: None,
            clocks: Vec::new(),
            machine_keys: Vec::new(),
            waiting_since: None,
            reminded_at: None,
            away_until: None,
            paged: false,
            resolved_at: None,
            closed_at: None,
            updated_at: at,
            version: 0,
        }
    }

    /// The ticket after something happened to it.
    #[must_use]
    pub fn after(mut self, happened: &Happened) -> Ticket {
        self.updated_at = happened.at;
        self.version += 1;
        self.apply(happened);
        if !matches!(self.state, State::Pending { reason: PendingReason::Requester | PendingReason::Until { .. } }) {
            (self.waiting_since, self.reminded_at) = (None, None);
        }
        self
    }

    fn apply(&mut self, happened: &Happened) {
        let Happened { at, by, event } = happened;
        match event {
            Event::Opened { requester, origin, request_type, desk, address, automatic } => {
                if let Some(desk) = desk {
                    self.desk = desk.clone();
                }
                self.automatic = *automatic;
                self.address = address.clone();
                self.change_requester(*requester);
                self.origin = *origin;
                self.request_type = *request_type;
            }
            Event::Assigned { agent } => {
                self.agent = Some(*agent);
                self.owned_at.get_or_insert(*at);
                if self.state == State::New {
                    self.state = State::Open;
                }
            }
            Event::Unassigned { .. } => {
                self.agent = None;
                if self.state == State::Open {
                    self.state = State::New;
                }
            }
            Event::Escalated { to, vendor, by, .. } => {
                self.level = *to;
                self.escalated_by = *by;
                if vendor.is_some() {
                    self.state = State::Pending { reason: PendingReason::Vendor };
                } else {
                    self.agent = None;
                    self.state = State::New;
                }
            }
            Event::Returned { to, .. } => {
                self.level = *to;
                self.agent = None;
                self.copied_levels.clear();
                self.state = State::New;
            }
            Event::LevelCopied { level } => {
                if !self.copied_levels.contains(level) {
                    self.copied_levels.push(level.clone());
                }
            }
            Event::VendorCaseOpened { vendor, letter } => self.case_of(vendor).opened_with = Some(letter.clone()),
            Event::CaseNumberLearned { vendor, number, mark } => {
                let mark = mark.clone().unwrap_or_else(|| number.clone());
                self.case_of(vendor).learn(Mark { mark, number: number.clone() });
            }
            Event::CaseTakenOver { case, .. } => self.case_of(&case.vendor).take_over(case.clone()),
            Event::VendorAsked { vendor } => self.case_of(vendor).asked(*at),
            Event::VendorChased { vendor } | Event::VendorSilent { vendor } => self.case_of(vendor).chased(*at),
            Event::VendorRefused { vendor } => self.case_of(vendor).refused = true,
            Event::WatermarkLearned { vendor, watermark } => {
                self.case_of(vendor).watermark = Some(watermark.clone());
            }
            Event::VendorHeard { vendor, message_id, from, answer } => {
                let case = self.case_of(vendor);
                if *answer {
                    case.answered();
                }
                if message_id.is_some() {
                    case.last_heard = message_id.clone();
                }
                from.iter().for_each(|from| case.heard(*from));
            }
            Event::ParticipantAdded { contact } => {
                if !self.participants.iter().any(|p| p.contact == *contact) {
                    self.participants.push(Participant { contact: *contact });
                }
                self.came(*contact);
            }
            Event::ParticipantRemoved { contact } => {
                self.participants.retain(|p| p.contact != *contact);
            }
            Event::RequesterChanged { contact } => {
                self.automatic = false;
                self.change_requester(Some(*contact));
            }
            Event::PutOnHold { reason, reminds } => {
                self.state = State::Pending { reason: *reason };
                (self.waiting_since, self.reminded_at) = (reminds.then_some(*at), None);
            }
            Event::Reminded | Event::ReminderWithheld { .. } => self.reminded_at = Some(*at),
            Event::RequesterAway { until } => self.away_until = Some(*until),
            Event::RequesterBack => self.away_until = self.away_until.map(|until| until.min(*at)),
            Event::OrganisationChanged { organisation } => self.organisation = organisation.clone(),
            Event::Resumed => self.state = self.working_state(),
            Event::Resolved { .. } => {
                self.state = State::Resolved;
                self.resolved_at = Some(*at);
                self.known_fix = None;
                self.asked_at = None;
            }
            Event::Reopened => {
                self.state = self.working_state();
                // Whoever says that it is not solved for them is answered apart.
                self.major = None;
                self.change_crowd(Crowd::reopen);
                self.resolved_at = None;
                self.closed_at = None;
            }
            Event::Closed => {
                self.asked_at = None;
                self.state = State::Closed;
                self.closed_at = Some(*at);
            }
            Event::MarkedSpam => {
                self.asked_at = None;
                self.state = State::Spam;
            }
            Event::MergedInto { ticket } => {
                self.merged_into = Some(*ticket);
                // What waits here waits there from now on.
                self.held.clear();
                self.leaving.clear();
                self.asked_at = None;
                self.state = State::Closed;
                self.closed_at = Some(*at);
            }
            Event::SplitOff { asked_at, .. } => self.asked_at = *asked_at,
            Event::Follows { ticket } => self.parent = Some(*ticket),
            Event::PriorityChanged { priority } => self.priority = *priority,
            Event::ServiceChanged { service } => self.service = Some(service.clone()),
            Event::DeskChanged { desk } => self.desk = desk.clone(),
            Event::KnownFixOffered { fix } => {
                self.known_fix = Some(fix.clone());
                if by.role == Role::Agent {
                    self.answered(*at);
                }
            }
            Event::KnownFixRefused { fix } => {
                self.known_fix = None;
                self.refused_fixes.push(fix.clone());
            }
            Event::Answered { .. } | Event::AnsweredDirectly { .. } => self.answered(*at),
            Event::Held { ledger, until, .. } => {
                self.end_held(*ledger);
                self.held.extend(*ledger);
                self.leaving.extend(ledger.zip(*until).map(|(ledger, until)| Leaving { ledger, until }));
            }
            Event::Released { ledger } | Event::Withdrawn { ledger } => self.end_held(*ledger),
            Event::MailReceived { .. } => {
                if self.answered_at.is_some() && matches!(by.role, Role::Requester | Role::Participant) {
                    self.asked_at.get_or_insert(*at);
                }
            }
            Event::MachineFailed { machine, key, trust } => self.reported(machine, key, *trust, false),
            Event::MachineRecovered { machine, key, trust } => self.reported(machine, key, *trust, true),
            Event::ClocksSet { clocks } => clocks.iter().for_each(|clock| self.set_clock(clock)),
            Event::ClockWarned { clock, party } => {
                self.clocks.iter_mut().filter(|one| one.is(*clock, party.as_deref())).for_each(|one| one.warned = true);
            }
            Event::ClockBreached { clock, party } => {
                self.clocks
                    .iter_mut()
                    .filter(|one| one.is(*clock, party.as_deref()))
                    .for_each(|one| one.breached = true);
            }
            Event::OnCallPaged => self.paged = true,
            Event::AlikeFound { tickets } => self.crowd.get_or_insert_default().propose(tickets, *at),
            Event::AlikeProposed { tickets } => {
                let crowd = self.crowd.get_or_insert_default();
                crowd.propose(tickets, *at);
                crowd.offered = true;
            }
            Event::AlikeSettled { tickets } => self.change_crowd(|crowd| crowd.settle(tickets)),
            Event::MadeMajor => {
                self.major = None;
                self.crowd.get_or_insert_default().declared = true;
            }
            Event::MajorEnded => self.change_crowd(Crowd::end),
            Event::JoinedCrowd { parent } => self.major = Some(*parent),
            Event::LeftCrowd => self.major = None,
            Event::ChildJoined { child, untold } => {
                self.change_crowd(|crowd| crowd.join(*child, *untold, *at));
            }
            Event::ChildLeft { child } => self.change_crowd(|crowd| crowd.leave(*child)),
            Event::ChildrenTold { children } => self.change_crowd(|crowd| crowd.told(children)),
            Event::SaidToAll { ledger, solves, files } => {
                let said = Said { at: *at, ledger: *ledger, by: by.contact };
                self.change_crowd(|crowd| crowd.say(said, *solves, files));
            }
            Event::ChildrenReached { children } => self.change_crowd(|crowd| crowd.reached(children)),
            Event::EscalatedToManager { .. }
            | Event::AuthorProven { .. }
            | Event::NoteAdded { .. }
            | Event::MailIgnored { .. }
            | Event::Complained { .. }
            | Event::Linked { .. }
            | Event::Mentioned { .. }
            | Event::KnownFixConfirmed { .. }
            | Event::KnownFixDrafted { .. }
            | Event::DeliveryFailed { .. }
            | Event::Published { .. }
            | Event::BrakeTripped { .. } => {}
        }
    }

    /// What is left of a crowd when nothing is, is none.
    fn change_crowd(&mut self, change: impl FnOnce(&mut Crowd)) {
        if let Some(crowd) = &mut self.crowd {
            change(crowd);
        }
        self.crowd = self.crowd.take().filter(|crowd| !crowd.is_empty());
    }

    fn answered(&mut self, at: Timestamp) {
        self.answered_at.get_or_insert(at);
        self.asked_at = None;
    }

    fn reported(&mut self, machine: &str, key: &str, trust: Trust, recovered: bool) {
        let (machine, key) = (machine.to_owned(), key.to_owned());
        self.machine_keys.retain(|known| !known.is(&machine, &key, trust));
        self.machine_keys.push(MachineKey { machine, key, trust, recovered });
    }

    /// What a machine last reported under this key.
    pub fn machine_key(&self, machine: &str, key: &str, trust: Trust) -> Option<&MachineKey> {
        self.machine_keys.iter().find(|known| known.is(machine, key, trust))
    }

    fn set_clock(&mut self, clock: &Clock) {
        match self.clocks.iter_mut().find(|one| one.is(clock.name, clock.party.as_deref())) {
            Some(known) => *known = clock.clone(),
            None => self.clocks.push(clock.clone()),
        }
    }

    /// The clock of that name; with `ola` also of that party.
    pub fn clock(&self, name: ClockName, party: Option<&str>) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.is(name, party))
    }

    fn end_held(&mut self, ledger: Option<LedgerId>) {
        self.held.retain(|held| Some(*held) != ledger);
        self.leaving.retain(|leaving| Some(leaving.ledger) != ledger);
    }

    fn working_state(&self) -> State {
        if self.agent.is_some() { State::Open } else { State::New }
    }

    fn change_requester(&mut self, requester: Option<ContactId>) {
        self.requester = requester;
        requester.into_iter().for_each(|contact| self.came(contact));
    }

    fn came(&mut self, contact: ContactId) {
        if !self.people.contains(&contact) {
            self.people.push(contact);
        }
    }

    fn case_of(&mut self, vendor: &str) -> &mut VendorCase {
        let at = self.vendor_cases.iter().position(|case| case.vendor == vendor).unwrap_or_else(|| {
            self.vendor_cases.push(VendorCase::new(vendor));
            self.vendor_cases.len() - 1
        });
        &mut self.vendor_cases[at]
    }

    /// The ticket's thread with a vendor.
    pub fn case(&self, vendor: &str) -> Option<&VendorCase> {
        self.vendor_cases.iter().find(|case| case.vendor == vendor)
    }

    /// Everybody who must stay unnamed before a vendor, in the order of their stand-ins.
    pub fn people_before(&self, vendor: &str) -> Vec<ContactId> {
        let mut people = self.case(vendor).map(|case| case.people.clone()).unwrap_or_default();
        let others: Vec<ContactId> = self.people.iter().filter(|contact| !people.contains(contact)).copied().collect();
        people.extend(others);
        people
    }

    /// Whether a mail waits here for nothing but time.
    pub fn is_leaving(&self, ledger: LedgerId) -> bool {
        self.leaving.iter().any(|leaving| leaving.ledger == ledger)
    }

    /// Who reads what is public: the requester, and the participants.
    pub fn readers(&self) -> impl Iterator<Item = ContactId> {
        self.requester.into_iter().chain(self.participants.iter().map(|participant| participant.contact))
    }

    /// What agents read as its subject.
    pub fn called(&self) -> &str {
        self.as_major().and(self.title.as_deref()).unwrap_or(&self.subject)
    }

    /// The mass incident that it is the parent of.
    pub fn as_major(&self) -> Option<&Crowd> {
        self.crowd.as_ref().filter(|crowd| crowd.declared)
    }

    /// Whether somebody here ever owned it or answered.
    pub fn was_taken_up(&self) -> bool {
        self.owned_at.is_some() || self.answered_at.is_some()
    }

    /// Whether the contact asked or reads along.
    pub fn is_followed_by(&self, contact: ContactId) -> bool {
        self.readers().any(|reader| reader == contact)
    }
}
