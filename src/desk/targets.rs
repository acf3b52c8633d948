//! What is promised of a ticket, and which of its clocks run: a function of the ticket and of what the operator decided.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::desk::clock::{Calendar, DaysOff, Week};
use crate::desk::{
    Clock, ClockName, ClockState, Desk, Level, Organisation, Origin, PendingReason, Policy, State, Target, Ticket,
    VendorCase,
};

/// Time zones are compared from then on, by so many changes of their clocks.
const ZONES_FROM: Timestamp = Timestamp::constant(1_767_225_600, 0);
const TRANSITIONS: usize = 40;

/// A clock as it should be.
struct Wanted<'a> {
    name: ClockName,
    party: Option<String>,
    target: i64,
    calendar: &'a Calendar,
    state: ClockState,
    /// What ran before is over: it starts anew.
    anew: bool,
}

/// The clocks of a ticket that are other than they should be, as they are from now on. What has run and what has paused stays,
/// whatever changes; a clock of an organisation or a team that has left the configuration stays as it is.
pub(super) fn turned(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Vec<Clock> {
    let wanted = wanted(policy, ticket);
    let is_wanted = |clock: &Clock| wanted.iter().any(|one| clock.is(one.name, one.party.as_deref()));
    let forgotten = ticket.clocks.iter().filter(|clock| !is_wanted(clock));
    let forgotten = forgotten.filter_map(|clock| set_aside(policy, ticket, clock, now));
    let set = wanted.iter().filter_map(|one| turn(policy, ticket, one, now));
    set.chain(forgotten).collect()
}

/// The clocks of a ticket as they should be by now, and when each that runs is due.
pub(super) fn due(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Vec<(Clock, Option<Timestamp>)> {
    let turned = turned(policy, ticket, now);
    let is_turned = |clock: &Clock| turned.iter().any(|one| one.is(clock.name, clock.party.as_deref()));
    let others: Vec<Clock> = ticket.clocks.iter().filter(|clock| !is_turned(clock)).cloned().collect();
    let due_at = |clock: &Clock| clock.reaches(100, calendar_named(policy, ticket, &clock.calendar)?);
    let all = others.into_iter().chain(turned);
    all.map(|clock| {
        let due_at = due_at(&clock);
        (clock, due_at)
    })
    .collect()
}

fn turn(policy: &Policy, ticket: &Ticket, wanted: &Wanted<'_>, now: Timestamp) -> Option<Clock> {
    let Wanted { name, party, target, calendar, state, anew } = wanted;
    let fresh = || Clock::started(*name, party.clone(), *target, &calendar.name, now);
    let Some(known) = ticket.clock(*name, party.as_deref()) else {
        let counts = *state != ClockState::Stopped || is_kept_at_once(ticket, *name, now);
        return counts.then(|| Clock { state: *state, ..fresh() });
    };
    if *anew && known.state == ClockState::Stopped && *state != ClockState::Stopped {
        return Some(Clock { state: *state, ..fresh() });
    }
    let is_over = known.state == ClockState::Stopped && *state == ClockState::Stopped;
    let is_other = known.state != *state || known.target != *target || known.calendar != calendar.name;
    // A clock that was set back leaves instants that have not come yet.
    if is_over || !is_other && known.since <= now {
        return None;
    }
    let counted_by = calendar_named(policy, ticket, &known.calendar).unwrap_or(calendar);
    let turned = known.clone().turned(*state, counted_by, now);
    Some(Clock { target: *target, calendar: calendar.name.clone(), ..turned })
}

/// A clock that nothing asks for any more: it stops with its ticket, and waits with it.
fn set_aside(policy: &Policy, ticket: &Ticket, clock: &Clock, now: Timestamp) -> Option<Clock> {
    let state = match clock.name {
        ClockName::Ola => state_of_party(ticket, clock.party.as_deref()),
        name => state_of(ticket, name),
    };
    let calendar = calendar_named(policy, ticket, &clock.calendar)?;
    (clock.state != ClockState::Stopped && clock.state != state).then(|| clock.clone().turned(state, calendar, now))
}

fn wanted<'a>(policy: &'a Policy, ticket: &Ticket) -> Vec<Wanted<'a>> {
    let promised = [ClockName::Tto, ClockName::Ttr, ClockName::Tnr];
    let promised = promised.into_iter().filter_map(|name| promised_clock(policy, ticket, name));
    promised.chain(team_clock(policy, ticket)).chain(vendor_clocks(policy, ticket)).collect()
}

fn promised_clock<'a>(policy: &'a Policy, ticket: &Ticket, name: ClockName) -> Option<Wanted<'a>> {
    let organisation = ticket.organisation.as_deref().map(|name| policy.organisation(name));
    if organisation.is_some_and(|known| known.is_none()) {
        return None;
    }
    let target = promise(policy, ticket, name)?;
    let calendar = calendar_of(policy.desk(&ticket.desk), organisation.flatten())?;
    let asked_anew = name == ClockName::Tnr;
    Some(Wanted {
        name,
        party: None,
        target: seconds(target),
        calendar,
        state: state_of(ticket, name),
        anew: asked_anew,
    })
}

/// What is promised of a ticket: what its organisation agreed on, else what holds for everybody.
fn promise(policy: &Policy, ticket: &Ticket, name: ClockName) -> Option<Duration> {
    let of = |target: &Target| match name {
        ClockName::Tto => target.tto,
        ClockName::Ttr => target.ttr,
        ClockName::Tnr => target.tnr,
        ClockName::Ola => None,
    };
    let holds = |target: &&Target| {
        target.desk.as_ref().is_none_or(|desk| *desk == ticket.desk)
            && target.request_type.is_none_or(|kind| kind == ticket.request_type)
            && target.priority.is_none_or(|priority| priority == ticket.priority)
    };
    let of_organisation = |target: &&Target| target.organisation == ticket.organisation;
    let own = ticket
        .organisation
        .as_ref()
        .and_then(|_| policy.targets.iter().filter(of_organisation).filter(holds).find_map(of));
    let of_everybody = |target: &&Target| target.organisation.is_none();
    own.or_else(|| policy.targets.iter().filter(of_everybody).filter(holds).find_map(of))
}

fn state_of(ticket: &Ticket, name: ClockName) -> ClockState {
    let is_done = match name {
        ClockName::Tto => ticket.answered_at.is_some() || !awaits_answer(ticket) && ticket.owned_at.is_some(),
        ClockName::Tnr => ticket.asked_at.is_none(),
        ClockName::Ttr | ClockName::Ola => false,
    };
    match ticket.state {
        _ if is_done => ClockState::Stopped,
        State::New | State::Open => ClockState::Running,
        State::Pending { .. } => ClockState::Paused,
        State::Resolved | State::Closed | State::Spam => ClockState::Stopped,
    }
}

/// Whether what is promised was done in the decision that promised it: its clock stands from the start, so that it counts as
/// kept. What was done before anything was promised has no clock.
fn is_kept_at_once(ticket: &Ticket, name: ClockName, now: Timestamp) -> bool {
    let is_now = |at: Option<Timestamp>| at == Some(now);
    match (name, ticket.state) {
        (_, State::Spam) => false,
        (ClockName::Tto, _) => is_now(ticket.answered_at) || !awaits_answer(ticket) && is_now(ticket.owned_at),
        (ClockName::Ttr, State::Resolved | State::Closed) => is_now(ticket.resolved_at) && ticket.merged_into.is_none(),
        (ClockName::Ttr, State::New | State::Open | State::Pending { .. }) | (ClockName::Tnr | ClockName::Ola, _) => {
            false
        }
    }
}

/// Whoever called has been answered, and a machine never is.
fn awaits_answer(ticket: &Ticket) -> bool {
    ticket.origin != Origin::Phone && ticket.requester.is_some()
}

/// A team's clock runs until somebody of it takes the ticket up.
fn team_clock<'a>(policy: &'a Policy, ticket: &Ticket) -> Option<Wanted<'a>> {
    let team = policy.team(&ticket.desk, ticket.level).filter(|team| team.level != Level::L1)?;
    let calendar = team.calendar.as_ref().or(policy.desk(&ticket.desk).calendar.as_ref())?;
    let state = state_of_team(ticket);
    let party = Some(team.level.word().to_owned());
    Some(Wanted { name: ClockName::Ola, party, target: seconds(team.first_answer?), calendar, state, anew: true })
}

fn state_of_team(ticket: &Ticket) -> ClockState {
    match ticket.state {
        State::New => ClockState::Running,
        State::Pending { .. } if ticket.agent.is_none() => ClockState::Paused,
        _ => ClockState::Stopped,
    }
}

fn state_of_vendor(ticket: &Ticket, case: &VendorCase) -> ClockState {
    if case.asked_at.is_some() && !ticket.state.is_over() { ClockState::Running } else { ClockState::Stopped }
}

/// The same for a team or a vendor that may have left the configuration.
fn state_of_party(ticket: &Ticket, party: Option<&str>) -> ClockState {
    let Some(party) = party else { return ClockState::Stopped };
    match party.parse::<Level>() {
        Ok(level) if level == ticket.level => state_of_team(ticket),
        Ok(_) => ClockState::Stopped,
        Err(_) => ticket.case(party).map_or(ClockState::Stopped, |case| state_of_vendor(ticket, case)),
    }
}

/// A vendor's clock runs while it owes an answer, also while the ticket waits for it.
fn vendor_clocks<'a>(policy: &'a Policy, ticket: &Ticket) -> impl Iterator<Item = Wanted<'a>> {
    ticket.vendor_cases.iter().filter_map(move |case| {
        let vendor = policy.vendor(&case.vendor)?;
        let calendar = vendor.calendar.as_ref().or(policy.desk(&ticket.desk).calendar.as_ref())?;
        let state = state_of_vendor(ticket, case);
        let (party, target) = (Some(case.vendor.clone()), seconds(vendor.first_answer));
        Some(Wanted { name: ClockName::Ola, party, target, calendar, state, anew: true })
    })
}

/// In whose hours promises to somebody count.
fn calendar_of<'a>(desk: &'a Desk, organisation: Option<&'a Organisation>) -> Option<&'a Calendar> {
    organisation.and_then(|one| one.calendar.as_ref()).or(desk.calendar.as_ref())
}

impl Policy {
    /// The calendar that a clock of a ticket counts by; `None`: there is none any more.
    pub fn calendar_of_clock(&self, ticket: &Ticket, clock: &Clock) -> Option<&Calendar> {
        calendar_named(self, ticket, &clock.calendar)
    }
}

/// The calendar that a clock counts by: the one that it names, or its desk's where that is gone.
pub(super) fn calendar_named<'a>(policy: &'a Policy, ticket: &Ticket, name: &str) -> Option<&'a Calendar> {
    policy.calendar(name).or(policy.desk(&ticket.desk).calendar.as_ref())
}

/// When a desk works: as its calendar says, else from Monday to Friday.
pub(super) fn working_days(desk: &Desk) -> Cow<'_, Calendar> {
    match &desk.calendar {
        Some(calendar) => Cow::Borrowed(calendar),
        None => Cow::Owned(Calendar {
            name: String::new(),
            zone: desk.time_zone.clone(),
            week: Week::from_monday_to_friday(),
            days_off: DaysOff::default(),
        }),
    }
}

/// Whether the ticket waits for the requester.
pub(super) fn waits_for_requester(ticket: &Ticket) -> bool {
    ticket.state == State::Pending { reason: PendingReason::Requester }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A text that changes whenever something changes by which due times are computed: what is promised, in whose hours, and what
/// the files of time zones say of them.
pub fn promises(policy: &Policy) -> String {
    let vendors = policy.vendors.iter().map(|vendor| (&vendor.name, &vendor.calendar, vendor.first_answer));
    let teams = policy.teams.iter().map(|team| (team.level, &team.desk, &team.calendar, team.first_answer));
    let desks = policy.desks.iter().map(|desk| (&desk.name, &desk.calendar, &desk.on_call));
    let (targets, organisations) = (&policy.targets, &policy.organisations);
    let of_calendars = |calendar: &Calendar| {
        calendar.zone.following(ZONES_FROM).take(TRANSITIONS).map(|t| t.timestamp()).collect::<Vec<_>>()
    };
    let zones: Vec<_> = policy.calendars.iter().map(of_calendars).collect();
    let parts = (vendors.collect::<Vec<_>>(), teams.collect::<Vec<_>>(), desks.collect::<Vec<_>>());
    let said =
        format!("{parts:?} {targets:?} {organisations:?} {:?} {:?} {zones:?}", policy.waiting, policy.escalations);
    Sha256::digest(said).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
