//! A question that its requester does not answer: asked once more, then taken for settled. Only days on which the desk works
//! count, and none until the day on which the requester is back.

use jiff::Timestamp;

use super::told::Told;
use crate::desk::clock::Calendar;
use crate::desk::command::check::requester_may_be_told;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::wording::{self, Day, Line};
use crate::desk::outgoing::{brakes, telling};
use crate::desk::targets::{waits_for_requester, working_days};
use crate::desk::{Actor, Audience, Entry, EntryKind, Event, Policy, Purpose, Ticket, TicketNumber, Waiting};

/// What comes next of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Remind,
    Resolve,
}

pub(super) fn next(policy: &Policy, ticket: &Ticket, _now: Timestamp) -> Option<Timestamp> {
    step(policy, ticket).map(|(_, at)| at)
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, told: &mut Told) {
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    match step(deliberation.policy(), &ticket) {
        Some((Step::Remind, _)) => remind(deliberation, &ticket, told),
        Some((Step::Resolve, _)) => resolve(deliberation, &ticket, told),
        None => {}
    }
}

fn step(policy: &Policy, ticket: &Ticket) -> Option<(Step, Timestamp)> {
    let since = ticket.waiting_since.filter(|_| waits_for_requester(ticket))?;
    let calendar = working_days(policy.desk(&ticket.desk));
    let from = counted_from(&calendar, since, ticket.away_until);
    let Waiting { reminder_days, resolve_days, .. } = policy.waiting;
    let after = |from: Timestamp, days: u32| calendar.days_after(from, days).filter(|_| days > 0);
    let resolves = after(from, resolve_days);
    if ticket.reminded_at.is_none()
        && let Some(reminds) = after(from, reminder_days)
        && resolves.is_none_or(|resolves| reminds < resolves)
    {
        return Some((Step::Remind, reminds));
    }
    // A reminder that came late leaves as much time to answer as any.
    let left = resolve_days.saturating_sub(reminder_days);
    let after_reminder = ticket.reminded_at.and_then(|reminded_at| after(reminded_at, left));
    resolves.map(|resolves| (Step::Resolve, after_reminder.map_or(resolves, |at| at.max(resolves))))
}

/// Whoever is away answers nothing: the wait begins on the day of their return, at its time of day.
fn counted_from(calendar: &Calendar, since: Timestamp, away_until: Option<Timestamp>) -> Timestamp {
    let in_zone = |at: Timestamp| at.to_zoned(calendar.zone.clone()).datetime();
    let back = away_until.filter(|back| *back > since).map(|back| in_zone(back).date());
    let begins = back.and_then(|day| calendar.zone.to_timestamp(day.to_datetime(in_zone(since).time())).ok());
    begins.map_or(since, |begins| begins.max(since))
}

fn remind(deliberation: &mut Deliberation<'_>, ticket: &Ticket, told: &mut Told) {
    let number = ticket.number;
    if let Some(why) = withheld(deliberation, ticket, Purpose::Reminder) {
        let staff = deliberation.staff_for(ticket);
        told.staff(deliberation, &staff, number, &Line::NotReminded);
        return deliberation.happened(number, Actor::SYSTEM, Event::ReminderWithheld { why: why.to_owned() });
    }
    let Some(mut letter) = telling::letter_to_requester(deliberation, ticket, Purpose::Reminder) else { return };
    if let Some(asked) = asked_last(deliberation, ticket) {
        let author = asked.author.and_then(|id| deliberation.contact(id));
        letter.facts.author = author.map(|author| deliberation.staff_name(&author.address, letter.language));
        letter.facts.text = Some(asked.text.clone());
    }
    letter.facts.asks_yes = true;
    deliberation.happened(number, Actor::SYSTEM, Event::Reminded);
    let reminded = deliberation.as_it_stands(ticket);
    let zone = deliberation.zone_of(ticket);
    letter.facts.resolves_on = step(deliberation.policy(), &reminded).map(|(_, at)| {
        let day = at.to_zoned(zone.clone()).date();
        wording::day(Day::whole(day, &deliberation.now.to_zoned(zone.clone())), letter.language)
    });
    deliberation.send(letter);
}

fn resolve(deliberation: &mut Deliberation<'_>, ticket: &Ticket, told: &mut Told) {
    let number = ticket.number;
    let withheld = withheld(deliberation, ticket, Purpose::Resolved).is_some();
    deliberation.happened(number, Actor::SYSTEM, Event::Resolved { code: Some("no_answer".to_owned()) });
    if withheld {
        let staff = deliberation.staff_for(ticket);
        return told.staff(deliberation, &staff, number, &Line::ResolvedUntold);
    }
    let resolved = deliberation.as_it_stands(ticket);
    let Some(mut letter) = telling::letter_to_requester(deliberation, &resolved, Purpose::Resolved) else { return };
    letter.facts.reasons = vec![wording::say(&Line::NoAnswerCame, letter.language)];
    deliberation.send(letter);
}

/// Why no automatic letter goes to the requester, as a stable code.
fn withheld(deliberation: &Deliberation<'_>, ticket: &Ticket, purpose: Purpose) -> Option<&'static str> {
    let requester = ticket.requester.and_then(|id| deliberation.contact(id));
    let reached = requester.filter(|one| one.deliverable && requester_may_be_told(deliberation, ticket));
    let Some(requester) = reached else { return Some("unreachable") };
    brakes::tripped(deliberation, &requester.address, ticket.number, purpose)
}

/// What somebody here last wrote to the requester.
fn asked_last<'d>(deliberation: &Deliberation<'d>, ticket: &Ticket) -> Option<&'d Entry> {
    let entries = deliberation.dossier(ticket.number).map_or(&[][..], |dossier| &dossier.entries);
    let asks = |entry: &&Entry| entry.kind == EntryKind::AgentReply && entry.audience == Audience::Requester;
    entries.iter().rev().find(asks).filter(|entry| !entry.text.trim().is_empty())
}
