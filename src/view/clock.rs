//! The clocks of a ticket, as `clock --json` and `ticket show --json` have them.

use jiff::Timestamp;
use serde::Serialize;

use crate::desk::{Clock, ClockState, Policy, Ticket};

/// One clock, as it stands at a moment.
#[derive(Serialize)]
pub(crate) struct ClockShown {
    /// `tto`, `ttr`, `tnr`, `ola`.
    pub(crate) clock: &'static str,
    /// With `ola`: whose, a level or a vendor.
    pub(crate) party: Option<String>,
    pub(crate) target_seconds: i64,
    pub(crate) run_seconds: i64,
    pub(crate) paused_seconds: i64,
    /// `None` while it does not run.
    pub(crate) due_at: Option<Timestamp>,
    /// `running`, `paused`, `stopped`.
    pub(crate) state: &'static str,
    /// All of what was promised has run.
    pub(crate) breached: bool,
    /// In whose hours it counts.
    pub(crate) calendar: String,
    /// When nobody works now: when it goes on.
    pub(crate) goes_on_at: Option<Timestamp>,
}

impl ClockShown {
    /// The clocks of a ticket.
    pub(crate) fn all(ticket: &Ticket, policy: &Policy, now: Timestamp) -> Vec<ClockShown> {
        ticket.clocks.iter().map(|clock| ClockShown::of(clock, ticket, policy, now)).collect()
    }

    fn of(clock: &Clock, ticket: &Ticket, policy: &Policy, now: Timestamp) -> ClockShown {
        let calendar = policy.calendar_of_clock(ticket, clock);
        let run_ms = calendar.map_or(clock.run_ms, |calendar| clock.run_ms_at(calendar, now));
        let paused_ms = calendar.map_or(clock.paused_ms, |calendar| clock.paused_ms_at(calendar, now));
        let opening =
            calendar.filter(|_| clock.state != ClockState::Stopped).and_then(|calendar| calendar.opening(now));
        ClockShown {
            clock: clock.name.word(),
            party: clock.party.clone(),
            target_seconds: clock.target,
            run_seconds: run_ms / 1000,
            paused_seconds: paused_ms / 1000,
            due_at: calendar.and_then(|calendar| clock.reaches(100, calendar)),
            state: clock.state.word(),
            breached: run_ms > clock.target.saturating_mul(1000),
            calendar: clock.calendar.clone(),
            goes_on_at: opening.filter(|opening| *opening > now),
        }
    }
}
