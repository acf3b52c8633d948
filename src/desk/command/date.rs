//! The days that people name, in French and English.

use jiff::civil::{Date, Weekday};

use crate::mail::fold::folded;

/// A day further ahead than this was meant as one that is past.
const DAYS_AHEAD_MAX: i32 = 300;

const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("lundi", "monday", Weekday::Monday),
    ("mardi", "tuesday", Weekday::Tuesday),
    ("mercredi", "wednesday", Weekday::Wednesday),
    ("jeudi", "thursday", Weekday::Thursday),
    ("vendredi", "friday", Weekday::Friday),
    ("samedi", "saturday", Weekday::Saturday),
    ("dimanche", "sunday", Weekday::Sunday),
];

const MONTHS: [(&str, &str); 12] = [
    ("janvier", "january"),
    ("février", "february"),
    ("mars", "march"),
    ("avril", "april"),
    ("mai", "may"),
    ("juin", "june"),
    ("juillet", "july"),
    ("août", "august"),
    ("septembre", "september"),
    ("octobre", "october"),
    ("novembre", "november"),
    ("décembre", "december"),
];

/// The day that one folded word names, seen from today: `demain`, `monday` (the next one).
pub(super) fn by_word(word: &str, today: Date) -> Option<Date> {
    match word {
        "aujourd'hui" | "today" => return Some(today),
        "demain" | "tomorrow" => return today.tomorrow().ok(),
        "apres-demain" => return today.tomorrow().ok()?.tomorrow().ok(),
        _ => {}
    }
    let (.., weekday) = WEEKDAYS.iter().find(|(french, english, _)| *french == word || *english == word)?;
    today.nth_weekday(1, *weekday).ok()
}

/// The day of a month, 1 to 31, from `3`, `1er`, `3rd`.
pub(super) fn day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let is_ordinal = matches!(&word[digits.len()..], "" | "er" | "e" | "st" | "nd" | "rd" | "th");
    digits.parse().ok().filter(|day| is_ordinal && (1..=31).contains(day))
}

/// The month, 1 to 12, from its folded name.
pub(super) fn month(word: &str) -> Option<i8> {
    let index = MONTHS.iter().position(|(french, english)| folded(french) == word || *english == word)?;
    i8::try_from(index + 1).ok()
}

/// The French and English names of a month, 1 to 12, in lower case.
pub(in crate::desk) fn month_names(month: i8) -> (&'static str, &'static str) {
    let index = usize::try_from(month - 1).unwrap_or_default();
    MONTHS.get(index).copied().unwrap_or(MONTHS[0])
}

/// The French and English names of a day of the week, in lower case.
pub(in crate::desk) fn weekday(day: Weekday) -> (&'static str, &'static str) {
    let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    let (french, english, _) = WEEKDAYS[index % WEEKDAYS.len()];
    (french, english)
}

/// The next such day; one that is just past stays past, so that it can be said.
pub(super) fn of_month(day: i8, month: i8, year: Option<i16>, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    let this_year = Date::new(today.year(), month, day).ok();
    let next_year = Date::new(today.year() + 1, month, day).ok();
    let is_near = |date: &Date| today.until(*date).is_ok_and(|span| span.get_days() <= DAYS_AHEAD_MAX);
    this_year.filter(|date| *date >= today).or(next_year.filter(is_near)).or(this_year)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_the_next_one_of_its_name() {
        let thursday = date(2026, 11, 26);
        for (word, day) in [
            ("lundi", date(2026, 11, 30)),
            ("monday", date(2026, 11, 30)),
            ("jeudi", date(2026, 12, 3)),
            ("demain", date(2026, 11, 27)),
            ("tomorrow", date(2026, 11, 27)),
        ] {
            assert_eq!(by_word(word, thursday), Some(day), "{word}");
        }
        assert_eq!(by_word("bientot", thursday), None);
    }

    #[test]
    fn a_day_without_a_year_lies_ahead_unless_it_is_just_past() {
        let today = date(2026, 11, 26);
        assert_eq!(of_month(3, 12, None, today), Some(date(2026, 12, 3)));
        assert_eq!(of_month(3, 2, None, today), Some(date(2027, 2, 3)));
        assert_eq!(of_month(20, 11, None, today), Some(date(2026, 11, 20)));
        assert_eq!(of_month(31, 2, None, today), None);
        assert_eq!(of_month(3, 12, Some(2028), today), Some(date(2028, 12, 3)));
    }
}
