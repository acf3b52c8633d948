//! Days of a period.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Day, Period};

/// Counts by day.
pub(super) struct Days {
    zone: TimeZone,
    by_date: BTreeMap<Date, (u64, u64)>,
}

impl Days {
    pub(super) fn new(zone: TimeZone) -> Days {
        Days { zone, by_date: BTreeMap::new() }
    }

    pub(super) fn opened(&mut self, at: Timestamp) {
        self.of(at).0 += 1;
    }

    pub(super) fn resolved(&mut self, at: Timestamp) {
        self.of(at).1 += 1;
    }

    fn of(&mut self, at: Timestamp) -> &mut (u64, u64) {
        self.by_date.entry(at.to_zoned(self.zone.clone()).date()).or_default()
    }

    /// Every day of the period, also those on which nothing happened.
    pub(super) fn all(&self, period: &Period) -> Vec<Day> {
        let (first, last) = period.days(&self.zone);
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| *date <= last);
        let counts = |date: Date| self.by_date.get(&date).copied().unwrap_or_default();
        dates
            .map(|date| (date, counts(date)))
            .map(|(date, (opened, resolved))| Day { date, opened, resolved })
            .collect()
    }
}
