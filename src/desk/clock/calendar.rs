//! Business time: what of a stretch of time counts, and when so much of it will have passed.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::days_off::{DaysOff, InOrder};
use super::week::{Shift, Week};

/// A promise further ahead is none: a calendar may be closed for good.
const FAR: SignedDuration = SignedDuration::from_hours(20 * 366 * 24);
const FAR_DAYS: usize = 20 * 366;

/// When somebody works. Shifts are instants: a start or end that a clock change skips is taken as much later, one that comes
/// twice is the first (RFC 5545 §3.3.5, as most calendars do). Shifts have their start and not their end.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Its name in the configuration.
    pub name: String,
    /// Where its clocks hang.
    pub zone: TimeZone,
    /// When it works in a week.
    pub week: Week,
    /// When it does not.
    pub days_off: DaysOff,
}

/// From an instant to another one, which is not in it.
type Stretch = (Timestamp, Timestamp);

impl Calendar {
    /// The seconds of work from one instant to another; negative where the second one is earlier.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        if to < from {
            return -self.between(to, from);
        }
        let shifts = self.shifts(from, to).take_while(|(start, _)| *start < to);
        shifts.map(|(start, end)| start.duration_until(end.min(to))).fold(SignedDuration::ZERO, |sum, one| sum + one)
    }

    /// The first instant by which so much work will have passed: at a shift's end that end, not the next start. `None`: not in
    /// twenty years. What takes no time is over at once.
    pub fn after(&self, from: Timestamp, work: SignedDuration) -> Option<Timestamp> {
        let mut left = work;
        if left <= SignedDuration::ZERO {
            return Some(from);
        }
        for (start, end) in self.shifts(from, far_from(from)) {
            let length = start.duration_until(end);
            if left <= length {
                return start.checked_add(left).ok();
            }
            left -= length;
        }
        None
    }

    /// The first instant of work at or after this one; `None`: not in twenty years.
    pub fn opening(&self, at: Timestamp) -> Option<Timestamp> {
        self.shifts(at, far_from(at)).next().map(|(start, _)| start)
    }

    /// The same time of day so many days of work later; `None`: not in twenty years.
    pub fn days_after(&self, from: Timestamp, days: u32) -> Option<Timestamp> {
        let Some(others) = usize::try_from(days).ok()?.checked_sub(1) else { return Some(from) };
        let from = from.to_zoned(self.zone.clone()).datetime();
        let mut off = self.days_off.in_order();
        let later = from.date().tomorrow().ok()?.series(1.day()).take(FAR_DAYS);
        let mut worked = later.filter(|day| !self.week.on(day.weekday()).is_empty() && !off.has(*day));
        self.zone.to_timestamp(worked.nth(others)?.to_datetime(from.time())).ok()
    }

    /// Whether a shift begins on this day.
    pub fn works_on(&self, day: Date) -> bool {
        !self.week.on(day.weekday()).is_empty() && !self.days_off.in_order().has(day)
    }

    /// Whether somebody works at this instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opening(at) == Some(at)
    }

    /// What is left of the shifts from an instant on, in order, up to those of the day of another one; none begins before the
    /// last one ended, whatever a clock change did.
    fn shifts(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Stretch> {
        let day_of = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        let (today, last) = (day_of(from), day_of(until));
        // A shift of yesterday may last over midnight, and a zone may skip a day.
        let first = today.yesterday().and_then(Date::yesterday).unwrap_or(today);
        let mut off: InOrder<'_> = self.days_off.in_order();
        let days = first.series(1.day()).take_while(move |day| *day <= last).filter(move |day| !off.has(*day));
        let shifts = days
            .flat_map(move |day| self.week.on(day.weekday()).iter().filter_map(move |shift| self.stretch(day, *shift)));
        let mut over = from;
        shifts.filter_map(move |(start, end)| {
            let start = start.max(over);
            (start < end).then(|| {
                over = end;
                (start, end)
            })
        })
    }

    fn stretch(&self, day: Date, shift: Shift) -> Option<Stretch> {
        let next = || day.tomorrow().ok();
        let start = self.instant(day, shift.start)?;
        let end = match shift.end {
            1440 => self.instant(next()?, 0)?,
            end if shift.is_over_midnight() => self.instant(next()?, end)?,
            end => self.instant(day, end)?,
        };
        Some((start, end))
    }

    fn instant(&self, day: Date, minutes: u16) -> Option<Timestamp> {
        let minutes = i8::try_from(minutes / 60).ok().zip(i8::try_from(minutes % 60).ok());
        let time = minutes.and_then(|(hours, minutes)| Time::new(hours, minutes, 0, 0).ok())?;
        self.zone.to_timestamp(day.to_datetime(time)).ok()
    }
}

fn far_from(at: Timestamp) -> Timestamp {
    at.checked_add(FAR).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Closure, HolidaySet, Holidays};
    use super::*;
    use proptest::prelude::*;

    fn calendar(zone: &str, hours: &str) -> Calendar {
        let week = Week::read(hours.split("; ")).unwrap();
        Calendar { name: "office".to_owned(), zone: TimeZone::get(zone).unwrap(), week, days_off: DaysOff::default() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hours(count: i64) -> SignedDuration {
        SignedDuration::from_hours(count)
    }

    #[test]
    fn what_counts_of_a_wait_is_the_time_in_which_somebody_works() {
        for (zone, week, from, to, minutes) in [
            // A weekend, a lunch, an evening.
            ("America/Toronto", "mon-fri 08:00-17:00", "2026-11-27T16:00-05:00", "2026-11-30T09:00-05:00", 120),
            (
                "America/Toronto",
                "mon-fri 08:30-12:00, 13:00-16:30",
                "2026-11-30T11:30-05:00",
                "2026-11-30T13:30-05:00",
                60,
            ),
            (
                "America/Toronto",
                "mon-fri 08:30-12:00, 13:00-16:30",
                "2026-11-30T12:00-05:00",
                "2026-11-30T13:00-05:00",
                0,
            ),
            ("Europe/Paris", "mon-fri 09:00-18:00", "2026-11-30T17:30+01:00", "2026-12-01T09:30+01:00", 60),
            // The clock of the caller's own zone does not matter.
            ("America/Toronto", "mon-fri 08:00-17:00", "2026-11-27T22:00+01:00", "2026-11-30T15:00+01:00", 120),
            // Nights belong to the day on which they begin: nobody works from Sunday to Monday.
            ("America/Toronto", "mon-fri 22:00-06:00", "2026-11-30T00:00-05:00", "2026-11-30T12:00-05:00", 0),
            ("America/Toronto", "mon-fri 22:00-06:00", "2026-12-05T00:00-05:00", "2026-12-05T12:00-05:00", 360),
            // Days of 23 and of 25 hours, and nights of 7 and of 9.
            ("America/Vancouver", "mon-sun 00:00-24:00", "2025-03-09T00:00-08:00", "2025-03-10T00:00-07:00", 1380),
            ("America/Vancouver", "mon-sun 00:00-24:00", "2024-11-03T00:00-07:00", "2024-11-04T00:00-08:00", 1500),
            ("Europe/Paris", "mon-sun 22:00-06:00", "2026-03-28T20:00+01:00", "2026-03-29T08:00+02:00", 420),
            ("Europe/Paris", "mon-sun 22:00-06:00", "2026-10-24T20:00+02:00", "2026-10-25T08:00+01:00", 540),
            // A start in the hour that is skipped, an end in it, and both: each is an hour later.
            ("America/Toronto", "sun 02:30-10:00", "2026-03-08T00:00-05:00", "2026-03-08T12:00-04:00", 390),
            ("America/Toronto", "sun 00:00-02:30", "2026-03-08T00:00-05:00", "2026-03-08T12:00-04:00", 150),
            (
                "America/Toronto",
                "sun 00:00-02:30, 03:00-05:00",
                "2026-03-08T00:00-05:00",
                "2026-03-08T12:00-04:00",
                240,
            ),
            // Backwards.
            ("America/Toronto", "mon-fri 08:00-17:00", "2026-11-30T09:00-05:00", "2026-11-27T16:00-05:00", -120),
        ] {
            let between = calendar(zone, week).between(at(from), at(to));
            assert_eq!(between, SignedDuration::from_mins(minutes), "{zone} {week} {from} {to}");
        }
    }

    #[test]
    fn a_due_time_at_closing_is_that_closing_and_one_second_more_is_the_next_morning() {
        let office = calendar("America/Toronto", "mon-fri 08:00-17:00");
        let friday = at("2026-11-27T15:00-05:00");
        assert_eq!(office.after(friday, hours(2)), Some(at("2026-11-27T17:00-05:00")));
        let second = SignedDuration::from_secs(1);
        assert_eq!(office.after(friday, hours(2) + second), Some(at("2026-11-30T08:00:01-05:00")));
        assert_eq!(office.after(friday, SignedDuration::ZERO), Some(friday));
        assert!(!office.is_open(at("2026-11-27T17:00-05:00")) && office.is_open(at("2026-11-30T08:00-05:00")));
        assert_eq!(office.opening(at("2026-11-27T17:00-05:00")), Some(at("2026-11-30T08:00-05:00")));
    }

    #[test]
    fn nobody_works_on_holidays_own_days_and_in_closures() {
        let mut office = calendar("America/Toronto", "mon-fri 08:00-17:00; mon-fri 22:00-06:00");
        office.days_off = DaysOff {
            holidays: vec![Holidays::of(HolidaySet::Quebec)],
            days: vec!["2026-12-24".parse().unwrap()],
            closures: vec![Closure { first: "2026-12-28".parse().unwrap(), last: "2026-12-31".parse().unwrap() }],
        };
        // The night of the 23rd is worked to its end, and the next one begins on the 4th: 1 January is a holiday.
        let night = at("2026-12-23T22:00-05:00");
        assert_eq!(office.after(night, hours(8)), Some(at("2026-12-24T06:00-05:00")));
        assert_eq!(office.opening(at("2026-12-24T06:00-05:00")), Some(at("2027-01-04T08:00-05:00")));
    }

    #[test]
    fn days_of_work_are_counted_at_the_same_time_of_day() {
        let mut office = calendar("America/Toronto", "mon-fri 08:00-17:00");
        office.days_off.holidays = vec![Holidays::of(HolidaySet::Quebec)];
        for (from, days, to) in [
            ("2026-11-26T10:15-05:00", 3, "2026-12-01T10:15-05:00"),
            ("2026-11-28T23:30-05:00", 1, "2026-11-30T23:30-05:00"),
            ("2026-12-23T10:15-05:00", 3, "2026-12-29T10:15-05:00"),
            ("2026-10-30T10:15-04:00", 1, "2026-11-02T10:15-05:00"),
            ("2026-11-26T10:15-05:00", 0, "2026-11-26T10:15-05:00"),
        ] {
            assert_eq!(office.days_after(at(from), days), Some(at(to)), "{from} {days}");
        }
        assert!(office.works_on("2026-12-24".parse().unwrap()) && !office.works_on("2026-12-25".parse().unwrap()));
    }

    #[test]
    fn a_calendar_that_is_closed_for_good_promises_nothing() {
        let mut office = calendar("America/Toronto", "mon-fri 08:00-17:00");
        office.days_off.closures =
            vec![Closure { first: "2000-01-01".parse().unwrap(), last: "2100-01-01".parse().unwrap() }];
        assert_eq!(office.after(at("2026-11-27T15:00-05:00"), hours(1)), None);
        assert_eq!(office.opening(at("2026-11-27T15:00-05:00")), None);
    }

    fn any_calendar() -> impl Strategy<Value = Calendar> {
        let zone =
            prop::sample::select(vec!["America/Toronto", "Europe/Paris", "America/St_Johns", "Australia/Lord_Howe"]);
        let week = prop::sample::select(vec![
            "mon-fri 08:30-12:00, 13:00-16:30",
            "mon-sun 00:00-24:00",
            "mon-sun 22:00-06:00",
            "sat-sun 01:30-02:15, 02:30-03:10",
            "mon 00:00-00:01",
        ]);
        (zone, week).prop_map(|(zone, week)| calendar(zone, week))
    }

    proptest! {
        #[test]
        fn time_adds_up_and_a_due_time_is_the_first_by_which_so_much_has_passed(
            calendar in any_calendar(), from in 1_700_000_000_i64..1_900_000_000, waits in (0_i64..2_000_000, 0_i64..2_000_000),
            work in 1_i64..20_000,
        ) {
            let from = Timestamp::from_second(from).unwrap();
            let (middle, to) = (from + SignedDuration::from_secs(waits.0), from + SignedDuration::from_secs(waits.0 + waits.1));
            prop_assert_eq!(calendar.between(from, to), calendar.between(from, middle) + calendar.between(middle, to));
            let work = SignedDuration::from_secs(work);
            let due = calendar.after(from, work).unwrap();
            prop_assert_eq!(calendar.between(from, due), work);
            prop_assert!(calendar.between(from, due - SignedDuration::from_secs(1)) < work);
            let opening = calendar.opening(to).unwrap();
            prop_assert!(opening >= to && calendar.is_open(opening) && calendar.between(to, opening).is_zero());
        }
    }
}
