//! The hours of a week as letters say them, in French and English.

use jiff::civil::Weekday;

use super::when::capital;
use crate::desk::clock::{Shift, Week};
use crate::desk::command::date::weekday;
use crate::mail::Language;

/// `du lundi au vendredi, de 8 h 30 à 12 h et de 13 h à 16 h 30`; days in a row that have the same hours stand together.
pub(super) fn said(week: &Week, language: Language) -> String {
    let is_french = language == Language::FRENCH;
    let days: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
    let alike = days.chunk_by(|one, next| week.on(*one) == week.on(*next));
    let worked = alike.filter(|days| !week.on(days[0]).is_empty());
    let parts: Vec<String> = worked
        .map(|days| if is_french { in_french(days, week.on(days[0])) } else { in_english(days, week.on(days[0])) })
        .collect();
    parts.join("; ")
}

fn in_french(days: &[Weekday], shifts: &[Shift]) -> String {
    let name = |day: &Weekday| weekday(*day).0;
    let days = match days {
        [] => String::new(),
        [day] => format!("le {}", name(day)),
        [first, last] => format!("le {} et le {}", name(first), name(last)),
        [_, _, _, _, _, _, _] => "tous les jours".to_owned(),
        [first, .., last] => format!("du {} au {}", name(first), name(last)),
    };
    let clock = |minutes: u16| match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours}\u{a0}h"),
        (hours, minutes) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
    };
    let hours = |shift: &Shift| match shift {
        Shift { start: 0, end: 1440 } => "24\u{a0}heures sur 24".to_owned(),
        shift => format!("de {} à {}", clock(shift.start), clock(shift.end)),
    };
    format!("{days}, {}", listed(shifts.iter().map(hours), " et "))
}

fn in_english(days: &[Weekday], shifts: &[Shift]) -> String {
    let name = |day: &Weekday| capital(weekday(*day).1);
    let days = match days {
        [] => String::new(),
        [day] => name(day),
        [first, last] => format!("{} and {}", name(first), name(last)),
        [_, _, _, _, _, _, _] => "every day".to_owned(),
        [first, .., last] => format!("{} to {}", name(first), name(last)),
    };
    let clock = |minutes: u16| format!("{}:{:02}", minutes / 60, minutes % 60);
    let hours = |shift: &Shift| match shift {
        Shift { start: 0, end: 1440 } => "24 hours a day".to_owned(),
        shift => format!("{} to {}", clock(shift.start), clock(shift.end)),
    };
    format!("{days}, {}", listed(shifts.iter().map(hours), " and "))
}

fn listed(all: impl Iterator<Item = String>, and: &str) -> String {
    let mut all: Vec<String> = all.collect();
    match all.pop() {
        Some(last) if !all.is_empty() => format!("{}{and}{last}", all.join(", ")),
        last => last.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_of_a_week_are_said_in_both_languages() {
        for (lines, french, english) in [
            (
                &["mon-fri 08:30-12:00, 13:00-16:30"][..],
                "du lundi au vendredi, de 8 h 30 à 12 h et de 13 h à 16 h 30",
                "Monday to Friday, 8:30 to 12:00 and 13:00 to 16:30",
            ),
            (
                &["mon-thu 9:00-17:00", "fri 9:00-12:00", "sat-sun 22:00-06:00"],
                "du lundi au jeudi, de 9 h à 17 h; le vendredi, de 9 h à 12 h; le samedi et le dimanche, de 22 h à 6 h",
                "Monday to Thursday, 9:00 to 17:00; Friday, 9:00 to 12:00; Saturday and Sunday, 22:00 to 6:00",
            ),
            (&["mon-sun 00:00-24:00"], "tous les jours, 24 heures sur 24", "every day, 24 hours a day"),
        ] {
            let week = Week::read(lines.iter().copied()).unwrap();
            assert_eq!(said(&week, Language::FRENCH).replace('\u{a0}', " "), french);
            assert_eq!(said(&week, Language::ENGLISH), english);
        }
    }
}
