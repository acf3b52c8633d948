//! Numbers that belong to one person: of cards, insurance, health, licences, passports and banks.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Secret, is_stand_in};
use crate::mail::pattern::pattern;

/// How far from a number stands the word that names it, in bytes.
const NAME_BEFORE: usize = 48;
const NAME_BEHIND: usize = 28;

/// Digits of the shortest number that is looked for, an account's.
const DIGITS_MIN: usize = 7;

/// The word that says which number it is.
struct Names {
    card: Regex,
    insurance: Regex,
    insurance_short: Regex,
    security: Regex,
    health: Regex,
    permanent: Regex,
    licence: Regex,
    passport: Regex,
    account: Regex,
    telephone: Regex,
}

/// Numbers with letters in them. What may part two characters stands for `~`.
struct Shapes {
    health: Regex,
    licence: Regex,
    passport: Regex,
    corsican: Regex,
    iban: Regex,
    bank: Regex,
    code: Regex,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let word = |words: &str| pattern(&format!(r"(?i)(?-u:\b)(?:{words})(?-u:\b)"));
    Names {
        card: word(
            r"carte|carte de (?:credit|debit)|cartes?|card|cards|credit|visa|mastercard|amex|american express|interac|cb|cc|numero de carte|pan",
        ),
        insurance: word(r"assurances?[ -]sociales?|social insurance"),
        insurance_short: word(r"n\.?a\.?s\.?|s\.?i\.?n\.?"),
        security: word(r"ssn|social security|securite sociale|secu|nir|carte vitale|vitale|insee|nss"),
        health: word(
            r"cartes? (?:d'assurance[ -]?maladie|de sante|sante|soleil)|assurance[ -]maladie|ramq|nam|health (?:card|number|insurance)|healthcard|ohip|phn|phin|ahcip|medicare|numero de sante",
        ),
        permanent: word(r"codes? permanents?|permanent code"),
        licence: word(r"permis(?: de conduire)?|driver'?s?'? licen[cs]es?|driving licen[cs]e|licence|license|saaq"),
        passport: word(r"passeports?|passports?"),
        account: word(
            r"comptes? (?:bancaires?|de banque|cheques?|no|num|numero)|(?:numero|no|num) (?:de |du )?compte|bank account|account (?:number|no|num)|chequing account|checking account|folio|specimen (?:de )?cheque|void cheque|depot direct|direct deposit|rib|routing number",
        ),
        telephone: word(r"tel|telephone|phone|cell|cellulaire|mobile|fax|appel\w*|call|poste|ext"),
    }
});

static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let shape = |shape: &str| pattern(&shape.replace('~', r"(?:[ \t.\-/_]{0,3}(?:\n[> ]{0,6})?)"));
    Shapes {
        health: shape(r"(?i)(?-u:\b|_)(?P<number>(?P<letters>[a-z]{4})~(?P<digits>[0-9](?:~[0-9]){7}))(?-u:\b|_)"),
        licence: shape(r"(?i)(?-u:\b|_)(?P<number>[a-z]~[0-9]{4}(?:~[0-9]){8}(?:(?:~[0-9]){2})?)(?-u:\b|_)"),
        passport: shape(
            r"(?i)(?-u:\b|_)(?P<number>[a-z]{1,2}~[0-9]{6,8}|[a-z]~[0-9]{6}~[a-z]{2}|[0-9]{2}~[a-z]{2}~[0-9]{5}|[0-9]{9})(?-u:\b|_)",
        ),
        corsican: shape(r"(?i)(?-u:\b)(?P<number>[1-478](?:~[0-9]){4}~2~[ab](?:~[0-9]){6}(?:(?:~[0-9]){2})?)(?-u:\b)"),
        iban: shape(r"(?i)(?-u:\b|_)(?P<number>[a-z]{2}~[0-9]{2}(?:~[a-z0-9]){11,30})"),
        bank: shape(
            r"(?i)(?-u:\b)transit[^0-9\n]{0,20}(?P<number>[0-9]{5}(?-u:\b)[^0-9]{1,24}[0-9]{3,4}(?-u:\b)(?:[^0-9]{1,24}[0-9](?:~[0-9]){4,11})?)",
        ),
        code: shape(r"(?i)(?-u:\b)(?:cvv|cvc)2?[ :=]{1,3}(?P<number>[0-9]{3,4})(?-u:\b)"),
    }
});

/// IBAN registry: country and number of characters.
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 \
    EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 \
    KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 \
    PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Words of four letters that may stand before eight digits, as a health number's letters do: `date 20261201`.
const ORDINARY: &str = "aout|avec|bill|call|case|code|date|dans|fact|file|from|host|item|juin|july|june|list|logs|lots|mars|note|\
    numb|page|part|plan|post|pour|sous|srvr|task|test|tick|type|visa|with|work|year|zone";

/// All numbers that belong to somebody.
pub(super) fn find(text: &str) -> Found {
    let (names, shapes) = (&*NAMES, &*SHAPES);
    let mut found = Vec::new();
    for run in runs(text) {
        for first in 0..run.len() {
            let numbers = numbers_from(text, &run, first);
            found.extend(numbers.iter().find_map(|number| Some((number.place.clone(), kind(text, number, names)?))));
        }
    }
    with_letters(text, names, shapes, &mut found);
    found
}

/// Digits, in the groups in which they are written.
struct Number {
    digits: String,
    groups: Vec<usize>,
    place: Range<usize>,
    /// What joins it to a group of digits before and behind, empty where there is none.
    before: String,
    behind: String,
    /// Whether a line end is within.
    is_broken: bool,
    /// Lengths of the groups where a line end within a group is read as nothing.
    rejoined: Vec<usize>,
}

/// Groups of digits that nothing but separators parts, each run of groups apart.
fn runs(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Vec<Range<usize>>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|offset| at + offset) {
        at = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| start + length);
        let group = start..at;
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| separates(&text[last.end..start])) => run.push(group),
            _ => runs.push(vec![group]),
        }
    }
    runs
}

/// Whether this between two digits leaves them one number: a blank, a mark, a line end with its marks of quotation.
fn separates(between: &str) -> bool {
    let count = |is: fn(char) -> bool| between.chars().take(9).filter(|c| is(*c)).count();
    between.len() <= 8
        && between.chars().all(|c| matches!(c, ' ' | '\t' | '.' | '-' | '/' | '_' | '\n' | '>'))
        && count(|c| c == '\n') <= 1
        && count(|c| matches!(c, '.' | '-' | '/' | '_')) <= 1
        && (!between.contains('>') || between.contains('\n'))
        && (between.contains('\n') || between.len() <= 3)
}

/// What begins with the group at `first` and has up to 19 digits, longest first.
fn numbers_from(text: &str, run: &[Range<usize>], first: usize) -> Vec<Number> {
    let mut numbers = Vec::new();
    let (mut digits, mut groups, mut rejoined) = (String::new(), Vec::new(), Vec::<usize>::new());
    let mut is_broken = false;
    for at in first..run.len() {
        let joint = if at == first { "" } else { &text[run[at - 1].end..run[at].start] };
        if digits.len() + run[at].len() > 19 {
            break;
        }
        digits.push_str(&text[run[at].clone()]);
        groups.push(run[at].len());
        match rejoined.last_mut() {
            Some(last) if joint.contains('\n') => *last += run[at].len(),
            _ => rejoined.push(run[at].len()),
        }
        is_broken |= joint.contains('\n');
        if digits.len() >= DIGITS_MIN {
            let before = first.checked_sub(1).map_or("", |before| &text[run[before].end..run[first].start]);
            let behind = run.get(at + 1).map_or("", |next| &text[run[at].end..next.start]);
            numbers.push(Number {
                digits: digits.clone(),
                groups: groups.clone(),
                place: run[first].start..run[at].end,
                before: before.to_owned(),
                behind: behind.to_owned(),
                is_broken,
                rejoined: rejoined.clone(),
            });
        }
    }
    numbers.reverse();
    numbers
}

fn kind(text: &str, number: &Number, names: &Names) -> Option<Secret> {
    let is_named = |names: &Regex| is_named(text, &number.place, names);
    let is_apart = stands_apart(text, &number.place);
    match number.digits.len() {
        9 if is_insurance(text, number, names, is_apart) => Some(Secret::SocialInsuranceNumber),
        9 if is_named(&names.security) || is_apart && is_american(number) => Some(Secret::SocialSecurityNumber),
        13 | 15 if is_french(&number.digits, || is_named(&names.security)) && is_apart => {
            Some(Secret::SocialSecurityNumber)
        }
        13..=16 | 19 if is_card(&number.digits) && (is_apart && number.is_grouped() || is_named(&names.card)) => {
            Some(Secret::CardNumber)
        }
        9 | 10 | 12 if is_apart && is_named(&names.health) && !is_called(text, number, names) => {
            Some(Secret::HealthNumber)
        }
        DIGITS_MIN..=17 if is_apart && is_named(&names.account) && !is_called(text, number, names) => {
            Some(Secret::BankAccount)
        }
        _ => None,
    }
}

impl Number {
    /// In one block, in equal groups, or as cards are embossed.
    fn is_grouped(&self) -> bool {
        let is_even = |groups: &[usize]| {
            let (last, others) = groups.split_last().unwrap_or((&0, &[]));
            others.windows(2).all(|pair| pair[0] == pair[1])
                && others.first().is_none_or(|first| last == first || last < first && others.len() > 1)
        };
        let reads = |groups: &[usize]| is_even(groups) || matches!(groups, [4, 6, 4 | 5]);
        reads(&self.groups) || self.is_broken && reads(&self.rejoined)
    }

    fn is_written(&self, groups: &[usize]) -> bool {
        self.groups == groups || self.is_broken && self.rejoined == groups
    }

    /// Part of a longer number, as of an address in dots or an amount in thousands.
    fn is_part(&self) -> bool {
        [&self.before, &self.behind].iter().any(|joint| !joint.is_empty() && !joint.contains('\n'))
    }
}

/// Canada's number passes the check of ISO/IEC 7812-1. NAS is also the name of a server.
fn is_insurance(text: &str, number: &Number, names: &Names, is_apart: bool) -> bool {
    let is_written = number.is_written(&[3, 3, 3]);
    let is_joined_by_dot = number.before == "." || number.behind == ".";
    is_named(text, &number.place, &names.insurance)
        || !is_joined_by_dot
            && is_named(text, &number.place, &names.insurance_short)
            && (is_written || passes_luhn(&number.digits))
        || is_apart
            && is_written
            && !number.is_part()
            && !number.digits.starts_with(['0', '8'])
            && passes_luhn(&number.digits)
            && !is_counted(&text[number.place.end..])
}

/// "130 692 544 octets".
fn is_counted(behind: &str) -> bool {
    let unit: String =
        behind.trim_start_matches(' ').chars().take_while(|c| c.is_alphabetic() || "$€%".contains(*c)).collect();
    matches!(
        unit.to_lowercase().as_str(),
        "$" | "€" | "%" | "octets" | "bytes" | "ko" | "kb" | "mo" | "mb" | "lignes" | "rows" | "cad" | "eur" | "usd"
    )
}

/// The United States give out no area 000, 666 or 9xx, no group 00, no serial 0000.
fn is_american(number: &Number) -> bool {
    let (area, rest) = number.digits.split_at(3);
    let (group, serial) = rest.split_at(2);
    number.is_written(&[3, 2, 4])
        && !number.is_part()
        && !matches!(area, "000" | "666")
        && !area.starts_with('9')
        && group != "00"
        && serial != "0000"
}

/// Sex, year, month, department, place, order, and the key: 97 less the rest of all before it by 97.
fn is_french(digits: &str, is_named: impl Fn() -> bool) -> bool {
    let month = digits[3..5].parse().unwrap_or(0_u32);
    let has_shape = digits.starts_with(['1', '2', '3', '4', '7', '8']) && matches!(month, 1..=12 | 20..=42 | 50..=99);
    let key = |number: &str| number.parse::<u64>().map_or(0, |number| 97 - number % 97);
    let is_keyed = digits.len() == 15 && digits[13..].parse() == Ok(key(&digits[..13]));
    has_shape && (is_keyed || is_named())
}

/// The length and first digits by which the networks give their numbers out, and the check digit.
fn is_card(digits: &str) -> bool {
    let first = |length: usize| digits[..length].parse::<u32>().unwrap_or(0);
    let has_network = match digits.len() {
        13 => first(1) == 4,
        14 => matches!(first(2), 36 | 38 | 39) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => first(1) == 4 || matches!(first(2), 50..=58 | 60..=69) || matches!(first(4), 2221..=2720 | 3528..=3589),
        19 => first(1) == 4 || matches!(first(2), 50 | 56..=58 | 60..=69),
        _ => false,
    };
    has_network && passes_luhn(digits)
}

fn is_called(text: &str, number: &Number, names: &Names) -> bool {
    number.groups.ends_with(&[3, 3, 4]) || is_named(text, &number.place, &names.telephone)
}

fn with_letters(text: &str, names: &Names, shapes: &Shapes, found: &mut Found) {
    for shape in shapes.health.captures_iter(text) {
        found.extend(place(&shape).and_then(|place| Some((place.clone(), health(text, &shape, &place, names)?))));
    }
    for shape in shapes.licence.captures_iter(text) {
        let is_licence =
            |place: &Range<usize>| is_licence(&text[place.clone()]) || is_named(text, place, &names.licence);
        found.extend(place(&shape).filter(is_licence).map(|place| (place, Secret::DriversLicence)));
    }
    for shape in shapes.passport.captures_iter(text) {
        let is_passport = |place: &Range<usize>| is_named(text, place, &names.passport);
        found.extend(place(&shape).filter(is_passport).map(|place| (place, Secret::Passport)));
    }
    for shape in shapes.corsican.captures_iter(text) {
        let is_french = |place: &Range<usize>| is_corsican(text, place, names);
        found.extend(place(&shape).filter(is_french).map(|place| (place, Secret::SocialSecurityNumber)));
    }
    found.extend(ibans(text, &shapes.iban).into_iter().map(|place| (place, Secret::BankAccount)));
    for shape in shapes.code.captures_iter(text) {
        found.extend(place(&shape).map(|place| (place, Secret::CardNumber)));
    }
    for shape in shapes.bank.captures_iter(text) {
        found.extend(place(&shape).map(|place| (place, Secret::BankAccount)));
    }
}

fn place(shape: &regex::Captures<'_>) -> Option<Range<usize>> {
    shape.name("number").map(|number| number.range())
}

/// Québec's NAM: year, month (50 more for a woman), day, two more digits. The code permanent turns the date round.
fn health(text: &str, shape: &regex::Captures<'_>, place: &Range<usize>, names: &Names) -> Option<Secret> {
    if is_named(text, place, &names.permanent) {
        return Some(Secret::PermanentCode);
    }
    if is_named(text, place, &names.health) {
        return Some(Secret::HealthNumber);
    }
    let letters = shape.name("letters").map_or("", |letters| letters.as_str());
    let written = shape.name("digits").map_or("", |digits| digits.as_str());
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let is_capital = letters.bytes().all(|c| c.is_ascii_uppercase());
    let groups: Vec<usize> =
        written.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(str::len).collect();
    let is_written = matches!(groups[..], [8] | [4, 4] | [6, 2]) || is_capital && groups == [2, 2, 2, 2];
    let is_whole = is_capital || !runs_on(&text[place.end..]);
    let is_ordinary = ORDINARY.split('|').any(|word| word.eq_ignore_ascii_case(letters));
    let is_of_longer = text[..place.start].ends_with(['-', '.', '/', '@', '_']);
    let is_joined = text[place.clone()].as_bytes().get(4).is_some_and(|c| *c != b'\n');
    if !is_written || !is_whole || is_ordinary || !(is_capital || is_joined && !is_of_longer) {
        return None;
    }
    let part = |from: usize| digits[from..from + 2].parse::<u32>().unwrap_or(0);
    let is_month = |month: u32| matches!(month, 1..=12 | 51..=62);
    if is_month(part(2)) && matches!(part(4), 1..=31) {
        Some(Secret::HealthNumber)
    } else if is_month(part(2)) && matches!(part(0), 1..=31 | 63..=93) {
        Some(Secret::PermanentCode)
    } else {
        None
    }
}

/// Whether more digits follow as of the same number.
fn runs_on(behind: &str) -> bool {
    let mut behind = behind.chars();
    matches!(behind.next(), Some(' ' | '.' | '-' | '/' | '_')) && behind.next().is_some_and(|c| c.is_ascii_digit())
}

/// "T1234-150482-09" (Québec) and "T1234-12345-12345" (Ontario).
fn is_licence(number: &str) -> bool {
    let groups: Vec<usize> =
        number[1..].split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(str::len).collect();
    matches!(groups[..], [4, 6, 2] | [4, 5, 5])
}

/// Corsica's departments 2A and 2B count as 19 and 18.
fn is_corsican(text: &str, place: &Range<usize>, names: &Names) -> bool {
    let number: String = text[place.clone()].chars().filter(char::is_ascii_alphanumeric).collect();
    let number = number.to_ascii_uppercase().replacen("2A", "19", 1).replacen("2B", "18", 1);
    is_french(&number, || is_named(text, place, &names.security))
}

/// Words before one may look like the beginning of another: each beginning is tried.
fn ibans(text: &str, shape: &Regex) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(place) = shape.captures_at(text, at).as_ref().and_then(place) {
        at = place.start + 1;
        if let Some(iban) = iban(text, place) {
            at = iban.end;
            found.push(iban);
        }
    }
    found
}

/// ISO 13616: as many characters as its country says, and the rest by 97 is 1.
fn iban(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let number: Vec<(usize, char)> =
        text[place.clone()].char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).collect();
    let country: String = number.iter().take(2).map(|(_, c)| c.to_ascii_uppercase()).collect();
    let length = IBAN_LENGTHS.split(' ').find_map(|entry| entry.strip_prefix(&country))?.parse::<usize>().ok()?;
    let number = number.get(..length)?;
    let end = place.start + number.last()?.0 + 1;
    let goes_on = text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let turned = number[4..].iter().chain(&number[..4]);
    let rest = turned
        .filter_map(|(_, c)| c.to_digit(36))
        .fold(0, |rest, value| if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 });
    (!goes_on && rest == 1).then_some(place.start..end)
}

/// Whether one of the words stands near: before it with no other number between, or right behind it on its line.
fn is_named(text: &str, place: &Range<usize>, names: &Regex) -> bool {
    let is_other = |c: char| c.is_ascii_digit() || is_stand_in(c);
    let from = text.floor_char_boundary(place.start.saturating_sub(NAME_BEFORE));
    let to = text.ceil_char_boundary((place.end + NAME_BEHIND).min(text.len()));
    let before = text[from..place.start].rsplit(is_other).next().unwrap_or_default();
    let behind = text[place.end..to].split(|c| is_other(c) || matches!(c, '\n' | '.' | ',' | ';')).next();
    names.is_match(before) || behind.is_some_and(|behind| names.is_match(behind))
}

/// No letter stands at either end.
fn stands_apart(text: &str, place: &Range<usize>) -> bool {
    !text[..place.start].ends_with(char::is_alphanumeric) && !text[place.end..].starts_with(char::is_alphanumeric)
}

/// ISO/IEC 7812-1 annex B; the social insurance number uses it too.
fn passes_luhn(digits: &str) -> bool {
    let digits = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}
