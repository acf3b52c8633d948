//! The stretch of time that a report tells of.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

/// From a moment, and up to but without another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The first moment of it.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
}

impl Period {
    /// The last week that is over, from Monday to Monday at midnight by the clocks of a zone; `None` at the ends of time.
    pub fn last_week(now: Timestamp, zone: &TimeZone) -> Option<Period> {
        let today = now.to_zoned(zone.clone()).date();
        let monday = today.checked_sub(Span::new().days(i64::from(today.weekday().since(Weekday::Monday)))).ok()?;
        let before = monday.checked_sub(Span::new().weeks(1)).ok()?;
        Some(Period { from: midnight(before, zone)?, to: midnight(monday, zone)? })
    }

    /// Whether a moment is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The first and the last day that have a part in it.
    pub fn days(&self, zone: &TimeZone) -> (Date, Date) {
        let last = self.to.checked_sub(Span::new().nanoseconds(1)).unwrap_or(self.to);
        (self.from.to_zoned(zone.clone()).date(), last.to_zoned(zone.clone()).date())
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp())
}
