//! The Date field as RFC 3339 with its own offset.
//!
//! Read word by word (RFC 5322 §3.3 and §4.3): what is no date in the calendar, or states no time, is none.

use super::header::Header;

/// The date of the first Date field; `None` where there is none, or it says none.
pub(super) fn of(header: &Header<'_>) -> Option<String> {
    rfc3339(&header.first("Date")?.unfolded())
}

/// Longest text that is looked at.
const BYTES_MAX: usize = 200;

/// Reads a date as clients write it; `None` where it is none. A zone whose name nobody knows is `-00:00`, as RFC 5322 §4.3 has it.
fn rfc3339(text: &str) -> Option<String> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let mut date = Date::default();
    let text = without_comments(text).replace(',', " ");
    for word in text.split_whitespace() {
        date.take(word)?;
    }
    date.written()
}

/// What has been read so far.
#[derive(Default)]
struct Date {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    time: Option<Time>,
    offset: Option<String>,
}

/// Hour, minute, second.
#[derive(Clone, Copy)]
struct Time(u32, u32, u32);

impl Date {
    /// Takes a word; `None` where it belongs in no date.
    fn take(&mut self, word: &str) -> Option<()> {
        if let Some((date, time)) = word.split_once(['T', 't']).filter(|(date, _)| date.len() == 10) {
            // RFC 3339, which some robots write.
            self.take(date)?;
            let zone = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
            self.time = Some(clock(time.get(..zone)?)?);
            return self.take(&time[zone..]);
        }
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        match word {
            "" => {}
            _ if is_number && self.day.is_none() && word.len() <= 2 => self.day = word.parse().ok(),
            _ if is_number && self.year.is_none() => self.year = Some(year(word)?),
            _ if self.time.is_none() && word.starts_with(|c: char| c.is_ascii_digit()) && word.contains(':') => {
                let zone = word.find(['+', '-', 'Z', 'z']).unwrap_or(word.len());
                self.time = Some(clock(&word[..zone])?);
                return self.take(&word[zone..]);
            }
            _ if self.time.is_some() && word.starts_with(['+', '-']) => self.offset = Some(zone(word)?),
            _ if self.time.is_none() && word.contains('-') => self.dashed(word)?,
            _ if word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm") => self.half_of_day(word)?,
            _ if self.time.is_none() && month(word).is_some() => self.month = month(word),
            _ if self.time.is_some() && self.offset.is_none() => self.offset = Some(zone(word)?),
            // The day of the week, in whatever language, and the zone's name behind its offset.
            _ if word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-')) => {}
            _ => return None,
        }
        Some(())
    }

    /// Reads a date that is one word: `8-Sep-2026`, `2026-09-08`.
    fn dashed(&mut self, word: &str) -> Option<()> {
        let pieces: Vec<&str> = word.split('-').collect();
        let [first, middle, last] = pieces[..] else { return None };
        let (day, written_year) = if first.len() == 4 { (last, first) } else { (first, last) };
        self.day = Some(day.parse().ok()?);
        self.month = Some(month(middle).or_else(|| middle.parse().ok())?);
        self.year = Some(year(written_year)?);
        Some(())
    }

    fn half_of_day(&mut self, word: &str) -> Option<()> {
        let Time(hour, minute, second) = self.time?;
        let is_afternoon = word.eq_ignore_ascii_case("pm");
        let hour = match hour {
            12 if !is_afternoon => 0,
            1..=11 if is_afternoon => hour + 12,
            hour => hour,
        };
        self.time = Some(Time(hour, minute, second));
        Some(())
    }

    fn written(&self) -> Option<String> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let Time(hour, minute, second) = self.time?;
        let in_calendar = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        let offset = self.offset.as_deref().unwrap_or("-00:00");
        in_calendar.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"))
    }
}

/// `10:12`, `10:12:30`, `10:12:30.5`; a leap second is the one before it.
fn clock(text: &str) -> Option<Time> {
    let mut pieces = text.split(':');
    let mut number = |max: u32| -> Option<u32> {
        let piece = pieces.next()?;
        let whole = piece.split_once('.').map_or(piece, |(whole, _)| whole);
        (whole.len() <= 2).then(|| whole.parse().ok()).flatten().filter(|number| *number <= max)
    };
    let (hour, minute) = (number(23)?, number(59)?);
    let second = if text.matches(':').count() > 1 { number(60)?.min(59) } else { 0 };
    pieces.next().is_none().then_some(Time(hour, minute, second))
}

/// RFC 5322 §4.3: two digits are of 1950 to 2049, three count from 1900.
fn year(digits: &str) -> Option<i32> {
    let number: i32 = digits.parse().ok()?;
    match (digits.len(), number) {
        (2, 0..50) => Some(number + 2000),
        (2 | 3, _) => Some(number + 1900),
        (4, 1..) => Some(number),
        _ => None,
    }
}

/// In English, and in French, as whose `mar.` is Tuesday too.
fn month(name: &str) -> Option<u32> {
    const STARTS: [&str; 12] = [
        "jan",
        "feb fév fev",
        "mar",
        "apr avr",
        "may mai",
        "jun juin",
        "jul juil",
        "aug aoû aou",
        "sep",
        "oct",
        "nov",
        "dec déc",
    ];
    let name = name.to_lowercase();
    let starts = |starts: &&str| starts.split(' ').any(|start| name.starts_with(start));
    let is_word = name.chars().all(|c| c.is_alphabetic() || c == '.');
    let position = STARTS.iter().position(|month| is_word && starts(month))?;
    u32::try_from(position + 1).ok()
}

/// The day before one (`2026-03-01`), if it is one.
pub(super) fn day_before(date: &str) -> Option<String> {
    let mut numbers = date.splitn(3, '-').map(|number| number.parse::<u32>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (year, month, day) = match (month, day) {
        (1, 1) => (year.checked_sub(1)?, 12, 31),
        (2..=12, 1) => (year, month - 1, days_of(i32::try_from(year).ok()?, month - 1)),
        (1..=12, 2..=31) => (year, month, day - 1),
        _ => return None,
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn days_of(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The offset of a zone: `-0400`, `-04:00`, `GMT-4`, `EDT`.
fn zone(word: &str) -> Option<String> {
    if let Some(at) = word.find(['+', '-']).filter(|&at| at == 0 || is_utc(&word[..at])) {
        let (sign, digits) = word[at..].split_at(1);
        let (hours, minutes) = match digits.split_once(':') {
            Some((hours, minutes)) => (hours, minutes),
            None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
            None => (digits, "0"),
        };
        let number = |text: &str, max: u32| {
            let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten().filter(|number: &u32| *number <= max)
        };
        return Some(format!("{sign}{:02}:{:02}", number(hours, 23)?, number(minutes, 59)?));
    }
    if !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let known = ZONES.iter().find(|(names, _)| names.split(' ').any(|name| name.eq_ignore_ascii_case(word)));
    Some(known.map_or("-00:00", |(_, offset)| offset).to_owned())
}

fn is_utc(name: &str) -> bool {
    ["utc", "gmt", "ut", "z"].iter().any(|utc| name.eq_ignore_ascii_case(utc))
}

/// RFC 5322 §4.3's names, and those of zones whose clients write them, Canada's in French too. Names that several zones bear
/// (IST, military letters) are left out.
const ZONES: [(&str, &str); 27] = [
    ("UT UTC GMT Z WET", "+00:00"),
    ("EST HNE", "-05:00"),
    ("EDT HAE", "-04:00"),
    ("CST HNC", "-06:00"),
    ("CDT HAC", "-05:00"),
    ("MST HNR", "-07:00"),
    ("MDT HAR", "-06:00"),
    ("PST HNP", "-08:00"),
    ("PDT HAP", "-07:00"),
    ("AST HNA", "-04:00"),
    ("ADT HAA", "-03:00"),
    ("NST HNT", "-03:30"),
    ("NDT HAT", "-02:30"),
    ("AKST", "-09:00"),
    ("AKDT", "-08:00"),
    ("HST", "-10:00"),
    ("BST WEST", "+01:00"),
    ("CET MEZ MET", "+01:00"),
    ("CEST MESZ MEST", "+02:00"),
    ("EET", "+02:00"),
    ("EEST MSK", "+03:00"),
    ("SAST", "+02:00"),
    ("SGT HKT AWST", "+08:00"),
    ("JST KST", "+09:00"),
    ("AEST", "+10:00"),
    ("AEDT", "+11:00"),
    ("NZST", "+12:00"),
];

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c => return if depth == 0 { c } else { ' ' },
        }
        ' '
    };
    text.chars().map(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_the_one_of_the_message() {
        for (written, offset) in [
            ("Mon, 1 Jun 2026 10:00:00 -0400 (EDT)", "-04:00"),
            ("Mon, 1 Jun 2026 10:00:00 EDT", "-04:00"),
            ("Mon, 1 Jun 2026 10:00 HAE", "-04:00"),
            ("1 Jun 26 10:00 GMT", "+00:00"),
            ("Mon,  1 Jun 2026 10:00:00 +0000 (GMT+00:00)", "+00:00"),
            ("lun., 1 June 2026 10:00:00 +02:00", "+02:00"),
            ("Mon Jun  1 10:00:00 2026", "-00:00"),
            ("Mon Jun  1 10:00:00 CEST 2026", "+02:00"),
            ("1-Jun-2026 10:00:00 +0530", "+05:30"),
            ("mar., 1 juin 2026 10:00:00 -0400", "-04:00"),
            ("Mon, 1 Jun 2026 10:00:00 GMT-04:00", "-04:00"),
            ("Mon, 1 Jun 2026 10:00:00 GMT -0400", "-04:00"),
            ("Mon, 1 Jun 2026 10:00:00 Eastern Daylight Time", "-00:00"),
            ("Mon, 1 Jun 2026 10:00:00 AM -0400", "-04:00"),
            ("2026-06-01T10:00:00.123-04:00", "-04:00"),
            ("2026-06-01 10:00:00 Z", "+00:00"),
            ("Mon, 01 Jun 2026 10:00:00 Foo", "-00:00"),
        ] {
            assert_eq!(rfc3339(written), Some(format!("2026-06-01T10:00:00{offset}")), "{written}");
        }
    }

    #[test]
    fn seconds_and_halves_of_the_day_are_read() {
        assert_eq!(rfc3339("1 Jun 2026 11:59:60 PM +0000").as_deref(), Some("2026-06-01T23:59:59+00:00"));
        assert_eq!(rfc3339("1 Jun 2026 12:05 am GMT").as_deref(), Some("2026-06-01T00:05:00+00:00"));
        assert_eq!(rfc3339("29 Feb 2028 10:00 GMT").as_deref(), Some("2028-02-29T10:00:00+00:00"));
    }

    #[test]
    fn what_is_no_day_of_the_calendar_or_no_time_of_the_day_is_none() {
        for written in [
            "yesterday",
            "",
            "Mon, 30 Feb 2026 10:00:00 -0500",
            "31 Apr 2026 10:00:00 -0500",
            "29 Feb 2026 10:00:00 -0500",
            "0 Jun 2026 10:00:00 -0500",
            "1 Jun 2026",
            "1 Jun 2026 24:00:00 -0500",
            "1 Jun 2026 10:61:00 -0500",
            "1 Jun 2026 10:00:00 -9999",
            "1 Jun 123456789 10:00:00 -0500",
            "2026-13-01T10:00:00Z",
            "10:00:00 -0500",
        ] {
            assert_eq!(rfc3339(written), None, "{written}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_date_or_none(text in "\\PC*|[0-9:+ TZ.,()-]*|(Jun|1|2026|10:00|-0400|GMT|é|[ +:-])*") {
            if let Some(date) = rfc3339(&text) {
                proptest::prop_assert_eq!(date.len(), 25);
                proptest::prop_assert!(date.parse::<jiff::Timestamp>().is_ok(), "{}", date);
            }
        }

        #[test]
        fn a_date_is_read_as_it_was_written(
            second in 0_i64..4_000_000_000, offset in -14 * 60..14 * 60_i32
        ) {
            let offset = jiff::tz::Offset::from_seconds(offset * 60).expect("an offset");
            let zoned = jiff::Timestamp::from_second(second).expect("a second").to_zoned(offset.to_time_zone());
            let written = zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
            proptest::prop_assert_eq!(rfc3339(&written), Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()));
        }
    }
}
