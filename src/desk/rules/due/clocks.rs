//! Promises that run out: three quarters warn the owner, all of it the team and the manager, each once and inside business hours.

use jiff::{SignedDuration, Timestamp};

use super::told::{self, Told};
use crate::desk::clock::Calendar;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::{Day, Line};
use crate::desk::rules::escalating;
use crate::desk::targets::calendar_named;
use crate::desk::{Actor, Clock, ClockName, Event, Level, Policy, Priority, Ticket, TicketNumber};

/// Of a promise so many percent warn.
const WARNS: i64 = 75;

/// What falls due at closing is told right behind it.
const BEHIND_CLOSING: SignedDuration = SignedDuration::from_mins(15);

/// What a clock has reached.
struct Reached {
    name: ClockName,
    party: Option<String>,
    /// All of the promise has run, not only three quarters.
    is_broken: bool,
    /// Three quarters were told of before.
    was_warned: bool,
    /// When all of it has.
    due_at: Timestamp,
}

pub(super) fn next(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    watched(ticket).filter_map(|clock| next_of(policy, ticket, clock, now)).min()
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, told: &mut Told) {
    if told::not_before(deliberation, number).is_some() {
        return;
    }
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    let (policy, now) = (deliberation.policy(), deliberation.now);
    let reached: Vec<Reached> = watched(&ticket).filter_map(|clock| reached(policy, &ticket, clock, now)).collect();
    for reached in reached {
        let warned = Event::ClockWarned { clock: reached.name, party: reached.party.clone() };
        if !reached.was_warned {
            deliberation.happened(number, Actor::SYSTEM, warned);
        }
        if reached.is_broken {
            tell_of_breach(deliberation, &ticket, reached, told);
        } else {
            let line = Line::RunsOut(reached.name, day(deliberation, &ticket, reached.due_at));
            let owner = deliberation.staff_for(&ticket);
            told.staff(deliberation, &owner, number, &line);
        }
    }
}

fn tell_of_breach(deliberation: &mut Deliberation<'_>, ticket: &Ticket, reached: Reached, told: &mut Told) {
    let Reached { name, party, due_at, .. } = reached;
    let line = Line::RanOut(name, day(deliberation, ticket, due_at));
    let mut staff = deliberation.staff_for(ticket);
    let level = if ticket.level == Level::L3 { Level::L1 } else { ticket.level };
    let team = deliberation.staff_at(&ticket.desk, level);
    staff.extend(team.into_iter().filter(|one| !staff.iter().any(|known| known.is(one))).collect::<Vec<_>>());
    told.staff(deliberation, &staff, ticket.number, &line);
    deliberation.happened(ticket.number, Actor::SYSTEM, Event::ClockBreached { clock: name, party });
    for by_rule in escalating::by_clock(deliberation, ticket.number, name) {
        told.staff(deliberation, &staff, ticket.number, &by_rule);
    }
    let managers: Vec<_> = deliberation.policy().managers_of(&ticket.desk).collect();
    for manager in &managers {
        told.manager(deliberation, manager, ticket.number, &line);
    }
    if !managers.is_empty() {
        deliberation.happened(ticket.number, Actor::SYSTEM, Event::EscalatedToManager { clock: name });
    }
}

fn day(deliberation: &Deliberation<'_>, ticket: &Ticket, at: Timestamp) -> Day {
    Day::at(at, deliberation.now, deliberation.zone_of(ticket))
}

/// The clocks that people here are warned of; a vendor that lets one run out is chased.
fn watched(ticket: &Ticket) -> impl Iterator<Item = &Clock> {
    let is_ours = |clock: &&Clock| clock.party.as_ref().is_none_or(|party| party.parse::<Level>().is_ok());
    ticket.clocks.iter().filter(|clock| !clock.breached).filter(is_ours)
}

fn next_of(policy: &Policy, ticket: &Ticket, clock: &Clock, now: Timestamp) -> Option<Timestamp> {
    let calendar = calendar_named(policy, ticket, &clock.calendar)?;
    let at = clock.reaches(if clock.warned { 100 } else { WARNS }, calendar)?;
    Some(if ticket.priority == Priority::HIGHEST { at } else { in_hours(at, calendar, now) })
}

/// When something that fell due then is told: at once while somebody works or has just gone, else when they come back.
fn in_hours(at: Timestamp, calendar: &Calendar, now: Timestamp) -> Timestamp {
    let is_told = at > now || now.duration_since(at) < BEHIND_CLOSING;
    if is_told { at } else { calendar.opening(now).unwrap_or(at) }
}

fn reached(policy: &Policy, ticket: &Ticket, clock: &Clock, now: Timestamp) -> Option<Reached> {
    next_of(policy, ticket, clock, now).filter(|at| *at <= now)?;
    let calendar = calendar_named(policy, ticket, &clock.calendar)?;
    let due_at = clock.reaches(100, calendar)?;
    let (name, party) = (clock.name, clock.party.clone());
    Some(Reached { name, party, is_broken: due_at <= now, was_warned: clock.warned, due_at })
}
