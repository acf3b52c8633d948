//! The hours that people name, in French and English.

use jiff::ToSpan;
use jiff::civil::Time;

use super::rest::{Rest, bare, key};

/// Words that name a moment and can be read in two ways, or name none that there is: `04/12`, `31 février`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclear;

/// What was read: `None` where no moment stands.
pub(super) type Read<T> = Result<Option<T>, Unclear>;

const NOON: Time = Time::constant(12, 0, 0, 0);
/// What an afternoon is without an hour.
const AFTERNOON: Time = Time::constant(13, 0, 0, 0);

/// When on a day.
#[derive(Clone, Copy)]
pub(super) enum Hour {
    Opening,
    At(Time),
}

/// Behind a day: `9h`, `à 9 h 30`, `at 2pm`, `matin`.
pub(super) fn hour_of_day(rest: &mut Rest<'_>) -> Read<Hour> {
    let mut behind = *rest;
    let lead = behind.word_if(|word| matches!(plain(word).as_str(), "a" | "at" | "vers" | "des" | "@"));
    while behind.word_if(|word| matches!(plain(word).as_str(), "in" | "the" | "le" | "au")).is_some() {}
    let part = behind.clone().word().map(plain).unwrap_or_default();
    let afternoon = match part.as_str() {
        "matin" | "morning" => Some(false),
        "apres-midi" | "afternoon" => Some(true),
        _ => None,
    };
    if let Some(afternoon) = afternoon {
        behind.word();
        *rest = behind;
        return Ok(Some(match (hour_of_day(rest)?, afternoon) {
            (Some(Hour::At(time)), true) if time.hour() < 12 => Hour::At(time + 12.hours()),
            (Some(hour), _) => hour,
            (None, true) => Hour::At(AFTERNOON),
            (None, false) => Hour::Opening,
        }));
    }
    if let Some(time) = hour(&mut behind)? {
        *rest = behind;
        return Ok(Some(Hour::At(time)));
    }
    // `demain à 9`, of which half?
    let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if lead.is_some() && is_number { Err(Unclear) } else { Ok(None) }
}

/// `9h`, `9 h 30`, `14:30`, `2pm`, `2:30 p.m.`, `midi`, `noon`.
pub(super) fn hour(rest: &mut Rest<'_>) -> Read<Time> {
    let mut behind = *rest;
    let Some(word) = behind.word().map(plain) else { return Ok(None) };
    if matches!(word.as_str(), "midi" | "noon") {
        *rest = behind;
        return Ok(Some(NOON));
    }
    let digits = leading_digits(&word);
    let Some(hours) = digits.parse::<i8>().ok().filter(|_| digits.len() <= 2) else { return Ok(None) };
    let mut unit = word[digits.len()..].to_owned();
    let mut minutes = None;
    if let Some(written) = unit.strip_prefix(':') {
        let digits = leading_digits(written);
        minutes = digits.parse::<i8>().ok().filter(|_| digits.len() == 2);
        unit = written[digits.len()..].to_owned();
        if minutes.is_none() {
            return Ok(None);
        }
    }
    if unit.is_empty() {
        unit = behind.clone().word().map(plain).unwrap_or_default();
        let is_unit = if minutes.is_some() { half_of_day(&unit).is_some() } else { is_hour_unit(&unit) };
        if is_unit {
            behind.word();
        } else if minutes.is_some() {
            unit = String::new();
        } else {
            return Ok(None);
        }
    }
    // `9h30`, and `9 h 30`.
    if let Some(written) = unit.strip_prefix('h').filter(|written| !written.is_empty() && is_number(written)) {
        minutes = written.parse().ok().filter(|_| written.len() == 2);
        if minutes.is_none() {
            return Err(Unclear);
        }
        unit = "h".to_owned();
    } else if matches!(unit.as_str(), "h" | "heure" | "heures") {
        let written = behind.word_if(|word| bare(word).len() == 2 && is_number(bare(word)));
        minutes = written.and_then(|word| bare(word).parse().ok()).or(minutes);
    }
    let hours = match half_of_day(&unit) {
        Some(afternoon) if (1..=12).contains(&hours) => hours % 12 + if afternoon { 12 } else { 0 },
        None if unit.is_empty() || is_hour_unit(&unit) => hours,
        Some(_) => return Err(Unclear),
        None => return Ok(None),
    };
    *rest = behind;
    Time::new(hours, minutes.unwrap_or(0), 0, 0).map(Some).map_err(|_| Unclear)
}

fn is_hour_unit(unit: &str) -> bool {
    matches!(unit, "h" | "heure" | "heures") || half_of_day(unit).is_some()
}

/// Whether it is the second half.
fn half_of_day(unit: &str) -> Option<bool> {
    match unit {
        "am" | "a.m" => Some(false),
        "pm" | "p.m" => Some(true),
        _ => None,
    }
}

pub(super) fn leading_digits(word: &str) -> &str {
    &word[..word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len()]
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word as it stands in the tables.
pub(super) fn plain(word: &str) -> String {
    key(bare(word)).replace('\u{2019}', "'")
}
