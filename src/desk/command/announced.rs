//! When somebody is back, as their mail program says it. What is not sure is not said.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;

use super::date;
use super::hour::Unclear;
use super::rest::Rest;
use crate::mail::pattern::pattern;
use crate::mail::words::{self, List};

/// Nobody is away for longer who says only a day.
const DAYS_AHEAD_MAX: i32 = 180;

/// So much of a notice is looked at, in bytes.
const LENGTH_MAX: usize = 4_000;

/// What stands before the day on which somebody is back.
static BACK: LazyLock<Regex> = LazyLock::new(|| of_list(&BACK_ON));
static BACK_ON: List = List::new(|| words::list("absence", "back"));

/// What stands before the last day on which somebody is away.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| of_list(&AWAY_UNTIL));
static AWAY_UNTIL: List = List::new(|| words::list("absence", "until"));

/// Where a stretch of days may begin.
static FROM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:du|de|from)\b"));

fn of_list(list: &[&str]) -> Regex {
    pattern(&format!(r"(?i)\b(?:{})\b", list.join("|").replace(' ', r"\s+")))
}

/// What a notice says of the day on which somebody is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Back {
    /// On this day.
    On(Date),
    /// On one that has come already: nobody switched the notice off.
    Over,
    /// Nothing that is sure: two days, or none with its month.
    Unsure,
}

/// The day on which somebody is back, seen from today.
pub(in crate::desk) fn back(notice: &str, today: Date) -> Back {
    match sure_day(notice, today) {
        Some(day) if day <= today => Back::Over,
        Some(day) if today.until(day).is_ok_and(|span| span.get_days() <= DAYS_AHEAD_MAX) => Back::On(day),
        _ => Back::Unsure,
    }
}

fn sure_day(notice: &str, today: Date) -> Option<Date> {
    let notice = notice[..notice.floor_char_boundary(LENGTH_MAX)].replace('\u{2019}', "'");
    let back = behind(&BACK, &notice, today).ok()?;
    let until = behind(&UNTIL, &notice, today).ok()?.into_iter().filter_map(|day| day.tomorrow().ok());
    let ranges = FROM
        .find_iter(&notice)
        .filter_map(|found| date::range(&mut Rest(&notice[found.start()..]), Some(today), date::dated).ok().flatten());
    let until: Vec<Date> = until.chain(ranges.map(|(_, next)| next)).collect();
    match (one_of(&back), one_of(&until)) {
        // `absent until the 14th, back on the 14th`
        (Ok(Some(back)), Ok(until)) => {
            let holds = until.is_none_or(|until| until.checked_sub(1.day()).is_ok_and(|last| last <= back));
            Some(back).filter(|_| holds)
        }
        (Ok(None), Ok(until)) => until,
        (Err(Unclear), _) | (_, Err(Unclear)) => None,
    }
}

/// Whether it says that its writer comes back at all.
pub(in crate::desk) fn names_return(notice: &str) -> bool {
    BACK.is_match(&notice[..notice.floor_char_boundary(LENGTH_MAX)])
}

/// The dates behind what leads to one.
fn behind(lead: &Regex, notice: &str, today: Date) -> Result<Vec<Date>, Unclear> {
    let read = |found: regex::Match<'_>| date::dated(&mut Rest(&notice[found.end()..]), today).transpose();
    lead.find_iter(notice).filter_map(read).collect()
}

/// The day that all say; `None` where none is said.
fn one_of(days: &[Date]) -> Result<Option<Date>, Unclear> {
    match days {
        [] => Ok(None),
        [first, others @ ..] if others.iter().all(|day| day == first) => Ok(Some(*first)),
        _ => Err(Unclear),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_of_return_is_read_where_it_is_sure() {
        let monday = date(2026, 12, 14);
        for notice in [
            "Je suis absente du bureau et de retour le 14 décembre.",
            "Bonjour, je serai de retour au bureau le lundi 14 décembre 2026. Merci.",
            "Absente jusqu’au 13 décembre inclus.",
            "Je suis en congé jusqu'au dimanche 13 décembre. De retour le 14 décembre.",
            "En vacances du 30 novembre au 13 décembre.",
            "En congé du 1er au 13 décembre inclusivement.",
            "Marie Roy est absente (retour le 14 décembre 2026)",
            "I am out of the office and back on December 14.",
            "I'm away until Sunday, December 13, 2026.",
            "I will be on vacation from December 1 to December 13. For urgent matters call 555-0100.",
            "Out of office, returning on 2026-12-14.",
            "I am on leave from 1 through 13 December.",
            "Out until 12/13. Back in the office on 12/14/2026.",
        ] {
            assert_eq!(back(notice, date(2026, 11, 27)), Back::On(monday), "{notice}");
        }
    }

    #[test]
    fn what_is_not_sure_is_not_said() {
        for notice in [
            "Je suis absente.",
            "De retour lundi.",
            "I will be back soon.",
            "Back on Monday.",
            "De retour le 04/12.",
            "De retour le 4 décembre, ou le 14. De retour le 14 décembre.",
            "I am back on December 4. I am back on December 14.",
            "Absente jusqu'au 20 décembre, de retour le 14 décembre.",
            "De retour le 1er septembre.",
            "Je serai de retour le 31 février.",
            "Le bureau ouvre à 9 h, appelez le 14 décembre.",
            "",
        ] {
            assert_eq!(back(notice, date(2026, 11, 27)), Back::Unsure, "{notice}");
        }
    }

    #[test]
    fn a_notice_that_nobody_switched_off_is_over() {
        for notice in ["De retour le 20 novembre.", "Absente jusqu'au 26 novembre.", "I am back on November 27, 2026."]
        {
            assert_eq!(back(notice, date(2026, 11, 27)), Back::Over, "{notice}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_notice_is_read(notice in "(du|from|until|de retour le|back on)? ?[0-9a-zé:/. -]{0,20}\\PC{0,40}") {
            let _ = back(&notice, date(2026, 11, 27));
        }
    }
}
