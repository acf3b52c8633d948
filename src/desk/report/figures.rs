//! The figures themselves. JSON and the sheet have them under these names.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Period;
use crate::desk::{ClockName, Level, Origin};

/// What one desk did in a period. Everything but the backlog and medians is a sum over the period: those of two that follow one
/// another add up to those of both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Name of the desk.
    pub desk: String,
    /// When.
    #[serde(flatten)]
    pub period: Period,
    /// Tickets that were opened.
    pub opened: u64,
    /// The same by channel: `mail`, `phone`, `form`.
    pub opened_by_channel: BTreeMap<Origin, u64>,
    /// The same by the organisation of whoever asked; without those who belong to none.
    pub opened_by_organisation: BTreeMap<String, u64>,
    /// Solutions: a ticket that is solved, reopened and solved again has two.
    pub resolved: u64,
    /// The same by the highest level that had worked on it.
    pub resolved_by_level: BTreeMap<Level, u64>,
    /// The same by organisation.
    pub resolved_by_organisation: BTreeMap<String, u64>,
    /// Solutions for which one answer, or none, was enough, and no other level: of all solutions.
    pub first_contact: Share,
    /// Tickets that were closed.
    pub closed: u64,
    /// Tickets that were not solved after all.
    pub reopened: u64,
    /// Tickets that went on in another one.
    pub merged: u64,
    /// Tickets that were no request.
    pub spam: u64,
    /// Tickets that came from another desk.
    pub moved_in: u64,
    /// Tickets that another desk took over.
    pub moved_out: u64,
    /// What is at work at the end of the period.
    pub backlog: Backlog,
    /// What was promised and is done, by clock and priority: of how many in time.
    pub promises: Vec<Promise>,
    /// Promises that were broken, by clock, whether they have been kept since or not.
    pub broken: BTreeMap<ClockName, u64>,
    /// Known fixes in letters to requesters.
    pub known_fixes: KnownFixes,
    /// What teams took up in the time that they promise.
    pub teams: Vec<TeamFigures>,
    /// Vendors that were asked, or answered.
    pub vendors: Vec<VendorFigures>,
    /// Functional escalations (ITIL).
    pub escalations: Vec<Escalations>,
    /// Tickets that came back to a lower level.
    pub returned: u64,
    /// Hierarchical escalations (ITIL), by the clock that ran out.
    pub escalated_to_managers: BTreeMap<ClockName, u64>,
    /// How often somebody was called at any hour.
    pub on_call_pages: u64,
    /// Each day of the period by the desk's clock.
    pub days: Vec<Day>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many of them.
    pub of: u64,
    /// All of them.
    pub all: u64,
}

impl Share {
    /// One more, of which it is true or not.
    pub(super) fn count(&mut self, is_so: bool) {
        self.of += u64::from(is_so);
        self.all += 1;
    }

    /// Both together.
    #[must_use]
    pub(super) fn with(self, other: Share) -> Share {
        Share { of: self.of + other.of, all: self.all + other.all }
    }

    /// In percent, with one decimal, cut and not rounded: what was missed once is never 100. `None` of nothing.
    pub fn percent(&self) -> Option<f64> {
        (self.all > 0).then(|| (self.of * 1000 / self.all) as f64 / 10.0)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut share = serializer.serialize_struct("Share", 3)?;
        share.serialize_field("of", &self.of)?;
        share.serialize_field("all", &self.all)?;
        share.serialize_field("percent", &self.percent())?;
        share.end()
    }
}

/// Tickets at work at a moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Backlog {
    /// All of them.
    pub all: u64,
    /// By the time since they were opened: less than 1 day, 3, 7, 30 days, and more.
    pub by_age: [u64; 5],
    /// By who works on them.
    pub by_level: BTreeMap<Level, u64>,
    /// On how many of them a promise is broken.
    pub overdue: u64,
}

impl Backlog {
    /// Names of the ages, as in the sheet.
    pub const AGES: [&str; 5] = ["under_1_day", "1_to_3_days", "3_to_7_days", "7_to_30_days", "over_30_days"];
}

/// A promise, to tickets of one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// `tto`, `ttr` or `tnr`.
    pub clock: ClockName,
    /// 1 to 4.
    pub priority: u8,
    /// In time, of all that are done.
    pub kept: Share,
}

/// Known fixes in letters to requesters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KnownFixes {
    /// Sent.
    pub offered: u64,
    /// It helped.
    pub confirmed: u64,
    /// It did not.
    pub refused: u64,
}

/// A team against its OLA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamFigures {
    /// The team's level.
    pub level: Level,
    /// Taken up in time, of all that were.
    pub kept: Share,
}

/// A vendor against its OLA.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VendorFigures {
    /// Its name in the configuration.
    pub vendor: String,
    /// Letters to it that ask for an answer.
    pub asked: u64,
    /// How often it was asked again.
    pub chased: u64,
    /// Answers that it owed and gave.
    pub answered: Waited,
    /// Answers in time, of those that are given or late.
    pub kept: Share,
}

/// Waits that are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waited {
    /// How many.
    pub count: u64,
    /// Their median by the clock on the wall, in seconds: half of them were no longer. `None` of nothing.
    pub median_seconds: Option<u64>,
}

impl Waited {
    /// Of so many seconds each.
    pub(super) fn of(mut seconds: Vec<u64>) -> Waited {
        seconds.sort_unstable();
        let middle = seconds.len() / 2;
        let upper = seconds.get(middle).copied();
        let median_seconds = match seconds.len() % 2 {
            0 => upper.map(|upper| upper.midpoint(seconds[middle - 1])),
            _ => upper,
        };
        Waited { count: seconds.len() as u64, median_seconds }
    }
}

/// Functional escalations (ITIL) of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Escalations {
    /// Where to.
    pub to: Level,
    /// The vendor, at L3.
    pub vendor: Option<String>,
    /// The rule of the configuration that asked for it; `None`: an agent did.
    pub rule: Option<String>,
    /// How many.
    pub count: u64,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// Which, by the desk's clock.
    pub date: Date,
    /// Tickets opened.
    pub opened: u64,
    /// Solutions.
    pub resolved: u64,
}
