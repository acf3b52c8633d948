//! Days and moments as people say them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::desk::command::date;
use crate::mail::Language;

/// A day at the desk, with the hour unless the day begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Day {
    at: DateTime,
    /// The year that is not said with a date.
    this_year: i16,
}

impl Day {
    /// The moment in a time zone, seen from another one.
    pub(in crate::desk) fn at(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Day {
        Day { at: at.to_zoned(zone.clone()).datetime(), this_year: now.to_zoned(zone.clone()).year() }
    }

    /// A whole day, seen from a moment.
    pub(in crate::desk) fn whole(date: Date, now: &Zoned) -> Day {
        Day { at: date.at(0, 0, 0, 0), this_year: now.year() }
    }

    /// `jeudi 3 décembre`, `vendredi 1er janvier 2027 à 14 h 30`.
    pub(super) fn french(self) -> String {
        let Day { at, this_year } = self;
        let mut said = format!("{} {}", date::weekday(at.weekday()).0, french_day(at.date()));
        if at.year() != this_year {
            said.push_str(&format!(" {}", at.year()));
        }
        if at != at.date().at(0, 0, 0, 0) {
            said.push_str(&format!(" à {}", french_hour(at)));
        }
        said
    }

    /// `Thursday, December 3`, `Friday, January 1, 2027 at 14:30`.
    pub(super) fn english(self) -> String {
        let Day { at, this_year } = self;
        let mut said = format!("{}, {}", capital(date::weekday(at.weekday()).1), english_day(at.date()));
        if at.year() != this_year {
            said.push_str(&format!(", {}", at.year()));
        }
        if at != at.date().at(0, 0, 0, 0) {
            said.push_str(&format!(" at {}", at.strftime("%H:%M")));
        }
        said
    }
}

/// A moment in the desk's time zone, to the minute: `3 décembre 2026 à 9 h 12`, `December 3, 2026 at 09:12`.
pub(in crate::desk) fn moment(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = at.to_zoned(zone.clone()).datetime();
    if language == Language::FRENCH {
        format!("{} {} à {}", french_day(at.date()), at.year(), french_hour(at))
    } else {
        format!("{}, {} at {}", english_day(at.date()), at.year(), at.strftime("%H:%M"))
    }
}

/// An hour in the desk's time zone, to the minute: `9 h 12`, `09:12`.
pub(in crate::desk) fn hour(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = at.to_zoned(zone.clone()).datetime();
    if language == Language::FRENCH { french_hour(at) } else { at.strftime("%H:%M").to_string() }
}

/// A day with its year: `1er mars 2027`, `March 1, 2027`.
pub(in crate::desk) fn date(day: Date, language: Language) -> String {
    match language == Language::FRENCH {
        true => format!("{} {}", french_day(day), day.year()),
        false => format!("{}, {}", english_day(day), day.year()),
    }
}

fn french_day(day: Date) -> String {
    let first = if day.day() == 1 { "er" } else { "" };
    format!("{}{first} {}", day.day(), date::month_names(day.month()).0)
}

fn english_day(day: Date) -> String {
    format!("{} {}", capital(date::month_names(day.month()).1), day.day())
}

/// `9 h`, `9 h 12`, which stay in one line.
fn french_hour(at: DateTime) -> String {
    match at.minute() {
        0 => format!("{}\u{a0}h", at.hour()),
        minute => format!("{}\u{a0}h\u{a0}{minute:02}", at.hour()),
    }
}

pub(in crate::desk) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_with_the_year_and_the_hour_where_they_are_needed() {
        let zone = TimeZone::get("America/Toronto").unwrap();
        let now = "2026-11-28T05:00:00Z".parse().unwrap();
        for (at, french, english) in [
            ("2026-12-03T05:00:00Z", "jeudi 3 décembre", "Thursday, December 3"),
            ("2026-12-01T19:30:00Z", "mardi 1er décembre à 14 h 30", "Tuesday, December 1 at 14:30"),
            ("2027-01-01T14:00:00Z", "vendredi 1er janvier 2027 à 9 h", "Friday, January 1, 2027 at 09:00"),
        ] {
            let day = Day::at(at.parse().unwrap(), now, &zone);
            assert_eq!((day.french().replace('\u{a0}', " ").as_str(), day.english().as_str()), (french, english));
        }
        let at = "2026-08-03T13:02:00Z".parse().unwrap();
        assert_eq!(moment(at, &zone, Language::FRENCH).replace('\u{a0}', " "), "3 août 2026 à 9 h 02");
        assert_eq!(moment(at, &zone, Language::ENGLISH), "August 3, 2026 at 09:02");
    }
}
