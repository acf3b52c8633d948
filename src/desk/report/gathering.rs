//! The fold over the history that makes the figures.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::days::Days;
use super::followed::Followed;
use super::{Backlog, Escalations, Figures, KnownFixes, Period, Promise, Share, TeamFigures, VendorFigures, Waited};
use crate::desk::{Clock, ClockName, ClockState, Event, Happened, Level, Policy, Ticket, TicketNumber};
use crate::mail::{Address, Language};

const DAYS: [i64; 4] = [1, 3, 7, 30];

/// To which desk a new ticket came whose history does not say so: the one that has the address that was written to, else the
/// first.
pub struct Homes {
    pub(super) of: Vec<(Address, String)>,
    pub(super) first: String,
}

impl Homes {
    /// As the configuration has it.
    pub fn of(policy: &Policy) -> Homes {
        let addresses = policy.desks.iter().flat_map(|desk| desk.addresses.iter().map(move |address| (address, desk)));
        Homes {
            of: addresses.map(|(address, desk)| (address.clone(), desk.name.clone())).collect(),
            first: policy.desks.first().name.clone(),
        }
    }

    fn at(&self, address: Option<&Address>) -> &str {
        let known = address.and_then(|address| self.of.iter().find(|(own, _)| address.is_within(own)));
        known.map_or(&self.first, |(_, desk)| desk)
    }
}

/// Figures of one desk, while the history is read, one ticket after another. It keeps what counts of a ticket, and forgets it
/// with the next one.
pub struct Gathering<'a> {
    homes: &'a Homes,
    at_hand: Option<Followed>,
    figures: Figures,
    promises: BTreeMap<(ClockName, u8), Share>,
    teams: BTreeMap<Level, Share>,
    vendors: BTreeMap<String, VendorFigures>,
    waits: BTreeMap<String, Vec<u64>>,
    escalations: BTreeMap<(Level, Option<String>, Option<String>), u64>,
    days: Days,
}

impl<'a> Gathering<'a> {
    /// Nothing has happened yet.
    pub fn new(homes: &'a Homes, desk: &str, zone: TimeZone, period: Period) -> Gathering<'a> {
        Gathering {
            homes,
            at_hand: None,
            figures: nothing(desk, period),
            promises: BTreeMap::new(),
            teams: BTreeMap::new(),
            vendors: BTreeMap::new(),
            waits: BTreeMap::new(),
            escalations: BTreeMap::new(),
            days: Days::new(zone),
        }
    }

    /// Takes the next line: all of a ticket's come together, in their order. What happened after the period is as if it had
    /// not.
    pub fn take(&mut self, number: TicketNumber, happened: &Happened) {
        if happened.at >= self.figures.period.to {
            return;
        }
        let Some(before) = self.known(number).or_else(|| self.begun(number, happened)) else { return };
        let left = before.ticket.desk.clone();
        let counts = self.figures.period.contains(happened.at);
        let stopped = if counts { stopped(&before.ticket, &happened.event) } else { Vec::new() };
        let waited = waited(&before.ticket, happened);
        let after = before.after(happened);
        if counts {
            self.moved(&left, &after.ticket.desk);
        }
        if counts && after.ticket.desk == self.figures.desk {
            self.count(&after, happened);
            stopped.iter().filter(|_| after.counts()).for_each(|clock| self.count_stopped(&after.ticket, clock));
            if let Some((vendor, waited)) = waited {
                self.vendor(vendor);
                self.waits.entry(vendor.to_owned()).or_default().push(waited);
            }
        }
        self.at_hand = Some(after);
    }

    /// The figures of all that was taken.
    pub fn figures(mut self) -> Figures {
        self.lay_down();
        let promise = |((clock, priority), kept)| Promise { clock, priority, kept };
        self.figures.promises = self.promises.into_iter().map(promise).collect();
        self.figures.teams = self.teams.into_iter().map(|(level, kept)| TeamFigures { level, kept }).collect();
        let mut waits = self.waits;
        let mut answered = |vendor: &str| Waited::of(waits.remove(vendor).unwrap_or_default());
        let vendors = self.vendors.into_iter();
        self.figures.vendors =
            vendors.map(|(name, figures)| VendorFigures { answered: answered(&name), ..figures }).collect();
        let kind = |((to, vendor, rule), count)| Escalations { to, vendor, rule, count };
        self.figures.escalations = self.escalations.into_iter().map(kind).collect();
        self.figures.days = self.days.all(&self.figures.period);
        self.figures
    }

    /// The ticket at hand, if it is that one; else it is laid down.
    fn known(&mut self, number: TicketNumber) -> Option<Followed> {
        if self.at_hand.as_ref().is_some_and(|followed| followed.ticket.number == number) {
            return self.at_hand.take();
        }
        self.lay_down();
        None
    }

    /// Nothing more comes of the ticket at hand: where it stands counts.
    fn lay_down(&mut self) {
        let Some(Followed { ticket, .. }) = self.at_hand.take().filter(Followed::is_at_work) else { return };
        if ticket.desk != self.figures.desk {
            return;
        }
        let backlog = &mut self.figures.backlog;
        backlog.all += 1;
        backlog.by_age[age(ticket.opened_at, self.figures.period.to)] += 1;
        *backlog.by_level.entry(ticket.level).or_default() += 1;
        let is_overdue = |clock: &Clock| clock.breached && clock.state != ClockState::Stopped;
        backlog.overdue += u64::from(ticket.clocks.iter().any(is_overdue));
    }

    /// A ticket of which nothing was known. A history begins with its opening.
    fn begun(&self, number: TicketNumber, happened: &Happened) -> Option<Followed> {
        let Event::Opened { desk, address, .. } = &happened.event else { return None };
        let home = desk.as_deref().unwrap_or_else(|| self.homes.at(address.as_ref()));
        Some(Followed::new(Ticket::new(number, home, "", Language::ENGLISH, happened.at)))
    }

    fn moved(&mut self, left: &str, came_to: &str) {
        let desk = &self.figures.desk;
        let (was_here, is_here) = (left == desk, came_to == desk);
        self.figures.moved_in += u64::from(!was_here && is_here);
        self.figures.moved_out += u64::from(was_here && !is_here);
    }

    fn count(&mut self, after: &Followed, happened: &Happened) {
        let Happened { at, event, .. } = happened;
        let (ticket, figures) = (&after.ticket, &mut self.figures);
        match event {
            Event::Opened { origin, .. } => {
                figures.opened += 1;
                *figures.opened_by_channel.entry(*origin).or_default() += 1;
                self.days.opened(*at);
            }
            // Whoever asks is known in the same moment; later the request is another one's.
            Event::OrganisationChanged { organisation: Some(organisation) } if *at == ticket.opened_at => {
                *figures.opened_by_organisation.entry(organisation.clone()).or_default() += 1;
            }
            Event::Resolved { .. } => {
                figures.resolved += 1;
                *figures.resolved_by_level.entry(after.highest).or_default() += 1;
                figures.first_contact.count(after.is_first_contact());
                if let Some(organisation) = &ticket.organisation {
                    *figures.resolved_by_organisation.entry(organisation.clone()).or_default() += 1;
                }
                self.days.resolved(*at);
            }
            Event::Closed => figures.closed += 1,
            Event::Reopened => figures.reopened += 1,
            Event::MergedInto { .. } => figures.merged += 1,
            Event::MarkedSpam => figures.spam += 1,
            Event::KnownFixOffered { .. } => figures.known_fixes.offered += 1,
            Event::KnownFixConfirmed { .. } => figures.known_fixes.confirmed += 1,
            Event::KnownFixRefused { .. } => figures.known_fixes.refused += 1,
            Event::ClockBreached { clock, .. } => *figures.broken.entry(*clock).or_default() += 1,
            Event::EscalatedToManager { clock } => *figures.escalated_to_managers.entry(*clock).or_default() += 1,
            Event::OnCallPaged => figures.on_call_pages += 1,
            Event::Returned { .. } => figures.returned += 1,
            Event::Escalated { to, vendor, rule, .. } => {
                *self.escalations.entry((*to, vendor.clone(), rule.clone())).or_default() += 1;
            }
            Event::VendorAsked { vendor } => self.vendor(vendor).asked += 1,
            Event::VendorChased { vendor } => self.vendor(vendor).chased += 1,
            Event::OrganisationChanged { .. }
            | Event::MailReceived { .. }
            | Event::AuthorProven { .. }
            | Event::MailIgnored { .. }
            | Event::Complained { .. }
            | Event::SplitOff { .. }
            | Event::DeliveryFailed { .. }
            | Event::KnownFixDrafted { .. }
            | Event::Assigned { .. }
            | Event::Unassigned { .. }
            | Event::Answered { .. }
            | Event::AnsweredDirectly { .. }
            | Event::NoteAdded { .. }
            | Event::LevelCopied { .. }
            | Event::VendorCaseOpened { .. }
            | Event::CaseTakenOver { .. }
            | Event::CaseNumberLearned { .. }
            | Event::WatermarkLearned { .. }
            | Event::VendorSilent { .. }
            | Event::VendorRefused { .. }
            | Event::VendorHeard { .. }
            | Event::Published { .. }
            | Event::ParticipantAdded { .. }
            | Event::ParticipantRemoved { .. }
            | Event::RequesterChanged { .. }
            | Event::PutOnHold { .. }
            | Event::Reminded
            | Event::ReminderWithheld { .. }
            | Event::RequesterAway { .. }
            | Event::Resumed
            | Event::Linked { .. }
            | Event::Follows { .. }
            | Event::Mentioned { .. }
            | Event::PriorityChanged { .. }
            | Event::ServiceChanged { .. }
            | Event::DeskChanged { .. }
            | Event::Held { .. }
            | Event::Released { .. }
            | Event::Withdrawn { .. }
            | Event::MachineFailed { .. }
            | Event::MachineRecovered { .. }
            | Event::ClocksSet { .. }
            | Event::ClockWarned { .. }
            | Event::AlikeFound { .. }
            | Event::AlikeProposed { .. }
            | Event::AlikeSettled { .. }
            | Event::MadeMajor
            | Event::MajorEnded
            | Event::JoinedCrowd { .. }
            | Event::LeftCrowd
            | Event::ChildJoined { .. }
            | Event::ChildLeft { .. }
            | Event::ChildrenTold { .. }
            | Event::SaidToAll { .. }
            | Event::ChildrenReached { .. }
            | Event::BrakeTripped { .. }
            | Event::RequesterBack => {}
        }
    }

    fn count_stopped(&mut self, ticket: &Ticket, clock: &Clock) {
        let is_met = clock.is_met();
        let Some(party) = &clock.party else {
            self.promises.entry((clock.name, ticket.priority.0)).or_default().count(is_met);
            return;
        };
        if let Ok(level) = party.parse::<Level>() {
            // What went on or back, or was over, before the team was late was not taken up by it.
            if !is_met || ticket.level == level && ticket.agent.is_some() {
                self.teams.entry(level).or_default().count(is_met);
            }
        } else if !is_met || ticket.case(party).is_some_and(|case| case.asked_at.is_none()) {
            // A ticket that is over before the vendor was late says nothing of the vendor.
            self.vendor(party).kept.count(is_met);
        }
    }

    fn vendor(&mut self, name: &str) -> &mut VendorFigures {
        self.vendors.entry(name.to_owned()).or_insert_with(|| VendorFigures {
            vendor: name.to_owned(),
            asked: 0,
            chased: 0,
            answered: Waited::default(),
            kept: Share::default(),
        })
    }
}

/// Clocks that ran or waited before an event, or that it was the first to know of, and that are over with it.
fn stopped(before: &Ticket, event: &Event) -> Vec<Clock> {
    let Event::ClocksSet { clocks } = event else { return Vec::new() };
    let was_going = |clock: &&Clock| {
        before.clock(clock.name, clock.party.as_deref()).is_none_or(|known| known.state != ClockState::Stopped)
    };
    clocks.iter().filter(|clock| clock.state == ClockState::Stopped).filter(was_going).cloned().collect()
}

/// The vendor whose answer it is, and how long it was owed, in seconds.
fn waited<'h>(before: &Ticket, happened: &'h Happened) -> Option<(&'h str, u64)> {
    let Event::VendorHeard { vendor, answer: true, .. } = &happened.event else { return None };
    let asked_at = before.case(vendor)?.asked_at?;
    Some((vendor, u64::try_from(happened.at.duration_since(asked_at).as_secs()).unwrap_or_default()))
}

fn age(opened_at: Timestamp, at: Timestamp) -> usize {
    let age = at.duration_since(opened_at);
    DAYS.iter().position(|days| age < SignedDuration::from_hours(days * 24)).unwrap_or(DAYS.len())
}

fn nothing(desk: &str, period: Period) -> Figures {
    Figures {
        desk: desk.to_owned(),
        period,
        opened: 0,
        opened_by_channel: BTreeMap::new(),
        opened_by_organisation: BTreeMap::new(),
        resolved: 0,
        resolved_by_level: BTreeMap::new(),
        resolved_by_organisation: BTreeMap::new(),
        first_contact: Share::default(),
        closed: 0,
        reopened: 0,
        merged: 0,
        spam: 0,
        moved_in: 0,
        moved_out: 0,
        backlog: Backlog::default(),
        promises: Vec::new(),
        broken: BTreeMap::new(),
        known_fixes: KnownFixes::default(),
        teams: Vec::new(),
        vendors: Vec::new(),
        escalations: Vec::new(),
        returned: 0,
        escalated_to_managers: BTreeMap::new(),
        on_call_pages: 0,
        days: Vec::new(),
    }
}
