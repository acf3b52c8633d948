//! Days on which no shift begins: holidays, own days, closures.

use jiff::civil::Date;

use super::holidays::{Holiday, Holidays};

/// Days in a row, both ends among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closure {
    /// The first day off.
    pub first: Date,
    /// The last day off, not before the first.
    pub last: Date,
}

/// What a calendar is closed for, whatever its week says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DaysOff {
    /// Legal holidays; several sets where people of several places must be there.
    pub holidays: Vec<Holidays>,
    /// Single days of the desk's own.
    pub days: Vec<Date>,
    /// Ranges of days.
    pub closures: Vec<Closure>,
}

/// The days off, looked at day by day: the holidays of one year are computed once.
pub(super) struct InOrder<'a> {
    days_off: &'a DaysOff,
    year: Option<i16>,
    holidays: Vec<Date>,
}

impl DaysOff {
    /// The holidays of a year, each day once, in order.
    pub fn holidays_of(&self, year: i16) -> Vec<Holiday> {
        let mut days: Vec<Holiday> = self.holidays.iter().flat_map(|holidays| holidays.of_year(year)).collect();
        days.sort();
        days.dedup_by_key(|day| day.date);
        days
    }

    pub(super) fn in_order(&self) -> InOrder<'_> {
        InOrder { days_off: self, year: None, holidays: Vec::new() }
    }
}

impl InOrder<'_> {
    /// Whether no shift begins on this day.
    pub(super) fn has(&mut self, date: Date) -> bool {
        if self.year != Some(date.year()) {
            self.year = Some(date.year());
            self.holidays = self.days_off.holidays_of(date.year()).iter().map(|holiday| holiday.date).collect();
        }
        let closures = &self.days_off.closures;
        self.holidays.contains(&date)
            || self.days_off.days.contains(&date)
            || closures.iter().any(|closure| (closure.first..=closure.last).contains(&date))
    }
}
