//! The days and hours that people name, in French and English.
//!
//! A day alone is the desk's opening on it; an hour is by the desk's clock. What can be read in two ways is read in none:
//! `04/12` is in April for one reader and in December for the next.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::hour::{Hour, Read, Unclear, hour, hour_of_day, leading_digits, plain};
use super::rest::{Rest, bare, key};
use crate::desk::Desk;
use crate::mail::fold::folded;

/// A day further ahead than this was meant as one that is past.
const DAYS_AHEAD_MAX: i32 = 300;

/// So many of a unit are meant at most.
const COUNT_MAX: i64 = 1000;

/// A moment as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// When the desk opens on that day (`lundi`, `Dec 4`), or next.
    Day(Date),
    /// At an hour by the desk's clock: `demain 9h`, `2pm`.
    At(DateTime),
    /// So long from now: `30 minutes`, `2 heures`.
    Minutes(i64),
    /// At this hour, so many days from now: `3 jours`, `1 week`.
    Days(i64),
}

impl When {
    /// The moment that is meant; `None` where no calendar has it.
    pub(in crate::desk) fn instant(self, desk: &Desk, now: Timestamp) -> Option<Timestamp> {
        let zone = desk.time_zone.clone();
        match self {
            When::Day(day) => desk.opening_on(day),
            When::At(at) => zone.to_timestamp(at).ok(),
            When::Minutes(minutes) => now.checked_add(SignedDuration::from_mins(minutes)).ok(),
            When::Days(days) => Some(now.to_zoned(zone).checked_add(days.days()).ok()?.timestamp()),
        }
    }
}

const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("lundi", "monday", Weekday::Monday),
    ("mardi", "tuesday", Weekday::Tuesday),
    ("mercredi", "wednesday", Weekday::Wednesday),
    ("jeudi", "thursday", Weekday::Thursday),
    ("vendredi", "friday", Weekday::Friday),
    ("samedi", "saturday", Weekday::Saturday),
    ("dimanche", "sunday", Weekday::Sunday),
];

/// As they are cut short, folded; understood beside a date alone, because some are words: `mar`, `mer`, `mon`, `sat`.
const SHORT_WEEKDAYS: [(&[&str], Weekday); 7] = [
    (&["lun", "mon"], Weekday::Monday),
    (&["mar", "tue", "tues"], Weekday::Tuesday),
    (&["mer", "wed"], Weekday::Wednesday),
    (&["jeu", "thu", "thur", "thurs"], Weekday::Thursday),
    (&["ven", "fri"], Weekday::Friday),
    (&["sam", "sat"], Weekday::Saturday),
    (&["dim", "sun"], Weekday::Sunday),
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

/// As they are cut short, folded.
const SHORT_MONTHS: [&[&str]; 12] = [
    &["janv", "jan"],
    &["fevr", "fev", "feb"],
    &["mar"],
    &["avr", "apr"],
    &[],
    &["jun"],
    &["juil", "jul"],
    &["aug"],
    &["sept", "sep"],
    &["oct"],
    &["nov"],
    &["dec"],
];

/// Numbers in words, folded, from one on.
const COUNTS: [&[&str]; 10] = [
    &["un", "une", "a", "an", "one"],
    &["deux", "two"],
    &["trois", "three"],
    &["quatre", "four"],
    &["cinq", "five"],
    &["six"],
    &["sept", "seven"],
    &["huit", "eight"],
    &["neuf", "nine"],
    &["dix", "ten"],
];

/// The moment that the rest starts with, past what leads to it; leaves the rest as it is where there is none.
/// Without `today` only whole dates and durations are understood.
pub(super) fn when(rest: &mut Rest<'_>, today: Option<Date>) -> Read<When> {
    let mut behind = *rest;
    let mut lead = String::new();
    // `a week` is one.
    while duration(&mut behind.clone()).is_none()
        && let Some(word) = behind.word_if(|word| is_lead(&plain(word)))
    {
        lead = plain(word);
    }
    let points_at_hour = matches!(lead.as_str(), "a" | "at" | "jusqu'a" | "until" | "till" | "vers" | "by");
    let is_hour = points_at_hour && hour(&mut behind.clone())?.is_some();
    let found = match Some(&mut behind).filter(|_| !is_hour).and_then(|behind| duration(behind)) {
        // `9h lundi` may be nine hours, and nine o'clock.
        Some(_) if day(&mut behind.clone(), "", today)?.is_some() => return Err(Unclear),
        Some(found) => Some(found),
        None => day_and_hour(&mut behind, &lead, today)?,
    };
    if found.is_some() {
        *rest = behind;
    }
    Ok(found)
}

/// What reads one day, seen from another one.
type ReadDay = fn(&mut Rest<'_>, Date) -> Read<Date>;

/// The first day of a stretch, and the day behind its last one, which is in it: `du 3 au 10 décembre`, `from Monday to Friday`.
pub(super) fn range(rest: &mut Rest<'_>, today: Option<Date>, read: ReadDay) -> Read<(Date, Date)> {
    let mut behind = *rest;
    let begins = behind.word_if(|word| matches!(plain(word).as_str(), "du" | "de" | "from"));
    let Some(today) = today.filter(|_| begins.is_some()) else { return Ok(None) };
    let first = match read(&mut behind, today)? {
        Some(date) => Ok(date),
        // The month stands behind the second day alone.
        None => match behind.word().map(plain).as_deref().and_then(day_number) {
            Some(day) => Err(day),
            None => return Ok(None),
        },
    };
    let is_to =
        |word: &str| matches!(plain(word).as_str(), "au" | "a" | "to" | "until" | "till" | "through" | "-" | "–");
    if behind.word_if(is_to).is_none() {
        return Ok(None);
    }
    let seen_from = first.unwrap_or(today);
    let last = match read(&mut behind, seen_from)? {
        Some(last) => last,
        None => day_alone(&mut behind, "le", seen_from)?.ok_or(Unclear)?,
    };
    let first = match first {
        Ok(first) => first,
        Err(day) if day <= last.day() => last.with().day(day).build().map_err(|_| Unclear)?,
        Err(_) => return Err(Unclear),
    };
    let next = last.tomorrow().ok().filter(|_| first <= last).ok_or(Unclear)?;
    behind.word_if(|word| matches!(plain(word).as_str(), "inclus" | "inclusivement" | "inclusive"));
    *rest = behind;
    Ok(Some((first, next)))
}

/// A day as who writes today names it.
pub(super) fn named(rest: &mut Rest<'_>, today: Date) -> Read<Date> {
    day(rest, "", Some(today))
}

/// A day with its month, as one who does not write today names it: `14 décembre`, `Monday, Dec 14`, `2026-12-14`.
pub(super) fn dated(rest: &mut Rest<'_>, today: Date) -> Read<Date> {
    let mut behind = *rest;
    behind.word_if(|word| weekday_of(&plain(word)).is_some());
    while behind.word_if(|word| matches!(plain(word).as_str(), "le" | "the")).is_some() {}
    let mut at_number = behind;
    let number = numeric(at_number.word().map(bare).unwrap_or_default(), Some(today))?;
    let found = match number {
        Some(date) => {
            behind = at_number;
            Some(date)
        }
        None => day_of_month(&mut behind, today)?,
    };
    if found.is_some() {
        *rest = behind;
    }
    Ok(found)
}

/// What leads to a moment and says nothing of it.
pub(super) fn is_lead(word: &str) -> bool {
    matches!(
        word,
        "until" | "till" | "for" | "on" | "the" | "in" | "at" | "by" | "a" | "jusqu'au" | "jusqu'a" | "pendant"
    ) || matches!(word, "pour" | "le" | "au" | "dans" | "d'ici" | "vers" | "la")
}

/// `3d`, `3 jours`, `une semaine`, `30 min`.
fn duration(rest: &mut Rest<'_>) -> Option<When> {
    let mut behind = *rest;
    let word = bare(behind.word()?);
    let digits = leading_digits(word);
    let count = counted(&plain(word)).or_else(|| digits.parse().ok()).filter(|n| (1..=COUNT_MAX).contains(n))?;
    let stands_alone = digits.is_empty() || digits.len() == word.len();
    let unit = if stands_alone { bare(behind.word()?) } else { &word[digits.len()..] };
    let when = match key(unit).as_str() {
        "min" | "mn" | "minute" | "minutes" => When::Minutes(count),
        "h" | "heure" | "heures" | "hour" | "hours" => When::Minutes(count * 60),
        "d" | "j" | "jour" | "jours" | "day" | "days" => When::Days(count),
        "w" | "semaine" | "semaines" | "week" | "weeks" => When::Days(count * 7),
        _ => return None,
    };
    *rest = behind;
    Some(when)
}

fn counted(word: &str) -> Option<i64> {
    let index = COUNTS.iter().position(|words| words.contains(&word))?;
    i64::try_from(index + 1).ok()
}

fn day_and_hour(rest: &mut Rest<'_>, lead: &str, today: Option<Date>) -> Read<When> {
    let day = day(rest, lead, today)?;
    let hour = match day {
        Some(_) => hour_of_day(rest)?,
        None if today.is_some() => hour(rest)?.map(Hour::At),
        None => None,
    };
    // `2pm on Monday`
    let behind = if day.is_none() && hour.is_some() { day_behind(rest, today)? } else { None };
    let Some(day) = day.or(behind).or(today.filter(|_| hour.is_some())) else { return Ok(None) };
    Ok(Some(match hour {
        Some(Hour::At(time)) => When::At(day.to_datetime(time)),
        Some(Hour::Opening) | None => When::Day(day),
    }))
}

fn day_behind(rest: &mut Rest<'_>, today: Option<Date>) -> Read<Date> {
    let mut behind = *rest;
    let lead = behind.word_if(|word| matches!(plain(word).as_str(), "on" | "le" | "the")).map(plain);
    let found = day(&mut behind, lead.as_deref().unwrap_or_default(), today)?;
    if found.is_some() {
        *rest = behind;
    }
    Ok(found)
}

/// `2026-12-03`, `lundi`, `3 décembre`, `December 3, 2026`, `le 4`, `next week`.
fn day(rest: &mut Rest<'_>, lead: &str, today: Option<Date>) -> Read<Date> {
    let mut behind = *rest;
    let Some(word) = behind.word().map(bare) else { return Ok(None) };
    let mut found = numeric(word, today)?;
    if let (None, Some(today)) = (found, today) {
        behind = *rest;
        found = weekday_named(&mut behind, today)?;
        if found.is_none() {
            behind = *rest;
            found = relative(&mut behind, today);
        }
        if found.is_none() {
            behind = *rest;
            found = day_of_month(&mut behind, today)?;
        }
        if found.is_none() {
            behind = *rest;
            found = day_alone(&mut behind, lead, today)?;
        }
    }
    if found.is_some() {
        *rest = behind;
    }
    Ok(found)
}

/// `2026-12-04`, `2026/12/04`, `31/12`, `12/31/2026`; where day and month can be told apart.
fn numeric(word: &str, today: Option<Date>) -> Read<Date> {
    if let Ok(date) = word.replace('/', "-").parse() {
        // An hour behind it would be lost.
        return if word.len() > 10 { Err(Unclear) } else { Ok(Some(date)) };
    }
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let number = |part: &str| part.parse::<i8>().ok().filter(|_| part.len() <= 2);
    let year = |part: &str| part.parse::<i16>().ok().filter(|_| part.len() == 4);
    let (a, b, year) = match parts.as_slice() {
        [a, b] if word.contains('/') => (number(a), number(b), None),
        [a, b, year_written] => (number(a), number(b), year(year_written)),
        _ => return Ok(None),
    };
    let (Some(a), Some(b)) = (a, b) else { return Ok(None) };
    let (day, month) = match (a, b) {
        (day, month) if day > 12 || day == month => (day, month),
        (month, day) if day > 12 => (day, month),
        _ => return Err(Unclear),
    };
    let date = match (year, today) {
        (Some(year), _) => Date::new(year, month, day).ok(),
        (None, Some(today)) => of_month(day, month, None, today),
        (None, None) => return Ok(None),
    };
    date.map(Some).ok_or(Unclear)
}

/// `lundi`, `lundi prochain`, `lundi 7 décembre`, `lundi le 7`, `Mon, Dec 7`.
fn weekday_named(rest: &mut Rest<'_>, today: Date) -> Read<Date> {
    rest.word_if(|word| matches!(plain(word).as_str(), "next" | "this" | "ce"));
    let Some(word) = rest.word().map(plain) else { return Ok(None) };
    let whole = weekday_of(&word);
    let short = || SHORT_WEEKDAYS.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, day)| *day);
    let Some(weekday) = whole.or_else(short) else { return Ok(None) };
    let mut behind = *rest;
    let article = behind.word_if(|word| matches!(plain(word).as_str(), "le" | "the")).map(plain);
    let dated = match day_of_month(&mut behind, today)? {
        Some(date) => Some(date),
        None => day_alone(&mut behind, article.as_deref().unwrap_or("le"), today)?,
    };
    if let Some(date) = dated {
        *rest = behind;
        return if date.weekday() == weekday { Ok(Some(date)) } else { Err(Unclear) };
    }
    if whole.is_none() {
        return Ok(None);
    }
    rest.word_if(|word| matches!(plain(word).as_str(), "prochain" | "prochaine"));
    today.nth_weekday(1, weekday).map(Some).map_err(|_| Unclear)
}

/// `demain`, `après-demain`, `la semaine prochaine`, `the day after tomorrow`.
fn relative(rest: &mut Rest<'_>, today: Date) -> Option<Date> {
    const SAID: [(&[&str], i64); 6] = [
        (&["aujourd'hui"], 0),
        (&["today"], 0),
        (&["demain"], 1),
        (&["tomorrow"], 1),
        (&["apres-demain"], 2),
        (&["day", "after", "tomorrow"], 2),
    ];
    const NEXT_WEEK: [&[&str]; 2] = [&["semaine", "prochaine"], &["next", "week"]];
    let said = |words: &[&str]| {
        let mut behind = *rest;
        words.iter().all(|word| behind.word().is_some_and(|here| plain(here) == *word)).then_some(behind)
    };
    let day = SAID.iter().find_map(|(words, days)| Some((said(words)?, today.checked_add(days.days()).ok()?)));
    let day = day.or_else(|| {
        let behind = NEXT_WEEK.iter().find_map(|words| said(words))?;
        Some((behind, today.nth_weekday(1, Weekday::Monday).ok()?))
    });
    let (behind, day) = day?;
    *rest = behind;
    Some(day)
}

/// `3 décembre`, `December 3rd, 2026`, `the 4th of December`.
fn day_of_month(rest: &mut Rest<'_>, today: Date) -> Read<Date> {
    let mut behind = *rest;
    let first = behind.word().map(plain).unwrap_or_default();
    behind.word_if(|word| matches!(plain(word).as_str(), "of" | "de"));
    let second = behind.word().map(plain).unwrap_or_default();
    let french = day_number(&first).zip(month(&second));
    let Some((day, month)) = french.or_else(|| day_number(&second).zip(month(&first))) else { return Ok(None) };
    let year = behind.word_if(|word| bare(word).len() == 4 && bare(word).parse::<i16>().is_ok());
    *rest = behind;
    of_month(day, month, year.and_then(|year| bare(year).parse().ok()), today).map(Some).ok_or(Unclear)
}

/// `le 4`, `the 4th`: the next such day.
fn day_alone(rest: &mut Rest<'_>, lead: &str, today: Date) -> Read<Date> {
    let mut behind = *rest;
    let Some(word) = behind.word().map(plain) else { return Ok(None) };
    let is_ordinal = word.ends_with(|c: char| c.is_alphabetic());
    let is_led = is_ordinal || matches!(lead, "le" | "the" | "au" | "jusqu'au");
    let Some(day) = day_number(&word).filter(|_| is_led && hour(&mut rest.clone()) == Ok(None)) else {
        return Ok(None);
    };
    *rest = behind;
    let mut month = today.first_of_month();
    for _ in 0..3 {
        match Date::new(month.year(), month.month(), day) {
            Ok(date) if date >= today => return Ok(Some(date)),
            _ => month = month.checked_add(1.month()).map_err(|_| Unclear)?,
        }
    }
    Err(Unclear)
}

/// The day of the week with this name, folded.
fn weekday_of(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(french, english, _)| *french == word || *english == word).map(|(.., weekday)| *weekday)
}

/// The day of a month, 1 to 31, from `3`, `1er`, `3rd`.
fn day_number(word: &str) -> Option<i8> {
    let digits = leading_digits(word);
    let is_ordinal = matches!(&word[digits.len()..], "" | "er" | "e" | "st" | "nd" | "rd" | "th");
    digits.parse().ok().filter(|day| is_ordinal && (1..=31).contains(day))
}

/// The month, 1 to 12, from its folded name.
fn month(word: &str) -> Option<i8> {
    let whole = MONTHS.iter().position(|(french, english)| folded(french) == word || *english == word);
    let index = whole.or_else(|| SHORT_MONTHS.iter().position(|words| words.contains(&word)))?;
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
fn of_month(day: i8, month: i8, year: Option<i16>, today: Date) -> Option<Date> {
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

    /// What was read, and what stands behind it. Today is Thursday, 2026-11-26.
    fn read(text: &str) -> (Read<When>, &str) {
        let mut rest = Rest(text);
        let read = when(&mut rest, Some(date(2026, 11, 26)));
        (read, rest.text())
    }

    #[test]
    fn a_day_is_read_as_people_write_it() {
        for (text, month, day) in [
            ("lundi", 11, 30),
            ("jeudi", 12, 3),
            ("lundi prochain", 11, 30),
            ("next Monday", 11, 30),
            ("ce vendredi", 11, 27),
            ("demain", 11, 27),
            ("tomorrow", 11, 27),
            ("après-demain", 11, 28),
            ("the day after tomorrow", 11, 28),
            ("la semaine prochaine", 11, 30),
            ("next week", 11, 30),
            ("le 4", 12, 4),
            ("the 4th", 12, 4),
            ("le 26", 11, 26),
            ("le 31", 12, 31),
            ("4 décembre", 12, 4),
            ("le 4 déc.", 12, 4),
            ("Dec 4", 12, 4),
            ("Dec. 4th,", 12, 4),
            ("4 December 2026", 12, 4),
            ("the 4th of December", 12, 4),
            ("lundi 7 décembre", 12, 7),
            ("lundi le 7", 12, 7),
            ("lundi 7", 12, 7),
            ("Mon, Dec 7", 12, 7),
            ("mar. 1er déc.", 12, 1),
            ("2026-12-04", 12, 4),
            ("2026/12/04", 12, 4),
            ("31/12", 12, 31),
            ("31/12/2026", 12, 31),
            ("12/31/2026", 12, 31),
            ("12/12/2026", 12, 12),
            ("jusqu’au 3 décembre", 12, 3),
            ("lundi matin", 11, 30),
            ("tomorrow in the morning", 11, 27),
        ] {
            assert_eq!(read(text), (Ok(Some(When::Day(date(2026, month, day)))), ""), "{text}");
        }
    }

    #[test]
    fn an_hour_is_by_the_desks_clock() {
        for (text, day, hour, minute) in [
            ("demain 9h", 27, 9, 0),
            ("demain à 9 h 30", 27, 9, 30),
            ("demain à 9h30", 27, 9, 30),
            ("tomorrow 9am", 27, 9, 0),
            ("tomorrow at 2 p.m.", 27, 14, 0),
            ("tomorrow at 2:30pm", 27, 14, 30),
            ("2026-11-30 08:15", 30, 8, 15),
            ("demain matin à 9 h", 27, 9, 0),
            ("demain après-midi à 2 h", 27, 14, 0),
            ("tomorrow afternoon at 2:30", 27, 14, 30),
            ("2pm on Monday", 30, 14, 0),
            ("14:30 le 27", 27, 14, 30),
            ("lundi après-midi", 30, 13, 0),
            ("lundi midi", 30, 12, 0),
            ("2pm", 26, 14, 0),
            ("12am", 26, 0, 0),
            ("14:30", 26, 14, 30),
            ("midi", 26, 12, 0),
            ("until noon", 26, 12, 0),
            ("jusqu'à 15 h", 26, 15, 0),
            ("à 9 heures", 26, 9, 0),
        ] {
            let at = date(2026, 11, day).at(hour, minute, 0, 0);
            assert_eq!(read(text), (Ok(Some(When::At(at))), ""), "{text}");
        }
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, when) in [
            ("30 minutes", When::Minutes(30)),
            ("2 heures", When::Minutes(120)),
            ("2h", When::Minutes(120)),
            ("une heure", When::Minutes(60)),
            ("an hour", When::Minutes(60)),
            ("for a week", When::Days(7)),
            ("3 jours", When::Days(3)),
            ("dans trois jours", When::Days(3)),
            ("in 2 days", When::Days(2)),
            ("1 semaine", When::Days(7)),
            ("two weeks", When::Days(14)),
        ] {
            assert_eq!(read(text), (Ok(Some(when)), ""), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        for text in [
            "9h lundi",
            "2026-12-04T09:00",
            "04/12",
            "4/12/2026",
            "31/31",
            "31 février",
            "lundi 8 décembre",
            "demain à 9",
            "demain 25h",
            "13 pm",
            "le 31 novembre",
            "2026/13/04 ",
            "04.12.2026",
        ] {
            let (read, _) = read(text);
            assert!(!matches!(read, Ok(Some(_))), "{text}: {read:?}");
        }
        for text in ["mon client", "mer agitée", "4", "bientôt", "rappeler", "12345 jours", "a client", "de retour"] {
            assert_eq!(read(text).0, Ok(None), "{text}");
        }
    }

    #[test]
    fn what_stands_behind_is_left() {
        assert_eq!(read("lundi : vacances").1, "vacances");
        assert_eq!(read("demain 9h: retour").1, "retour");
        assert_eq!(read("lundi à voir").1, "à voir");
        assert_eq!(read("3 jours pour commander").1, "pour commander");
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

    proptest::proptest! {
        #[test]
        fn any_words_are_read_and_a_moment_that_is_none_is_left(text in "(à|at|le|demain)? ?[0-9a-zé:/. -]{0,12}\\PC{0,40}") {
            let mut rest = Rest(&text);
            if !matches!(when(&mut rest, Some(date(2026, 11, 26))), Ok(Some(_))) {
                proptest::prop_assert_eq!(rest.0, &text);
            }
        }
    }
}
