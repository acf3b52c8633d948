//! A vendor that owes an answer longer than it promised: asked again in its hours, so many times, then whoever escalated is told.

use jiff::Timestamp;

use super::told::Told;
use crate::desk::deliberation::Deliberation;
use crate::desk::outgoing::vendor_letter;
use crate::desk::outgoing::wording::{Day, Line};
use crate::desk::rules::on_vendor;
use crate::desk::targets::working_days;
use crate::desk::{Actor, Event, Policy, Ticket, TicketNumber, VendorCase};

pub(super) fn next(policy: &Policy, ticket: &Ticket, now: Timestamp) -> Option<Timestamp> {
    ticket.vendor_cases.iter().filter_map(|case| next_of(policy, ticket, case, now)).min()
}

pub(super) fn act(deliberation: &mut Deliberation<'_>, number: TicketNumber, told: &mut Told) {
    let (policy, now) = (deliberation.policy(), deliberation.now);
    let Some(ticket) = deliberation.ticket(number).cloned() else { return };
    for case in &ticket.vendor_cases {
        if next_of(policy, &ticket, case, now).is_some_and(|at| at <= now) {
            let asks_again = case.chases < policy.waiting.chases;
            if asks_again { chase(deliberation, &ticket, case) } else { give_up(deliberation, &ticket, case, told) }
        }
    }
}

/// When a vendor is asked again, or given up on; in its hours.
fn next_of(policy: &Policy, ticket: &Ticket, case: &VendorCase, now: Timestamp) -> Option<Timestamp> {
    if ticket.state.is_over() || case.chases > policy.waiting.chases {
        return None;
    }
    let vendor = policy.correspondent(&case.vendor)?;
    let desks = working_days(policy.desk(&ticket.desk));
    let calendar = vendor.calendar.as_ref().unwrap_or(&desks);
    let asked_last = case.chased_at.or(case.asked_at).filter(|_| case.asked_at.is_some())?;
    let late_at = calendar.after(asked_last, vendor.first_answer.try_into().ok()?)?;
    calendar.opening(late_at.max(now))
}

fn chase(deliberation: &mut Deliberation<'_>, ticket: &Ticket, case: &VendorCase) {
    let (Some(vendor), Some(asked_at)) = (deliberation.correspondent(&case.vendor), case.asked_at) else { return };
    let letter = vendor_letter::chase(deliberation, ticket, &vendor, asked_at);
    deliberation.send(letter);
    let chased = Event::VendorChased { vendor: case.vendor.clone() };
    deliberation.happened(ticket.number, Actor::SYSTEM, chased);
}

fn give_up(deliberation: &mut Deliberation<'_>, ticket: &Ticket, case: &VendorCase, told: &mut Told) {
    let Some(asked_at) = case.asked_at else { return };
    let day = Day::at(asked_at, deliberation.now, deliberation.zone_of(ticket));
    let staff = on_vendor::who_hears(deliberation, ticket, &case.vendor);
    let line = Line::VendorIsSilent(&case.vendor, case.chases, day);
    told.staff(deliberation, &staff, ticket.number, &line);
    let silent = Event::VendorSilent { vendor: case.vendor.clone() };
    deliberation.happened(ticket.number, Actor::SYSTEM, silent);
}
