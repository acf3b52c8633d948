//! What is done regularly and belongs to no ticket.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::desk::docket::matching::{ABOUT_ONE, ABOUT_SEVERAL, ALARM, LOOSE_LETTERS_PER_MAIL};
use crate::desk::report::Report;
use crate::desk::targets::working_days;
use crate::desk::{Desk, LedgerId, Policy, Reason, Ticket};
use crate::mail::InboundMail;

/// Something that is done regularly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routine {
    /// Agents get a list of their tickets, each working day of a desk.
    Worklist {
        /// The desk's name in the configuration.
        desk: String,
    },
    /// Managers get the report of a desk's last week, on Monday morning.
    WeeklyReport {
        /// The desk's name in the configuration.
        desk: String,
    },
    /// The first level gets a list of what was taken for junk since the last one, each working day of the first desk.
    Junk,
}

/// A routine that is due, with what it has to know.
#[derive(Clone, Copy, Debug)]
pub enum RoutineDue<'a> {
    /// Agents get a list of their tickets.
    Worklist {
        /// The desk's name in the configuration.
        desk: &'a str,
        /// The desk's tickets that somebody owns and that are at work.
        tickets: &'a [Ticket],
    },
    /// Managers get a report.
    WeeklyReport {
        /// The desk's name in the configuration.
        desk: &'a str,
        /// What they get.
        report: &'a Report,
    },
    /// The first level is told of mails that were taken for junk.
    Junk {
        /// At least one, the oldest first.
        mails: &'a [Quarantined<'a>],
        /// So many more wait for the next list.
        more: u64,
    },
    /// The first level is told of mails in quarantine that it was not told of.
    Quarantine {
        /// At least one.
        mails: &'a [Quarantined<'a>],
    },
    /// Team and managers are warned of mails in quarantine that nobody looked at.
    QuarantineAlarm {
        /// At least one.
        mails: &'a [Quarantined<'a>],
    },
}

/// A mail in quarantine.
#[derive(Clone, Copy, Debug)]
pub struct Quarantined<'a> {
    /// Its row of the ledger.
    pub ledger: LedgerId,
    /// Why it waits.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// What it says; `None` where nobody can read it.
    pub mail: Option<&'a InboundMail>,
}

/// When team and managers are warned of a mail that has waited in quarantine since then; `None`: never.
pub fn quarantine_alarm_at(policy: &Policy, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let hours = i64::from(policy.waiting.quarantine_hours);
    let calendar = working_days(policy.desks.first());
    let late_at = calendar.after(since, SignedDuration::from_hours(hours)).filter(|_| hours > 0)?;
    calendar.opening(late_at.max(now))
}

/// Letters of a routine are numbered from here on: no mail has such a number.
const LOOSE_LETTERS: i64 = 1_000_000;
/// Of one desk at most.
const LETTERS_OF_A_DESK: i64 = 1_000;

/// When the list of junk leaves where no list of open tickets does.
const JUNK_AT: Time = Time::constant(8, 0, 0, 0);
/// A working day comes within so many.
const DAYS: usize = 400;

impl Routine {
    /// All that is done regularly here.
    pub fn all(policy: &Policy) -> Vec<Routine> {
        let desks = policy.desks.iter().filter(|desk| desk.worklist_at.is_some());
        let worklists = desks.map(|desk| Routine::Worklist { desk: desk.name.clone() });
        let desks = policy.desks.iter().filter(|desk| policy.managers_of(&desk.name).next().is_some());
        let reports = desks.map(|desk| Routine::WeeklyReport { desk: desk.name.clone() });
        worklists.chain(reports).chain([Routine::Junk]).collect()
    }

    /// Its name in the store.
    pub fn name(&self) -> String {
        match self {
            Routine::Worklist { desk } => format!("worklist {desk}"),
            Routine::WeeklyReport { desk } => format!("weekly_report {desk}"),
            Routine::Junk => "junk".to_owned(),
        }
    }

    /// When it is next done, after an instant.
    pub fn next(&self, policy: &Policy, after: Timestamp) -> Option<Timestamp> {
        match self {
            Routine::Worklist { desk } => {
                let desk = policy.desk(desk);
                next_at(desk, desk.worklist_at?, after)
            }
            Routine::WeeklyReport { desk } => next_report(&policy.desk(desk).time_zone, after),
            Routine::Junk => {
                let desk = policy.desks.first();
                next_at(desk, desk.worklist_at.unwrap_or(JUNK_AT), after)
            }
        }
    }

    /// Whether an instant at which it was to be done still holds. A clock that is set back by less than a turn does nothing
    /// twice; one that is set back further, or another hour in the configuration, has it computed anew.
    pub fn holds(&self, policy: &Policy, due_at: Timestamp, now: Timestamp) -> bool {
        let next = self.next(policy, now);
        next == Some(due_at) || next.and_then(|next| self.next(policy, next)) == Some(due_at)
    }
}

impl RoutineDue<'_> {
    /// The number after which its letters are numbered: behind all that mails have, and by when they are written. A clock that is
    /// set back has a list made anew for an instant that had come: that is another letter.
    pub(in crate::desk) fn loose_letters(&self, policy: &Policy, now: Timestamp) -> i64 {
        // Desks whose lists leave at the same instant number them apart.
        let place = |desk: &str, kind: i64| {
            let before = policy.desks.iter().take_while(|one| one.name != desk).count();
            (now.as_second() * 2 + kind) * LOOSE_LETTERS + before as i64 * LETTERS_OF_A_DESK
        };
        match self {
            RoutineDue::Worklist { desk, .. } => place(desk, 0),
            RoutineDue::WeeklyReport { desk, .. } => place(desk, 1),
            RoutineDue::Quarantine { mails } | RoutineDue::Junk { mails, .. } if mails.len() == 1 => {
                behind(mails, ABOUT_ONE)
            }
            RoutineDue::Quarantine { mails } | RoutineDue::Junk { mails, .. } => behind(mails, ABOUT_SEVERAL),
            RoutineDue::QuarantineAlarm { mails } => behind(mails, ALARM),
        }
    }
}

/// Each mail is told of and called out once, so that the first names the letter.
fn behind(mails: &[Quarantined<'_>], place: i64) -> i64 {
    mails.first().map_or(0, |mail| mail.ledger.0 * LOOSE_LETTERS_PER_MAIL + place)
}

/// On Monday at seven, by the desk's clock.
fn next_report(zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
    let today = after.to_zoned(zone.clone()).date();
    let mondays = today.series(1.day()).take(15).filter(|day| day.weekday() == Weekday::Monday);
    let mut instants = mondays.filter_map(|day| zone.to_timestamp(day.at(7, 0, 0, 0)).ok());
    instants.find(|instant| *instant > after)
}

/// At that hour of a day on which the desk works.
fn next_at(desk: &Desk, at: Time, after: Timestamp) -> Option<Timestamp> {
    let calendar = working_days(desk);
    let today = after.to_zoned(desk.time_zone.clone()).date();
    let days = today.series(1.day()).take(DAYS).filter(|day| calendar.works_on(*day));
    let mut instants = days.filter_map(|day| desk.time_zone.to_timestamp(day.to_datetime(at)).ok());
    instants.find(|instant| *instant > after)
}
